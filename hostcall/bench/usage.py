# SPDX-License-Identifier: Apache-2.0
"""CPU time of this process over a stretch of time."""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["CpuUse"]


def _threads() -> dict[str, int]:
    """CPU time of each thread in ns."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            found[task.name] = int((task / "schedstat").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            continue  # the thread has just ended, or this kernel does not say
    return found


class CpuUse:
    """CPU time since it was made.

    Parameters
    ----------
    lanes_are_threads : bool
        Lanes are threads of this process and burn a core each while they keep silent; that is not the server's doing.
    """

    def __init__(self, *, lanes_are_threads: bool) -> None:
        self._before = _threads() if lanes_are_threads else {}
        self._cpu = time.process_time_ns()
        self._wall = time.perf_counter_ns()

    def percent(self, *, silent_lanes: int) -> float:
        """CPU time by elapsed time, 100 for one core.

        Parameters
        ----------
        silent_lanes : int
            Lanes that kept silent meanwhile. Where lanes are threads, so many of the busiest are left out: a lane that
            waits by its counter never sleeps.
        """
        wall, used = time.perf_counter_ns() - self._wall, time.process_time_ns() - self._cpu
        if self._before:
            spent = sorted(ns - self._before.get(name, 0) for name, ns in _threads().items())
            used -= sum(spent[len(spent) - silent_lanes :]) if silent_lanes else 0
        return 100.0 * max(used, 0) / wall if wall else 0.0
