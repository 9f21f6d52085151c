# SPDX-License-Identifier: Apache-2.0
"""Checks of transports that answer between launches only."""

from __future__ import annotations

from errno import ENOTSUP

import numpy as np

from .bench import Bench, Checks
from .posts import POSTED, post

CHECKS = Checks()

_DEFERRED = r"""
#include <stdio.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    out[i] = hc_call_words(HC_OP_NOP, 2, i, 1, 0, 0);
    printf("late %d\n", i);
}
"""


@CHECKS.add("a_deferred_transport_hangs_or_forgets_what_was_posted", live=False)
def _deferred(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    for _ in range(3):
        out = np.full(lanes, -1, np.int64)
        bench.output.take()
        bench.run(_DEFERRED, (out,))
        bench.arrays("a blocking call", -ENOTSUP, out)
        lines = sorted(bench.output.take().decode(errors="replace").splitlines())
        bench.equal("lines after the kernel", sorted(f"late {lane}" for lane in range(lanes)), lines)


@CHECKS.add("a_full_ring_hangs_a_deferred_kernel", live=False)
def _deferred_full(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    count = 80_000 // lanes  # the smallest ring holds 2**15 of these records
    with bench.opened({"transport": {"posted": "64KiB"}}) as rt:
        refused = np.full(lanes, -1, np.int64)
        before = rt.stats()["server"]["posted_records"]
        bench.run(POSTED, (refused, count, 0), rt=rt)
        records = rt.stats()["server"]["posted_records"] - before
        bench.equal("records run and records refused", count * lanes, records + int(refused.sum()))
        bench.true("some of each", records > 0 and refused.sum() > 0, (records, int(refused.sum())))
        # The next launch starts with an empty ring.
        lost = post(bench, rt, (1, 8), 10, 0)
        bench.equal("refused and missing in the next launch", (0, 0), lost)
