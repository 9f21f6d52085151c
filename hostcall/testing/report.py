# SPDX-License-Identifier: Apache-2.0
"""What a run of the conformance suite found: outcomes, failures, and the error that carries them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from ..errors import HostcallError

__all__ = ["ConformanceError", "Failure", "Outcome", "Report"]


class ConformanceError(HostcallError):
    """A transport failed the conformance suite.

    Parameters
    ----------
    report : Report
        What was checked and what failed.

    Attributes
    ----------
    report : Report
        See above.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return str(self.report)


@dataclass(frozen=True)
class Failure:
    """One thing that was not as it should be.

    Attributes
    ----------
    transport, check : str
        Where it was seen.
    expected, got : str
        What should have been, and what was.
    """

    transport: str
    check: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.transport}: {self.check}\n  expected {self.expected}\n  got      {self.got}"


@dataclass(frozen=True)
class Outcome:
    """How one check ended.

    Attributes
    ----------
    check : str
        Its name: the failure that it would catch.
    status : {"passed", "failed", "skipped"}
        A check is skipped where the transport does not claim the ability that it is about.
    seconds : float
        How long it took.
    reason : str
        Why it was skipped.
    """

    check: str
    status: Literal["passed", "failed", "skipped"]
    seconds: float
    reason: str = ""


@dataclass
class Report:
    """What :func:`check_transport` found.

    Attributes
    ----------
    transport, device : str
        Which transport, on what.
    live : bool
        Whether it answers while a kernel runs.
    outcomes : list of Outcome
        One for each check, in the order in which they ran.
    failures : list of Failure
        Everything that was wrong; a check can contribute several.
    """

    transport: str
    device: str = ""
    live: bool = True
    outcomes: list[Outcome] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __str__(self) -> str:
        count = Counter(outcome.status for outcome in self.outcomes)
        head = (
            f"{self.transport} on {self.device}: {count['passed']} checks passed, {count['failed']} failed, "
            f"{count['skipped']} skipped"
        )
        return "\n".join([head, *(str(failure) for failure in self.failures)])

    def raise_for_failures(self) -> None:
        """Raise :class:`ConformanceError` if anything failed."""
        if self.failures:
            raise ConformanceError(self)
