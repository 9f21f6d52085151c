# SPDX-License-Identifier: Apache-2.0
"""Large transfers on a GPU, beside what bounds each of them in the same run.

``python bench/transfers.py [--transport pinned-ring] [--quick]`` prints one line per figure: raw stores and loads of
pinned memory, block and grid writes, block reads beside ``pread`` of host threads, a mapped file, and the sweep of
staged against by-reference writes. Every figure is checked: counts by the kernel, contents by the host.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import hostcall

MIB = 1 << 20
FILE_BYTES = 256 * MIB
SECONDS = 30.0
THREADS = 256

PRELUDE = r"""
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Words of the file and of what `raw` stores are their own index. */
HC_FN hc_u64 differs(hc_u64 x, hc_u64 y, hc_u64 index) { return (x ^ index) | (y ^ (index + 1u)); }
HC_FN void stamp(HC_GLOBAL hc_u64 *out, hc_u64 start, hc_u64 bytes, hc_u64 bad) {
    if (hc_local_id() != 0) return;
    out[4 * hc_block_id()] = start;
    out[4 * hc_block_id() + 1] = hc_timer_ns();
    out[4 * hc_block_id() + 2] = bytes;
    out[4 * hc_block_id() + 3] = bad;
}
"""

KERNELS = {
    "opens": r"""
/* kind 0: open to read, 1: to write */
HC_KERNEL void opens(HC_GLOBAL hc_u64 *out, int kind) {
    out[0] = (hc_u64)(kind ? open("out", O_RDWR | O_CREAT | O_TRUNC, 0600) : open("in", O_RDONLY));
}
""",
    "raw": r"""
/* Bare stores and loads of memory that both sides reach, each block its own part. */
HC_KERNEL void raw(HC_GLOBAL hc_u64 *out, HC_GLOBAL hc_u64 *p, hc_u64 words, int load) {
    hc_u64 i, bad = 0, each = words / hc_grid_dim(), step = 2u * hc_block_dim(), base = each * hc_block_id();
    hc_u64 t = hc_timer_ns();
    if (load) {
        for (i = base + 2u * hc_local_id(); i + 7u * step < base + each; i += 8u * step) {
            ulonglong2 v[8];
#pragma unroll
            for (int u = 0; u < 8; u++) hc_arena_load16((hc_u64)(p + i + (hc_u64)u * step), &v[u].x, &v[u].y);
#pragma unroll
            for (int u = 0; u < 8; u++) bad |= differs(v[u].x, v[u].y, i + (hc_u64)u * step);
        }
    } else {
        for (i = base + 2u * hc_local_id(); i < base + each; i += step) hc_arena_store16((hc_u64)(p + i), i, i + 1u);
        hc_fence_to_host();
    }
    hc_block_sync();
    if (bad) out[4 * hc_block_id() + 3] = 1;
    hc_block_sync();
    stamp(out, t, 8u * each, out[4 * hc_block_id() + 3]);
}
""",
    "moves": r"""
/* Each block moves `n` bytes a round.
 * how 0: write, 1: pwrite of its own part, 2: pread, 3: grid write, 4: grid pread */
HC_KERNEL void moves(HC_GLOBAL hc_u64 *out, HC_GLOBAL hc_u8 *p, int fd, hc_u64 n, int rounds, int how, hc_u64 file) {
    hc_u64 b = hc_block_id(), total = 0, bad = 0, t, all = n * hc_grid_dim();
    HC_GLOBAL hc_u8 *mine = p + b * n;
    int i;
    hc_block_sync();
    t = hc_timer_ns();
    for (i = 0; i < rounds && !bad; i++) {
        hc_u64 done = 0, at = ((hc_u64)i * all + b * n) % file;
        while (done < n) {
            hc_i64 r;
            if (how == 0) r = hc_block_write(fd, mine + done, n - done);
            else if (how == 1) r = hc_block_pwrite(fd, mine + done, n - done, (hc_i64)(b * n + done));
            else if (how == 2) r = hc_block_pread(fd, mine + done, n - done, (hc_i64)(at + done));
            else if (how == 3) r = hc_grid_write(fd, p, all);
            else r = hc_grid_pread(fd, p, all, (hc_i64)((hc_u64)i * all % file));
            if (r <= 0) {
                bad = (hc_u64)(1 - r);
                break;
            }
            done = how >= 3 ? n : done + (hc_u64)r;
            total += (hc_u64)r;
        }
        if (how == 2 && hc_local_id() == 0 && *(HC_GLOBAL hc_u64 *)(mine + n - 8) != (at + n) / 8 - 1) bad = 9999;
    }
    stamp(out, t, total, bad);
}
""",
    "calls": r"""
