# SPDX-License-Identifier: Apache-2.0
"""The transport through CUDA managed memory, kept on the CPU's side by advice and mapped for the GPU.

Works where host and device may touch managed memory at the same time. Shared arrays are managed too, so that a buffer
can migrate to whoever uses it and still be passed by reference. Replies in device memory are managed memory that stays
there, where the host reaches such memory without migrating it (``directManagedMemAccessFromHost``); elsewhere they are
a mapping of device memory, as for the pinned ring.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

from hostcall.backends.cuda import CudaDevice
from hostcall.errors import BackendError

from .base import Capabilities, Probe, Region
from .pinned_ring import (
    DEVICE_ONLY,
    CudaMemory,
    cuda_facts,
    probe_cuda,
    try_mapping,
    wants_device_replies,
    with_way,
)


def _reached_by_host(device: CudaDevice) -> bool:
    """Tell whether the host stores into managed memory that stays on the device."""
    return bool(device.attribute("DIRECT_MANAGED_MEM_ACCESS_FROM_HOST"))


def _try_replies(device: CudaDevice) -> None:
    if not _reached_by_host(device):
        try_mapping(device)


class CudaManaged:
    """Managed memory as channel.

    Parameters
    ----------
    config : Config
        ``transport.device`` chooses the device, ``transport.replies`` where the replies lie.
    """

    name = "cuda-managed"
    backend = "cuda"

    @classmethod
    def probe(cls, config: Any) -> Probe:
        """Work where ``concurrentManagedAccess`` is 1."""
        # The host would be killed by a signal at its first look while a kernel runs.
        reason = "on {} the host cannot touch managed memory while a kernel runs"
        return probe_cuda(config, "CONCURRENT_MANAGED_ACCESS", reason, _try_replies)

    def __init__(self, config: Any) -> None:
        self._memory = CudaMemory(config)
        self.native: CudaDevice = self._memory.native
        wanted = wants_device_replies(config)
        self._mapped = wanted and not _reached_by_host(self.native)
        self.capabilities = Capabilities(
            live=True, by_reference=True, device_replies=wanted, write_combined=self._mapped
        )
        self.facts = cuda_facts(self.native)
        self._managed: list[int] = []

    def allocate(self, sizes: Mapping[str, int]) -> dict[str, Region]:
        """See :class:`~hostcall.transports.base.Transport`."""
        regions = self._memory.allocate_device(sizes)
        for name, count in sizes.items():
            if name == "replies" and self._mapped:
                regions[name], way = self._memory.map_replies(count)
                self.facts = with_way(self.facts, way)
            elif name == "replies" and self.capabilities.device_replies:
                regions[name] = self._allocate_on_device(count)
                self.facts = with_way(self.facts, "managed memory")
            elif name not in DEVICE_ONLY:
                regions[name] = self._allocate(count, on_cpu=True)
        return regions

    def _allocate_on_device(self, count: int) -> Region:
        """Allocate managed memory that stays on the device; zeroed there, since the first to touch it decides."""
        region = self._allocate(count, on_cpu=False, zero=False)
        advice = self.native.driver.CUmem_advise
        self._advise(region.device, count, advice.CU_MEM_ADVISE_SET_PREFERRED_LOCATION, host=False)
        self._advise(region.device, count, advice.CU_MEM_ADVISE_SET_ACCESSED_BY, host=True)
        self.native.clear(region.device, count)
        return region

    def _allocate(self, count: int, *, on_cpu: bool, zero: bool = True) -> Region:
        device = self.native
        device.activate()
        driver = device.driver
        address = int(device.call("cuMemAllocManaged", count, int(driver.CUmemAttach_flags.CU_MEM_ATTACH_GLOBAL)))
        self._managed.append(address)
        if on_cpu:
            # Without the advice the first poll of either side would migrate the page, and every later one again.
            advice = driver.CUmem_advise
            self._advise(address, count, advice.CU_MEM_ADVISE_SET_PREFERRED_LOCATION, host=True)
            self._advise(address, count, advice.CU_MEM_ADVISE_SET_ACCESSED_BY, host=False)
        if zero:
            ctypes.memset(address, 0, count)
        return Region(address, address, count)

    def _advise(self, address: int, count: int, advice: Any, *, host: bool) -> None:
        driver, device = self.native.driver, self.native
        # Bindings of CUDA 13 know only the form with a location, and call it by the old name.
        ask = getattr(driver, "cuMemAdvise_v2", driver.cuMemAdvise)
        location = driver.CUmemLocation()
        kinds = driver.CUmemLocationType
        location.type = kinds.CU_MEM_LOCATION_TYPE_HOST if host else kinds.CU_MEM_LOCATION_TYPE_DEVICE
        location.id = 0 if host else device.index
        status = ask(address, count, advice, location)[0]
        if int(status) != 0:
            raise BackendError(f"cuMemAdvise: error {int(status)}", code=int(status))

    def write_state(self, offset: int, data: bytes) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        self._memory.write_state(offset, data)

    def read_state(self, offset: int, count: int) -> bytes:
        """See :class:`~hostcall.transports.base.Transport`."""
        return self._memory.read_state(offset, count)

    def share(self, array: Any) -> Region:
        """See :class:`~hostcall.transports.base.Transport`; always new managed memory, of `array`'s size."""
        return self._allocate(max(array if isinstance(array, int) else int(array.nbytes), 1), on_cpu=False)

    def close(self) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        managed, self._managed = self._managed, []
        try:
            if managed:
                self.native.activate()
            for address in managed:
                self.native.call("cuMemFree", address)
        finally:
            self._memory.close()
