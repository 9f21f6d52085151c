# SPDX-License-Identifier: Apache-2.0
"""Mapping device memory for the CPU: the right device and memory, nothing left behind, a sentence where it fails.

The driver and Vulkan are played. Whether the real ones do what is asked is shown in tests/gpu.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hostcall.transports import vulkan as real
from hostcall.transports.vram import DeviceMapping
from hostcall.transports.vulkan import Library, MemoryType, VulkanError, VulkanMemory, allocate, usable_types

import hostcall
from hostcall.errors import BackendError, TransportUnavailable

FIRST, SECOND = b"\xa0" * 16, b"\xb1" * 16
SIZE = 4 << 20


# -- Vulkan, played by a library
@pytest.fixture(scope="session")
def loader(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the played Vulkan loader."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    made = tmp_path_factory.mktemp("vulkan") / "libvulkan-played.so"
    source = Path(__file__).with_name("played_vulkan.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-Wall", "-Werror", str(source), "-o", str(made)], check=True)
    return str(made)


class Played:
    """What the played library was asked and has alive."""

    def __init__(self, loader: str) -> None:
        self.loader = Library(loader)
        self.name = loader
        self._library = ctypes.CDLL(loader)
        for name in ("fails", "no_extension", "negotiated"):
            self.set(name, 0)
        for name in ("full_type", "physical", "type"):
            self.set(name, -1)
        self.fail("", 0)

    def set(self, name: str, value: int) -> None:
        ctypes.c_int.in_dll(self._library, f"played_{name}").value = value

    def get(self, name: str) -> int:
        return ctypes.c_int.in_dll(self._library, f"played_{name}").value

    def fail(self, function: str, result: int) -> None:
        """Make a function fail; the empty name: none."""
        self._name = function.encode()
        ctypes.c_char_p.in_dll(self._library, "played_at").value = self._name or None
        self.set("fails", result)

    def alive(self) -> list[int]:
        return [self.get(name) for name in ("instances", "devices", "pieces", "mappings")]


@pytest.fixture
def vulkan(loader: str) -> Iterator[Played]:
    played = Played(loader)
    yield played
    assert played.alive() == [0, 0, 0, 0]
    assert played.get("misuse") == 0


def test_the_first_device_is_taken_instead_of_the_one_meant(vulkan: Played) -> None:
    for uuid, which in ((SECOND, 1), (FIRST, 0)):
        memory = VulkanMemory(uuid, SIZE, vulkan.loader)
        assert vulkan.get("physical") == which
        memory.close()
    with pytest.raises(VulkanError) as caught:
        VulkanMemory(b"\xcc" * 16, SIZE, vulkan.loader)
    wanted = f"does not show the device with UUID {'cc' * 16}, only First GPU, Second GPU"
    assert str(caught.value) == f"{vulkan.name} {wanted}"


def test_a_library_that_fails_hides_the_next(vulkan: Played) -> None:
    missing, driver = Library("libnothing.so.1"), Library(vulkan.name, "vk_icdGetInstanceProcAddr")
    memory = allocate(SECOND, SIZE, [missing, driver])
    assert (vulkan.get("physical"), vulkan.get("negotiated")) == (1, 5)
    memory.close()
    with pytest.raises(VulkanError) as caught:
        allocate(SECOND, SIZE, [missing, Library("libc.so.6")])
    assert str(caught.value).startswith("libnothing.so.1 is not installed, libc.so.6 has no vkGetInstanceProcAddr; ")


def test_the_descriptor_is_of_other_memory_than_the_mapping(vulkan: Played) -> None:
    memory = VulkanMemory(SECOND, SIZE, vulkan.loader)
    descriptor = memory.descriptor()
    with mmap.mmap(descriptor, SIZE) as seen:
        os.close(descriptor)
        ctypes.memset(memory.host, 0x5A, SIZE)
        assert seen[:] == b"\x5a" * SIZE
    memory.close()


def test_memory_that_the_cpu_cannot_map_is_chosen(vulkan: Played) -> None:
    # 4 is the large uncached one; 2 has room for a megabyte, 3 is cached.
    for count, full, expected in ((SIZE, -1, 4), (1 << 20, -1, 2), (SIZE, 4, 3)):
        vulkan.set("full_type", full)
        memory = VulkanMemory(SECOND, count, vulkan.loader)
        assert vulkan.get("type") == expected
        memory.close()


def test_usable_types_are_ordered_badly() -> None:
    kinds = [MemoryType(0, 1, 100), MemoryType(1, 15, 100), MemoryType(2, 7, 10), MemoryType(3, 7, 100)]
    assert [kind.index for kind in usable_types(kinds, 50)] == [3, 1]
    assert usable_types(kinds, 101) == []
    assert usable_types([MemoryType(0, 6, 100), MemoryType(1, 3, 100)], 1) == []


FAILURES = {
    "version": (1, "is older than Vulkan 1.1"),
    "vkCreateInstance": (-3, "says VK_ERROR_INITIALIZATION_FAILED to vkCreateInstance"),
    "vkEnumeratePhysicalDevices": (-1, "says VK_ERROR_OUT_OF_HOST_MEMORY to vkEnumeratePhysicalDevices"),
    "vkCreateDevice": (-4, "says VK_ERROR_DEVICE_LOST to vkCreateDevice"),
    "vkAllocateMemory": (-2, f"says VK_ERROR_OUT_OF_DEVICE_MEMORY to vkAllocateMemory of {SIZE} bytes"),
    "vkMapMemory": (-5, "says VK_ERROR_MEMORY_MAP_FAILED to vkMapMemory"),
}


@pytest.mark.parametrize("function", list(FAILURES))
def test_a_failure_leaves_something_behind(vulkan: Played, function: str) -> None:
    result, sentence = FAILURES[function]
    vulkan.fail(function, result)
    with pytest.raises(VulkanError) as caught:
        VulkanMemory(SECOND, SIZE, vulkan.loader)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("function", ["vkGetMemoryFdKHR", "vkGetDeviceProcAddr"])
def test_a_refused_export_leaves_something_behind(vulkan: Played, function: str) -> None:
    vulkan.fail(function, -10)
    memory = VulkanMemory(SECOND, SIZE, vulkan.loader)
    with pytest.raises(VulkanError, match="vkGetMemoryFdKHR"):
        memory.descriptor()
    memory.close()


def test_what_is_missing_is_not_said(vulkan: Played) -> None:
    with pytest.raises(VulkanError, match=r"libnothing\.so\.1 is not installed"):
        VulkanMemory(SECOND, SIZE, Library("libnothing.so.1"))
    with pytest.raises(VulkanError, match=r"libc\.so\.6 has no vkGetInstanceProcAddr"):
        VulkanMemory(SECOND, SIZE, Library("libc.so.6"))
    vulkan.fail("vkCreateInstance", -9)
    with pytest.raises(VulkanError, match=r"finds no driver that works \(VK_LOADER_DEBUG"):
        VulkanMemory(SECOND, SIZE, vulkan.loader)
    vulkan.fail("", 0)
    vulkan.set("no_extension", 1)
    with pytest.raises(VulkanError, match="has no VK_KHR_external_memory_fd for the device"):
        VulkanMemory(SECOND, SIZE, vulkan.loader)
    vulkan.set("no_extension", 0)
    with pytest.raises(VulkanError, match="no memory type for 137438953472 bytes"):
        VulkanMemory(SECOND, 1 << 37, vulkan.loader)


# -- CUDA, played by memory with two addresses
class Memory:
    """A file in memory, mapped where the device sees it."""

    def __init__(self, descriptor: int, count: int) -> None:
        self.descriptor = descriptor
        self.map = mmap.mmap(descriptor, count)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.map))


class PlayedDevice:
    """As much of a CUDA device as a mapping uses.

    Parameters
    ----------
    dma_buf : {"no", "yes", "old bindings", "lies"}
        Whether the driver's dma-bufs can be mapped; ``"lies"``: it says so, and then the mapping is of other memory.
    refuse : str
        A function that fails.
    """

    device, private = 0, 0

    def __init__(self, dma_buf: str = "no", refuse: str = "") -> None:
        self.dma_buf, self.refuse = dma_buf, refuse
        self.memory: dict[int, Memory] = {}
        self.imported: dict[int, Memory] = {}
        attributes = SimpleNamespace()
        if dma_buf != "old bindings":
            attributes.CU_DEVICE_ATTRIBUTE_DMA_BUF_MMAP_SUPPORTED = 152
        self.driver = SimpleNamespace(
            CUdevice_attribute=attributes,
            CUmemRangeHandleType=SimpleNamespace(CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD=1),
            CUexternalMemoryHandleType=SimpleNamespace(CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD=1),
            CUDA_EXTERNAL_MEMORY_HANDLE_DESC=lambda: SimpleNamespace(handle=SimpleNamespace()),
            CUDA_EXTERNAL_MEMORY_BUFFER_DESC=SimpleNamespace,
            cuDeviceGetAttribute=lambda *_: (0, 1) if dma_buf in ("yes", "lies") else (1, None),
        )

    def activate(self) -> None:
        pass

    def call(self, function: str, *args: Any) -> Any:
        if function == self.refuse:
            raise BackendError(f"{function}: CUDA_ERROR_PLAYED: it was told to", code=1)
        return getattr(self, function)(*args)

    def cuDriverGetVersion(self) -> int:
        return 13000

    def cuDeviceGetUuid(self, _: int) -> Any:
        return SimpleNamespace(bytes=SECOND)

    def _keep(self, memory: Memory) -> int:
        self.memory[memory.address] = memory
        return memory.address

    def cuMemAlloc(self, count: int) -> int:
        descriptor = os.memfd_create("device")
        os.truncate(descriptor, count)
        return self._keep(Memory(descriptor, count))

    def cuMemFree(self, address: int) -> None:
        memory = self.memory.pop(address)
        memory.map.close()
        if memory.descriptor not in self.imported:
            os.close(memory.descriptor)

    def cuMemGetHandleForAddressRange(self, address: int, count: int, kind: int, flags: int) -> int:
        assert (count % mmap.PAGESIZE, kind, flags) == (0, 1, 0)
        if self.dma_buf == "yes":
            return os.dup(self.memory[address].descriptor)
        other = os.memfd_create("other")
        os.truncate(other, count)
        return other

    def cuImportExternalMemory(self, handle: Any) -> int:
        assert handle.type == 1
        descriptor: int = handle.handle.fd
        self.imported[descriptor] = Memory(descriptor, handle.size)
        return descriptor

    def cuDestroyExternalMemory(self, imported: int) -> None:
        self.imported.pop(imported).map.close()
        os.close(imported)

    def cuExternalMemoryGetMappedBuffer(self, imported: int, buffer: Any) -> int:
        assert buffer.offset == 0
        return self._keep(Memory(imported, buffer.size))

    def download(self, target: int, address: int, count: int) -> None:
        ctypes.memmove(target, address, count)

    def clear(self, address: int, count: int) -> None:
        ctypes.memset(address, 0, count)


@pytest.fixture
def loaded(vulkan: Played, monkeypatch: pytest.MonkeyPatch) -> Played:
    """Put the played Vulkan in the place of the real one, and count descriptors."""
    monkeypatch.setattr(real, "allocate", lambda uuid, count: allocate(uuid, count, [vulkan.loader]))
    return vulkan


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def check_mapping(mapping: DeviceMapping, way: str) -> None:
    """Both addresses are of the same memory, which is zeroed and large enough."""
    assert (mapping.way, mapping.bytes) == (way, SIZE)
    assert ctypes.string_at(mapping.address, SIZE) == bytes(SIZE)
    ctypes.memmove(mapping.host + SIZE - 8, b"reply 16", 8)
    assert ctypes.string_at(mapping.address + SIZE - 8, 8) == b"reply 16"
    assert mapping.host != mapping.address


@pytest.mark.parametrize("way", ["dma-buf", "Vulkan"])
def test_the_two_addresses_are_of_different_memory(loaded: Played, way: str) -> None:
    before = descriptors()
    device: Any = PlayedDevice("yes" if way == "dma-buf" else "no")
    mapping = DeviceMapping(device, SIZE - 100)
    check_mapping(mapping, way)
    mapping.close()
    assert (device.memory, device.imported) == ({}, {})
    assert descriptors() == before


@pytest.mark.parametrize("dma_buf", ["lies", "old bindings"])
def test_a_way_that_fails_hides_the_next(loaded: Played, dma_buf: str) -> None:
    device: Any = PlayedDevice(dma_buf)
    mapping = DeviceMapping(device, SIZE)
    check_mapping(mapping, "Vulkan")
    mapping.close()
    assert device.memory == {}


REFUSALS = {
    "cuImportExternalMemory": "Vulkan: cuImportExternalMemory: CUDA_ERROR_PLAYED: it was told to",
    "cuExternalMemoryGetMappedBuffer": "Vulkan: cuExternalMemoryGetMappedBuffer: CUDA_ERROR_PLAYED: it was told to",
    "cuMemAlloc": "dma-buf: cuMemAlloc: CUDA_ERROR_PLAYED: it was told to",
    "": "dma-buf: the device does not see what the CPU stores through the mapping",
}


@pytest.mark.parametrize("function", list(REFUSALS))
def test_a_refusal_does_not_say_why(loaded: Played, function: str) -> None:
    before = descriptors()
    device: Any = PlayedDevice("lies", function)
    if not function.startswith(("cuImport", "cuExternal")):
        loaded.fail("vkCreateInstance", -9)
    with pytest.raises(TransportUnavailable) as caught:
        DeviceMapping(device, SIZE)
    message = str(caught.value)
    assert REFUSALS[function] in message
    assert message.startswith('replies = "device" needs a mapping of device memory')
    assert message.endswith('set replies = "host"')
    assert (device.memory, device.imported) == ({}, {})
    assert descriptors() == before


def test_replies_are_put_into_host_memory_in_silence() -> None:
    with pytest.raises(TransportUnavailable) as caught:
        hostcall.open(transport={"kind": "loopback", "replies": "device"})
    assert str(caught.value).startswith("transport 'loopback': it has no device memory to put replies into")
