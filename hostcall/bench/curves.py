# SPDX-License-Identifier: Apache-2.0
"""Curves: how a call's cost changes with warps, lanes, payload and server threads, measured within a time budget.

Every curve has a few points that are measured first, and further ones in between. All first points of all transports
come before the second ones, so that a run that is cut leaves whole curves, only coarser ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hostcall.errors import HostcallError

from .measure import Bench
from .rows import Failure, Row, target
from .workloads import MAX_SUITE_BUFFERS, WORKLOADS, Case

__all__ = ["FAMILIES", "Outcome", "Point", "Subject", "measure_curves", "plan_curves"]

FAMILIES = {
    "warps": "warps at once",
    "lanes": "lanes of a warp that call",
    "payload": "bytes per lane and call",
    "pollers": "threads that poll",
}
"""What is varied, and how the axis is called."""

_SECONDS = 0.05
_IN_FLIGHT = 48 << 20  # bytes of all large calls at once that the arena must hold: beyond it reads come back short
_RESERVE = 0.1  # of the budget, for closing and for what the last point takes longer than those before


@dataclass(frozen=True)
class Subject:
    """A transport, with replies on one side, and what of its device decides where the curves run.

    Attributes
    ----------
    transport, replies, backend : str
        Which.
    warps, units, width : int
        Warps that fit at once, multiprocessors, lanes of a warp; on a CPU the cores stand for both of the first.
    """

    transport: str
    replies: str
    backend: str
    warps: int
    units: int
    width: int

    @property
    def label(self) -> str:
        """As of a row."""
        return target(self.transport, self.replies)

    @classmethod
    def of(cls, transport: str, replies: str, backend: str, facts: Any, cores: int) -> Subject:
        """Take what is needed from the facts of a device."""
        if backend != "cuda":
            # More lanes than cores measure the scheduler: four times as many show where that begins.
            return cls(transport, replies, backend, min(int(facts.warps), 4 * cores), cores, int(facts.lanes_per_warp))
        units = max(int(facts.warps) // int(facts.warps_per_unit), 1)
        return cls(transport, replies, backend, int(facts.warps), units, int(facts.lanes_per_warp))


@dataclass(frozen=True)
class Point:
    """One point of one or several curves.

    Attributes
    ----------
    level : int
        0 for those that are measured first.
    subject : Subject
        Of what.
    case : Case
        The shape.
    pollers : int
        Threads that poll.
    families : tuple of str
        The curves that it lies on.
    """

    level: int
    subject: Subject
    case: Case
    pollers: int
    families: tuple[str, ...]


@dataclass
class Outcome:
    """What a run brought: rows with the families they lie on, failures, and how far it came."""

    planned: int = 0
    rows: list[tuple[Row, tuple[str, ...]]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


def _halves(first: Sequence[int], *further: Sequence[int]) -> list[tuple[int, int]]:
    """Values with their levels, without repetitions: each counts where it comes first."""
    found: dict[int, int] = {}
    for level, values in enumerate((first, *further)):
        for value in values:
            found.setdefault(value, level)
    return sorted(found.items())


def _warps(subject: Subject) -> list[tuple[int, int]]:
    most, units = subject.warps, subject.units
    if subject.backend != "cuda":
        powers = [1 << k for k in range(most.bit_length()) if 1 << k <= most]
        return _halves((1, min(units, most), most), powers)
    levels = (1, units, 16 * units, most), (8, 4 * units, 32 * units), (2, 4, 16, 32, 64, 2 * units, 8 * units)
    return [(value, level) for value, level in _halves(*levels) if value <= most]


def _shapes(subject: Subject) -> list[tuple[str, int, Case, int]]:
    """Family, level, case and pollers of every point of one transport."""
    wide, units, most = subject.width, subject.units, subject.warps
    found: list[tuple[str, int, Case, int]] = []
    for warps, level in _warps(subject):
        # Values per lane are a form of their own only where a warp has several.
        names = ["noop", *(["noop-lanes"] if wide > 1 else []), "posted", "printf", "write"]
        found += [("warps", level, Case(name, warps, wide, WORKLOADS[name].payloads[0]), 1) for name in names]
    if wide > 1:
        for lanes, level in _halves((1, wide), (4, 16), (2, 8)):
            found += [("lanes", level, Case("noop-lanes", warps, lanes, 0), 1) for warps in (1, units)]
    sizes = _halves((64, 4096, 1 << 20), (1024, 65536), (16, 256, 16384, 262144))
    for size, level in [(0, 0), *sizes]:
        found.append(("payload", level, Case("echo", 1, 1, size), 1))
    for size, level in sizes:
        found += [("payload", level, Case(name, min(units, 32), 1, size), 1) for name in ("write", "read")]
        if wide > 1:
            found.append(("payload", level, Case("write", units, wide, size), 1))
    many = min(16 * units, most) if subject.backend == "cuda" else units
    for pollers, level in _halves((1, 4), (2, 8)):
        names = ["noop", *(["noop-lanes"] if wide > 1 else []), "printf"]
        found += [("pollers", level, Case(name, many, wide, 0), pollers) for name in names]
    return found


def plan_curves(subjects: Sequence[Subject]) -> list[Point]:
    """Lay out all points.

    Parameters
    ----------
    subjects : sequence of Subject
        What to measure.

    Returns
    -------
    list of Point
        Level by level; within one, transport by transport, those together that need the same runtime.
    """
    points: list[Point] = []
    for subject in subjects:
        merged: dict[tuple[Case, int], tuple[int, list[str]]] = {}
        for family, level, case, pollers in _shapes(subject):
            if WORKLOADS[case.workload].buffers(case) > MAX_SUITE_BUFFERS:
                continue
            if family == "payload" and case.callers * case.payload > _IN_FLIGHT:
                continue
            before, families = merged.get((case, pollers), (level, []))
            merged[case, pollers] = min(before, level), [*families, *({family} - set(families))]
        points += [
            Point(level, subject, case, pollers, tuple(families))
            for (case, pollers), (level, families) in merged.items()
        ]
    order = {subject: index for index, subject in enumerate(subjects)}
    names = list(WORKLOADS)
    return sorted(
        points,
        key=lambda point: (
            point.level,
            order[point.subject],
            point.pollers,
            WORKLOADS[point.case.workload].stdout,
            names.index(point.case.workload),
        ),
    )


class _Pool:
    """Runtimes that stay open for the next level: to open one takes longer than a point. They rest meanwhile."""

    def __init__(self, ticks_per_us: float | None, payload: int) -> None:
        self._open: dict[tuple[str, str, str, int], Bench] = {}
        self._ticks_per_us = ticks_per_us
        self._payload = payload

    def bench(self, point: Point) -> Bench:
        key = self._key(point)
        if key not in self._open:
            subject, stdout = point.subject, WORKLOADS[point.case.workload].stdout
            self._open[key] = Bench(
                subject.transport, stdout, point.pollers, self._payload, self._ticks_per_us, replies=subject.replies
            )
        return self._open[key]

    @staticmethod
    def _key(point: Point) -> tuple[str, str, str, int]:
        subject = point.subject
        return subject.transport, subject.replies, WORKLOADS[point.case.workload].stdout, point.pollers

    def drop(self, point: Point) -> None:
        """Give up what broke; the next point of its kind gets a new one."""
        bench = self._open.pop(self._key(point), None)
        if bench is not None:
            bench.give_up()

    def close(self) -> None:
        benches, self._open = list(self._open.values()), {}
        for bench in benches:
            bench.give_up()


def measure_curves(
    points: Sequence[Point],
    budget_s: float,
    *,
    ticks_per_us: float | None = None,
    done: Callable[[Point, Row | Failure], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Measure points in their order until the budget is spent.

    Parameters
    ----------
    points : sequence of Point
        Of `plan_curves`.
    budget_s : float
        Seconds for all of them; a point is not begun that would probably not fit.
    ticks_per_us : float, optional
        As for `Bench`.
    done : callable, optional
        Called after each point.
    clock : callable
        Seconds.

    Returns
    -------
    Outcome
        Rows in the order of measurement; their floors are still missing.
    """
    outcome = Outcome(len(points))
    begin = clock()
    end = begin + budget_s * (1 - _RESERVE)
    payload = max((point.case.lanes * point.case.payload for point in points), default=0)
    pool = _Pool(ticks_per_us, payload)
    slowest = 0.0
    try:
        for point in points:
            started = clock()
            if started + min(slowest, budget_s / 10) > end:
                break
            result: Row | Failure
            try:
                result = pool.bench(point).run(point.case, point.pollers, _SECONDS, True)
                outcome.rows.append((result, point.families))
            except HostcallError as error:
                reason = f"{type(error).__name__}: {error}"
                result = Failure(point.subject.transport, point.case, reason, point.subject.replies, point.pollers)
                outcome.failures.append(result)
                pool.drop(point)
            slowest = max(0.8 * slowest, clock() - started)
            if done is not None:
                done(point, result)
    finally:
        pool.close()
    outcome.seconds = clock() - begin
    return outcome
