# SPDX-License-Identifier: Apache-2.0
"""What the bench gives out: one row per case that ran, one failure per case that did not."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .floor import BarePoint, Floor
from .workloads import Case

__all__ = ["ROW_KEYS", "Failure", "Row", "rounded", "target"]


def rounded(value: float | None, digits: int = 1) -> float | None:
    """The same with fewer digits; None stays."""
    return None if value is None else round(value, digits)


def _ratio(value: float | None, by: float | None) -> float | None:
    return round(value / by, 3) if value is not None and by else None


def target(transport: str, replies: str) -> str:
    """Name of a column: a transport, and where its replies lie if that is not the host's memory."""
    return transport if replies == "host" else f"{transport}, replies in VRAM"


@dataclass(frozen=True)
class Row:
    """One line of the result; the JSON has these keys in this order.

    Attributes
    ----------
    transport, backend, device, workload : str
        What ran where.
    warps, lanes, payload_bytes, server_threads : int
        Shape: warps at once, lanes of each, bytes per lane and call, pollers.
    calls : int
        Calls of all lanes in the measured launch.
    errors : int
        Calls that failed, gave a wrong answer, or left something wrong behind.
    lost : int
        Calls that left nothing behind.
    p50_ns, p99_ns, max_ns : float or None
        One call as the lane sees it; None where the device has no counter.
    calls_per_s, packets_per_s, bytes_per_s : float or None
        Calls of lanes; packets, in which lanes of a warp travel together; payload bytes, counted once.
    floor_ns : float or None
        The floor of the same run and transport.
    ratio_to_floor : float or None
        p50 by floor.
    workers : int
        Threads of the server for calls that can block.
    idle : {"park", "spin"}
        What its pollers do while nothing arrives.
    replies : {"host", "device"}
        In whose memory lanes look for replies.
    p99_to_p50 : float or None
        p99 by p50.
    fairness : float or None
        Of blocking calls by two warps or more: every warp makes equally many, and this is the rate of the slowest warp
        by that of the fastest, 1 where all are served alike.
    bare_packets_per_s, bare_p99_to_p50, bare_fairness : float or None
        The same figures of the bare mailbox of the same run at as many warps and host threads; only for the no-op.
    rate_to_bare, fairness_to_bare : float or None
        The row's figure by that of the bare mailbox.
    cpu_percent : float or None
        CPU time of the process by elapsed time, 100 for one core, while lanes keep silent or no kernel runs; the thread
        that plays the silent lane on a CPU is not counted. None for workloads that never keep silent.
    """

    transport: str
    backend: str
    device: str
    workload: str
    warps: int
    lanes: int
    payload_bytes: int
    server_threads: int
    calls: int
    errors: int
    lost: int
    p50_ns: float | None
    p99_ns: float | None
    max_ns: float | None
    calls_per_s: float | None
    packets_per_s: float | None
    bytes_per_s: float | None
    floor_ns: float | None
    ratio_to_floor: float | None
    workers: int = 4
    idle: str = "park"
    replies: str = "host"
    p99_to_p50: float | None = None
    fairness: float | None = None
    bare_packets_per_s: float | None = None
    bare_p99_to_p50: float | None = None
    bare_fairness: float | None = None
    rate_to_bare: float | None = None
    fairness_to_bare: float | None = None
    cpu_percent: float | None = None

    @property
    def label(self) -> str:
        """Transport, and where replies lie if that is not the host's memory."""
        return target(self.transport, self.replies)

    @property
    def bare_point(self) -> BarePoint | None:
        """The bare mailbox to compare with; None for what is no plain round trip."""
        if self.workload not in ("noop", "noop-lanes"):
            return None
        long = self.workload == "noop-lanes" and self.lanes > 1
        return BarePoint(self.warps, self.lanes if long else 1, self.server_threads)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def with_floor(self, floor: Floor) -> Row:
        """The same row, compared with a floor."""
        floor_ns = rounded(floor.floor_ns)
        ratio = round(self.p50_ns / floor_ns, 3) if self.p50_ns and floor_ns else None
        row = replace(self, floor_ns=floor_ns, ratio_to_floor=ratio)
        bare = floor.bare_at(self.bare_point) if self.bare_point else None
        if bare is None:
            return row
        return replace(
            row,
            bare_packets_per_s=rounded(bare.packets_per_s),
            bare_p99_to_p50=_ratio(bare.p99_ns, bare.p50_ns),
            bare_fairness=rounded(bare.fairness, 6),
            rate_to_bare=_ratio(self.packets_per_s, bare.packets_per_s),
            fairness_to_bare=_ratio(self.fairness, bare.fairness),
        )


ROW_KEYS = tuple(field.name for field in fields(Row))
"""Keys of a row."""


@dataclass(frozen=True)
class Failure:
    """A case that gave no row's figures, and why."""

    transport: str
    case: Case
    reason: str
    replies: str = "host"
    server_threads: int = 1
    workers: int = 4

    @property
    def label(self) -> str:
        """As of a row."""
        return target(self.transport, self.replies)
