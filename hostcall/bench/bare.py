# SPDX-License-Identifier: Apache-2.0
"""The bare mailbox at many warps at once: the rate, the spread and the fairness that a hostcall is compared with."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from hostcall.config import Config
from hostcall.errors import BackendError, HostcallError
from hostcall.transports import find

from .floor import Bare, BarePoint, FloorHost
from .workloads import Case

__all__ = ["bare_points", "measure_bare", "spread", "summarise_bare"]

HEAD, REPLY, LONG = 64, 16, 512
"""Bytes of a slot: the request, the reply, and each of them in the form with values per lane."""

PROBE_ROUNDS = 32
_SECONDS = 0.08
SAMPLES = 1 << 18
_MOST_ROUNDS = 1 << 20
_LIMIT_S = 10.0


def spread(times: npt.NDArray[np.float64]) -> float | None:
    """How evenly warps were served that made equally many calls.

    Parameters
    ----------
    times : ndarray
        How long each warp took for its calls, in any unit.

    Returns
    -------
    float or None
        Rate of the slowest warp by that of the fastest, 1 where all were served alike; None for fewer than two warps.
    """
    if len(times) < 2 or times.min() <= 0:
        return None
    return float(times.min() / times.max())


def summarise_bare(
    point: BarePoint, rounds: int, samples: npt.NDArray[np.uint32], records: npt.NDArray[np.uint64], name: str = ""
) -> Bare:
    """Turn what the warps of one run left into its figures.

    Parameters
    ----------
    point : BarePoint
        What ran.
    rounds : int
        Calls that each warp should have made.
    samples : ndarray
        Ticks, one line per warp; all of them count.
    records : ndarray
        Per warp: rounds done, wrong, start and end in ns, start and end in ticks.
    name : str
        What was varied.

    Returns
    -------
    Bare
        Not valid if a warp did not come to its end or a value was wrong.
    """
    times = (records[:, 5] - records[:, 4]).astype(np.float64)
    spans = (records[:, 3] - records[:, 2]).astype(np.float64)
    rate = times.sum() / spans.sum() if spans.sum() else 0.0
    total = (int(records[:, 3].max()) - int(records[:, 2].min())) / 1e9
    ended = bool((records[:, 0] == rounds).all())
    p50, p99 = np.percentile(samples, [50, 99]) / rate if rate else (0.0, 0.0)
    return Bare(
        point=point,
        name=name,
        rounds=rounds,
        wrong=int(records[:, 1].sum()),
        ended=ended,
        packets_per_s=point.warps * rounds / total if ended and total > 0 else 0.0,
        p50_ns=float(p50),
        p99_ns=float(p99),
        fairness=spread(times),
    )


def next_rounds(rounds: int, took_s: float, seconds: float = _SECONDS) -> int:
    """Calls of each warp that take about so long."""
    return max(min(int(seconds * rounds / max(took_s, 1e-6)), _MOST_ROUNDS), PROBE_ROUNDS)


def _threads(host: FloorHost, point: BarePoint, seconds: float) -> Bare:
    """Threads of the CPU play warps of one lane; how long a form is makes no difference there."""
    # More threads than cores wait for a scheduler slice each.
    rounds = PROBE_ROUNDS
    for last in (False, True):
        keep = max(min(rounds, SAMPLES // point.warps), 1)
        samples = np.zeros((point.warps, keep), np.uint32)
        records = np.zeros((point.warps, 6), np.uint64)
        shape = (point.warps, min(point.threads, point.warps), rounds, keep, int(_LIMIT_S * 1e9))
        if host.library.bare_threads(*shape, samples.ctypes.data, records.ctypes.data):
            raise BackendError(f"{point.warps} threads of the CPU's mailbox cannot be started")
        found = summarise_bare(point, rounds, samples, records, "threads")
        if last or not found.packets_per_s:
            return found
        rounds = next_rounds(rounds, rounds * point.warps / found.packets_per_s, seconds)
    raise AssertionError("unreachable")


@contextmanager
def sweeping(
    host: FloorHost, regions: Any, point: BarePoint, tails: int, rounds: int, write_combined: bool
) -> Iterator[None]:
    """Answer the slots of all warps on as many threads as the point says, at most for a fixed time."""
    stop = ctypes.c_int(0)
    deadline = time.clock_gettime_ns(time.CLOCK_MONOTONIC) + int(_LIMIT_S * 1e9)
    heads, replies = regions["requests"].host, regions["replies"].host
    threads = []
    for index in range(point.threads):
        first, last = (point.warps * at // point.threads for at in (index, index + 1))
        args = (heads, heads + tails, replies, first, last, point.lanes, rounds, deadline, ctypes.addressof(stop))
        flags = (int(write_combined),)
        threads.append(threading.Thread(target=host.library.bare_sweep, args=args + flags, name="hostcall-bare"))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.value = 1
        for thread in threads:
            thread.join(_LIMIT_S)


def bare_points(cases: Iterable[Case], pollers: int, width: int) -> list[BarePoint]:
    """Choose what the no-op cases are to be compared with.

    Parameters
    ----------
    cases : iterable of Case
        What is measured.
    pollers : int
        Threads that poll.
    width : int
        Lanes of a warp on this device.

    Returns
    -------
    list of BarePoint
        Without repetitions, and without one warp, for which the floor stands.
    """
    points: dict[BarePoint, None] = {}
    for case in cases:
        if case.workload in ("noop", "noop-lanes") and case.warps > 1:
            long = case.workload == "noop-lanes" and min(case.lanes, width) > 1
            points[BarePoint(case.warps, width if long else 1, pollers)] = None
    return list(points)


def measure_bare(
    name: str, config: Config, points: Sequence[BarePoint], host: FloorHost, seconds: float = _SECONDS
) -> tuple[tuple[Bare, ...], str]:
    """Measure the bare mailbox at several numbers of warps.

    Parameters
    ----------
    name : str
        The transport.
    config : Config
        Says which device.
    points : sequence of BarePoint
        What to measure.
    host : FloorHost
        Compiled.
    seconds : float
        How long one run should take; a point has up to three.

    Returns
    -------
    found : tuple of Bare
        One per point that was measured.
    problem : str
        Why there are fewer; empty if there are not.
    """
    found: list[Bare] = []
    try:
        if getattr(find(name), "backend", "") == "cuda":
            from .bare_cuda import cuda_bare

            cuda_bare(host, name, config, points, seconds, found.append)
        else:
            found.extend(_threads(host, point, seconds) for point in points)
    except (HostcallError, KeyError) as error:
        return tuple(found), f"{type(error).__name__}: {error}"
    bad = [bare for bare in found if not bare.valid]
    return tuple(found), f"the bare mailbox of {bad[0].point.warps} warps {bad[0].problem}" if bad else ""
