# SPDX-License-Identifier: Apache-2.0
"""Checks of what lanes send without waiting: printed lines and posts, in the ring and in order."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from errno import EMSGSIZE

import numpy as np

from ..errors import DataLostError
from ..runtime import Runtime
from .bench import Bench, Checks, pattern, settle

CHECKS = Checks()

POSTED = r"""
#include <stdio.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *refused, int count, int every) {
    int i = hc_thread_id(), k;
    hc_i64 bad = 0;
    for (k = 0; k < count; k++) {
        hc_post_txn p;
        hc_post_begin(&p, 1);
        if (p.err) bad++;
        else hc_post_header(&p, HC_POST_NOP, 1, (hc_u32)(i + k));
        if (every && (i + k) % every == 0) printf("post %d %d\n", i, k);
    }
    refused[i] = bad;
}
"""


def post(bench: Bench, rt: Runtime, shape: tuple[int, int], count: int, every: int) -> tuple[int, int]:
    """Post from all lanes; how many records were refused, and the sum that the server lacks."""
    lanes = shape[0] * shape[1]
    refused = np.full(lanes, -1, np.int64)
    before = rt.stats()["server"]["nop_sum"]
    bench.output.take()
    bench.run(POSTED, (refused, count, every), shape, rt=rt)
    total = sum(count * lane + count * (count - 1) // 2 for lane in range(lanes))
    if every:
        wanted = Counter(f"post {lane} {k}" for lane in range(lanes) for k in range(count) if (lane + k) % every == 0)
        lines = Counter(bench.output.take().decode(errors="replace").splitlines())
        strange = list((lines - wanted).items())[:3]
        lost = list((wanted - lines).items())[:3]
        bench.true(f"{wanted.total()} lines, each once", not strange and not lost, f"too much {strange}, lost {lost}")
    return int(refused.sum()), total - (rt.stats()["server"]["nop_sum"] - before)


@CHECKS.add("a_posted_record_is_lost_or_run_twice_when_the_ring_wraps")
def _ring_laps(bench: Bench) -> None:
    shape = bench.shape
    count = max((400_000 if bench.quick else 4_000_000) // (shape[0] * shape[1]), 500)
    with bench.opened({"transport": {"posted": "64KiB"}}) as rt:
        refused, missing = post(bench, rt, shape, count, 50)
    bench.equal("records refused", 0, refused)
    bench.equal("what is missing of the sum of the records", 0, missing)


_LONG_POST = r"""
HC_KERNEL void conform(HC_GLOBAL const hc_u8 *in, int n, HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    out[i] = hc_post("conform-note", in + (hc_u64)i * (hc_u64)n, (hc_u64)n);
}
"""


@CHECKS.add("a_post_that_can_never_fit_the_ring_waits_for_ever")
def _long_posts(bench: Bench) -> None:
    _long_posts_into(bench, "8MiB", [0])
    _long_posts_into(bench, "64KiB", [0, -EMSGSIZE])


def _long_posts_into(bench: Bench, ring: str, allowed: list[int]) -> None:
    size = 8 * (4096 - 3)
    shape = (1, 64) if bench.backend == "cuda" else (1, 8)
    data, out = pattern((shape[1], size), 13), np.full(shape[1], -99, np.int64)
    arrived: list[bytes] = []

    def note(data: bytes, lanes: int) -> None:
        arrived.append(data)

    with bench.opened({"transport": {"posted": ring}}) as rt:
        rt.service("conform-note")(note)
        bench.run(_LONG_POST, (data, size, out), shape, rt=rt, seconds=20.0)
        settle(lambda: len(arrived) >= int((out == 0).sum()))
    bench.true(f"answers {allowed} to the longest posts in a ring of {ring}", np.isin(out, allowed).all(), out.tolist())
    wanted = Counter(row.tobytes() for row, answer in zip(data, out.tolist(), strict=True) if answer == 0)
    bench.true("posts as sent", Counter(arrived) == wanted, f"{len(arrived)} arrived of {wanted.total()}")


@CHECKS.add("a_record_dropped_on_request_is_not_counted")
def _drops(bench: Bench) -> None:
    tables = {"transport": {"posted": "64KiB"}, "services": {"stdio": {"when_full": "drop"}}}
    with bench.opened(tables) as rt:
        lanes = bench.shape[0] * bench.shape[1]
        count = 200_000 // lanes
        refused = np.full(lanes, -1, np.int64)
        before = rt.stats()
        with contextlib.suppress(DataLostError):
            bench.run(POSTED, (refused, count, 0), rt=rt)
        after = rt.stats()
        records = after["server"]["posted_records"] - before["server"]["posted_records"]
        dropped = after["device"]["posted_dropped"] - before["device"]["posted_dropped"]
        bench.equal("records run and records refused", count * lanes, records + int(refused.sum()))
        bench.equal("drops counted by the device", int(refused.sum()), dropped)


_ORDER = r"""
#include <stdio.h>
#include <unistd.h>
HC_KERNEL void conform(int count) {
    int i = hc_thread_id(), k;
    for (k = 0; k < count; k++) {
        char text[48];
        int n;
        printf("p %d %d\n", i, k);
        n = snprintf(text, sizeof text, "w %d %d\n", i, k);
        write(1, text, (hc_size)n);
    }
}
"""


@CHECKS.add("a_lanes_print_and_write_change_places")
def _order(bench: Bench) -> None:
    path = bench.path("order")
    path.unlink(missing_ok=True)
    count, lanes = 50, bench.shape[0] * bench.shape[1]
    with bench.opened({"services": {"stdio": {"stdout": {"file": str(path)}}}}) as rt:
        bench.run(_ORDER, (count,), rt=rt)
        seen: dict[int, list[str]] = {lane: [] for lane in range(lanes)}
        for line in path.read_text(errors="replace").splitlines():
            kind, *numbers = line.split()
            if kind not in ("p", "w") or len(numbers) != 2 or not numbers[0].isdigit() or int(numbers[0]) >= lanes:
                bench.fail("whole lines only", line)
                break
            seen[int(numbers[0])].append(f"{kind}{numbers[1]}")
        wanted = [f"{kind}{k}" for k in range(count) for kind in "pw"]
        wrong = [lane for lane in range(lanes) if seen[lane] != wanted]
        bench.true(
            f"each lane's lines in its own order: {wanted[:4]} …",
            not wrong,
            f"lane {wrong[0]}: {seen[wrong[0]][:8]} …, {len(wrong)} lanes" if wrong else "",
        )


_NOTES = r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int count) {
    int i = hc_thread_id(), k;
    out[i] = 0;
    for (k = 0; k < count; k++) {
        int note[2];
        note[0] = i;
        note[1] = 2 * k;
        if (hc_post("conform-note", note, sizeof note) != 0) out[i]++;
        note[1] = 2 * k + 1;
        if (hc_call("conform-note", note, sizeof note, (HC_GLOBAL hc_u8 *)0, 0) != 0) out[i]++;
    }
}
"""


@CHECKS.add("a_call_overtakes_the_post_before_it")
def _notes(bench: Bench) -> None:
    count, lanes = 20, bench.shape[0] * bench.shape[1]
    seen: dict[int, list[int]] = {lane: [] for lane in range(lanes)}
    lock = threading.Lock()

    def note(data: bytes, number: int) -> None:
        with lock:
            for lane, step in np.frombuffer(data, np.int32).reshape(-1, 2).tolist():
                seen[lane].append(step)

    out = np.full(lanes, -1, np.int64)
    with bench.opened({}) as rt:
        rt.service("conform-note")(note)
        bench.run(_NOTES, (out, count), rt=rt)
        settle(lambda: all(len(steps) >= 2 * count for steps in seen.values()))
    bench.arrays("refused posts and calls", 0, out)
    wrong = [lane for lane in range(lanes) if seen[lane] != list(range(2 * count))]
    bench.true(
        "posts and calls of a lane in its order",
        not wrong,
        f"lane {wrong[0]}: {seen[wrong[0]]}, {len(wrong)} lanes" if wrong else "",
    )
