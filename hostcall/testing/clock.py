# SPDX-License-Identifier: Apache-2.0
"""Checks of the device's clocks."""

from __future__ import annotations

import time

import numpy as np

from .bench import Bench, Checks

CHECKS = Checks()

_CLOCK = r"""
#include <time.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int rounds) {
    int i = hc_thread_id(), k;
    struct timespec t;
    hc_i64 last = 0, back = 0;
    for (k = 0; k < rounds; k++) {
        hc_i64 now;
        if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) back += 1000;
        now = (hc_i64)t.tv_sec * 1000000000 + t.tv_nsec;
        if (now < last) back++;
        if (k == 0) out[4 * i] = now;
        last = now;
    }
    usleep(3000);
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    out[4 * i + 1] = (hc_i64)t.tv_sec * 1000000000 + t.tv_nsec;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    out[4 * i + 2] = (hc_i64)t.tv_sec * 1000000000 + t.tv_nsec;
    out[4 * i + 3] = back;
}
"""


@CHECKS.add("a_clock_goes_backward_or_is_not_the_hosts")
def _clock(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    out = np.zeros((lanes, 4), np.int64)
    bench.kernel(_CLOCK, bench.rt)
    bench.run(_CLOCK, (out, 100))  # the first launch of a driver may be long before its first instruction
    start, real = time.monotonic_ns(), time.time_ns()
    bench.run(_CLOCK, (out, 100))
    end = time.monotonic_ns()
    slack = 100_000_000
    bench.arrays("steps backward", 0, out[:, 3])
    bench.true(
        "the host's monotonic clock", start - slack <= out[:, 0].min() and out[:, 1].max() <= end + slack, out[0]
    )
    # Where the host keeps the clock it may lag behind by as long as the server was not scheduled.
    bench.true("3 ms of sleep", (out[:, 1] - out[:, 0]).min() >= 2_000_000, (out[:, 1] - out[:, 0]).min())
    bench.true("the host's real time", np.abs(out[:, 2] - real).max() < end - start + 1_000_000_000, out[0, 2] - real)
