# SPDX-License-Identifier: Apache-2.0
"""Checks of sockets, on the loopback interface: bytes both ways, and lanes that wait for connections, data and time."""

from __future__ import annotations

import socket
import threading
from errno import EACCES, ESHUTDOWN

import numpy as np

from .bench import SECONDS, Bench, Checks, pattern, settle

CHECKS = Checks()

_ALLOWED = {"services": {"net": {"enabled": True, "connect": ["127.0.0.1/32:*"], "bind": ["127.0.0.1/32:*"]}}}

_COMMON = r"""
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <poll.h>
#define R(x) conform_result((hc_i64)(x))
HC_FN hc_i64 conform_result(hc_i64 r) { return r == -1 ? -(hc_i64)errno : r; }
HC_FN int conform_socket(int type, int port, int server) {
    struct sockaddr_in at;
    int fd = socket(AF_INET, type, 0);
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_port = htons((hc_u16)port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) return (int)R(fd);
    if (server) return bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 512) ? -(int)errno : fd;
    return connect(fd, (struct sockaddr *)&at, sizeof at) ? -(int)errno : fd;
}
"""

_CLIENTS = (
    _COMMON
    + r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, HC_GLOBAL hc_u8 *data, HC_GLOBAL hc_u8 *back, int n, int port) {
    int i = hc_thread_id(), fd = conform_socket(SOCK_STREAM, port, 0);
    hc_i64 r = fd;
    if (fd >= 0) r = R(send(fd, data + (hc_i64)i * n, n, 0)) - n;
    if (fd >= 0 && r == 0) r = R(shutdown(fd, SHUT_WR));
    if (fd >= 0 && r == 0) r = R(recv(fd, back + (hc_i64)i * n, n, MSG_WAITALL)) - n;
    if (fd >= 0 && close(fd) && !r) r = 1;
    out[i] = r;
}
"""
)


class _Echo:
    """A server that sends every connection's bytes back, turned round, once all of them are there."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._server.settimeout(SECONDS)
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(SECONDS)
            got = bytearray()
            while part := peer.recv(1 << 16):
                got += part
            peer.sendall(got[::-1])

    def close(self) -> None:
        """Stop taking connections."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(SECONDS)


@CHECKS.add("bytes_of_a_connection_go_to_another_lane")
def _clients(bench: Bench) -> None:
    lanes, size = 24, 3000
    data, back = pattern((lanes, size)), np.zeros((lanes, size), np.uint8)
    out = np.full(lanes, -1, np.int64)
    echo = _Echo()
    try:
        with bench.opened(_ALLOWED) as rt:
            bench.run(_CLIENTS, (out, data, back, size, echo.port), (1, lanes), rt=rt)
    finally:
        echo.close()
    bench.arrays("results", 0, out)
    bench.arrays("what came back", data[:, ::-1], back)


_LISTEN = (
    _COMMON
    + r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out) {
    struct sockaddr_in at;
    socklen_t bytes = sizeof at;
    out[0] = conform_socket(SOCK_STREAM, 0, 1);
    if (out[0] >= 0) out[1] = getsockname((int)out[0], (struct sockaddr *)&at, &bytes) ? -1 : ntohs(at.sin_port);
}
"""
)
_ACCEPT = (
    _COMMON
    + r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int fd) {
    int i = hc_thread_id(), peer = (int)R(accept(fd, NULL, NULL));
    struct pollfd p;
    hc_u8 got[8];
    hc_i64 r = peer;
    p.fd = peer;
    p.events = POLLIN;
    if (peer >= 0) r = R(poll(&p, 1, -1)) == 1 && (p.revents & POLLIN) ? R(read(peer, got, 1)) : -1000;
    if (r == 1) r = R(write(peer, got, 1)) == 1 ? got[0] : -1001;
    if (peer >= 0) close(peer);
    out[i] = r;
}
"""
)


@CHECKS.add("a_lane_that_waits_for_a_connection_holds_its_neighbour")
def _accepts(bench: Bench) -> None:
    lanes = 64 if bench.concurrent else 4
    listening, out = np.full(2, -1, np.int64), np.full(lanes, -1, np.int64)
    with bench.opened(_ALLOWED) as rt:
        bench.run(_LISTEN, (listening,), (1, 1), rt=rt)
        bench.true("a listening socket", (listening >= 0).all(), listening.tolist())
        bench.kernel(_ACCEPT, rt).launch(1, lanes, (out, int(listening[0])))
        # All connections stand before the first byte is sent, and the last one is the first to send.
        address = ("127.0.0.1", int(listening[1]))
        clients = [socket.create_connection(address, timeout=SECONDS) for _ in range(lanes)]
        order = list(enumerate(clients)) if not bench.concurrent else list(enumerate(clients))[::-1]
        for index, client in order:
            client.sendall(bytes([index]))
        for index, client in order:
            bench.equal(f"answer to connection {index}", bytes([index]), client.recv(10))
            client.close()
        rt.synchronize(SECONDS)
    bench.arrays("what each lane served", np.arange(lanes), np.sort(out))


_FOREVER = (
    _COMMON
    + r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int fd, int how) {
    struct pollfd p;
    p.fd = fd;
    p.events = POLLIN;
    out[hc_thread_id()] = how ? R(poll(&p, 1, -1)) : R(accept(fd, NULL, NULL));
}
"""
)


