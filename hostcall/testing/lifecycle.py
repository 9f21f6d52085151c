# SPDX-License-Identifier: Apache-2.0
"""Checks of how kernels end early, run without a channel, and share a device with another runtime's."""

from __future__ import annotations

import warnings
from errno import ENODEV, ESHUTDOWN

import numpy as np

from ..errors import DeviceAbort
from .bench import SECONDS, Bench, Checks, brief
from .calls import NOOP, NOP, noop

CHECKS = Checks()

_ABORT = r"""
#include <stdlib.h>
#include <assert.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int how) {
    int i = hc_thread_id(), k;
    hc_i64 r = 0;
    if (i == 3) {
        if (how == 0) abort();
        if (how == 1) assert(i != 3);
        if (how == 2) exit(7);
        if (how == 3) exit(0);
    }
    for (k = 0; k < 500 && r >= 0; k++) r = hc_call_words(HC_OP_NOP, 2, i, k, 0, 0);
    out[i] = r;
}
"""


@CHECKS.add("abort_assert_or_exit_is_silent_or_ruins_the_runtime")
def _aborts(bench: Bench) -> None:
    shape = (1, 64) if bench.backend == "cuda" else (1, 8)
    expected = (("abort", None), ("assert", None), ("exit", 7), (None, None))
    with bench.opened({}) as rt:
        for how, (kind, status) in enumerate(expected):
            out = np.full(shape[1], -1, np.int64)
            caught: DeviceAbort | None = None
            try:
                bench.run(_ABORT, (out, how), shape, rt=rt)
            except DeviceAbort as error:
                caught = error
            if kind is None:
                bench.true("no error after exit(0)", caught is None, brief(caught))
                bench.equal("exit_status", 0, rt.exit_status)
            elif caught is None:
                bench.fail(f"DeviceAbort of kind {kind}", "no error")
            else:
                bench.equal("kind, status and lane", (kind, status, 3), (caught.kind, caught.status, caught.lane))
                if kind == "assert":
                    bench.true("the failed expression in the message", "i != 3" in caught.message, caught.message)
            others = np.delete(out, 3)
            fine = np.isin(others, [-ESHUTDOWN, *(np.arange(shape[1]) + 499)])
            bench.true("other lanes finish or get -ESHUTDOWN", fine.all(), others.tolist())
            noop(bench, 3, rounds=5, rt=rt)


_UNSET = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out) {
#if !defined(HC_OPENCL)
    hc_u64 saved = hc_client_address();
    hc_use_client(0);
#endif
    char text[4];
    hc_post_txn p;
    hc_i32 err = 0;
    hc_ticket t;
    text[0] = 'x';
    out[0] = hc_call_words(HC_OP_NOP, 2, 1, 2, 0, 0);
    out[1] = (hc_i64)write(1, text, 1);
    hc_post_begin(&p, 1);
    out[2] = p.err;
    out[3] = hc_call("conform-sum", text, 1, text, 1);
    t = hc_submit_words(HC_OP_NOP, 2, 1, 2, 0, 0, 0, &err);
    out[4] = err;
    out[5] = hc_poll(&t);
    out[6] = malloc(16) == 0;
    printf("nobody hears this\n");
    out[7] = 1;
#if !defined(HC_OPENCL)
    hc_use_client(saved);
#endif
}
"""


@CHECKS.add("a_kernel_without_a_channel_hangs_or_crashes", live=None)
def _unset(bench: Bench) -> None:
    options = ["-DHC_CLIENT_ADDRESS=0ul"] if bench.backend == "opencl" else []
    out = np.full(8, -99, np.int64)
    with warnings.catch_warnings():
        # The compiler warns that the address of the runtime's own channel is overridden.
        warnings.simplefilter("ignore")
        bench.run(_UNSET, (out,), (1, 1), options=options)
    bench.arrays(
        "call, write, post, service, submit, poll, malloc, printf",
        np.array([-ENODEV, -1, -ENODEV, -ENODEV, -ENODEV, -ENODEV, 1, 1]),
        out,
    )
    bench.equal("output", b"", bench.output.take())


@CHECKS.add("two_runtimes_take_each_others_calls")
def _two(bench: Bench) -> None:
    with bench.opened({}) as rt:
        lanes = bench.shape[0] * bench.shape[1]
        arrays = [(np.full(lanes, -1, np.int64), np.zeros(lanes, np.int64)) for _ in range(2)]
        kernels = [bench.kernel(NOOP, bench.rt), bench.kernel(NOOP, rt)]
        for kernel, (wrong, seen) in zip(kernels, arrays, strict=True):
            kernel.launch(*bench.shape, (wrong, seen, 300, 3, NOP))
        for runtime in (bench.rt, rt):
            runtime.synchronize(SECONDS)
        for wrong, _ in arrays:
            bench.arrays("wrong replies", 0, wrong)
    noop(bench, 3, rounds=5)
