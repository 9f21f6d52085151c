# SPDX-License-Identifier: Apache-2.0
"""Checks of services written in Python."""

from __future__ import annotations

from errno import EIO, EMSGSIZE, ENOENT, ENOSYS

import numpy as np

from ..errors import ServiceError
from .bench import Bench, Checks

CHECKS = Checks()

_SERVICES = r"""
HC_KERNEL void conform(HC_GLOBAL hc_i64 *out, int which) {
    int i = hc_thread_id();
    char text[8];
    if (which == 0) out[i] = hc_call("conform-nobody", text, 0, text, 8);
    if (which == 1) out[i] = hc_call("conform-raises", text, 0, text, 8);
    if (which == 2) out[i] = hc_call("conform-missing", text, 0, text, 8);
    if (which == 3) out[i] = hc_call("conform-chatty", text, 0, text, 8);
}
"""


@CHECKS.add("a_service_that_fails_leaves_its_lanes_waiting")
def _services(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    with bench.opened({}) as rt:

        @rt.service("conform-raises")
        def _(data: bytes, lanes: int) -> None:
            raise ValueError("as it should")

        @rt.service("conform-missing")
        def _(data: bytes, lanes: int) -> None:
            raise FileNotFoundError(ENOENT, "as it should")

        @rt.service("conform-chatty")
        def _(data: bytes, lanes: int) -> bytes:
            return bytes(16 * lanes)

        for which, (answer, raises) in enumerate(((-ENOSYS, False), (-EIO, True), (-ENOENT, True), (-EMSGSIZE, False))):
            out = np.full(lanes, -1, np.int64)
            caught: ServiceError | None = None
            try:
                bench.run(_SERVICES, (out, which), rt=rt)
            except ServiceError as error:
                caught = error
            bench.arrays(f"answer {which}", answer, out)
            bench.equal(f"ServiceError after {which}", raises, caught is not None)