@CHECKS.add("a_lane_waits_for_ever_for_a_connection_to_a_closed_server")
def _shutdown(bench: Bench) -> None:
    for how, what in enumerate(("accept", "poll")):
        listening, out = np.full(2, -1, np.int64), np.full(8, -1, np.int64)
        with bench.opened(_ALLOWED) as rt:
            bench.run(_LISTEN, (listening,), (1, 1), rt=rt)
            bench.kernel(_FOREVER, rt).launch(1, 8, (out, int(listening[0]), how))
            bench.true("lanes that wait", settle(lambda: rt.stats()["server"]["parked"] > 0))
            bench.close(rt)
        bench.arrays(what, -ESHUTDOWN, out)


_TIMES = (
    _COMMON
    + r"""
#include <sys/time.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out) {
    struct pollfd p;
    struct timeval limit;
    int i = hc_thread_id(), ends[2];
    hc_u8 byte[1];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) {
        out[i] = -1000;
        return;
    }
    p.fd = ends[0];
    p.events = POLLIN;
    limit.tv_sec = 0;
    limit.tv_usec = 30000;
    out[i] = R(poll(&p, 1, 5 + i % 7)) + R(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    if (!out[i]) out[i] = R(recv(ends[0], byte, 1, 0));
    close(ends[0]);
    close(ends[1]);
}
"""
)


@CHECKS.add("a_wait_with_a_limit_ends_too_late_or_for_the_wrong_lane")
def _times(bench: Bench) -> None:
    out = np.full(16, -1, np.int64)
    with bench.opened({}) as rt:  # a pair needs no permission
        bench.run(_TIMES, (out,), (1, 16), rt=rt)
    bench.arrays("EAGAIN", -11, out)


_REFUSED = (
    _COMMON
    + r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int port) { out[hc_thread_id()] = conform_socket(SOCK_STREAM, port, 0); }
"""
)


@CHECKS.add("a_lane_reaches_what_nobody_allowed")
def _refused(bench: Bench) -> None:
    out = np.full(8, -1, np.int64)
    with bench.opened({}) as rt:
        bench.run(_REFUSED, (out, 9), (1, 8), rt=rt)
    bench.arrays("socket", -EACCES, out)
    with bench.opened({"services": {"net": {"enabled": True, "connect": ["127.0.0.1:8"]}}}) as rt:
        bench.run(_REFUSED, (out, 9), (1, 8), rt=rt)
    bench.arrays("connect", -EACCES, out)
