# SPDX-License-Identifier: Apache-2.0
"""The bare mailbox of many warps on NVIDIA GPUs, in the memory that a transport gives."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hostcall.config import Config
from hostcall.transports import find

from .bare import HEAD, LONG, PROBE_ROUNDS, SAMPLES, next_rounds, summarise_bare, sweeping
from .bare_sources import BARE_CUDA
from .floor import Bare, BarePoint, FloorHost
from .floor_cuda import _REPLY_LIMIT_S, _U32, _U64, _Kernels
from .floor_sources import CUDA
from .measure import choose_shape

_PAGE = 4096

VARIANTS = ((0, 0, ""), (1, 0, "the last lane looks first"), (0, 1000, "1 µs between looks"))
"""Who looks for a long reply, ns between two looks, and what that is called; the first one fits a short reply."""


def cuda_bare(
    host: FloorHost,
    name: str,
    config: Config,
    points: Sequence[BarePoint],
    seconds: float,
    done: Callable[[Bare], None],
) -> None:
    """Measure the points, each with the variants that make sense for it; the fastest right one counts.

    Parameters
    ----------
    host : FloorHost
        Compiled.
    name : str
        A transport with backend ``cuda``.
    config : Config
        Says which device.
    points : sequence of BarePoint
        What to measure.
    seconds : float
        How long one run should take.
    done : callable
        Gets each point's figures.
    """
    if not points:
        return
    transport = find(name)(config)
    try:
        warps = max(point.warps for point in points)
        heads = (HEAD * warps + _PAGE - 1) // _PAGE * _PAGE
        regions = transport.allocate(
            {"requests": heads + LONG * warps, "replies": LONG * warps, "posted": _PAGE, "payload": _PAGE}
        )
        kernels = _Kernels(transport.native, CUDA + BARE_CUDA)
        try:
            run = _Run(host, kernels, transport, regions, heads)
            for point in points:
                done(run.point(point, seconds))
        finally:
            kernels.close()
    finally:
        transport.close()


class _Run:
    def __init__(self, host: FloorHost, kernels: _Kernels, transport: Any, regions: Any, tails: int) -> None:
        self._host = host
        self._kernels = kernels
        self._transport = transport
        self._regions = regions
        self._tails = tails
        self._cycles_per_ns = kernels.device.attribute("CLOCK_RATE") / 1e6

    def point(self, point: BarePoint, seconds: float) -> Bare:
        """The best of the variants."""
        probe = self._launch(point, 0, 0, "", PROBE_ROUNDS)
        if not probe.valid:
            return probe
        rounds = next_rounds(PROBE_ROUNDS, PROBE_ROUNDS * point.warps / probe.packets_per_s, seconds)
        tried = [
            self._launch(point, looks, gap, what, rounds)
            for looks, gap, what in VARIANTS
            if not (looks and point.lanes == 1) and not (gap and point.warps < 1000)
        ]
        # A wrong value is never passed over for a variant that was right.
        return next((bare for bare in tried if not bare.valid), max(tried, key=lambda bare: bare.packets_per_s))

    def _launch(self, point: BarePoint, looks: int, gap: int, what: str, rounds: int) -> Bare:
        device, regions = self._kernels.device, self._regions
        shape = choose_shape("cuda", point.warps, self._transport.facts)
        keep = max(min(rounds, SAMPLES // point.warps), 1)
        samples = np.zeros((point.warps, keep), np.uint32)
        records = np.zeros((point.warps, 6), np.uint64)
        requests, answers = regions["requests"], regions["replies"]
        ctypes.memset(requests.host, 0, requests.bytes)
        if self._transport.capabilities.device_replies:
            # In the stream of the launch, which comes after it; the stores of the CPU have no such order.
            device.activate()
            device.call("cuMemsetD8Async", answers.device, 0, answers.bytes, device.stream)
        else:
            ctypes.memset(answers.host, 0, answers.bytes)
        # One piece of device memory: samples, then records.
        space = device.allocate((samples.nbytes + 7) // 8 * 8 + records.nbytes)
        try:
            at = space + (samples.nbytes + 7) // 8 * 8
            heads = regions["requests"].device
            args: list[tuple[int, Any]] = [
                (heads, _U64),
                (heads + self._tails, _U64),
                (regions["replies"].device, _U64),
            ]
            args += [(value, _U32) for value in (point.lanes, looks, gap, rounds, keep)]
            args += [(int(_REPLY_LIMIT_S * 1e9 * self._cycles_per_ns), _U64), (space, _U64), (at, _U64)]
            combined = self._transport.capabilities.write_combined
            with sweeping(self._host, regions, point, self._tails, rounds, combined):
                self._kernels.run("bare_warps", shape.grid, shape.block, args)
            device.download(samples.ctypes.data, space, samples.nbytes)
            device.download(records.ctypes.data, at, records.nbytes)
        finally:
            device.activate()
            device.call("cuMemFree", space)
        return summarise_bare(point, rounds, samples, records, what)
