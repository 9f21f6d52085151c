# SPDX-License-Identifier: Apache-2.0
"""What sockets may reach: rules, paths beneath the roots, names."""

from __future__ import annotations

import errno
import logging
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

import hostcall

sys.path.insert(0, str(Path(__file__).parent))
from _support_net import COMMON, SECONDS, Bench, listener, port_of

PATHS = r"""
#include <sys/stat.h>
#include <sys/un.h>
HC_FN void named(struct sockaddr_un *at, const char *name) {
    memset(at, 0, sizeof *at);
    at->sun_family = AF_UNIX;
    strcpy(at->sun_path, name);
}
HC_KERNEL void k(HC_GLOBAL hc_i64 *out) {
    struct sockaddr_un at, far;
    socklen_t bytes = sizeof far;
    char data[16];
    int i = 0, server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), peer;
    named(&at, "sub/server");
    out[i++] = R(mkdir("sub", 0700));
    out[i++] = R(bind(server, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(bind(client, (struct sockaddr *)&at, sizeof at)); /* it is there */
    out[i++] = R(listen(server, 5));
    named(&at, "nobody");
    out[i++] = R(connect(client, (struct sockaddr *)&at, sizeof at));
    named(&at, "../../outside");
    out[i++] = R(connect(client, (struct sockaddr *)&at, sizeof at)) < 0;
    out[i++] = R(bind(client, (struct sockaddr *)&at, sizeof at)) < 0;
    named(&at, "");
    memcpy(at.sun_path + 1, "abstract", 8);
    out[i++] = R(bind(client, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(bind(client, (struct sockaddr *)&at, 2));
    named(&at, "sub/server");
    out[i++] = R(connect(client, (struct sockaddr *)&at, SUN_LEN(&at)));
    out[i++] = peer = (int)R(accept(server, (struct sockaddr *)&far, &bytes));
    out[i++] = bytes;
    out[i++] = R(send(client, "hello", 5, 0));
    out[i++] = R(recv(peer, data, 16, 0));
    bytes = sizeof far;
    out[i++] = R(getpeername(client, (struct sockaddr *)&far, &bytes));
    out[i++] = strcmp(far.sun_path, "server");
    out[i++] = bytes;
    close(peer);
    close(client);
    close(server);
    client = socket(AF_UNIX, SOCK_DGRAM, 0);
    server = socket(AF_UNIX, SOCK_DGRAM, 0);
    named(&at, "box");
    out[i++] = R(bind(server, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(sendto(client, "letter", 6, 0, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(recv(server, data, 16, 0));
    out[i++] = R(unlink("box"));
    out[i++] = R(sendto(client, "letter", 6, 0, (struct sockaddr *)&at, sizeof at));
    close(client);
    close(server);
}
"""


def test_a_socket_with_a_path_leads_out_of_its_root_or_nowhere(fresh: Bench) -> None:
    peer = 0
    results = fresh.run(PATHS)
    peer = results[10]
    e = errno
    assert results[:10] == [0, 0, -e.EADDRINUSE, 0, -e.ENOENT, 1, 1, -e.EACCES, -e.EINVAL, 0]
    assert peer >= 3
    assert results[11:17] == [2, 5, 5, 0, 0, 2 + len("server") + 1]
    assert results[17:] == [0, 6, 6, 0, -e.ENOENT]
    assert (fresh.folder / "sub" / "server").is_socket()


FULL = r"""
#include <sys/un.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go) {
    struct sockaddr_un at;
    int i = hc_thread_id(), fd;
    memset(&at, 0, sizeof at);
    at.sun_family = AF_UNIX;
    strcpy(at.sun_path, "queue");
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    out[i] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
    close(fd);
}
"""


def test_a_full_queue_of_connections_is_an_error_or_the_end(fresh: Bench) -> None:
    lanes = 8
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(fresh.folder / "queue"))
        server.listen(1)
        server.settimeout(SECONDS)
        out = fresh.start(FULL, fresh.rt.shared(1, np.int32), size=lanes, lanes=lanes)
        fresh.parked(1)
        for _ in range(lanes):
            server.accept()[0].close()
        fresh.rt.synchronize(timeout=SECONDS)
    assert set(out) == {0}


NAMES = r"""
#include <netdb.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL char *text) {
    struct addrinfo hints, *list = NULL, *a;
    struct sockaddr_in in;
    struct hostent *host;
    char service[32];
    int i = 0;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_CANONNAME;
    out[i++] = getaddrinfo("127.0.0.1", "8080", &hints, &list);
    memcpy(&in, list->ai_addr, sizeof in);
    out[i++] = list->ai_addrlen == sizeof in && in.sin_port == htons(8080);
    out[i++] = in.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    out[i++] = list->ai_family * 100 + list->ai_socktype * 10 + (list->ai_next == NULL);
    out[i++] = strcmp(list->ai_canonname, "127.0.0.1");
    freeaddrinfo(list);
    out[i++] = getaddrinfo("localhost", NULL, NULL, &list);
    out[i] = 0;
    for (a = list; a; a = a->ai_next) out[i] += a->ai_family == AF_INET || a->ai_family == AF_INET6;
    out[i] = out[i] > 0;
    i++;
    freeaddrinfo(list);
    out[i++] = getaddrinfo(NULL, NULL, &hints, &list);
    hints.ai_flags = AI_NUMERICHOST;
    out[i++] = getaddrinfo("localhost", "80", &hints, &list);
    hints.ai_flags = 0x40000000;
    out[i++] = getaddrinfo("localhost", "80", &hints, &list);
    hints.ai_flags = 0;
    hints.ai_family = 77;
    out[i++] = getaddrinfo("localhost", "80", &hints, &list);
    hints.ai_flags = NI_NUMERICHOST | NI_NUMERICSERV;
    out[i++] = getnameinfo((struct sockaddr *)&in, sizeof in, text, 64, service, sizeof service, hints.ai_flags);
    out[i++] = strcmp(text, "127.0.0.1") || strcmp(service, "8080");
    out[i++] = getnameinfo((struct sockaddr *)&in, sizeof in, text, 4, NULL, 0, NI_NUMERICHOST);
    host = gethostbyname("127.0.0.1");
    out[i++] = host && host->h_length == 4 && host->h_addr_list[0][0] == 127 && !host->h_addr_list[1];
    out[i++] = strcmp(gai_strerror(EAI_NONAME), "Name or service not known");
    out[i++] = strcmp(inet_ntoa(in.sin_addr), "127.0.0.1");
}
"""


