# SPDX-License-Identifier: Apache-2.0
"""The transport for discrete NVIDIA GPUs: the channel in pinned host memory, device state in the GPU's own.

Lanes store packets straight into host memory and poll it for replies, both over PCIe, without any driver call on the
way.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from hostcall.backends.cuda import CudaDevice, load_compiler
from hostcall.errors import BackendError, TransportUnavailable

from .base import Capabilities, Facts, Probe, Region
from .vram import DeviceMapping

DEVICE_ONLY = ("state", "heap")
"""Regions that no host thread looks at."""


def wants_device_replies(config: Any) -> bool:
    """Tell whether the configuration puts replies into device memory."""
    return bool(config.transport.replies == "device")


def try_mapping(device: CudaDevice) -> None:
    """Map a piece of device memory for the CPU: whether that works shows when it is done."""
    DeviceMapping(device, 1).close()


def probe_cuda(
    config: Any, attribute: str, reason: str, try_replies: Callable[[CudaDevice], None] | None = None
) -> Probe:
    """Work where the configured device has `attribute`; otherwise `reason`, with the device's name for ``{}``.

    `try_replies` is called if replies are to lie in device memory, and raises if they cannot.
    """
    try:
        load_compiler()
        device = CudaDevice(config.transport.device)
    except (TransportUnavailable, BackendError) as error:
        return Probe(False, str(error.args[0]))
    try:
        if not device.attribute(attribute):
            return Probe(False, reason.format(device.name), device.name)
        if wants_device_replies(config):
            (try_replies or try_mapping)(device)
        return Probe(True, device=device.name)
    except (TransportUnavailable, BackendError) as error:
        return Probe(False, str(error.args[0]), device.name)
    finally:
        device.close()


def cuda_facts(device: CudaDevice) -> Facts:
    """Describe a CUDA device as far as a channel depends on it."""
    units = device.attribute("MULTIPROCESSOR_COUNT")
    per_unit = device.attribute("MAX_THREADS_PER_MULTIPROCESSOR") // device.attribute("WARP_SIZE")
    return Facts(
        name=device.name,
        warps=units * per_unit,
        warps_per_unit=per_unit,
        lanes_per_warp=device.attribute("WARP_SIZE"),
        has_clock=True,
        cycles_per_us=device.attribute("CLOCK_RATE") / 1000.0,
        numa_node=device.numa_node(),
        details={
            "index": device.index,
            "arch": device.arch,
            "multiprocessors": units,
            "driver": device.call("cuDriverGetVersion"),
            "concurrent_managed_access": bool(device.attribute("CONCURRENT_MANAGED_ACCESS")),
            "host_native_atomics": bool(device.attribute("HOST_NATIVE_ATOMIC_SUPPORTED")),
            "pageable_memory_access": bool(device.attribute("PAGEABLE_MEMORY_ACCESS")),
        },
    )


def with_way(facts: Facts, way: str) -> Facts:
    """Add by which way replies got into device memory."""
    return dataclasses.replace(facts, details={**facts.details, "replies_by": way})


class CudaMemory:
    """What both CUDA transports do alike: device state and heap, copies that complete while a kernel runs, and replies
    in device memory.

    Parameters
    ----------
    config : Config
        ``transport.device`` chooses the device.
    """

    def __init__(self, config: Any) -> None:
        self.native = CudaDevice(config.transport.device)
        self._state = 0
        self._device_memory: list[int] = []
        self._mapping: DeviceMapping | None = None

    def allocate_device(self, sizes: Mapping[str, int]) -> dict[str, Region]:
        """Allocate the regions that only the device touches."""
        regions = {}
        for name in DEVICE_ONLY:
            count = sizes.get(name, 0)
            address = self.native.allocate(count) if count else 0
            if count:
                self._device_memory.append(address)
            regions[name] = Region(0, address, count)
        self._state = regions["state"].device
        return regions

    def map_replies(self, count: int) -> tuple[Region, str]:
        """Allocate device memory that the CPU stores into; also the way by which it is mapped."""
        self._mapping = mapping = DeviceMapping(self.native, count)
        return Region(mapping.host, mapping.address, count), mapping.way

    def write_state(self, offset: int, data: bytes) -> None:
        """Store into device state on the private stream."""
        self.native.upload(self._state + offset, data, len(data))

    def read_state(self, offset: int, count: int) -> bytes:
        """Load from device state on the private stream."""
        out = ctypes.create_string_buffer(count)
        self.native.download(ctypes.addressof(out), self._state + offset, count)
        return out.raw

    def close(self) -> None:
        """Free device memory, then the device."""
        memory, self._device_memory = self._device_memory, []
        mapping, self._mapping = self._mapping, None
        with contextlib.ExitStack() as stack:
            stack.callback(self.native.close)
            if mapping:
                stack.callback(mapping.close)
            if memory:
                self.native.activate()
            for address in memory:
                self.native.call("cuMemFree", address)


class PinnedRing:
    """Pinned host memory as channel.

    Parameters
    ----------
    config : Config
        ``transport.device`` chooses the device, ``transport.replies`` where the replies lie.
    """

    name = "pinned-ring"
    backend = "cuda"

    @classmethod
    def probe(cls, config: Any) -> Probe:
        """Work on every CUDA device that can map host memory."""
        return probe_cuda(config, "CAN_MAP_HOST_MEMORY", "{} cannot map host memory")

    def __init__(self, config: Any) -> None:
        mapped = wants_device_replies(config)
        self.capabilities = Capabilities(live=True, by_reference=True, device_replies=mapped, write_combined=mapped)
        self._memory = CudaMemory(config)
        self.native: CudaDevice = self._memory.native
        self.facts = cuda_facts(self.native)
        self._pinned: list[int] = []

    def allocate(self, sizes: Mapping[str, int]) -> dict[str, Region]:
        """See :class:`~hostcall.transports.base.Transport`."""
        regions = self._memory.allocate_device(sizes)
        for name, count in sizes.items():
            if name == "replies" and self.capabilities.device_replies:
                regions[name], way = self._memory.map_replies(count)
                self.facts = with_way(self.facts, way)
            elif name not in DEVICE_ONLY:
                regions[name] = self._pin(count)
        return regions

    def _pin(self, count: int) -> Region:
        device = self.native
        device.activate()
        flags = device.driver.CU_MEMHOSTALLOC_PORTABLE | device.driver.CU_MEMHOSTALLOC_DEVICEMAP
        host = int(device.call("cuMemHostAlloc", count, int(flags)))
        self._pinned.append(host)
        ctypes.memset(host, 0, count)
        return Region(host, int(device.call("cuMemHostGetDevicePointer", host, 0)), count)

    def write_state(self, offset: int, data: bytes) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        self._memory.write_state(offset, data)

    def read_state(self, offset: int, count: int) -> bytes:
        """See :class:`~hostcall.transports.base.Transport`."""
        return self._memory.read_state(offset, count)

    def share(self, array: Any) -> Region:
        """See :class:`~hostcall.transports.base.Transport`; always new pinned memory, of `array`'s size."""
        return self._pin(max(array if isinstance(array, int) else int(array.nbytes), 1))

    def close(self) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        pinned, self._pinned = self._pinned, []
        try:
            if pinned:
                self.native.activate()
            for host in pinned:
                self.native.call("cuMemFreeHost", host)
        finally:
            self._memory.close()
