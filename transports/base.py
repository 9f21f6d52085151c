"""The interface of a transport: in which memory each region of a channel lives, and how the other side sees a store.

A transport allocates regions, says what it can do, and gives addresses for both sides. It knows nothing of packets,
slots or services. Third parties implement `Transport` and announce it under the entry-point group
``hostcall.transports``; nothing here is inherited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

REGIONS = ("requests", "replies", "posted", "payload", "control", "state", "heap")
"""Names of the regions; all but ``state`` and ``heap`` must have a host address. All are zeroed by the transport."""


@dataclass(frozen=True)
class Probe:
    """Whether a transport works here; `reason` is one sentence when it does not."""

    works: bool
    reason: str = ""
    device: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a transport can do."""

    live: bool  #: host and device see each other's stores while a kernel runs
    by_reference: bool  #: buffers that both sides reach exist, so an address can cross instead of the bytes
    device_replies: bool = False  #: replies lie in device memory, written by the CPU through a mapping
    write_combined: bool = False  #: the CPU's stores to replies are write-combined


@dataclass(frozen=True)
class Facts:
    """What the device is, as far as the channel's geometry depends on it."""

    name: str
    warps: int  #: warps that can be resident at once
    warps_per_unit: int  #: of them, on one multiprocessor
    lanes_per_warp: int  #: 32 on CUDA, 1 where a warp is one lane
    has_clock: bool  #: device code can read a nanosecond timer
    cycles_per_us: float = 1000.0  #: rate of the device's cycle counter
    numa_node: int | None = None  #: the host's NUMA node that the device hangs on, where that is known
    details: Mapping[str, Any] = field(
        default_factory=dict
    )  #: anything worth a line in ``doctor`` and the bench's JSON


@dataclass(frozen=True)
class Region:
    """One region: the same bytes as the host and as the device address them (0 where that side cannot)."""

    host: int
    device: int
    bytes: int


class Transport(Protocol):
    """One channel's memory on one device. Made by ``factory(config)``; `close` is idempotent."""

    name: str
    backend: str  #: "host", "opencl", "cuda": who compiles and launches for it
    capabilities: Capabilities
    facts: Facts
    native: Any  #: what the backend needs (context, queue, stream); opaque here

    @classmethod
    def probe(cls, config: Any) -> Probe:
        """Find out whether it works here, without keeping anything."""
        ...

    def __init__(self, config: Any) -> None: ...

    def allocate(self, sizes: Mapping[str, int]) -> dict[str, Region]:
        """Allocate all regions of `sizes` (bytes by region name), zeroed; called once."""
        ...

    def write_state(self, offset: int, data: bytes) -> None:
        """Store into the state region at `offset`; completes while a kernel runs.

        An offset beyond the region is the distance to the heap: device addresses count.
        """
        ...

    def read_state(self, offset: int, count: int) -> bytes:
        """Load from the state region, or from the heap as for `write_state`; completes while a kernel runs."""
        ...

    def share(self, array: Any) -> Region:
        """Make memory that both sides reach out of a NumPy array or a byte count (by-reference payloads)."""
        ...

    def close(self) -> None:
        """Give the memory back. Only when no kernel runs and the server's threads are joined."""
        ...
