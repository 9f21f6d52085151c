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