def test_a_name_means_another_address(bench: Bench) -> None:
    results = bench.run(NAMES, bench.rt.shared(64, np.int8), lanes=1)
    assert results[:5] == [0, 1, 1, 211, 0]
    assert results[5:8] == [0, 1, socket.EAI_NONAME]
    assert results[8:11] == [socket.EAI_NONAME, socket.EAI_BADFLAGS, socket.EAI_FAMILY]
    assert results[11:] == [0, 0, -12, 1, 0, 0]


REFUSED = r"""
#include <netdb.h>
#include <sys/un.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int port) {
    LOOPBACK(at, port);
    struct sockaddr_in6 six;
    struct addrinfo *list;
    struct sockaddr_un un;
    int i = 0, ends[2], fd = (int)R(socket(AF_INET, SOCK_STREAM, 0)), udp = socket(AF_INET, SOCK_DGRAM, 0), six_fd;
    out[i++] = fd;
    out[i++] = R(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    out[i++] = R(socket(AF_INET, SOCK_RAW, 0));
    out[i++] = R(socket(AF_UNIX, SOCK_STREAM, 0));
    out[i++] = getaddrinfo("localhost", NULL, NULL, &list);
    if (fd < 0) return;
    out[i++] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
    at.sin_port = htons((hc_u16)(port ^ 1));
    out[i++] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(bind(fd, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(sendto(udp, "x", 1, 0, (struct sockaddr *)&at, sizeof at));
    at.sin_family = AF_UNSPEC; /* which Linux takes for AF_INET */
    out[i++] = R(sendto(udp, "x", 1, 0, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(bind(udp, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(connect(udp, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(listen(socket(AF_INET, SOCK_STREAM, 0), 5)); /* would be bound to all addresses */
    memset(&six, 0, sizeof six);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons((hc_u16)(port ^ 1));
    six.sin6_addr.s6_addr[10] = six.sin6_addr.s6_addr[11] = 255;
    six.sin6_addr.s6_addr[12] = 127;
    six.sin6_addr.s6_addr[15] = 1;
    six_fd = socket(AF_INET6, SOCK_STREAM, 0);
    out[i++] = six_fd < 0 ? -EACCES : R(connect(six_fd, (struct sockaddr *)&six, sizeof six));
    memset(&un, 0, sizeof un);
    un.sun_family = AF_UNIX;
    un.sun_path[0] = 'x';
    out[i++] = R(connect(ends[0], (struct sockaddr *)&un, sizeof un));
}
"""


def test_a_kernel_reaches_what_nobody_allowed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    off = Bench(tmp_path, enabled=False)
    try:
        with caplog.at_level(logging.WARNING, logger="hostcall"):
            results = off.run(REFUSED, 1)
            off.run(REFUSED, 1)
        assert results == [-errno.EACCES, 0, -errno.EACCES, -errno.EACCES, -11]
        lines = [record.getMessage() for record in caplog.records if "refused a socket" in record.getMessage()]
        assert len(lines) == 1 and "services.net.enabled = true" in lines[0]
    finally:
        off.rt.close()
    caplog.clear()
    with listener() as server:
        port = port_of(server)
        one = Bench(tmp_path, connect=[f"127.0.0.1/32:{port}"], bind=[], unix=False)
        try:
            with caplog.at_level(logging.WARNING, logger="hostcall"):
                results = one.run(REFUSED, port)
        finally:
            one.rt.close()
    denied = -errno.EACCES
    assert results[0] >= 3
    assert results[1:5] == [0, denied, denied, 0]
    assert results[5:9] == [0, denied, denied, denied]
    assert results[9:12] == [-errno.EAFNOSUPPORT, -errno.EAFNOSUPPORT, 0]
    assert results[12:] == [denied, denied, denied]
    said = "\n".join(record.getMessage() for record in caplog.records)
    for part in (f"connect to 127.0.0.1:{port ^ 1}", "services.net.connect", "bind to 127.0.0.1", "services.net.bind"):
        assert part in said
    assert "services.net.unix" in said and "raw socket" in said


def test_a_read_only_root_takes_a_socket(tmp_path: Path) -> None:
    with hostcall.open(
        transport={"kind": "loopback"},
        services={
            "fs": {"roots": [{"path": str(tmp_path), "mode": "ro"}]},
            "net": {"enabled": True, "unix": True},
        },
    ) as rt:
        out = np.full(1, -999, np.int64)
        source = r"""
        #include <sys/un.h>
        HC_KERNEL void k(HC_GLOBAL hc_i64 *out) {
            struct sockaddr_un at;
            memset(&at, 0, sizeof at);
            at.sun_family = AF_UNIX;
            at.sun_path[0] = 'x';
            out[0] = R(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof at));
        }"""
        rt.compile(COMMON + source, "k").launch(grid=1, block=1, args=(out,))
        rt.synchronize(timeout=SECONDS)
    assert out[0] == -errno.EROFS
