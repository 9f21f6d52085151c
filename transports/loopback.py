# SPDX-License-Identifier: Apache-2.0
"""The transport without a device: C threads of this process play the lanes, and all regions are ordinary memory.

It is the reference that the other transports are compared with, and what runs where nothing else does. Both sides use
the same addresses.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hostcall.errors import TransportUnavailable

from .base import REGIONS, Capabilities, Facts, Probe, Region

MAX_LANES = 1024
"""Threads that play lanes at once, which is also the largest block."""


class Loopback:
    """C threads as lanes, host memory as channel.

    Parameters
    ----------
    config : Config
        Nothing of it matters here.
    """

    name = "loopback"
    backend = "host"

    @classmethod
    def probe(cls, config: Any) -> Probe:
        """Work wherever kernels can be compiled."""
        from hostcall.backends.host import find_compiler

        try:
            find_compiler()
        except TransportUnavailable as error:
            return Probe(False, str(error.args[0]))
        return Probe(True, device=_cpu_name())

    def __init__(self, config: Any) -> None:
        self.capabilities = Capabilities(live=True, by_reference=True)
        self.facts = Facts(
            name=_cpu_name(),
            warps=MAX_LANES,
            warps_per_unit=MAX_LANES,
            lanes_per_warp=1,
            has_clock=True,
            cycles_per_us=cpu_cycles_per_us(),
        )
        self.native: Any = SimpleNamespace(max_lanes=MAX_LANES)
        self._maps: list[mmap.mmap] = []
        self._state = Region(0, 0, 0)

    def allocate(self, sizes: Mapping[str, int]) -> dict[str, Region]:
        """See :class:`~hostcall.transports.base.Transport`."""
        regions = {name: self._map(sizes.get(name, 0)) for name in REGIONS}
        self._state = regions["state"]
        return regions

    def _map(self, count: int) -> Region:
        if count == 0:
            return Region(0, 0, 0)
        # Private, so that a forked child gets a copy and cannot write into its parent's channel.
        area = mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._maps.append(area)
        address = ctypes.addressof(ctypes.c_char.from_buffer(area))
        return Region(address, address, count)

    def write_state(self, offset: int, data: bytes) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        ctypes.memmove(self._state.host + offset, data, len(data))

    def read_state(self, offset: int, count: int) -> bytes:
        """See :class:`~hostcall.transports.base.Transport`."""
        return ctypes.string_at(self._state.host + offset, count)

    def share(self, array: Any) -> Region:
        """See :class:`~hostcall.transports.base.Transport`."""
        if isinstance(array, int):
            return self._map(max(array, 1))
        address = array.ctypes.data
        return Region(address, address, array.nbytes)

    def close(self) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        maps, self._maps = self._maps, []
        for area in maps:
            area.close()


def _cpu_info(key: str) -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return ""
    match = re.search(rf"^{key}\s*:\s*(.*)$", text, re.MULTILINE)
    return match[1].strip() if match else ""


def _cpu_name() -> str:
    return _cpu_info("model name") or platform.processor() or platform.machine()


def cpu_cycles_per_us() -> float:
    """Rate of the CPU's cycle counter as far as the system tells; it only sets how often a lane looks."""
    try:
        return float(_cpu_info("cpu MHz"))
    except ValueError:
        return 1000.0
