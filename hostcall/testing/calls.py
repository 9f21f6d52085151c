# SPDX-License-Identifier: Apache-2.0
"""Checks of blocking calls: arguments and results of lanes that call together, apart, or in too great a number."""

from __future__ import annotations

import contextlib
from errno import EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR, EPROTO

import numpy as np

from ..errors import DataLostError
from ..runtime import Runtime
from .bench import Bench, Checks, pack_names
from .payloads import echo

CHECKS = Checks()

NOP, NOP_WORKER = 1, 2

NOOP = r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *wrong, HC_GLOBAL hc_i64 *seen, int rounds, int mode, int op) {
    int i = hc_thread_id(), r;
    hc_i64 bad = 0;
    for (r = 0; r < rounds; r++) {
        hc_i64 x = (mode & 1) ? (hc_i64)i * (((hc_i64)1 << 32) + 1) - 7 : 41;
        hc_i64 y = (mode & 2) ? (hc_i64)r - 3 * (hc_i64)i : (hc_i64)r - 41;
        hc_i64 got = hc_call_words((hc_u32)op, 2, x, y, 0, 0);
        if (got != x + y) {
            if (!bad) seen[i] = got;
            bad++;
        }
    }
    wrong[i] = bad;
}
"""


def noop(bench: Bench, mode: int, op: int = NOP, rounds: int = 200, rt: Runtime | None = None) -> None:
    """Call from all lanes; bits of `mode` make the first and the second argument differ from lane to lane."""
    shape = bench.shape
    wrong = np.full(shape[0] * shape[1], -1, np.int64)
    seen = np.zeros_like(wrong)
    bench.run(NOOP, (wrong, seen, rounds, mode, op), shape, rt=rt)
    if wrong.any():
        lane = int(np.flatnonzero(wrong)[0])
        bench.fail(f"x + y for every call of lane {lane}", f"{wrong[lane]} of {rounds} wrong, first {seen[lane]}")


@CHECKS.add("arguments_that_all_lanes_share_are_misread")
def _uniform(bench: Bench) -> None:
    noop(bench, 0)
    noop(bench, 0, NOP_WORKER, 20)


@CHECKS.add("a_reply_goes_to_another_lane")
def _per_lane(bench: Bench) -> None:
    for mode in (1, 2, 3):
        noop(bench, mode)
    noop(bench, 3, NOP_WORKER, 20)


_SUBSETS = r"""
HC_FN int off(hc_u32 op, hc_i64 x, hc_i64 y) { return hc_call_words(op, 2, x, y, 0, 0) != x + y; }
HC_KERNEL void conform(HC_GLOBAL int *out, int which) {
    int i = hc_thread_id(), bad = 0, k;
    if (which == 0) {
        if (i & 1) bad += off(HC_OP_NOP, i, 1);
    } else if (which == 1) {
        if (hc_local_id() == 5u) bad += off(HC_OP_NOP, i, 2);
    } else if (which == 2) {
        if (i & 1) {
            if (i & 2) {
                bad += off(HC_OP_NOP, i, 3);
                if (i & 4) bad += off(HC_OP_NOP_WORKER, i, 4);
            } else {
                bad += off(HC_OP_NOP, -i, 5);
            }
            bad += off(HC_OP_NOP, i, 6);
        } else if (i % 3 == 0) {
            bad += off(HC_OP_NOP, 7, i);
        }
        bad += off(HC_OP_NOP, i, 8);
    } else if (which == 3) {
        for (k = 0; k < i % 7; k++) bad += off(HC_OP_NOP, 100 * (hc_i64)i, k);
    } else {
        switch (i % 4) {
        case 0: bad += off(HC_OP_NOP, i, 9); break;
        case 1: bad += off(HC_OP_NOP_WORKER, i, 10); break;
        case 2: bad += hc_call_words(HC_OP_PING, 0, 0, 0, 0, 0) <= 0; break;
        default: bad += hc_call_words(HC_OP_GETPID, 0, 0, 0, 0, 0) <= 0; break;
        }
    }
    out[i] = 1000 + bad;
}
"""


@CHECKS.add("lanes_that_diverge_hang_or_mix_their_replies")
def _subsets(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    cases = ("odd lanes", "one lane", "nested branches", "different trip counts", "different calls")
    for which, what in enumerate(cases):
        out = np.zeros(lanes, np.int32)
        bench.run(_SUBSETS, (out, which))
        bench.arrays(what, 1000, out)


_SIX = r"""
HC_KERNEL void conform(HC_GLOBAL int *out, int inlined) {
    int i = hc_thread_id(), bad = 0;
    hc_u32 which, k;
    for (which = 0; which < 64u; which++) {
        hc_i64 arg[6], sum = 0, got;
        hc_txn t;
        for (k = 0; k < 6u; k++) {
            arg[k] = ((hc_i64)(k + 1u) << (8u * k)) - (hc_i64)which;
            if ((which >> k) & 1u) arg[k] -= ((hc_i64)i + 1) << (7u * k);
            sum += arg[k];
        }
        if (inlined) {
            hc_txn_begin(&t, HC_OP_NOP6, 6, 0, 0);
            got = hc_txn_send(&t, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
        } else {
            hc_begin(&t, HC_OP_NOP6, 6, 0, 0);
            got = hc_send(&t, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
        }
        hc_end(&t);
        if (got != sum) bad++;
    }
    out[i] = bad;
}
"""


@CHECKS.add("one_of_six_arguments_is_lost_or_taken_from_another_lane")
def _six(bench: Bench) -> None:
    # Every choice of arguments that differ from lane to lane: the words behind the packet's head shift with it.
    for inlined, what in enumerate(("hc_begin and hc_send", "hc_txn_begin and hc_txn_send")):
        out = np.full(bench.shape[0] * bench.shape[1], -1, np.int32)
        bench.run(_SIX, (out, inlined))
        bench.arrays(f"wrong sums of 64 by {what}", 0, out)


_TOO_MANY = r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    hc_txn t;
    hc_begin(&t, HC_OP_NOP, 6, 0, 0);
    out[2 * i] = hc_send(&t, i, 1, i + 2, 3, i + 4, 5);
    hc_end(&t);
    out[2 * i + 1] = hc_call_words(HC_OP_NOP, 2, i, 1, 0, 0);
}
"""


@CHECKS.add("a_packet_with_too_many_arguments_breaks_the_slot")
def _too_many(bench: Bench) -> None:
    shape = bench.shape
    lanes = np.arange(shape[0] * shape[1])
    out = np.zeros((len(lanes), 2), np.int64)
    # This operation takes two: the server must see the whole packet, refuse it, and count it.
    with bench.opened({}) as rt, contextlib.suppress(DataLostError):
        bench.run(_TOO_MANY, (out,), shape, rt=rt)
    bench.arrays("result of a packet with six arguments", -EPROTO, out[:, 0])
    bench.arrays("the next call of the same lanes", lanes + 1, out[:, 1])


@CHECKS.add("a_call_waits_for_ever_when_all_slots_are_taken")
def _slots(bench: Bench) -> None:
    shape = {"cuda": (16, 256), "host": (1, 160)}.get(bench.backend, (8, 16))
    lanes = shape[0] * shape[1]
    wrong, seen = np.full(lanes, -1, np.int64), np.zeros(lanes, np.int64)
    with bench.opened({"transport": {"slots": 1}}) as rt:
        bench.run(NOOP, (wrong, seen, 10, 3, NOP_WORKER), shape, rt=rt)
    bench.arrays("wrong replies", 0, wrong)


_LAST_SEQUENCE = 0x3FFFFFFF


class _NearWrap(Runtime):
    """A runtime whose slots are a few calls before the wrap of their sequence numbers."""

    _start_seq = _LAST_SEQUENCE - 4


@CHECKS.add("a_stale_word_looks_fresh_after_the_sequence_wraps")
def _wrap(bench: Bench) -> None:
    sizes = np.array([24], np.int32)
    with bench.opened({"transport": {"slots": 64}}, _NearWrap) as rt:
        noop(bench, 3, rounds=40, rt=rt)
        echo(bench, rt, sizes, bench.shape, 0, 0)
        noop(bench, 0, rounds=40, rt=rt)


_ERRNO = r"""
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL int *first, HC_GLOBAL int *later) {
    int i = hc_thread_id(), kind = i % 4, fd;
    errno = 0;
    fd = open(paths + kind * stride, kind == 1 ? O_WRONLY : O_RDONLY);
    first[i] = fd < 0 ? errno : -1;
    fd = open(paths + 4 * stride, O_RDONLY);
    if (fd < 0 || close(fd) != 0) first[i] = -2;
    later[i] = errno;
}
"""


@CHECKS.add("errno_of_one_lane_is_seen_by_its_neighbour")
def _errno(bench: Bench) -> None:
    bench.path("file").write_bytes(b"x")
    bench.path("folder").mkdir(exist_ok=True)
    paths, stride = pack_names(["missing", "folder", "n" * 300, "file/below", "file"])
    lanes = bench.shape[0] * bench.shape[1]
    first, later = np.zeros(lanes, np.int32), np.zeros(lanes, np.int32)
    bench.run(_ERRNO, (paths, stride, first, later))
    expected = np.resize(np.array([ENOENT, EISDIR, ENAMETOOLONG, ENOTDIR], np.int32), lanes)
    bench.arrays("errno", expected, first)
    bench.arrays("errno after calls that succeeded", expected, later)
