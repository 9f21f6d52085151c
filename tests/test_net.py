# SPDX-License-Identifier: Apache-2.0
"""Sockets as kernels see them: clients and servers on the loopback interface, waits of many lanes, and what the policy refuses."""

from __future__ import annotations

import contextlib
import errno
import http.server
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import hostcall
from hostcall.runtime import Runtime

_SECONDS = 120.0
_LOCAL = "127.0.0.1/32:*"

# What the kernels below have in common: a result that says -errno, and an address on the loopback interface.
COMMON = r"""
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/select.h>
#define R(x) hc_test_result((hc_i64)(x))
HC_FN hc_i64 hc_test_result(hc_i64 r) { return r == -1 ? -(hc_i64)errno : r; }
#define LOOPBACK(name, port) \
    struct sockaddr_in name; \
    memset(&name, 0, sizeof name); \
    name.sin_family = AF_INET; \
    name.sin_port = htons((hc_u16)(port)); \
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK)
"""


class Bench:
    """A runtime that may use the loopback interface, and a folder."""

    def __init__(self, folder: Path, kind: str = "loopback", **net: Any) -> None:
        self.folder = folder
        allowed: dict[str, Any] = {"enabled": True, "connect": [_LOCAL], "bind": [_LOCAL], "unix": True, **net}
        self.rt: Runtime = hostcall.open(
            transport={"kind": kind, "payload": "8MiB"},
            heap="4MiB",
            services={"fs": {"roots": [{"path": str(folder), "mode": "rw"}]}, "net": allowed},
        )

    def start(self, source: str, *args: object, size: int = 64, lanes: int = 1) -> npt.NDArray[np.int64]:
        """Launch the kernel ``k``, whose first argument is an array of results; they are there after synchronize."""
        out: npt.NDArray[np.int64] = np.full(size, -999, dtype=np.int64)
        self.rt.compile(COMMON + source, "k").launch(grid=1, block=lanes, args=(out, *args))
        return out

    def run(self, source: str, *args: object, size: int = 64, lanes: int = 1) -> list[int]:
        """Launch it, wait for it, and give the results up to the last one that was stored."""
        out = self.start(source, *args, size=size, lanes=lanes)
        self.rt.synchronize(timeout=_SECONDS)
        values = [int(value) for value in out]
        while values and values[-1] == -999:
            values.pop()
        return values

    def parked(self, count: int) -> None:
        """Wait until so many lanes wait for events."""
        settle(lambda: self.rt.stats()["server"]["parked"] >= count)


def settle(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("root"))
    yield made
    made.rt.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.rt.close()


@contextlib.contextmanager
def listener(backlog: int = 64) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        server.settimeout(_SECONDS)
        yield server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def shared_text(bench: Bench, size: int) -> npt.NDArray[np.uint8]:
    return bench.rt.shared(size, np.uint8)


# -- a client

