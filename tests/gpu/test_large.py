# SPDX-License-Identifier: Apache-2.0
"""Large transfers and files as memory on a GPU: what only a real driver shows."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hostcall
from hostcall._native import lib
from hostcall.errors import ServiceError

SECONDS = 60.0
BYTES = 1 << 20

LOOK = r"""
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
/* Maps, asks the host to do something, and looks at the same bytes again. */
HC_KERNEL void look(hc_i64 *out, int first) {
    volatile hc_u8 *p;
    int n = 0, fd = open("file", O_RDONLY);
    if (!first) out[n++] = hc_call("meanwhile", out, 0, out, 0);
    p = (volatile hc_u8 *)mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        out[0] = -errno;
        return;
    }
    out[n++] = p[70000];
    if (first) out[n++] = hc_call("meanwhile", out, 0, out, 0);
    hc_fence_from_host();
    out[n++] = p[70000];
    out[n++] = hc_in_heap((hc_u64)p);
    out[n++] = munmap((void *)p, 1 << 20) ? -errno : 0;
}
"""


happens: list[Callable[[], object]] = []
"""What the service does; the last one counts."""


def look(rt: hostcall.Runtime, meanwhile: Callable[[], object], *, first: bool = True) -> list[int]:
    """Run the kernel with something that happens on the host."""
    happens.append(meanwhile)

    def service(data: bytes, lanes: int) -> int:
        happens[-1]()
        return 0

    with contextlib.suppress(ServiceError):  # an earlier look of this runtime has registered it
        rt.service("meanwhile")(service)
    out = np.full(5, -999, np.int64)
    kernel = rt.compile(LOOK, "look")
    kernel.launch(1, 1, (out, int(first)))
    rt.synchronize(SECONDS)
    return [int(value) for value in out]


def make(folder: Path, byte: int = 1) -> Path:
    path = folder / "file"
    path.write_bytes(bytes([byte]) * BYTES)
    return path


def change(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(70_000)
        file.write(b"\2")


def test_a_mapped_file_is_a_copy(rt: hostcall.Runtime, tmp_path: Path) -> None:
    path = make(tmp_path)
    assert look(rt, lambda: change(path)) == [1, 0, 2, 0, 0]
    assert lib.hc_mapping_count(rt._channel.server) == 0, "given back when no kernel runs"


def test_a_preloaded_file_is_registered_in_mid_flight(rt: hostcall.Runtime, tmp_path: Path) -> None:
    make(tmp_path)
    rt.preload("file")
    assert look(rt, lambda: None) == [1, 0, 1, 0, 0]
    assert lib.hc_mapping_count(rt._channel.server) == 1


def test_a_file_that_shrinks_under_its_lanes_faults(rt: hostcall.Runtime, tmp_path: Path) -> None:
    path = make(tmp_path)
    result = look(rt, lambda: os.truncate(path, 10))
    assert result in ([1, 0, 1, 0, -5], [1, 0, 0, 0, -5]), "the byte that was there, or zero; EIO from munmap"
    make(tmp_path, 3)
    assert look(rt, lambda: None) == [3, 0, 3, 0, 0], "the device is sound"


def test_a_thread_that_waits_for_the_kernel_in_the_driver_deadlocks_it(rt: hostcall.Runtime, tmp_path: Path) -> None:
    # The driver then answers nobody until the kernel ends; the kernel must end all the same.
    make(tmp_path)
    lib.hc_mapping_patience(rt._channel.server, 300_000_000)
    device: Any = rt.transport.native
    address = device.call("cuMemAlloc", 1 << 20)
    threads: list[threading.Thread] = []

    def free() -> None:
        device.activate()
        device.call("cuMemFree", address)

    def meanwhile() -> None:
        threads.append(threading.Thread(target=free))
        threads[0].start()
        time.sleep(0.2)

    result = look(rt, meanwhile, first=False)
    threads[0].join(SECONDS)
    assert not threads[0].is_alive()
    assert [result[0], result[1], result[2], result[4]] == [0, 1, 1, 0]
    assert result[3] in (0, 1), "its own copy where the driver keeps everyone waiting"


WRITES = r"""
HC_KERNEL void writes(hc_i64 *out, hc_u8 *p, hc_u64 n, int fd) {
    hc_i64 r = hc_block_write(fd, p + hc_block_id() * n, n);
    if (hc_local_id() == 0) out[hc_block_id()] = r;
}
"""


@pytest.mark.parametrize("shared", [False, True])
def test_bytes_of_large_block_writes_change_on_the_way(transport: str, shared: bool) -> None:
    got: list[bytes] = []
    blocks, size = 40, 1 << 20  # more than the arena holds at once
    data = np.random.default_rng(5).integers(0, 256, (blocks, size), np.uint8)
    with hostcall.open(transport={"kind": transport, "payload": "8MiB"}, stdout=got.append) as rt:
        out = np.full(blocks, -1, np.int64)
        buffer = rt.shared(data) if shared else data.copy()
        rt.compile(WRITES, "writes").launch(blocks, 256, (out, buffer, size, 1))
        rt.synchronize(SECONDS)
    assert (out == size).all()
    arrived = np.frombuffer(b"".join(got), np.uint8).reshape(blocks, size)
    assert sorted(row.tobytes() for row in arrived) == sorted(row.tobytes() for row in data)


LONE = r"""
#include <unistd.h>
#include <fcntl.h>
HC_KERNEL void lone(hc_i64 *out, hc_u8 *p, hc_u8 *back, hc_u64 n, int offset) {
    int fd;
    if (hc_thread_id() != 5) return;
    fd = open("lone", O_RDWR | O_CREAT | O_TRUNC, 0600);
    out[0] = write(fd, p + offset, n);
    out[1] = pread(fd, back + offset, n, 0);
    out[2] = close(fd);
}
"""


def test_a_lone_lane_copies_a_word_twice_or_never(rt: hostcall.Runtime, tmp_path: Path) -> None:
    kernel = rt.compile(LONE, "lone")
    for size in (1023, 1024, 4096, 100_003):
        for offset in (0, 16, 3):
            data = np.random.default_rng(size).integers(0, 256, size + 64, np.uint8)
            back = np.full(size + 64, 0xEE, np.uint8)
            out = np.full(3, -99, np.int64)
            kernel.launch(1, 32, (out, data, back, size, offset))
            rt.synchronize(SECONDS)
            assert out.tolist() == [size, size, 0]
            wanted = np.full(size + 64, 0xEE, np.uint8)
            wanted[offset : offset + size] = data[offset : offset + size]
            assert (tmp_path / "lone").read_bytes() == data[offset : offset + size].tobytes()
            assert (back == wanted).all(), f"{size} bytes at {offset}"
