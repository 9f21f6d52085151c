# SPDX-License-Identifier: Apache-2.0
"""Checks of waits: of lanes for events and for a server that goes away, and of the host for kernels."""

from __future__ import annotations

import os
import threading
import time
from errno import ESHUTDOWN

import numpy as np

from ..errors import WaitTimeout
from .bench import SECONDS, Bench, Checks, pack_names, settle

CHECKS = Checks()

_PARKED = r"""
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL int *out) {
    int i = hc_thread_id(), bad = 0;
    hc_i64 ends = hc_call_words(HC_OP_PIPE, 1, 0, 0, 0, 0);
    hc_i32 err = 0;
    char sent[8], got[8];
    hc_ticket t;
    int k;
    if (ends < 0) {
        out[i] = (int)ends;
        return;
    }
    for (k = 0; k < 8; k++) sent[k] = (char)(i + 3 * k + 1);
    t = hc_submit_read((hc_i64)(int)ends, 8, &err);
    if (err) bad |= 1;
    if (hc_call_words(HC_OP_NOP, 2, i, 1, 0, 0) != i + 1) bad |= 2;
    if (hc_poll(&t) != 0) bad |= 4;
    if (write((int)(ends >> 32), sent, 8) != 8) bad |= 8;
    if (hc_wait(&t, got, 8) != 8) bad |= 16;
    for (k = 0; k < 8; k++)
        if (got[k] != sent[k]) bad |= 32;
    if (close((int)ends) != 0 || close((int)(ends >> 32)) != 0) bad |= 64;
    out[i] = bad;
}
"""


@CHECKS.add("a_parked_read_keeps_its_lane_from_writing")
def _parked(bench: Bench) -> None:
    out = np.full(bench.shape[0] * bench.shape[1], -1, np.int32)
    bench.run(_PARKED, (out,))
    bench.arrays("errors", 0, out)


_PIPES = r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *pipes, int n) {
    int k;
    for (k = 0; k < n; k++) pipes[k] = hc_call_words(HC_OP_PIPE, 1, 0, 0, 0, 0);
}
"""


_CHAIN = r"""
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const hc_i64 *pipes, HC_GLOBAL hc_i64 *out, int n) {
    int i = hc_thread_id();
    hc_i64 value[1];
    value[0] = 0;
    if (i == 0) {
        usleep(20000);
        if (write((int)(pipes[0] >> 32), value, 8) != 8) out[0] = -2;
    }
    if (read((int)pipes[i == 0 ? n - 1 : i - 1], value, 8) != 8) {
        out[i] = -3;
        return;
    }
    if (i > 0) {
        value[0]++;
        if (write((int)(pipes[i] >> 32), value, 8) != 8) value[0] = -4;
    }
    out[i] = value[0];
}
"""


@CHECKS.add("a_lane_that_waits_for_an_event_holds_its_neighbour", needs="concurrent")
def _chain(bench: Bench) -> None:
    # Each lane reads what the lane before it writes, and all reads start together.
    lanes = 96 if bench.backend == "cuda" else 16
    pipes, out = np.zeros(lanes, np.int64), np.full(lanes, -1, np.int64)
    with bench.opened({}) as rt:
        bench.run(_PIPES, (pipes, lanes), (1, 1), rt=rt)
        bench.true("pipes", (pipes >= 0).all(), pipes.tolist())
        bench.run(_CHAIN, (pipes, out, lanes), (1, lanes), rt=rt)
    bench.arrays("what each lane got", np.array([lanes - 1, *range(1, lanes)]), out)


_FIFO = r"""
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    int fd = open(paths + i * stride, O_RDONLY);
    hc_i64 value[1];
    value[0] = -5;
    out[i] = read(fd, value, 8) == 8 ? value[0] : -6;
    close(fd);
}
"""


@CHECKS.add("a_read_of_something_that_is_not_there_yet_never_ends")
def _fifo(bench: Bench) -> None:
    lanes = 8
    names = [f"fifo-{lane}" for lane in range(lanes)]
    for name in names:
        os.mkfifo(bench.path(name))
    # Open for both directions: neither side waits for the other to open, and no reader meets the end of file.
    ends = [os.open(bench.path(name), os.O_RDWR | os.O_CLOEXEC) for name in names]

    def feed() -> None:
        for lane in reversed(range(lanes)):
            time.sleep(0.03)
            os.write(ends[lane], (1000 + lane).to_bytes(8, "little"))

    paths, stride = pack_names(names)
    out = np.full(lanes, -1, np.int64)
    feeder = threading.Thread(target=feed, daemon=True)
    try:
        kernel = bench.kernel(_FIFO, bench.rt)
        kernel.launch(1, lanes, (paths, stride, out))
        feeder.start()
        bench.rt.synchronize(SECONDS)
    finally:
        feeder.join(SECONDS)
        for end in ends:
            os.close(end)
        for name in names:
            bench.path(name).unlink()
    bench.arrays("what each lane read", 1000 + np.arange(lanes), out)


_WAITS = r"""
#include <errno.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int how) {
    int i = hc_thread_id();
    if (how == 0) {
        hc_i64 ends = hc_call_words(HC_OP_PIPE, 1, 0, 0, 0, 0);
        char byte[8];
        hc_i64 r = ends < 0 ? ends : (hc_i64)read((int)ends, byte, 8);
        out[i] = r == -1 ? -(hc_i64)errno : r;
    } else {
        out[i] = hc_call("conform-block", (HC_GLOBAL hc_u8 *)0, 0, (HC_GLOBAL hc_u8 *)0, 0);
    }
}
"""


class _Blocker:
    """A service that waits until it is let go."""

    def __init__(self, entered: threading.Event, leave: threading.Event, answer: int = 0) -> None:
        self._entered = entered
        self._leave = leave
        self._answer = answer

    def __call__(self, data: bytes, lanes: int) -> int:
        self._entered.set()
        self._leave.wait(SECONDS)
        return self._answer


@CHECKS.add("a_lane_waits_for_ever_for_a_server_that_was_closed")
def _shutdown(bench: Bench) -> None:
    _close_while(bench, "read of an empty pipe", 0)
    _close_while(bench, "call of a service that waits", 1)


def _close_while(bench: Bench, what: str, how: int) -> None:
    out = np.full(8, -1, np.int64)
    entered, leave = threading.Event(), threading.Event()
    with bench.opened({}) as rt:
        rt.service("conform-block")(_Blocker(entered, leave))
        bench.kernel(_WAITS, rt).launch(1, 8, (out, how))
        if how == 0:
            waiting = settle(lambda: rt.stats()["server"]["parked"] > 0)
        else:
            waiting = entered.wait(20.0)
            threading.Timer(2.0, leave.set).start()
        bench.true("lanes that wait", waiting)
        bench.close(rt)
    leave.set()
    bench.arrays(what, -ESHUTDOWN, out)


@CHECKS.add("a_wait_of_the_host_ignores_its_time_limit")
def _limit(bench: Bench) -> None:
    leave = threading.Event()
    with bench.opened({}) as rt:
        rt.service("conform-block")(_Blocker(threading.Event(), leave, 5))

        out = np.full(8, -1, np.int64)
        bench.kernel(_WAITS, rt).launch(1, 8, (out, 1))
        began = time.monotonic()
        try:
            rt.synchronize(0.3)
            bench.fail("WaitTimeout", "no error")
        except WaitTimeout:
            bench.true("a wait of about 0.3 s", time.monotonic() - began < 10.0, time.monotonic() - began)
        finally:
            leave.set()
        rt.synchronize(SECONDS)
        bench.arrays("the answer that came later", 5, out)