HTTP_CLIENT = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL char *page, int port) {
    LOOPBACK(at, port);
    const char *ask = "GET /page HTTP/1.0\r\nHost: localhost\r\n\r\n";
    hc_i64 n, total = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    out[0] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
    out[1] = R(write(fd, ask, strlen(ask))) == (hc_i64)strlen(ask);
    while ((n = R(read(fd, page + total, 1000))) > 0) total += n;
    out[2] = n;
    out[3] = total;
    out[4] = R(close(fd));
    out[5] = R(read(fd, page, 1));
}
"""


class _Page(http.server.BaseHTTPRequestHandler):
    body = bytes(range(256)) * 100

    def do_GET(self) -> None:
        assert self.path == "/page"
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: object) -> None:
        pass


def test_a_kernel_gets_half_a_page(bench: Bench) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            page = shared_text(bench, 1 << 16)
            results = bench.run(HTTP_CLIENT, page, server.server_address[1])
        finally:
            server.shutdown()
            thread.join(_SECONDS)
    assert results[:3] == [0, 1, 0]
    got = page[: results[3]].tobytes()
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK")
    assert body == _Page.body
    assert results[4:] == [0, -errno.EBADF]


# -- many lanes at one descriptor

MAKE = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int what) {
    int ends[2];
    out[0] = R(what == 0 ? pipe(ends) : socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    out[1] = ends[0];
    out[2] = ends[1];
}
"""
# The last lane feeds the others once it is told to.
CROWD = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int near, int far, int how) {
    int i = hc_thread_id(), n;
    char bytes[128];
    if (i == lanes) {
        for (n = 0; n < 128; n++) bytes[n] = (char)n;
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        out[i] = 0;
        for (n = 0; n < lanes; n += 100)
            if (write(far, bytes, 100) != 100) out[i] = -1;
        return;
    }
    n = (int)(how == 0 ? R(read(near, bytes, 1)) : R(recv(near, bytes, 1, 0)));
    out[i] = n == 1 ? 1000 + bytes[0] : n;
}
"""


@pytest.mark.parametrize(("what", "how"), [(0, 0), (1, 0), (1, 1)])
def test_a_crowd_waits_at_one_descriptor_and_some_are_refused(fresh: Bench, what: int, how: int) -> None:
    lanes = 700
    made, near, far = fresh.run(MAKE, what)
    assert made == 0
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(CROWD, go, lanes, near, far, how, size=lanes + 1, lanes=lanes + 1)
    fresh.parked(lanes)
    assert (out == -999).all()
    go[0] = 1
    fresh.rt.synchronize(timeout=_SECONDS)
    assert out[lanes] == 0
    assert sorted(out[:lanes]) == sorted(1000 + i % 100 for i in range(lanes))


ACCEPTS = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int fd) {
    struct sockaddr_in peer;
    socklen_t bytes = sizeof peer;
    char got[8];
    int i = hc_thread_id(), at = (int)R(accept(fd, (struct sockaddr *)&peer, &bytes));
    out[i] = at < 0 ? at : bytes != sizeof peer || peer.sin_addr.s_addr != htonl(INADDR_LOOPBACK) ? -1000 : R(read(at, got, 8));
    if (out[i] == 8) {
        out[i] = *got;
        if (write(at, got, 8) != 8) out[i] = -1001;
    }
    if (at >= 0) close(at);
}
"""
LISTENS = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int port) {
    LOOPBACK(at, port);
    socklen_t bytes = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    out[0] = fd;
    out[1] = R(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    out[2] = R(bind(fd, (struct sockaddr *)&at, sizeof at));
    out[3] = R(listen(fd, 600));
    out[4] = R(getsockname(fd, (struct sockaddr *)&at, &bytes));
    out[5] = ntohs(at.sin_port);
    out[6] = bytes;
}
"""


def listen(bench: Bench, port: int = 0) -> tuple[int, int]:
    """Let a kernel make a listening socket; its descriptor and port."""
    fd, *results, chosen, size = bench.run(LISTENS, port)
    assert fd >= 3 and results == [0, 0, 0, 0] and size == 16
    return fd, chosen


def test_lanes_of_a_server_miss_a_connection_or_hold_each_other_up(fresh: Bench) -> None:
    lanes = 200
    fd, port = listen(fresh)
    out = fresh.start(ACCEPTS, fd, size=lanes, lanes=lanes)
    fresh.parked(lanes)
    clients = []
    for index in range(lanes):
        client = socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)
        client.sendall(bytes([index % 100]) * 8)
        clients.append(client)
    for index, client in reversed(list(enumerate(clients))):
        assert client.recv(100) == bytes([index % 100]) * 8
        assert client.recv(100) == b""
        client.close()
    fresh.rt.synchronize(timeout=_SECONDS)
    assert sorted(out) == sorted(index % 100 for index in range(lanes))


CLOSES = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int fd, int how) {
    int i = hc_thread_id();
    char byte[4];
    struct pollfd p;
    p.fd = fd;
    p.events = POLLIN;
    p.revents = 0;
    if (i == lanes) {
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        out[i] = R(close(fd));
    } else if (how == 0) out[i] = R(accept(fd, NULL, NULL));
    else if (how == 1) out[i] = R(recv(fd, byte, 1, 0));
    else if (how == 2) out[i] = R(read(fd, byte, 1));
    else out[i] = 100 * R(poll(&p, 1, -1)) + p.revents;
}
"""


@pytest.mark.parametrize(
    ("how", "answer"),
    [(0, -errno.EBADF), (1, -errno.EBADF), (2, -errno.EBADF), (3, 100 + 0x20)],
    ids="accept recv read poll".split(),
)
def test_lanes_wait_for_ever_at_a_descriptor_that_was_closed(fresh: Bench, how: int, answer: int) -> None:
    lanes = 40
    fd = listen(fresh)[0] if how in (0, 3) else fresh.run(MAKE, 1)[1]
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(CLOSES, go, lanes, fd, how, size=lanes + 1, lanes=lanes + 1)
    fresh.parked(lanes)
    go[0] = 1
    fresh.rt.synchronize(timeout=_SECONDS)
    assert list(out) == [answer] * lanes + [0]


@pytest.mark.parametrize("how", [0, 1, 2, 3], ids="accept recv read poll".split())
def test_lanes_wait_for_ever_for_a_runtime_that_was_closed(tmp_path: Path, how: int) -> None:
    made = Bench(tmp_path)
    fd = listen(made)[0] if how in (0, 3) else made.run(MAKE, 1)[1]
    out = made.start(CLOSES, made.rt.shared(1, np.int32), 1000, fd, how, size=40, lanes=40)
    made.parked(40)
    made.rt.close()
    assert {value if how < 3 else value // 100 for value in out} == {-errno.ESHUTDOWN}


EXITS = r"""
#include <stdlib.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int fd) {
    char byte[4];
    int i = hc_thread_id();
    if (i == lanes) {
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        exit(0);
    }
    out[i] = R(recv(fd, byte, 1, 0));
}
"""


def test_an_exit_leaves_waiting_lanes_behind_or_the_next_kernel_without_waits(fresh: Bench) -> None:
    _, near, far = fresh.run(MAKE, 1)
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(EXITS, go, 20, near, size=21, lanes=21)
    fresh.parked(20)
    go[0] = 1
    fresh.rt.synchronize(timeout=_SECONDS)
    assert set(out[:20]) == {-errno.ESHUTDOWN}
    go[0] = 0
    out = fresh.start(CROWD, go, 20, near, far, 1, size=21, lanes=21)
    fresh.parked(40)
    go[0] = 1
    fresh.rt.synchronize(timeout=_SECONDS)
    assert (out[:20] >= 1000).all()


# -- streams

STREAM = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL hc_u8 *data, HC_GLOBAL hc_u8 *back, int n, int port) {
    LOOPBACK(at, port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP), one = 1, value = 0;
    socklen_t bytes = sizeof value;
    struct sockaddr_in peer;
    out[0] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
    out[1] = R(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
    out[2] = R(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &bytes)) || value != 1 || bytes != 4;
    bytes = sizeof peer;
    out[3] = R(getpeername(fd, (struct sockaddr *)&peer, &bytes)) || peer.sin_port != at.sin_port;
    out[4] = R(send(fd, data, n, 0)) - n;
    out[5] = R(shutdown(fd, SHUT_WR));
    out[6] = R(recv(fd, back, n, MSG_WAITALL)) - n;
    out[7] = R(recv(fd, back, n, 0));
    out[8] = R(send(fd, data, 1, 0));
    out[9] = R(write(fd, data, 1));
    out[10] = R(lseek(fd, 0, SEEK_SET));
    out[11] = R(pread(fd, back, 1, 0));
    out[12] = R(close(fd));
}
"""


@pytest.mark.parametrize("size", [1, 1000, 3_000_000])
def test_a_stream_loses_bytes_or_stops_at_a_full_buffer(bench: Bench, size: int) -> None:
    def echo(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            got = bytearray()
            while part := peer.recv(1 << 16):
                got += part
            time.sleep(0.05)
            peer.sendall(got[::-1])

    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8)
    back = np.zeros(size, np.uint8)
    with listener() as server:
        thread = threading.Thread(target=echo, args=(server,), daemon=True)
        thread.start()
        results = bench.run(STREAM, data, back, size, port_of(server))
        thread.join(_SECONDS)
    assert results == [0] * 8 + [-errno.EPIPE] * 2 + [-errno.ESPIPE] * 2 + [0]
    assert (back == data[::-1]).all()


ERRORS = r"""
#include <fcntl.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int port, int limit_ms) {
    LOOPBACK(at, port);
    struct timeval limit, got;
    socklen_t bytes = sizeof got;
    char data[8];
    int ends[2], i = 0, fd = socket(AF_INET, SOCK_STREAM, 0), file = open("file", O_RDWR | O_CREAT, 0600), value = 0;
    out[i++] = R(connect(fd, (struct sockaddr *)&at, sizeof at)); /* nobody listens */
    out[i++] = R(connect(77, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(connect(file, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(connect(fd, (struct sockaddr *)&at, 3));
    out[i++] = R(connect(fd, (struct sockaddr *)&at, 1000));
    out[i++] = R(connect(fd, NULL, sizeof at));
    out[i++] = R(bind(fd, (struct sockaddr *)&at, 1));
    out[i++] = R(send(fd, data, 8, 0));
    out[i++] = R(recv(fd, data, 8, 0));
    out[i++] = R(listen(file, 1));
    out[i++] = R(accept(fd, NULL, NULL));
    out[i++] = R(shutdown(fd, 7));
    out[i++] = R(getpeername(fd, (struct sockaddr *)&at, &bytes));
    out[i++] = R(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    out[i++] = R(socket(AF_INET, 9, 0));
    out[i++] = R(socket(12345, SOCK_STREAM, 0));
    out[i++] = R(socketpair(AF_INET, SOCK_STREAM, 0, ends));
    out[i++] = R(setsockopt(fd, SOL_SOCKET, 12345, &value, 4));
    out[i++] = R(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 2));
    out[i++] = R(setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &value, 4));
    out[i++] = R(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    limit.tv_sec = 0;
    limit.tv_usec = limit_ms * 1000;
    out[i++] = R(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    bytes = sizeof got;
    out[i++] = R(getsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &got, &bytes)) || bytes != 16 || got.tv_usec == 0;
    out[i++] = R(recv(ends[0], data, 8, 0));
    out[i++] = R(read(ends[0], data, 8));
    out[i++] = R(send(ends[1], data, 3, 0));
    out[i++] = R(recv(ends[0], data, 8, MSG_WAITALL)); /* the time is over before all are there */
    out[i++] = R(recv(ends[0], data, 8, MSG_DONTWAIT));
    out[i++] = R(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    out[i++] = R(fcntl(ends[1], F_GETFL)) & O_NONBLOCK;
    out[i++] = R(recv(ends[1], data, 8, 0));
    out[i++] = R(read(ends[1], data, 8));
    out[i++] = R(recv(ends[1], NULL, 8, 0));
    out[i++] = R(recv(ends[1], data, 8, 0x10000000));
    out[i++] = R(close(ends[0]));
    out[i++] = R(send(ends[1], data, 8, 0));
    out[i++] = R(close(fd)) + R(close(file)) + R(close(ends[1]));
}
"""


def test_an_error_of_a_socket_is_another_than_linuxs(bench: Bench) -> None:
    with listener() as server:
        port = port_of(server)
    e = errno
    expected = [-e.ECONNREFUSED, -e.EBADF, -e.ENOTSOCK, -e.EINVAL, -e.EINVAL, -e.EFAULT, -e.EINVAL, -e.EPIPE]
    expected += [-e.ENOTCONN, -e.ENOTSOCK, -e.EINVAL, -e.EINVAL, -e.ENOTCONN, -e.EPROTONOSUPPORT, -e.ESOCKTNOSUPPORT]
    expected += [-e.EAFNOSUPPORT, -e.EOPNOTSUPP, -e.ENOPROTOOPT, -e.EINVAL, -e.ENOTSOCK, 0, 0, 0, -e.EAGAIN, -e.EAGAIN]
    expected += [3, 3, -e.EAGAIN, 0, os.O_NONBLOCK, -e.EAGAIN, -e.EAGAIN, -e.EFAULT, -e.EOPNOTSUPP, 0, -e.EPIPE, 0]
    assert bench.run(ERRORS, port, 60) == expected


NONBLOCKING = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int port, int port2) {
    LOOPBACK(at, port);
    struct pollfd p;
    int value = -1, i = 0, round;
    socklen_t bytes = sizeof value;
    for (round = 0; round < 2; round++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        at.sin_port = htons((hc_u16)(round ? port2 : port));
        out[i++] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
        p.fd = fd;
        p.events = POLLOUT;
        out[i++] = R(poll(&p, 1, 20000));
        out[i++] = p.revents;
        out[i++] = R(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &bytes));
        out[i++] = value;
        out[i++] = R(accept(fd, NULL, NULL));
        out[i++] = R(close(fd));
    }
}
"""


def test_a_connection_that_nobody_waited_for_has_no_outcome(bench: Bench) -> None:
    with listener() as gone:
        nobody = port_of(gone)
    with listener() as server:
        results = bench.run(NONBLOCKING, port_of(server), nobody)
    assert results[0] in (0, -errno.EINPROGRESS) and results[7] in (-errno.ECONNREFUSED, -errno.EINPROGRESS)
    assert results[1:7] == [1, 0x4, 0, 0, -errno.EINVAL, 0]
    if results[7] == -errno.EINPROGRESS:
        assert results[8:] == [1, 0x4 | 0x8 | 0x10, 0, errno.ECONNREFUSED, -errno.EINVAL, 0]


# -- datagrams and messages

DATAGRAMS = r"""
#include <sys/uio.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int port) {
    LOOPBACK(to, port);
    LOOPBACK(mine, 0);
    struct sockaddr_in from;
    socklen_t bytes = sizeof mine;
    struct msghdr m;
    struct iovec v[3];
    char a[8], b[8], c[8];
    int i = 0, fd = socket(AF_INET, SOCK_DGRAM, 0);
    out[i++] = R(bind(fd, (struct sockaddr *)&mine, sizeof mine));
    out[i++] = R(getsockname(fd, (struct sockaddr *)&mine, &bytes));
    out[i++] = R(sendto(fd, "datagram", 8, 0, (struct sockaddr *)&to, sizeof to));
    out[i++] = R(sendto(fd, "", 0, 0, (struct sockaddr *)&to, sizeof to));
    memset(&m, 0, sizeof m);
    v[0].iov_base = "one ";
    v[0].iov_len = 4;
    v[1].iov_base = "";
    v[1].iov_len = 0;
    v[2].iov_base = "two";
    v[2].iov_len = 3;
    m.msg_name = &to;
    m.msg_namelen = sizeof to;
    m.msg_iov = v;
    m.msg_iovlen = 3;
    out[i++] = R(sendmsg(fd, &m, 0));
    bytes = sizeof from;
    out[i++] = R(recvfrom(fd, a, 8, 0, (struct sockaddr *)&from, &bytes)); /* 12 bytes were sent */
    out[i++] = bytes == sizeof from && from.sin_port == to.sin_port;
    out[i++] = R(recvfrom(fd, a, 8, MSG_TRUNC, (struct sockaddr *)&from, &bytes));
    out[i++] = R(recv(fd, a, 8, MSG_TRUNC | MSG_PEEK));
    v[0].iov_base = a;
    v[1].iov_base = b;
    v[1].iov_len = 2;
    v[2].iov_base = c;
    m.msg_name = &from;
    memset(&from, 0, sizeof from);
    out[i++] = R(recvmsg(fd, &m, 0));
    out[i++] = m.msg_flags;
    out[i++] = m.msg_namelen == sizeof from && from.sin_port == to.sin_port;
    out[i++] = !memcmp(a, "abcd", 4) && !memcmp(b, "ef", 2) && !memcmp(c, "ghi", 3);
    out[i++] = R(recv(fd, a, 8, 0)); /* an empty datagram */
    m.msg_controllen = 24;
    m.msg_control = a;
    out[i++] = R(sendmsg(fd, &m, 0));
    m.msg_controllen = 0;
    m.msg_iovlen = 2000;
    out[i++] = R(sendmsg(fd, &m, 0));
    out[i++] = R(connect(fd, (struct sockaddr *)&to, sizeof to));
    out[i++] = R(write(fd, "connected", 9));
    out[i++] = R(close(fd));
}
"""


def test_a_datagram_is_cut_merged_or_loses_its_sender(bench: Bench) -> None:
    got = []

    def answer(peer: socket.socket) -> None:
        for reply in (b"", b"x" * 12, b"y" * 12, b"", b"abcdefghijkl"):
            data, address = peer.recvfrom(100)
            got.append(data)
            if reply:
                peer.sendto(reply, address)
            if len(got) == 3:
                break
        for reply in (b"abcdefghijkl", b""):
            peer.sendto(reply, address)
        got.append(peer.recv(100))

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(_SECONDS)
        thread = threading.Thread(target=answer, args=(peer,), daemon=True)
        thread.start()
        results = bench.run(DATAGRAMS, port_of(peer))
        thread.join(_SECONDS)
    assert got == [b"datagram", b"", b"one two", b"connected"]
    assert results[:5] == [0, 0, 8, 0, 7]
    assert results[5:14] == [8, 1, 12, 12, 9, 0x20, 1, 1, 0]
    assert results[14:] == [-errno.EOPNOTSUPP, -errno.EMSGSIZE, 0, 9, 0]


# -- AF_UNIX

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
        server.settimeout(_SECONDS)
        out = fresh.start(FULL, fresh.rt.shared(1, np.int32), size=lanes, lanes=lanes)
        fresh.parked(1)
        for _ in range(lanes):
            server.accept()[0].close()
        fresh.rt.synchronize(timeout=_SECONDS)
    assert set(out) == {0}


# -- poll and select

POLLS = r"""
#include <fcntl.h>
#include <time.h>
HC_FN hc_i64 ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (hc_i64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *far_end) {
    struct pollfd p[5];
    struct timeval limit;
    struct timespec limit2;
    fd_set in, writes, ex;
    int ends[2], pipes[2], i = 0, file = open("plain", O_RDWR | O_CREAT, 0600);
    hc_i64 began;
    char byte = 1;
    out[i++] = R(socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) + R(pipe(pipes));
    p[0].fd = ends[0];
    p[0].events = POLLIN;
    p[1].fd = pipes[0];
    p[1].events = POLLIN;
    p[2].fd = -5;
    p[2].events = POLLIN;
    p[2].revents = 77;
    began = ms();
    out[i++] = R(poll(p, 3, 80)); /* nothing happens */
    out[i++] = ms() - began >= 79;
    out[i++] = p[0].revents + p[1].revents + p[2].revents;
    out[i++] = R(write(pipes[1], &byte, 1));
    out[i++] = R(poll(p, 3, -1));
    out[i++] = p[0].revents * 1000 + p[1].revents;
    p[0].events = POLLIN | POLLOUT;
    p[2].fd = file;
    p[2].events = POLLIN | POLLOUT;
    p[3].fd = 1;
    p[3].events = POLLOUT;
    p[4].fd = 99;
    p[4].events = POLLIN;
    out[i++] = R(poll(p, 5, 0));
    out[i++] = p[0].revents;
    out[i++] = p[1].revents;
    out[i++] = p[2].revents;
    out[i++] = p[3].revents;
    out[i++] = p[4].revents;
    out[i++] = R(close(ends[1]));
    p[0].events = POLLIN;
    out[i++] = R(poll(p, 1, -1));
    out[i++] = p[0].revents;
    p[0].events = 0;
    out[i++] = R(poll(p, 1, -1));
    out[i++] = p[0].revents;
    out[i++] = R(poll(p, 3000000, 0));
    began = ms();
    out[i++] = R(poll(p, 0, 30));
    out[i++] = ms() - began >= 29;
    /* select */
    FD_ZERO(&in);
    FD_ZERO(&writes);
    FD_ZERO(&ex);
    FD_SET(pipes[0], &in);
    FD_SET(ends[0], &in);
    FD_SET(pipes[1], &writes);
    FD_SET(pipes[0], &ex);
    limit.tv_sec = 5;
    limit.tv_usec = 0;
    out[i++] = R(select(64, &in, &writes, &ex, &limit));
    out[i++] = FD_ISSET(pipes[0], &in) + 10 * FD_ISSET(ends[0], &in) + 100 * FD_ISSET(pipes[1], &writes) + 1000 * FD_ISSET(pipes[0], &ex);
    out[i++] = R(read(pipes[0], &byte, 1));
    FD_ZERO(&in);
    FD_SET(pipes[0], &in);
    limit.tv_sec = 0;
    limit.tv_usec = 20000;
    out[i++] = R(select(pipes[0] + 1, &in, NULL, NULL, &limit));
    out[i++] = FD_ISSET(pipes[0], &in);
    FD_SET(60, &in);
    out[i++] = R(select(61, &in, NULL, NULL, &limit));
    out[i++] = R(select(60, NULL, NULL, NULL, &limit));
    limit.tv_usec = 1000000;
    out[i++] = R(select(0, NULL, NULL, NULL, &limit));
    out[i++] = R(select(-1, NULL, NULL, NULL, NULL));
    limit2.tv_sec = 0;
    limit2.tv_nsec = 1000000;
    p[0].fd = pipes[0];
    p[0].events = POLLIN;
    out[i++] = R(ppoll(p, 1, &limit2, NULL));
    out[i++] = R(pselect(0, NULL, NULL, NULL, &limit2, NULL));
    limit2.tv_nsec = -1;
    out[i++] = R(ppoll(p, 1, &limit2, NULL));
    close(ends[0]);
    close(pipes[0]);
    close(pipes[1]);
    close(file);
}
"""


def test_poll_or_select_says_something_else_than_linux(bench: Bench) -> None:
    results = bench.run(POLLS, bench.rt.shared(1, np.int32))
    e = errno
    assert results[:7] == [0, 0, 1, 0, 1, 1, 1]
    assert results[7:13] == [5, 0x4, 0x1, 0x5, 0x4, 0x20]
    assert results[13:18] == [0, 1, 0x11, 1, 0x10]
    assert results[18:21] == [-e.EINVAL, 0, 1]
    assert results[21:24] == [3, 111, 1]
    assert results[24:26] == [0, 0]
    assert results[26:30] == [-e.EBADF, 0, -e.EINVAL, -e.EINVAL]
    assert results[30:] == [0, 0, -e.EINVAL]


TOGETHER = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int near, int far) {
    int i = hc_thread_id();
    struct pollfd p[2];
    if (i == lanes) {
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        out[i] = R(send(far, "x", 1, 0));
        return;
    }
    p[0].fd = near;
    p[0].events = POLLIN;
    p[1].fd = far;
    p[1].events = POLLIN;
    out[i] = R(poll(p, 2, i % 2 ? -1 : 60000)) * 100 + p[0].revents * 10 + p[1].revents;
}
"""


def test_one_event_wakes_only_some_of_those_who_poll(fresh: Bench) -> None:
    lanes = 120
    _, near, far = fresh.run(MAKE, 1)
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(TOGETHER, go, lanes, near, far, size=lanes + 1, lanes=lanes + 1)
    fresh.parked(lanes)
    go[0] = 1
    fresh.rt.synchronize(timeout=_SECONDS)
    assert list(out) == [110] * lanes + [1]


MANY_POLLS = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int near, int rounds) {
    struct pollfd p;
    int i;
    hc_i64 sum = 0;
    p.fd = near;
    p.events = POLLIN;
    for (i = 0; i < rounds; i++) sum += R(poll(&p, 1, 1));
    out[hc_thread_id()] = sum;
}
"""


def test_polls_that_ran_out_of_time_leave_descriptors_behind(fresh: Bench) -> None:
    _, near, _ = fresh.run(MAKE, 1)
    fresh.run(MANY_POLLS, near, 2, lanes=4)
    before = len(os.listdir("/proc/self/fd"))
    assert fresh.run(MANY_POLLS, near, 50, lanes=4) == [0] * 4
    assert len(os.listdir("/proc/self/fd")) <= before + 2


# -- names

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
    out[i++] = list->ai_addrlen == sizeof in && in.sin_port == htons(8080) && in.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
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
    out[i++] = getnameinfo((struct sockaddr *)&in, sizeof in, text, 64, service, sizeof service, NI_NUMERICHOST | NI_NUMERICSERV);
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
    assert results[:4] == [0, 1, 211, 0]
    assert results[4:7] == [0, 1, socket.EAI_NONAME]
    assert results[7:10] == [socket.EAI_NONAME, socket.EAI_BADFLAGS, socket.EAI_FAMILY]
    assert results[10:] == [0, 0, -12, 1, 0, 0]


# -- what the policy refuses

REFUSED = r"""
#include <netdb.h>
#include <sys/un.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int port) {
    LOOPBACK(at, port);
    struct sockaddr_in6 six;
    struct addrinfo *list;
    struct sockaddr_un un;
    int i = 0, ends[2], fd = (int)(out[i++] = R(socket(AF_INET, SOCK_STREAM, 0))), udp = socket(AF_INET, SOCK_DGRAM, 0), six_fd;
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
        rt.synchronize(timeout=_SECONDS)
    assert out[0] == -errno.EROFS


# -- OpenCL C

PLAIN = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL hc_u8 *data, int n, int port) {
    struct sockaddr_in at, far;
    struct pollfd p[2];
    fd_set in;
    struct timeval limit;
    socklen_t bytes = sizeof far;
    char text[32];
    hc_u8 got[16];
    int i = 0, value = 1, ends[2], fd = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_port = htons((hc_u16)port);
    out[i++] = inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    out[i++] = inet_ntop(AF_INET, &at.sin_addr, text, sizeof text) == text && strcmp(text, "127.0.0.1") == 0;
    out[i++] = R(connect(fd, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value));
    out[i++] = R(getpeername(fd, (struct sockaddr *)&far, &bytes)) || far.sin_port != at.sin_port;
    out[i++] = R(send(fd, data, n, 0)) - n;
    out[i++] = R(write(fd, data, 1));
    out[i++] = R(shutdown(fd, SHUT_WR));
    p[0].fd = fd;
    p[0].events = POLLIN;
    p[1].fd = 99;
    p[1].events = POLLIN;
    out[i++] = R(poll(p, 1, 20000));
    out[i++] = R(poll(p, 2, 20000)) * 1000 + p[1].revents;
    out[i++] = R(recv(fd, data, n + 1, MSG_WAITALL)) - n;
    out[i++] = R(recv(fd, got, 16, 0));
    out[i++] = R(close(fd));
    at.sin_port = 0;
    out[i++] = R(bind(udp, (struct sockaddr *)&at, sizeof at));
    out[i++] = R(getsockname(udp, (struct sockaddr *)&at, &bytes));
    out[i++] = R(sendto(udp, "to myself", 9, 0, (struct sockaddr *)&at, sizeof at));
    FD_ZERO(&in);
    FD_SET(udp, &in);
    limit.tv_sec = 20;
    limit.tv_usec = 0;
    out[i++] = R(select(udp + 1, &in, NULL, NULL, &limit)) * 10 + FD_ISSET(udp, &in);
    out[i++] = R(recvfrom(udp, got, 16, 0, (struct sockaddr *)&far, &bytes)) * 10 + (far.sin_port == at.sin_port);
    out[i++] = R(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    out[i++] = R(send(ends[0], "pair", 4, MSG_NOSIGNAL));
    out[i++] = R(read(ends[1], got, 16)) * 1000 + got[3];
}
"""


@pytest.mark.parametrize("kind", ["loopback", pytest.param("opencl-svm", marks=[pytest.mark.opencl, pytest.mark.slow])])
def test_opencl_c_has_no_sockets(tmp_path: Path, kind: str) -> None:
    def echo(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            got = bytearray()
            while part := peer.recv(1 << 16):
                got += part
            peer.sendall(got[:-1])

    data = np.arange(100_001, dtype=np.int64).astype(np.uint8)
    made = Bench(tmp_path, kind)
    try:
        with listener() as server:
            thread = threading.Thread(target=echo, args=(server,), daemon=True)
            thread.start()
            results = made.run(PLAIN, data, 100_000, port_of(server))
            thread.join(_SECONDS)
        lanes = 8
        fd, port = listen(made)
        out = made.start(ACCEPTS, fd, size=lanes, lanes=lanes)
        made.parked(1)
        for index in range(lanes):
            with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as client:
                client.sendall(bytes([index]) * 8)
                assert client.recv(100) == bytes([index]) * 8
        made.rt.synchronize(timeout=_SECONDS)
    finally:
        made.rt.close()
    assert results == [1, 1, 0, 0, 0, 0, 1, 0, 1, 2032, 0, 0, 0, 0, 0, 9, 11, 91, 0, 4, 4000 + ord("r")]
    assert sorted(out) == list(range(lanes))
