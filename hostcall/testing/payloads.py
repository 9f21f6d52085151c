# SPDX-License-Identifier: Apache-2.0
"""Checks of the bytes that calls carry: staged in the arena, inline in the packet, and by reference."""

from __future__ import annotations

from errno import EFAULT

import numpy as np
import numpy.typing as npt

from ..runtime import Runtime
from .bench import GUARD, Bench, Checks, pack_names, pattern, weigh

CHECKS = Checks()

_ECHO = r"""
HC_KERNEL void conform(HC_GLOBAL const hc_u8 *in, HC_GLOBAL hc_u8 *out, HC_GLOBAL const int *sizes, int nsizes,
                       int stride, int in_off, int out_off, HC_GLOBAL hc_i64 *got) {
    int i = hc_thread_id();
    hc_u64 n = (hc_u64)sizes[i % nsizes];
    hc_i64 r;
    hc_txn t;
    hc_begin(&t, HC_OP_ECHO, 1, n, HC_IN | HC_OUT);
    if (!t.err) hc_put(&t, 0, in + (hc_u64)i * (hc_u64)stride + in_off, n);
    r = hc_send(&t, (hc_i64)t.bytes, 0, 0, 0, 0, 0);
    if (!t.err) hc_get(&t, 0, out + (hc_u64)i * (hc_u64)stride + out_off, r > 0 ? (hc_u64)r : 0);
    hc_end(&t);
    got[i] = r;
}
"""


_SIZES = (0, 1, 7, 8, 15, 16, 17, 63, 64, 65, 255, 4095, 4096, 4097)


def echo(
    bench: Bench, rt: Runtime, sizes: npt.NDArray[np.int32], shape: tuple[int, int], in_off: int, out_off: int
) -> None:
    """Send bytes at one offset, receive them at another; the lanes take turns with the sizes."""
    lanes = shape[0] * shape[1]
    each = np.resize(sizes, lanes)
    stride = (int(each.max()) + 64 + 15) // 16 * 16
    data = pattern((lanes, stride), in_off)
    out = np.full((lanes, stride), GUARD, np.uint8)
    got = np.full(lanes, -1, np.int64)
    bench.run(_ECHO, (data, out, sizes, len(sizes), stride, in_off, out_off, got), shape, rt=rt)
    what = f"echo of {', '.join(map(str, sizes.tolist()))} bytes at offsets {in_off} and {out_off}"
    bench.arrays(f"{what}: result", each, got)
    expected = np.full_like(out, GUARD)
    for lane, n in enumerate(each.tolist()):
        expected[lane, out_off : out_off + n] = data[lane, in_off : in_off + n]
    bench.arrays(f"{what}: byte", expected, out)


@CHECKS.add("a_staged_payload_is_cut_or_shifted")
def _staged(bench: Bench) -> None:
    for size in _SIZES:
        echo(bench, bench.rt, np.array([size], np.int32), bench.shape, 0, 0)
    for size, shape in ((65536, (1, 8)), (1 << 20, (1, 2))):
        echo(bench, bench.rt, np.array([size], np.int32), shape, 0, 0)


@CHECKS.add("an_unaligned_buffer_is_copied_wrong")
def _unaligned(bench: Bench) -> None:
    for in_off, out_off in ((1, 0), (0, 1), (3, 7), (8, 4), (15, 16), (17, 9)):
        for size in (1, 8, 65, 4097):
            echo(bench, bench.rt, np.array([size], np.int32), bench.shape, in_off, out_off)


@CHECKS.add("lanes_with_payloads_of_different_sizes_get_each_others_bytes")
def _mixed(bench: Bench) -> None:
    for offset in (0, 3):
        echo(bench, bench.rt, np.array(_SIZES, np.int32), bench.shape, offset, offset)


_SUM = r"""
HC_KERNEL void conform(HC_GLOBAL const hc_u8 *in, HC_GLOBAL const int *sizes, int nsizes, int stride, int off,
                       HC_GLOBAL hc_i64 *got) {
    int i = hc_thread_id();
    got[i] = hc_call("conform-sum", in + (hc_u64)i * (hc_u64)stride + off, (hc_u64)sizes[i % nsizes],
                     (HC_GLOBAL hc_u8 *)0, 0);
}
"""


@CHECKS.add("an_inline_payload_is_cut_or_shifted")
def _inline(bench: Bench) -> None:
    # Sent only: what fits the packet's words goes there, the rest through the arena.
    lanes = bench.shape[0] * bench.shape[1]
    cases = [(np.array([size], np.int32), offset) for size in (*_SIZES, 65536) for offset in (0, 3)]
    cases += [(np.array(_SIZES[:10], np.int32), 0), (np.array(_SIZES, np.int32), 1)]
    for sizes, offset in cases:
        each = np.resize(sizes, lanes)
        stride = int(each.max()) + 16
        data = pattern((lanes, stride), 3)
        got = np.full(lanes, -1, np.int64)
        bench.run(_SUM, (data, sizes, len(sizes), stride, offset, got))
        expected = [weigh(data[lane, offset : offset + n].tobytes()) for lane, n in enumerate(each.tolist())]
        bench.arrays(f"checksum of {', '.join(map(str, sizes.tolist()))} bytes at offset {offset}", expected, got)


_SHARED = r"""
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *path, HC_GLOBAL hc_u8 *p, HC_GLOBAL hc_u8 *q, HC_GLOBAL hc_u8 *own, int n,
                       HC_GLOBAL hc_i64 *out) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644), k;
    hc_txn t;
    out[0] = hc_is_shared(p, n);
    out[1] = hc_is_shared(own, 16);
    out[2] = (hc_i64)write(fd, p, (hc_size)n);
    out[3] = (hc_i64)pread(fd, q, (hc_size)n, 0);
    out[4] = (hc_i64)pread(fd, q + n, 0, 0);
    hc_begin_byref(&t, HC_OP_WRITE, 3);
    out[5] = hc_send(&t, 64, 4096, fd, 0, 0, 0);
    hc_end(&t);
    out[6] = close(fd);
    out[7] = 0;
    for (k = 0; k < n; k += 4097) out[7] += (hc_i64)p[k] + 300 * (hc_i64)q[k];
}
"""


@CHECKS.add("a_buffer_passed_by_reference_is_cut_or_not_checked", needs="by_reference")
def _by_reference(bench: Bench) -> None:
    size = 1 << 20
    data = pattern((size,), 11)
    path, _ = pack_names(["shared"])
    out = np.full(8, -99, np.int64)
    # The arena could not carry it: only the address crosses.
    with bench.opened({"transport": {"payload": "64KiB"}}) as rt:
        source, target = rt.shared(data), rt.shared(size, np.uint8)
        bench.run(_SHARED, (path, source, target, np.zeros(64, np.uint8), size, out), (1, 1), rt=rt)
        bench.arrays(
            "is_shared of both kinds, write, pread, empty pread, a range never registered, close, the device's view",
            np.array([1, 0, size, size, 0, -EFAULT, 0, 301 * int(data[::4097].sum(dtype=np.int64))]),
            out,
        )
        bench.true("the bytes read by reference", np.array_equal(target, data))
        bench.true("the file as written", bench.path("shared").read_bytes() == data.tobytes())
        del source, target
