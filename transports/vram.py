# SPDX-License-Identifier: Apache-2.0
"""Memory of a CUDA device with a second address at which the CPU stores into it, for ``replies = "device"``.

Two ways lead there without a kernel module: a dma-buf of CUDA memory that can be mapped (drivers of CUDA 13.3 and
later), and memory that Vulkan allocates and CUDA imports. Each is tried with stores that the device must see before it
is used. The CPU's stores are write-combined: the server pushes them out, and never reads the mapping.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os

from hostcall.backends.cuda import CudaDevice
from hostcall.errors import BackendError, TransportUnavailable

from . import vulkan

_GRAIN = 2 << 20  # what drivers map at once; also keeps other allocations out of the mapping
_PROBE_BYTES = 64


class DeviceMapping:
    """Device memory that the CPU can store into, zeroed.

    Parameters
    ----------
    device : CudaDevice
        Whose memory.
    count : int
        Bytes.

    Attributes
    ----------
    host, address : int
        The same memory as the CPU and as the device address it. The CPU's is for stores only: loads take microseconds.
    bytes : int
        At least `count`.
    way : str
        ``"dma-buf"`` or ``"Vulkan"``.

    Raises
    ------
    TransportUnavailable
        If there is no way; with the reason why each failed.
    """

    def __init__(self, device: CudaDevice, count: int) -> None:
        self._device = device
        self.bytes = -(-count // _GRAIN) * _GRAIN
        reasons = []
        for way, make in (("dma-buf", self._by_dma_buf), ("Vulkan", self._by_vulkan)):
            with contextlib.ExitStack() as undo:
                try:
                    device.activate()
                    self.host, self.address = make(undo)
                    self._verify()
                except (BackendError, vulkan.VulkanError, OSError, ValueError) as error:
                    reasons.append(f"{way}: {error}")
                    continue
                self.way = way
                self._undo = undo.pop_all()
                return
        raise TransportUnavailable(
            'replies = "device" needs a mapping of device memory for the CPU, and there is none here '
            f'({"; ".join(reasons)}); set replies = "host"'
        )

    def _by_dma_buf(self, undo: contextlib.ExitStack) -> tuple[int, int]:
        device, driver = self._device, self._device.driver
        attribute = getattr(driver.CUdevice_attribute, "CU_DEVICE_ATTRIBUTE_DMA_BUF_MMAP_SUPPORTED", None)
        if attribute is None:
            raise BackendError("cuda-bindings older than 13.3 cannot ask for it")
        status, supported = driver.cuDeviceGetAttribute(attribute, device.device)
        if int(status) != 0 or not supported:  # older drivers do not know the attribute
            raise BackendError(f"the driver (CUDA {_version(device)}) does not offer to map it")
        address = int(device.call("cuMemAlloc", self.bytes))
        undo.callback(_free, device, address)
        kind = driver.CUmemRangeHandleType.CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD
        descriptor = int(device.call("cuMemGetHandleForAddressRange", address, self.bytes, kind, 0))
        try:
            mapped = mmap.mmap(descriptor, self.bytes, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        finally:
            os.close(descriptor)
        undo.callback(mapped.close)
        return ctypes.addressof(ctypes.c_char.from_buffer(mapped)), address

    def _by_vulkan(self, undo: contextlib.ExitStack) -> tuple[int, int]:
        device, driver = self._device, self._device.driver
        uuid = bytes(device.call("cuDeviceGetUuid", device.device).bytes)
        memory = vulkan.allocate(uuid, self.bytes)
        undo.callback(memory.close)
        handle = driver.CUDA_EXTERNAL_MEMORY_HANDLE_DESC()
        handle.type = driver.CUexternalMemoryHandleType.CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD
        handle.handle.fd = memory.descriptor()
        handle.size = self.bytes
        try:
            imported = device.call("cuImportExternalMemory", handle)
        except BackendError:
            os.close(handle.handle.fd)  # CUDA's only when the import succeeds
            raise
        undo.callback(device.call, "cuDestroyExternalMemory", imported)
        buffer = driver.CUDA_EXTERNAL_MEMORY_BUFFER_DESC()
        buffer.offset, buffer.size = 0, self.bytes
        address = int(device.call("cuExternalMemoryGetMappedBuffer", imported, buffer))
        undo.callback(_free, device, address)
        return memory.host, address

    def _verify(self) -> None:
        """See by the device what the CPU stores at both ends of the memory, then zero it by the device."""
        device = self._device
        for salt in (0x5A, 0xA5):
            for offset in (0, self.bytes - _PROBE_BYTES):
                wanted = bytes((salt + 7 * i) & 0xFF for i in range(_PROBE_BYTES))
                ctypes.memmove(self.host + offset, wanted, _PROBE_BYTES)
                seen = ctypes.create_string_buffer(_PROBE_BYTES)
                # Handing a copy to the device pushes write-combined stores out before it.
                device.download(ctypes.addressof(seen), self.address + offset, _PROBE_BYTES)
                if seen.raw != wanted:
                    raise BackendError("the device does not see what the CPU stores through the mapping")
        device.clear(self.address, self.bytes)

    def close(self) -> None:
        """Give the memory back; no kernel runs, no server thread stores."""
        self._device.activate()
        self._undo.close()


def _free(device: CudaDevice, address: int) -> None:
    device.call("cuMemFree", address)


def _version(device: CudaDevice) -> str:
    version = int(device.call("cuDriverGetVersion"))
    return f"{version // 1000}.{version % 1000 // 10}"
