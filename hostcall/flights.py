# SPDX-License-Identifier: Apache-2.0
"""The launches of a runtime that have not been seen to end."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from dataclasses import dataclass

from .backends.base import Flight
from .errors import DeviceFault, WaitTimeout

__all__ = ["Flights"]

_SLICE = 0.05
"""Longest wait in one piece, in seconds: in between Python looks for signals."""


@dataclass(eq=False)
class _Launched:
    kernel: str
    flight: Flight


class Flights:
    """Launches, oldest first."""

    def __init__(self) -> None:
        self._launched: deque[_Launched] = deque()

    def __len__(self) -> int:
        return len(self._launched)

    def add(self, kernel: str, flight: Flight) -> None:
        """Note that a kernel was launched."""
        self._launched.append(_Launched(kernel, flight))

    def prune(self) -> bool:
        """Forget those that have ended, so that a program that never waits does not collect them; True if all have."""
        while self._launched:
            try:
                if not self._launched[0].flight.wait(0.0):
                    return False
            except DeviceFault:
                return False
            self._launched.popleft()
        return True

    def wait(self, end: float | None) -> None:
        """Wait until all have ended.

        Parameters
        ----------
        end : float, optional
            Time of ``time.monotonic``; without it there is no limit.

        Raises
        ------
        DeviceFault
            If a kernel died; then none is left.
        WaitTimeout
            If one still runs then.
        """
        while self._launched:
            launched = self._launched[0]
            left = _SLICE if end is None else min(_SLICE, end - time.monotonic())
            try:
                ended = launched.flight.wait(max(left, 0.0))
            except DeviceFault:
                # A dead device ends them all.
                self._launched.clear()
                raise
            if ended:
                with contextlib.suppress(ValueError):  # another thread may have seen it end
                    self._launched.remove(launched)
            elif left <= 0:
                raise WaitTimeout(
                    f"kernel {launched.kernel!r} still runs ({len(self._launched)} not ended)", seconds=_given(end)
                )


def _given(end: float | None) -> float | None:
    return None if end is None else max(end - time.monotonic(), 0.0)
