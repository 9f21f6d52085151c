# SPDX-License-Identifier: Apache-2.0
"""What the tests of sockets share: a runtime that may use the loopback interface, and kernels that make sockets."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import hostcall
from hostcall.runtime import Runtime

SECONDS = 120.0
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
        self.rt.synchronize(timeout=SECONDS)
        values = [int(value) for value in out]
        while values and values[-1] == -999:
            values.pop()
        return values

    def parked(self, count: int) -> None:
        """Wait until so many lanes wait for events."""
        settle(lambda: self.rt.stats()["server"]["parked"] >= count)


def settle(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


@contextlib.contextmanager
def listener(backlog: int = 64) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        server.settimeout(SECONDS)
        yield server


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


MAKE = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int what) {
    int ends[2];
    out[0] = R(what == 0 ? pipe(ends) : socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    out[1] = ends[0];
    out[2] = ends[1];
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


# Each lane serves one connection.
ACCEPTS = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int fd) {
    struct sockaddr_in peer;
    socklen_t bytes = sizeof peer;
    char got[8];
    int i = hc_thread_id(), at = (int)R(accept(fd, (struct sockaddr *)&peer, &bytes));
    if (at < 0) out[i] = at;
    else if (bytes != sizeof peer || peer.sin_addr.s_addr != htonl(INADDR_LOOPBACK)) out[i] = -1000;
    else out[i] = R(read(at, got, 8));
    if (out[i] == 8) {
        out[i] = *got;
        if (write(at, got, 8) != 8) out[i] = -1001;
    }
    if (at >= 0) close(at);
}
"""