/* One call a round. how 0: pwrite by one lane, 1: by the block, 2: pread by one lane;
 * `touch`: the device has just stored into all of the buffer. */
HC_KERNEL void calls(HC_GLOBAL hc_u64 *out, HC_GLOBAL hc_u64 *p, int fd, hc_u64 n, int rounds, int how, int touch) {
    hc_u64 bad = 0, i;
    int k;
    for (k = 0; k < rounds; k++) {
        hc_u64 t, done = 0;
        if (touch) {
            for (i = hc_local_id(); i < n / 8; i += hc_block_dim()) p[i] = i + (hc_u64)k;
            hc_block_sync();
        }
        t = hc_timer_ns();
        while (done < n) {
            HC_GLOBAL hc_u8 *at = (HC_GLOBAL hc_u8 *)p + done;
            hc_i64 r = (hc_i64)n;
            if (how == 1) r = hc_block_pwrite(fd, at, n - done, (hc_i64)done);
            else if (hc_local_id() == 0 && how == 2) r = (hc_i64)pread(fd, at, n - done, (long)done);
            else if (hc_local_id() == 0) r = (hc_i64)pwrite(fd, at, n - done, (long)done);
            if (r <= 0) {
                bad = 1;
                break;
            }
            done += (hc_u64)r;
        }
        if (hc_local_id() == 0) out[k] = bad ? 0 : hc_timer_ns() - t;
        hc_block_sync();
    }
}
""",
    "mapped": r"""
