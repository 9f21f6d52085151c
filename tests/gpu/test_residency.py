# SPDX-License-Identifier: Apache-2.0
"""Every resident warp calls, waits and is woken at once: nothing lost, nothing starved, nothing held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hostcall

SECONDS = 60.0


def residency(rt: hostcall.Runtime, per_block: int = 8) -> tuple[int, int]:
    """Give grid and block that fill every place for a warp, if registers allow."""
    return rt.transport.facts.warps // per_block, 32 * per_block


# Small enough that the register file holds all warps of a multiprocessor: 32 registers a lane.
LIMIT = "__launch_bounds__(256, 8) "

CALLS = r"""
HC_KERNEL void LIMIT calls(hc_u64 *arrived, int warps, hc_u32 *wrong, hc_u32 *peak, int rounds, int worker) {
    int i = hc_thread_id(), r;
    if (hc_lane() == 0) {
        /* Until all are resident, or the patience of a bounded loop ends: then the peak tells. */
        hc_u32 k;
        (void)atomicAdd((unsigned long long *)arrived, 1ull);
        for (k = 0; k < 2000000u && *(volatile hc_u64 *)arrived < (hc_u64)warps; k++) __nanosleep(100);
        atomicMax((unsigned *)peak, (unsigned)*(volatile hc_u64 *)arrived);
    }
    __syncwarp();
    for (r = 0; r < rounds; r++) {
        hc_i64 got = hc_call_words(worker ? HC_OP_NOP_WORKER : HC_OP_NOP, 2, (hc_i64)i << 20, r, 0, 0);
        if (got != ((hc_i64)i << 20) + r) wrong[i]++;
    }
}
""".replace("LIMIT ", LIMIT)


@pytest.mark.parametrize("worker", [0, 1])
def test_a_call_is_lost_when_every_warp_calls_at_once(rt: hostcall.Runtime, worker: int) -> None:
    grid, block = residency(rt)
    warps = grid * block // 32
    arrived, peak = np.zeros(1, np.uint64), np.zeros(1, np.uint32)
    wrong = np.zeros(grid * block, np.uint32)
    rounds = 10 if worker else 100
    before = rt.stats()["server"]
    rt.compile(CALLS, "calls").launch(grid, block, (arrived, warps, wrong, peak, rounds, worker))
    rt.synchronize(SECONDS)
    after = rt.stats()["server"]
    assert int(wrong.sum()) == 0
    assert after["lanes"] - before["lanes"] == grid * block * rounds
    assert int(peak[0]) == warps, (
        f"only {peak[0]} of {warps} warps were resident at once: the test shows less than it says"
    )


PIPES = r"""
HC_KERNEL void pipes(hc_i64 *ends, int n) {
    int i = hc_thread_id();
    if (i < n) ends[i] = hc_call_words(HC_OP_PIPE, 1, 0, 0, 0, 0);
}
"""

# Lane 0 of every warp reads a pipe that lane 1 of the same warp writes. There are fewer pipes than warps: those of one
# pipe may get each other's bytes, so only the totals are compared.
RULE6 = r"""
#include <unistd.h>
HC_KERNEL void LIMIT rule6(const hc_i64 *ends, int n, hc_u32 *sums, hc_u32 *bad, int rounds) {
    int warp = hc_thread_id() / 32, lane = (int)hc_lane(), r;
    hc_i64 pipe = ends[warp % n];
    for (r = 0; r < rounds; r++) {
        unsigned char byte[8];
        if (lane == 0) {
            if (read((int)pipe, byte, 1) != 1) atomicAdd(&bad[0], 1u);
            else atomicAdd(&sums[warp % n], (unsigned)byte[0]);
        } else if (lane == 1) {
            byte[0] = (unsigned char)(1 + (warp + r) % 200);
            if (write((int)(pipe >> 32), byte, 1) != 1) atomicAdd(&bad[1], 1u);
        }
    }
}
""".replace("LIMIT ", LIMIT)


@pytest.mark.parametrize("count", [1, 512])
def test_a_waiting_lane_holds_what_its_writer_needs(rt: hostcall.Runtime, count: int) -> None:
    grid, block = residency(rt)
    warps, rounds = grid * block // 32, 4
    ends = np.zeros(count, np.int64)
    rt.compile(PIPES, "pipes").launch(-(-count // 128), 128, (ends, count))
    rt.synchronize(SECONDS)
    assert (ends >= 0).all(), ends[ends < 0][:3]
    sums, bad = np.zeros(count, np.uint32), np.zeros(2, np.uint32)
    rt.compile(RULE6, "rule6").launch(grid, block, (ends, count, sums, bad, rounds))
    rt.synchronize(SECONDS)
    expected = np.zeros(count, np.uint32)
    for warp in range(warps):
        for r in range(rounds):
            expected[warp % count] += 1 + (warp + r) % 200
    assert bad.tolist() == [0, 0]
    assert (sums == expected).all(), np.flatnonzero(sums != expected)[:5]


# All lanes of a warp read at once, converged; lane i's bytes are written by lane i - 1 after it got its own.
CHAIN = r"""
#include <unistd.h>
HC_KERNEL void chain(const hc_i64 *ends, hc_i64 *out, int lanes) {
    int i = hc_thread_id(), first = i / lanes * lanes, me = i - first;
    hc_i64 value[1];
    value[0] = first;
    if (me == 0 && write((int)(ends[i] >> 32), value, 8) != 8) out[i] = -2;
    if (read((int)ends[me == 0 ? first + lanes - 1 : i - 1], value, 8) != 8) {
        out[i] = -3;
        return;
    }
    if (me > 0) {
        value[0]++;
        if (write((int)(ends[i] >> 32), value, 8) != 8) value[0] = -4;
    }
    out[i] = value[0];
}
"""


def test_a_parked_lane_is_held_by_its_converged_neighbours(rt: hostcall.Runtime) -> None:
    lanes, warps = 32, 16
    total = lanes * warps
    ends, out = np.zeros(total, np.int64), np.full(total, -1, np.int64)
    rt.compile(PIPES, "pipes").launch(4, 128, (ends, total))
    rt.synchronize(SECONDS)
    assert (ends >= 0).all(), ends[ends < 0][:3]
    rt.compile(CHAIN, "chain").launch(4, 128, (ends, out, lanes))
    rt.synchronize(SECONDS)
    expected = np.arange(total)
    expected[::lanes] += lanes - 1
    assert (out == expected).all(), list(zip(out.tolist(), expected.tolist(), strict=True))[:40]


DIVERGE = r"""
HC_KERNEL void diverge(hc_u32 *wrong, int rounds) {
    int i = hc_thread_id(), r;
    hc_u32 state = (hc_u32)i * 2654435761u + 12345u;
    for (r = 0; r < rounds; r++) {
        hc_i64 x = ((hc_i64)i << 16) | r;
        state = state * 1664525u + 1013904223u;
        switch (state >> 29) {
        case 0: if (hc_call_words(HC_OP_NOP, 2, x, 1, 0, 0) != x + 1) wrong[i]++; break;
        case 1: if (hc_call_words(HC_OP_NOP, 2, 7, x, 0, 0) != x + 7) wrong[i]++; break;
        case 2: if (hc_call_words(HC_OP_NOP_WORKER, 2, x, -x, 0, 0) != 0) wrong[i]++; break;
        case 3: if (hc_call_words(HC_OP_PING, 0, 0, 0, 0, 0) <= 0) wrong[i]++; break;
        case 4: {
            hc_post_txn p;
            hc_post_begin(&p, 1);
            if (p.err) wrong[i]++;
            else hc_post_header(&p, HC_POST_NOP, 1, 1);
            break;
        }
        case 5: {
            hc_txn t;
            hc_u64 value[8], back[8];
            int k;
            for (k = 0; k < 8; k++) value[k] = (hc_u64)x + k;
            hc_begin(&t, HC_OP_ECHO, 1, 8 + 8 * (state >> 26 & 7), HC_IN | HC_OUT);
            if (!t.err) hc_put(&t, 0, value, t.bytes);
            if (hc_send(&t, (hc_i64)t.bytes, 0, 0, 0, 0, 0) != (hc_i64)t.bytes) wrong[i]++;
            if (!t.err) hc_get(&t, 0, back, t.bytes);
            for (k = 0; k < (int)(t.bytes / 8); k++)
                if (back[k] != value[k]) wrong[i]++;
            hc_end(&t);
            break;
        }
        default: break;
        }
    }
}
"""


def test_random_divergence_mixes_replies_or_payloads(rt: hostcall.Runtime) -> None:
    grid, block, rounds = rt.transport.facts.warps // 16, 128, 60
    wrong = np.zeros(grid * block, np.uint32)
    before = rt.stats()["server"]["nop_sum"]
    rt.compile(DIVERGE, "diverge").launch(grid, block, (wrong, rounds))
    rt.synchronize(SECONDS)
    assert int(wrong.sum()) == 0, np.flatnonzero(wrong)[:5]
    state = np.arange(grid * block, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(12345)
    posts = 0
    for _ in range(rounds):
        state = state * np.uint32(1664525) + np.uint32(1013904223)
        posts += int(((state >> 29) == 4).sum())
    assert rt.stats()["server"]["nop_sum"] - before == posts


LINES = r"""
#include <stdio.h>
HC_KERNEL void lines(int count) {
    int i = hc_thread_id(), k;
    for (k = 0; k < count; k++) printf("line %d %d of %s %f\n", i, k, "many", (double)i * 0.5);
}
"""


@pytest.mark.timeout(600)
def test_one_of_millions_of_lines_is_torn_or_lost(rt: hostcall.Runtime, tmp_path: Path) -> None:
    grid, block, count = 264, 256, 30
    rt.compile(LINES, "lines").launch(grid, block, (count,))
    rt.synchronize(300.0)
    lanes = grid * block
    seen = np.zeros((lanes, count), np.uint8)
    with (tmp_path / "stdout").open("rb") as text:
        for line in text:
            words = line.split()
            assert len(words) == 6, line
            lane, k = int(words[1]), int(words[2])
            assert line == b"line %d %d of many %f\n" % (lane, k, lane * 0.5), line
            seen[lane, k] += 1
    assert (seen == 1).all(), f"{int((seen == 0).sum())} of {lanes * count} lost, {int((seen > 1).sum())} doubled"
