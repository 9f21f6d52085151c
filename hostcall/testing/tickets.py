# SPDX-License-Identifier: Apache-2.0
"""Checks of tickets: calls that a lane submits now and waits for later, perhaps in another launch."""

from __future__ import annotations

import numpy as np

from .bench import Bench, Checks, pack_names, pattern, weigh

CHECKS = Checks()

_TICKETS = r"""
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *path, HC_GLOBAL const hc_u8 *in, HC_GLOBAL hc_u8 *back, int chunk,
                       HC_GLOBAL int *out) {
    int i = hc_thread_id(), k, bad = 0;
    int fd = open(path, O_RDONLY);
    hc_i32 err = 0;
    hc_ticket t[6];
    hc_ticket sum;
    for (k = 0; k < 6; k++) {
        t[k] = hc_submit_pread(fd, chunk, (hc_i64)(6 * i + k) * chunk, &err);
        if (err) bad |= 1;
    }
    sum = hc_submit("conform-sum", in + (hc_u64)(6 * i) * (hc_u64)chunk, (hc_u64)chunk, 0, &err);
    if (err) bad |= 2;
    for (k = 0; k < 6; k++) {
        int one = (5 * k + 3) % 6, round;
        hc_i32 there = 0;
        for (round = 0; round < 50 && there == 0; round++) there = hc_poll(&t[one]);
        if (there < 0) bad |= 4;
        if (hc_wait(&t[one], back + (hc_u64)(6 * i + one) * (hc_u64)chunk, (hc_u64)chunk) != chunk) bad |= 8;
        if (hc_wait(&t[one], back, (hc_u64)chunk) != -HC_EINVAL) bad |= 16;
        if (hc_poll(&t[one]) != -HC_EINVAL) bad |= 32;
    }
    out[2 * i + 1] = (int)hc_wait(&sum, back, 0);
    if (close(fd) != 0) bad |= 64;
    out[2 * i] = bad;
}
"""


@CHECKS.add("a_ticket_waited_for_out_of_order_gets_anothers_result")
def _tickets(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    path, _ = pack_names(["tickets"])
    for chunk in (5, 700):
        data = pattern((lanes, 6, chunk), chunk)
        bench.path("tickets").write_bytes(data.tobytes())
        back, out = np.zeros_like(data), np.full((lanes, 2), -1, np.int32)
        bench.run(_TICKETS, (path, data, back, chunk, out))
        bench.arrays(f"tickets of {chunk} bytes: errors", 0, out[:, 0])
        bench.arrays(
            f"tickets of {chunk} bytes: a service's answer", [weigh(row[0].tobytes()) for row in data], out[:, 1]
        )
        bench.arrays(f"tickets of {chunk} bytes: byte", data, back)


_PHASES = r"""
#include <fcntl.h>
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL hc_u8 *back, int n,
                       HC_GLOBAL hc_ticket *tickets, HC_GLOBAL int *step, HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    hc_ticket t = tickets[i];
    hc_i32 err = 0;
    hc_i64 r;
    if (step[i] == 0) {
        t = hc_submit_open(paths + i * stride, O_RDONLY, 0, &err);
        step[i] = 1;
    } else if (step[i] == 1) {
        r = hc_wait(&t, back, 0);
        if (r == -HC_EAGAIN) return;
        out[4 * i] = r;
        t = hc_submit_pread(r, n, 0, &err);
        step[i] = 2;
    } else if (step[i] == 2) {
        r = hc_wait(&t, back + (hc_u64)i * (hc_u64)n, (hc_u64)n);
        if (r == -HC_EAGAIN) return;
        out[4 * i + 1] = r;
        t = hc_submit_close(out[4 * i], &err);
        step[i] = 3;
    } else if (step[i] == 3) {
        r = hc_wait(&t, back, 0);
        if (r == -HC_EAGAIN) return;
        out[4 * i + 2] = r;
        step[i] = 4;
    }
    if (err) out[4 * i + 3] = err;
    tickets[i] = t;
}
"""


@CHECKS.add("a_ticket_does_not_outlive_its_launch", live=None)
def _phases(bench: Bench) -> None:
    grid, block = 2, 8
    lanes = grid * block
    names = [f"phase-{lane}" for lane in range(lanes)]
    size = 3000
    data = pattern((lanes, size), 17)
    for name, row in zip(names, data, strict=True):
        bench.path(name).write_bytes(row.tobytes())
    paths, stride = pack_names(names)
    back, tickets = np.zeros_like(data), np.zeros(24 * lanes, np.uint8)
    step, out = np.zeros(lanes, np.int32), np.zeros((lanes, 4), np.int64)
    kernel = bench.kernel(_PHASES, bench.rt)
    args = (paths, stride, back, size, tickets, step, out)
    bench.rt.run_phases(kernel, grid, block, args, until=lambda: bool((step == 4).all()), limit=200)
    bench.arrays("the step that each lane reached", 4, step)
    bench.true("descriptors", (out[:, 0] >= 0).all(), out[:, 0].tolist())
    bench.arrays("pread, close, errors", np.array([size, 0, 0]), out[:, 1:])
    bench.arrays("byte", data, back)