/* A mapped file read by all lanes: out[0] what mmap took, then as `raw`. */
HC_KERNEL void mapped(HC_GLOBAL hc_u64 *out, HC_GLOBAL hc_u64 *took, int fd, hc_u64 bytes) {
    __shared__ hc_u64 address;
    hc_u64 i, bad = 0, each = bytes / 8 / hc_grid_dim(), step = 2u * hc_block_dim(), base = each * hc_block_id(), t;
    if (hc_local_id() == 0) {
        t = hc_timer_ns();
        address = (hc_u64)mmap(0, bytes, PROT_READ, MAP_SHARED, fd, 0);
        took[hc_block_id()] = hc_timer_ns() - t;
    }
    hc_block_sync();
    t = hc_timer_ns();
    if (address != ~(hc_u64)0) {
        HC_GLOBAL const hc_u64 *p = (HC_GLOBAL const hc_u64 *)address;
        for (i = base + 2u * hc_local_id(); i + 7u * step < base + each; i += 8u * step) {
            ulonglong2 v[8];
#pragma unroll
            for (int u = 0; u < 8; u++) v[u] = *(const ulonglong2 *)(p + i + (hc_u64)u * step);
#pragma unroll
            for (int u = 0; u < 8; u++) bad |= differs(v[u].x, v[u].y, i + (hc_u64)u * step);
        }
    } else {
        bad = 1;
    }
    if (bad) out[4 * hc_block_id() + 3] = 1;
    hc_block_sync();
    stamp(out, t, 8u * each, out[4 * hc_block_id() + 3]);
    hc_block_sync();
    if (hc_local_id() == 0 && address != ~(hc_u64)0) munmap((HC_GLOBAL void *)address, bytes);
}
""",
}
"""One text a kernel: each is compiled when it is first used, with the headers and without the others."""


class Rig:
    """A runtime with its kernels, a cached file and one to write."""

    def __init__(
        self, transport: str, folder: Path, payload: int, stdout: Any = "null", defines: Sequence[str] = ()
    ) -> None:
        self.runtime = hostcall.open(
            transport={"kind": transport, "payload": payload},
            services={"fs": {"roots": [{"path": str(folder), "mode": "rw"}]}},
            stdout=stdout,
        )
        self._kernels: dict[str, hostcall.Kernel] = {}
        self._options = [f"-D{define}" for define in defines]
        self.out = self.runtime.shared(4 * 1024, np.uint64)

    def launch(self, name: str, blocks: int, *args: object, threads: int = THREADS) -> npt.NDArray[np.uint64]:
        """Launch, wait, and give what the blocks left."""
        if name not in self._kernels:
            self._kernels[name] = self.runtime.compile(PRELUDE + KERNELS[name], name, options=self._options)
        self.out[:] = 0
        self._kernels[name].launch(blocks, threads, (self.out, *args))
        self.runtime.synchronize(SECONDS)
        return self.out.copy()

    def rate(self, name: str, blocks: int, *args: object) -> float:
        """Bytes a nanosecond over all blocks; 0 where anything was wrong."""
        rows = self.launch(name, blocks, *args).reshape(-1, 4)[:blocks]
        if rows[:, 3].any():
            line(f"  {name} {args[1:]}: error", int(rows[:, 3].max()))
            return 0.0
        return float(rows[:, 2].sum()) / float(rows[:, 1].max() - rows[:, 0].min())

    def open(self, writing: bool) -> int:
        """Descriptor of the device."""
        return int(self.launch("opens", 1, int(writing), threads=1)[0])


def host_preads(path: Path, target: npt.NDArray[np.uint8], threads: int, piece: int = MIB) -> float:
    """GB/s of `pread` by host threads, each into a MiB of its own."""
    size = path.stat().st_size
    total = 2 * size // threads

    def work(index: int) -> None:
        mine = memoryview(target)[index * piece : (index + 1) * piece]
        fd = os.open(path, os.O_RDONLY)
        at = index * size // threads
        for _ in range(total // piece):
            os.preadv(fd, [mine], at)
            at = (at + piece) % size
        os.close(fd)

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return total * threads / (time.perf_counter() - start) / 1e9


def line(text: str, *values: object) -> None:
    """Print one figure."""
    words = [f"{value:.1f}" if isinstance(value, float) else str(value) for value in values]
    sys.stdout.write(" ".join([text, *words]) + "\n")
    sys.stdout.flush()


def streams(rig: Rig, folder: Path, quick: bool) -> None:
    """Rates: raw, block and grid writes, reads, a mapped file."""
    units = 132
    pinned = rig.runtime.shared(FILE_BYTES // 8, np.uint64)
    store = rig.rate("raw", units, pinned, FILE_BYTES // 8, 0)
    load = rig.rate("raw", units, pinned, FILE_BYTES // 8, 1)
    line("raw store, load of shared memory, GB/s:", store, load)
    buffer = np.arange(units * 2 * MIB // 8, dtype=np.uint64)
    shapes = [(1, MIB), (2, MIB), (units, 256 << 10), (units, MIB), (units, 2 * MIB), (1, 32 * MIB), (8, 16 * MIB)]
    for blocks, size in shapes[-4:] if quick else shapes:
        rounds = max(2, (512 if blocks > 1 else 128) * MIB // (blocks * size))
        rate = rig.rate("moves", blocks, buffer, 1, size, rounds, 0, FILE_BYTES)
        line(f"block write to the null sink, {blocks} x {size >> 10} KiB, GB/s, of raw:", rate, f"{rate / store:.3f}")
    for size in (MIB // 4, MIB, 2 * MIB):
        rate = rig.rate("moves", units, buffer, 1, size, max(2, 512 * MIB // (units * size)), 3, FILE_BYTES)
        line(f"grid write of {units * size >> 20} MiB to the null sink, GB/s, of raw:", rate, f"{rate / store:.3f}")
    host = {
        threads: max(host_preads(folder / "in", pinned.view(np.uint8), threads) for _ in range(3))
        for threads in (1, 4, 8)
    }
    line("pread by 1, 4, 8 host threads, GB/s:", host[1], host[4], host[8])
    fd = rig.open(False)
    for blocks, size in ((8, MIB), (33, MIB), (units, 64 << 10), (units, MIB // 4), (units, MIB)):
        rounds = max(2, 768 * MIB // (blocks * size))
        rate = rig.rate("moves", blocks, buffer, fd, size, rounds, 2, FILE_BYTES // (blocks * size) * (blocks * size))
        line(f"block read, {blocks} x {size >> 10} KiB, GB/s, of four threads:", rate, f"{rate / host[4]:.3f}")
    rate = rig.rate("moves", units, buffer, fd, MIB, 4, 4, 132 * MIB)
    line("grid read of 132 MiB, GB/s, of four threads:", rate, f"{rate / host[4]:.3f}")
    took = rig.runtime.shared(1024, np.uint64)
    for what in ("mapped in mid-flight", "mapped again", "preloaded"):
        if what == "preloaded":
            rig.runtime.preload("in")
        rate = rig.rate("mapped", units, took, fd, FILE_BYTES)
        us = took[:units].astype(float) / 1e3
        line(
            f"mmap of {FILE_BYTES >> 20} MiB, {what}: GB/s, of raw load; mmap us median, longest:",
            rate,
            f"{rate / load:.3f}",
            float(np.median(us)),
            us.max(),
        )
    out = rig.open(True)
    for blocks, size in ((4, MIB), (units, MIB // 4), (units, MIB)):
        rate = rig.rate("moves", blocks, buffer, out, size, max(2, 256 * MIB // (blocks * size)), 1, FILE_BYTES)
        whole = np.fromfile(folder / "out", np.uint64, blocks * size // 8)
        right = bool((whole == buffer[: len(whole)]).all())
        line(f"block pwrite to a file, {blocks} x {size >> 10} KiB, GB/s:", rate, "" if right else "WRONG CONTENTS")


def sweep(rig: Rig, quick: bool) -> None:
    """Staged against by reference, microseconds a call (median), sizes from 1 KiB to 64 MiB."""
    fd = rig.open(True)
    most = 64 * MIB
    shared = rig.runtime.shared(most // 8, np.uint64)
    plain = np.zeros(most // 8, np.uint64)
    line(
        "us a call of one caller: block staged | by ref | lane writes | lane reads | device has touched: block | by ref"
    )
    size = 1024
    while size <= most:
        rounds = 3 if size >= 16 * MIB else 11
        row = []
        cases = ((plain, 1, 0), (shared, 1, 0), (plain, 0, 0), (plain, 2, 0), (plain, 1, 1), (shared, 1, 1))
        for array, how, touch in cases:
            if array is plain and how != 1 and size > 4 * MIB:
                row.append(float("nan"))
                continue
            if array is shared:
                array[: size // 8] = 1  # the host has it, unless the device takes it
            took = rig.launch("calls", 1, array[: max(size, 1024) // 8], fd, size, rounds, how, touch)[:rounds]
            row.append(float(np.median(took)) / 1e3 if took.all() else float("nan"))
        line(f"  {size >> 10:6} KiB", *row, f"block/ref {row[0] / row[1]:.2f} touched {row[4] / row[5]:.2f}")
        size *= 8 if quick else 4


def checksum(transport: str, folder: Path) -> None:
    """The paired run: the same block writes into a sink that adds up what arrives."""
    total, weight = 0, 0

    def sink(data: bytes) -> None:
        nonlocal total, weight
        total += len(data)
        weight += int(np.frombuffer(data, np.uint8).sum(dtype=np.uint64))

    rig = Rig(transport, folder, 64 * MIB, sink)
    with rig.runtime:
        buffer = np.random.default_rng(1).integers(0, 1 << 62, 8 * MIB // 8, dtype=np.uint64)
        rig.rate("moves", 8, buffer, 1, MIB, 4, 0, FILE_BYTES)
    wanted = 4 * int(buffer.view(np.uint8).sum(dtype=np.uint64))
    line("paired run, 32 MiB into a sink that adds up:", "right" if (total, weight) == (32 * MIB, wanted) else "WRONG")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transport", default="pinned-ring", choices=["pinned-ring", "cuda-managed"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--payload", type=int, default=64, help="MiB of the arena")
    parser.add_argument("--define", action="append", default=[], help="for the kernels, such as HC_ARENA_WINDOW=64u")
    parser.add_argument("--folder", help="where the files lie; a tmpfs measures the page cache alone")
    parser.add_argument("parts", nargs="*", default=["streams", "sweep", "checksum"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        np.arange(FILE_BYTES // 8, dtype=np.uint64).tofile(folder / "in")
        if "streams" in given.parts or "sweep" in given.parts:
            rig = Rig(given.transport, folder, given.payload * MIB, defines=given.define)
            with rig.runtime:
                if "streams" in given.parts:
                    streams(rig, folder, given.quick)
                if "sweep" in given.parts:
                    sweep(rig, given.quick)
        if "checksum" in given.parts:
            checksum(given.transport, folder)


if __name__ == "__main__":
    main()
