# SPDX-License-Identifier: Apache-2.0
"""Checks of files as memory. Where a file cannot be written through a mapping, the answer must be an errno."""

from __future__ import annotations

import numpy as np

from .bench import Bench, Checks, pattern

CHECKS = Checks()

ENOTSUP = 95
_FILE = 100_000

_MAPS = r"""
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>
/* Each lane maps the file for itself and copies its share of the bytes. */
HC_KERNEL void conform(HC_GLOBAL int *out, HC_GLOBAL hc_u8 *back, int bytes, int from) {
    int i = hc_thread_id(), k, fd = open("mapped", O_RDONLY);
    HC_GLOBAL hc_u8 *p = (HC_GLOBAL hc_u8 *)mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, from);
    out[4 * i] = p == MAP_FAILED ? -errno : 0;
    out[4 * i + 1] = close(fd); /* the mapping outlives the descriptor */
    if (p == MAP_FAILED) return;
    for (k = i; k < bytes; k += hc_thread_count()) back[k] = p[k];
    out[4 * i + 2] = p[bytes - 1]; /* behind the end of the file a page goes on with zeros */
    out[4 * i + 3] = munmap(p, (size_t)bytes);
}
"""

_WRITES = r"""
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL int *out, int bytes) {
    int n = 0, k, fd = open("written", O_RDWR);
    HC_GLOBAL hc_u8 *p = (HC_GLOBAL hc_u8 *)mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    out[n++] = p == MAP_FAILED ? -errno : 0;
    for (k = 0; p != MAP_FAILED && k < bytes; k += 7) p[k] = 1; /* nobody else sees it */
    out[n++] = p == MAP_FAILED ? -1 : munmap(p, (size_t)bytes);
    p = (HC_GLOBAL hc_u8 *)mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    out[n++] = p == MAP_FAILED ? errno : 0;
    if (p == MAP_FAILED) return;
    for (k = 0; k < bytes; k += 1000) p[k] ^= 0xff;
    out[n++] = msync(p, (size_t)bytes, MS_SYNC);
    out[n++] = hc_call("change", out, 0, out, 0) == 0 ? 0 : -1; /* somebody else stores beside it */
    p[bytes - 1] ^= 0xff;
    out[n++] = munmap(p, (size_t)bytes);
    out[n++] = close(fd);
}
"""

_WRONG = r"""
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>
#define CASE(k, e) errno = 0; out[k] = (e) == MAP_FAILED ? errno : 0;
HC_KERNEL void conform(HC_GLOBAL int *out) {
    int fd = open("mapped", O_RDONLY), folder = open(".", O_RDONLY | O_DIRECTORY);
    HC_GLOBAL hc_u8 *p;
    CASE(0, mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0))
    CASE(1, mmap(NULL, 10, PROT_READ, MAP_SHARED, fd, 12))
    CASE(2, mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0))
    CASE(3, mmap(NULL, 10, PROT_READ, MAP_SHARED, -1, 0))
    CASE(4, mmap(NULL, 10, PROT_READ, MAP_SHARED, folder, 0))
    CASE(5, mmap(NULL, 10, PROT_READ, 0, fd, 0))
    CASE(6, mmap(NULL, 10, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0))
    p = (HC_GLOBAL hc_u8 *)mmap(NULL, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    out[7] = p == MAP_FAILED ? errno : p[0] | p[4999];
    if (p != MAP_FAILED) p[4999] = 3;
    out[8] = p == MAP_FAILED ? 1 : munmap(p, 5000);
    errno = 0;
    out[9] = munmap((HC_GLOBAL void *)4096, 4096) == -1 ? errno : 0;
    close(fd);
    close(folder);
}
"""


@CHECKS.add("a_mapped_file_has_other_bytes")
def _maps(bench: Bench) -> None:
    data = pattern((1, _FILE), 5)[0]
    bench.path("mapped").write_bytes(data.tobytes())
    grid, block = bench.shape if bench.backend == "cuda" else (2, 8)  # where lanes copy for themselves, into the heap
    for size, start in ((_FILE, 0), (4096, 8192), (_FILE - 65536 + 100, 65536)):
        out = np.full((grid * block, 4), -99, np.int32)
        back = np.zeros(size, np.uint8)
        bench.run(_MAPS, (out, back, size, start), (grid, block))
        expected = np.zeros(size, np.uint8)
        expected[: len(data[start : start + size])] = data[start : start + size]
        bench.arrays(f"results for {size} bytes at {start}", np.array([0, 0, expected[-1], 0]), out)
        bench.arrays(f"{size} bytes at {start}", expected, back)


@CHECKS.add("what_a_mapping_stored_is_lost_or_takes_other_bytes_along")
def _writes(bench: Bench) -> None:
    data = pattern((1, _FILE), 6)[0]
    path = bench.path("written")
    path.write_bytes(data.tobytes())

    def change(data: bytes, lanes: int) -> int:
        with path.open("r+b") as file:
            file.seek(50_500)
            file.write(b"others")
        return 0

    bench.rt.service("change")(change)
    out = np.full(8, -99, np.int32)
    bench.run(_WRITES, (out, _FILE), (1, 1))
    if out[2] == ENOTSUP:
        bench.arrays("results", np.array([0, 0, ENOTSUP]), out[:3])
        bench.true("the file is as it was", path.read_bytes() == data.tobytes())
        return
    bench.arrays("results", np.zeros(7, np.int32), out[:7])
    data[::1000] ^= 0xFF
    data[-1] ^= 0xFF
    data[50_500:50_506] = np.frombuffer(b"others", np.uint8)
    bench.arrays("the file", data, np.fromfile(path, np.uint8))


@CHECKS.add("a_mapping_that_cannot_be_is_made")
def _wrong(bench: Bench) -> None:
    bench.path("mapped").write_bytes(b"0123456789")
    out = np.full(10, -99, np.int32)
    bench.run(_WRONG, (out,), (1, 1))
    bench.arrays("errno of case", np.array([22, 22, 13, 9, 19, 22, ENOTSUP, 0, 0, 22]), out)
