# SPDX-License-Identifier: Apache-2.0
"""Checks of file calls: what lanes, or the lanes of a block together, write and read back."""

from __future__ import annotations

import os
from errno import EBADF, EINVAL, EMSGSIZE

import numpy as np

from .bench import GUARD, Bench, Checks, pack_names, pattern

CHECKS = Checks()

_FILE = r"""
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL const hc_u8 *in, HC_GLOBAL hc_u8 *back, int n,
                       HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    int fd = open(paths + i * stride, O_RDWR | O_CREAT | O_TRUNC, 0644);
    out[4 * i] = fd >= 0;
    out[4 * i + 1] = (hc_i64)write(fd, in + (hc_u64)i * (hc_u64)n, (hc_size)n);
    out[4 * i + 2] = (hc_i64)pread(fd, back + (hc_u64)i * (hc_u64)n, (hc_size)n, 0);
    out[4 * i + 3] = close(fd);
}
"""


@CHECKS.add("a_file_has_other_bytes_than_were_written")
def _file(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1] if bench.quick else 256
    shape = (lanes // bench.shape[1], bench.shape[1])
    names = [f"written-{lane}" for lane in range(lanes)]
    paths, stride = pack_names(names)
    for size in (1, 1000, 65537):
        data, back = pattern((lanes, size), size), np.zeros((lanes, size), np.uint8)
        out = np.full((lanes, 4), -99, np.int64)
        bench.run(_FILE, (paths, stride, data, back, size, out), shape)
        bench.arrays(f"open, write, pread, close of {size} bytes", np.array([1, size, size, 0]), out)
        bench.arrays(f"{size} bytes read back", data, back)
        stored = [bench.path(name).read_bytes() for name in names]
        bench.true(f"files of {size} bytes as written", stored == [row.tobytes() for row in data])


_LARGE = r"""
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *path, HC_GLOBAL const hc_u8 *in, HC_GLOBAL hc_u8 *back, int n,
                       HC_GLOBAL hc_i64 *out) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    out[0] = (hc_i64)write(fd, in, (hc_size)n);
    out[1] = (hc_i64)lseek(fd, 0, SEEK_CUR);
    out[2] = (hc_i64)pread(fd, back, (hc_size)n, 0);
    out[3] = hc_call("conform-sum", in, (hc_u64)n, (HC_GLOBAL hc_u8 *)0, 0);
    out[4] = (hc_i64)write(fd, in, (hc_size)1 << 30);
    out[5] = close(fd);
}
"""


@CHECKS.add("a_payload_larger_than_the_arena_hangs_or_lies")
def _large(bench: Bench) -> None:
    size = 1 << 20
    data, back, out = pattern((size,), 9), np.zeros(size, np.uint8), np.full(6, -99, np.int64)
    path, _ = pack_names(["large"])
    with bench.opened({"transport": {"payload": "64KiB"}}) as rt:
        bench.run(_LARGE, (path, data, back, size, out), (1, 1), rt=rt)
        arena = max(65536, 4096 * 32)
    written, at, read, call, huge, closed = out.tolist()
    bench.true("a short count of write", 0 < written <= arena, written)
    bench.equal("the offset after it", written, at)
    bench.true("a short count of pread", 0 < read <= written, read)
    bench.equal("a service's answer to more than the arena holds", -EMSGSIZE, call)
    bench.true("a short count of a write of 1 GiB", 0 < huge <= arena, huge)
    bench.equal("close", 0, closed)
    if written > 0 and huge > 0:
        bench.true(
            "the file as the counts say",
            bench.path("large").read_bytes() == data[:written].tobytes() + data[:huge].tobytes(),
        )
        bench.true("the bytes read as the count says", bytes(back[: max(read, 0)]) == data[: max(read, 0)].tobytes())


_NEGATIVE = r"""
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#define CASE(k, call) errno = 0; out[2 * (k)] = (hc_i64)(call); out[2 * (k) + 1] = errno
HC_KERNEL void conform(HC_GLOBAL const char *path, HC_GLOBAL hc_u8 *p, HC_GLOBAL hc_i64 *out) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    CASE(0, write(fd, p, (hc_size)-1));
    CASE(1, read(fd, p, (hc_size)-1));
    CASE(2, pread(fd, p, 8, -1));
    CASE(3, pwrite(fd, p, 8, -1));
    CASE(4, lseek(fd, -1, SEEK_SET));
    CASE(5, ftruncate(fd, -1));
    CASE(6, write(fd, p, 0));
    CASE(7, read(fd, p, 0));
    CASE(8, write(-1, p, 8));
    CASE(9, read(1000000, p, 8));
    CASE(10, close(fd));
    CASE(11, close(fd));
}
"""


@CHECKS.add("a_negative_length_or_a_bad_descriptor_is_taken_for_a_good_one")
def _negative(bench: Bench) -> None:
    path, _ = pack_names(["negative"])
    out = np.full((12, 2), -99, np.int64)
    bench.run(_NEGATIVE, (path, np.zeros(64, np.uint8), out), (1, 1))
    expected = [[-1, EINVAL]] * 6 + [[0, 0], [0, 0], [-1, EBADF], [-1, EBADF], [0, 0], [-1, EBADF]]
    bench.arrays("result and errno of case", np.array(expected), out)


_BATCH = r"""
#include <fcntl.h>
#include <unistd.h>
#define MOST 8
/* Requests of very different sizes, backwards through the file, and three that must fail or come short. */
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL hc_u8 *in, HC_GLOBAL hc_u8 *back, int n,
                       HC_GLOBAL hc_i64 *out, HC_GLOBAL hc_request *shared) {
    int i = hc_thread_id(), k, count = 1 + i % MOST;
    HC_GLOBAL hc_u8 *mine = in + (hc_u64)i * (hc_u64)n, *other = back + (hc_u64)i * (hc_u64)n;
    HC_GLOBAL hc_request *far = shared + i * MOST;
    hc_request near[MOST];
    hc_u64 each = (hc_u64)n / (hc_u64)count, last = (hc_u64)n - each * (hc_u64)(count - 1);
    int fd = open(paths + i * stride, O_RDWR | O_CREAT | O_TRUNC, 0644);
    out += 8 * i;
    for (k = 0; k < count; k++) {
        hc_u64 at = each * (hc_u64)(count - 1 - k);
        near[k].base = mine + at;
        near[k].offset = (hc_i64)at;
        near[k].bytes = k ? each : last;
        near[k].result = -99;
        far[k].base = other + at;
        far[k].offset = (hc_i64)at;
        far[k].bytes = near[k].bytes;
    }
    out[0] = hc_write_at(fd, near, (hc_u32)count);
    out[1] = hc_read_at(fd, far, (hc_u32)count);
    out[2] = 0;
    for (k = 0; k < count; k++) out[2] += near[k].result + far[k].result;
    near[0].offset = -1;
    near[0].base = other;
    near[1].offset = n - 1;
    near[1].base = other + n - 1;
    near[1].bytes = 16;
    near[2].offset = n;
    near[2].bytes = 0;
    near[2].base = other;
    out[3] = hc_read_at(fd, near, 3);
    out[4] = near[0].result;
    out[5] = near[1].result + 16 * near[2].result;
    out[6] = hc_read_at(fd, near, 0);
    close(fd);
    /* Not fd: another block may open its file by now, and be given the same number. */
    out[7] = hc_write_at(-1, near, 2) + near[1].result;
}
"""


@CHECKS.add("a_batch_mixes_up_its_requests_or_their_results")
def _batch(bench: Bench) -> None:
    grid, block = (4, 64) if bench.backend == "cuda" else (2, 8)
    lanes, request = grid * block, np.dtype([("base", "u8"), ("bytes", "u8"), ("offset", "i8"), ("result", "i8")])
    names = [f"batch-{index}" for index in range(lanes)]
    paths, stride = pack_names(names)
    for size in (8, 1000, 70_001):
        data = pattern((lanes, size), size)
        room = np.full(lanes * size + 16, GUARD, np.uint8)
        out = np.full((lanes, 8), -99, np.int64)
        shared = np.zeros(lanes * 8, request).view(np.uint8)
        bench.run(_BATCH, (paths, stride, data, room, size, out, shared), (grid, block))
        count = 1 + np.arange(lanes) % 8
        fixed = np.broadcast_to([3, -EINVAL, 1, 0, -2 * EBADF], (lanes, 5))
        expected = np.column_stack([count, count, np.full(lanes, 2 * size), fixed])
        bench.arrays(f"counts and results for {size} bytes", expected, out)
        bench.arrays(f"{size} bytes read back", data, room[: lanes * size].reshape(lanes, size))
        bench.arrays("what lies behind", np.full(16, GUARD), room[lanes * size :])
        stored = [bench.path(name).read_bytes() for name in names]
        bench.true(f"files of {size} bytes", stored == [row.tobytes() for row in data])


_SHARED = r"""
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *path, int flags, HC_GLOBAL hc_u8 *in, int n, int rounds, HC_GLOBAL int *fd,
                       HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id(), k;
    if (flags >= 0) {
        fd[0] = open(path, flags, 0644);
    } else if (flags == -1) {
        out[i] = 0;
        for (k = 0; k < rounds; k++) out[i] += (hc_i64)write(fd[0], in + (hc_u64)i * (hc_u64)n, (hc_size)n);
    } else {
        fd[0] = close(fd[0]);
    }
}
"""


@CHECKS.add("writers_of_one_file_tear_or_lose_each_others_bytes")
def _shared(bench: Bench) -> None:
    lanes = 128 if bench.backend == "cuda" else 8
    path, _ = pack_names(["shared"])
    rounds, stamps = 12, np.arange(lanes, dtype=np.uint8) + 1
    for workers, size, append in ((1, 1000, 0), (4, 1000, os.O_APPEND), (4, 16, 0)):
        data = np.repeat(stamps, size).reshape(lanes, size)
        fd, out = np.full(1, -99, np.int32), np.full(lanes, -99, np.int64)
        with bench.opened({"server": {"workers": workers}}) as rt:
            for flags, block in ((os.O_WRONLY | os.O_CREAT | os.O_TRUNC | append, 1), (-1, lanes), (-2, 1)):
                bench.run(_SHARED, (path, flags, data, size, rounds, fd, out), (1, block), rt=rt)
        bench.arrays(f"bytes written by {lanes} lanes", rounds * size, out)
        bench.equal("close", 0, int(fd[0]))
        blocks = np.frombuffer(bench.path("shared").read_bytes(), np.uint8)
        bench.equal("size of the file", lanes * rounds * size, len(blocks))
        if len(blocks) == lanes * rounds * size:
            blocks = blocks.reshape(-1, size)
            bench.true("blocks in one piece", (blocks == blocks[:, :1]).all())
            bench.arrays("blocks of each lane", rounds, np.bincount(blocks[:, 0], minlength=lanes + 1)[1:])


_OPENS = r"""
#include <fcntl.h>
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL int *fds) {
    int i = hc_thread_id();
    fds[i] = open(paths + i * stride, O_RDWR | O_CREAT | O_TRUNC, 0644);
}
"""


_BLOCK = r"""
HC_KERNEL void conform(HC_GLOBAL const int *fds, HC_GLOBAL const hc_u8 *in, HC_GLOBAL hc_u8 *back, int n, int off,
                       HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id(), b = (int)hc_block_id();
    hc_u64 at = (hc_u64)b * (hc_u64)(n + 32) + (hc_u64)off;
    out[3 * i] = hc_block_pwrite(fds[b], in + at, (hc_u64)n, 0);
    out[3 * i + 1] = hc_block_pread(fds[b], back + at, (hc_u64)n, 0);
    out[3 * i + 2] = hc_block_write(-1, in + at, (hc_u64)n);
}
"""


@CHECKS.add("a_block_that_calls_together_loses_bytes_or_a_lane")
def _block(bench: Bench) -> None:
    grid, block = (4, 96) if bench.backend == "cuda" else (3, 8)
    names = [f"block-{index}" for index in range(grid)]
    paths, stride = pack_names(names)
    fds = np.zeros(grid, np.int32)
    bench.run(_OPENS, (paths, stride, fds), (1, grid))
    bench.true("descriptors", (fds >= 0).all(), fds.tolist())
    for size, off in ((1, 0), (17, 1), (4096, 0), (4097, 3), (200_003, 0)):
        data = pattern((grid, size + 32), size)
        back = np.full_like(data, GUARD)
        out = np.full((grid * block, 3), -99, np.int64)
        bench.run(_BLOCK, (fds, data, back, size, off, out), (grid, block))
        bench.arrays(f"results for {size} bytes", np.array([size, size, -EBADF]), out)
        expected = np.full_like(data, GUARD)
        expected[:, off : off + size] = data[:, off : off + size]
        bench.arrays(f"{size} bytes read back", expected, back)
        stored = [bench.path(name).read_bytes()[:size] for name in names]
        bench.true(f"files of {size} bytes", stored == [row[off : off + size].tobytes() for row in data])


# One call in a loop: PoCL compiles every call of a collective anew.
_GRID = r"""
HC_KERNEL void conform(HC_GLOBAL const int *fds, HC_GLOBAL hc_u8 *in, HC_GLOBAL hc_u8 *back, int n, int base,
                       HC_GLOBAL hc_i64 *out) {
    int k;
    for (k = 0; k < 4; k++)
        out[4 * hc_thread_id() + k] =
            hc_grid_transfer(k == 1 ? HC_OP_WRITE : k == 2 ? HC_OP_PREAD : HC_OP_PWRITE, k == 3 ? -1 : fds[k],
                             k == 2 ? back : in, (hc_u64)n, k == 1 ? -1 : base);
}
"""


@CHECKS.add("a_grid_that_shares_a_transfer_leaves_a_gap_or_moves_a_byte_twice")
def _grid(bench: Bench) -> None:
    grid, block = (5, 96) if bench.backend == "cuda" else (3, 4)
    names = [f"grid-{index}" for index in range(3)]
    paths, stride = pack_names(names)
    for size, base in ((1, 0), (5000, 3), (12_288, 0), (1_500_001, 4096)):
        fds = np.zeros(3, np.int32)
        bench.run(_OPENS, (paths, stride, fds), (1, 3))
        data = pattern((1, size), size)[0]
        bench.path(names[2]).write_bytes(b"x" * base + data.tobytes())
        for shared in (False, True):
            source, target = data, np.full(size, GUARD, np.uint8)
            if shared:
                source, target = bench.rt.shared(source), bench.rt.shared(target)
            bench.path(names[1]).write_bytes(b"")
            bench.run(_OPENS, (paths, stride, fds[:2]), (1, 2))
            out = np.full((grid * block, 4), -99, np.int64)
            bench.run(_GRID, (fds, source, target, size, base, out), (grid, block))
            shares = out.reshape(grid, block, 4)
            what = f"{size} bytes{' by reference' if shared else ''}"
            bench.true(f"lanes of a block agree on {what}", (shares == shares[:, :1]).all(), out.tolist())
            bench.arrays(f"sums of the shares of {what}", np.full(3, size), shares[:, 0, :3].sum(axis=0))
            wrong = [0 if share == 0 else -EBADF for share in shares[:, 0, 0]]
            bench.arrays(f"a bad descriptor with {what}", np.array(wrong), shares[:, 0, 3])
            bench.arrays(f"{what} read", data, target)
            stored = bench.path(names[0]).read_bytes()
            bench.true(f"{what} in their place", stored[base:] == data.tobytes(), len(stored))
            pieces = sorted(bench.path(names[1]).read_bytes())
            bench.true(f"{what} in any order", pieces == sorted(data.tobytes()), len(pieces))
