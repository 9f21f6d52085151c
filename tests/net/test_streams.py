# SPDX-License-Identifier: Apache-2.0
"""Bytes through sockets as kernels see them: connections, datagrams, messages, and errors."""

from __future__ import annotations

import errno
import http.server
import os
import socket
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from _support_net import ACCEPTS, SECONDS, Bench, listen, listener, port_of

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
            page = bench.rt.shared(1 << 16, np.uint8)
            results = bench.run(HTTP_CLIENT, page, server.server_address[1])
        finally:
            server.shutdown()
            thread.join(SECONDS)
    assert results[:3] == [0, 1, 0]
    got = page[: results[3]].tobytes()
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK")
    assert body == _Page.body
    assert results[4:] == [0, -errno.EBADF]


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
        thread.join(SECONDS)
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
        peer.settimeout(SECONDS)
        thread = threading.Thread(target=answer, args=(peer,), daemon=True)
        thread.start()
        results = bench.run(DATAGRAMS, port_of(peer))
        thread.join(SECONDS)
    assert got == [b"datagram", b"", b"one two", b"connected"]
    assert results[:5] == [0, 0, 8, 0, 7]
    assert results[5:14] == [8, 1, 12, 12, 9, 0x20, 1, 1, 0]
    assert results[14:] == [-errno.EOPNOTSUPP, -errno.EMSGSIZE, 0, 9, 0]


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
            thread.join(SECONDS)
        lanes = 8
        fd, port = listen(made)
        out = made.start(ACCEPTS, fd, size=lanes, lanes=lanes)
        made.parked(1)
        for index in range(lanes):
            with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
                client.sendall(bytes([index]) * 8)
                assert client.recv(100) == bytes([index]) * 8
        made.rt.synchronize(timeout=SECONDS)
    finally:
        made.rt.close()
    assert results == [1, 1, 0, 0, 0, 0, 1, 0, 1, 2032, 0, 0, 0, 0, 0, 9, 11, 91, 0, 4, 4000 + ord("r")]
    assert sorted(out) == list(range(lanes))
