# SPDX-License-Identifier: Apache-2.0
"""Device memory that the CPU can store into, by way of Vulkan: allocated there, mapped there, lent as a descriptor.

CUDA offers no mapping of a discrete GPU's memory for the CPU, Vulkan does. Only what that needs is declared here, by
hand after the Vulkan specification. Nothing is linked: the loader (libvulkan.so.1) is opened when somebody asks for it,
and where it is missing or finds no driver, NVIDIA's driver is asked by the entry point that loaders use. A machine
without both loses device replies and nothing else. Nothing here is ever submitted to the GPU.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Library:
    """Where Vulkan's functions come from: a library and its function that gives the others by name."""

    name: str
    symbol: str = "vkGetInstanceProcAddr"


LIBRARIES = (
    Library("libvulkan.so.1"),
    # Works without X libraries and a display, unlike the one that the driver's file for the loader names.
    Library("libEGL_nvidia.so.0", "vk_icdGetInstanceProcAddr"),
    Library("libGLX_nvidia.so.0", "vk_icdGetInstanceProcAddr"),
)
"""Tried in this order."""

DEVICE_LOCAL, HOST_VISIBLE, HOST_COHERENT, HOST_CACHED = 1, 2, 4, 8

_FD_EXTENSION = b"VK_KHR_external_memory_fd"
_OPAQUE_FD = 1
_VERSION_1_1 = (1 << 22) | (1 << 12)
_WHOLE = 0xFFFFFFFFFFFFFFFF
_INCOMPATIBLE_DRIVER = -9
_DRIVER_INTERFACE = 5  # of Vulkan 1.1
_APPLICATION_INFO, _INSTANCE_INFO, _QUEUE_INFO, _DEVICE_INFO, _ALLOCATE_INFO = 0, 1, 2, 3, 5
_PROPERTIES_2, _ID_PROPERTIES, _EXPORT_INFO, _GET_FD_INFO = 1000059001, 1000071004, 1000072002, 1000074002

_ERRORS = {
    -1: "VK_ERROR_OUT_OF_HOST_MEMORY",
    -2: "VK_ERROR_OUT_OF_DEVICE_MEMORY",
    -3: "VK_ERROR_INITIALIZATION_FAILED",
    -4: "VK_ERROR_DEVICE_LOST",
    -5: "VK_ERROR_MEMORY_MAP_FAILED",
    -7: "VK_ERROR_EXTENSION_NOT_PRESENT",
    -9: "VK_ERROR_INCOMPATIBLE_DRIVER",
    -10: "VK_ERROR_TOO_MANY_OBJECTS",
    -1000072003: "VK_ERROR_INVALID_EXTERNAL_HANDLE",
}

# Enumerations are int32_t. The fields of VkPhysicalDeviceProperties behind the name are never read: room for them is
# kept, more than any version of the structure has.
_DECLARATIONS = """
typedef struct VkInstance_T *VkInstance;
typedef struct VkPhysicalDevice_T *VkPhysicalDevice;
typedef struct VkDevice_T *VkDevice;
typedef uint64_t VkDeviceMemory;

typedef struct {
    int32_t sType; const void *pNext;
    const char *pApplicationName; uint32_t applicationVersion;
    const char *pEngineName; uint32_t engineVersion;
    uint32_t apiVersion;
} VkApplicationInfo;
typedef struct {
    int32_t sType; const void *pNext; uint32_t flags;
    const VkApplicationInfo *pApplicationInfo;
    uint32_t enabledLayerCount; const char *const *ppEnabledLayerNames;
    uint32_t enabledExtensionCount; const char *const *ppEnabledExtensionNames;
} VkInstanceCreateInfo;
typedef struct {
    int32_t sType; const void *pNext; uint32_t flags;
    uint32_t queueFamilyIndex, queueCount; const float *pQueuePriorities;
} VkDeviceQueueCreateInfo;
typedef struct {
    int32_t sType; const void *pNext; uint32_t flags;
    uint32_t queueCreateInfoCount; const VkDeviceQueueCreateInfo *pQueueCreateInfos;
    uint32_t enabledLayerCount; const char *const *ppEnabledLayerNames;
    uint32_t enabledExtensionCount; const char *const *ppEnabledExtensionNames;
    const void *pEnabledFeatures;
} VkDeviceCreateInfo;
typedef struct {
    int32_t sType; void *pNext;
    uint32_t apiVersion, driverVersion, vendorID, deviceID; int32_t deviceType; char deviceName[256];
    uint64_t rest[256];
} VkPhysicalDeviceProperties2;
typedef struct {
    int32_t sType; void *pNext;
    uint8_t deviceUUID[16], driverUUID[16], deviceLUID[8]; uint32_t deviceNodeMask, deviceLUIDValid;
} VkPhysicalDeviceIDProperties;
typedef struct { uint32_t propertyFlags, heapIndex; } VkMemoryType;
typedef struct { uint64_t size; uint32_t flags; } VkMemoryHeap;
typedef struct {
    uint32_t memoryTypeCount; VkMemoryType memoryTypes[32];
    uint32_t memoryHeapCount; VkMemoryHeap memoryHeaps[16];
} VkPhysicalDeviceMemoryProperties;
typedef struct { char extensionName[256]; uint32_t specVersion; } VkExtensionProperties;
typedef struct {
    int32_t sType; const void *pNext;
    uint64_t allocationSize; uint32_t memoryTypeIndex;
} VkMemoryAllocateInfo;
typedef struct { int32_t sType; const void *pNext; uint32_t handleTypes; } VkExportMemoryAllocateInfo;
typedef struct { int32_t sType; const void *pNext; VkDeviceMemory memory; int32_t handleType; } VkMemoryGetFdInfoKHR;

void *vkGetInstanceProcAddr(VkInstance instance, const char *name);
void *vk_icdGetInstanceProcAddr(VkInstance instance, const char *name);
int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version);

typedef int32_t vkEnumerateInstanceVersion(uint32_t *version);
typedef int32_t vkCreateInstance(const VkInstanceCreateInfo *info, const void *allocator, VkInstance *instance);
typedef void vkDestroyInstance(VkInstance instance, const void *allocator);
typedef int32_t vkEnumeratePhysicalDevices(VkInstance instance, uint32_t *count, VkPhysicalDevice *devices);
typedef void vkGetPhysicalDeviceProperties2(VkPhysicalDevice device, VkPhysicalDeviceProperties2 *properties);
typedef void vkGetPhysicalDeviceMemoryProperties(VkPhysicalDevice device, VkPhysicalDeviceMemoryProperties *properties);
typedef int32_t vkEnumerateDeviceExtensionProperties(VkPhysicalDevice device, const char *layer, uint32_t *count,
                                                     VkExtensionProperties *properties);
typedef int32_t vkCreateDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo *info, const void *allocator,
                               VkDevice *device);
typedef void vkDestroyDevice(VkDevice device, const void *allocator);
typedef void *vkGetDeviceProcAddr(VkDevice device, const char *name);
typedef int32_t vkAllocateMemory(VkDevice device, const VkMemoryAllocateInfo *info, const void *allocator,
                                 VkDeviceMemory *memory);
typedef void vkFreeMemory(VkDevice device, VkDeviceMemory memory, const void *allocator);
typedef int32_t vkMapMemory(VkDevice device, VkDeviceMemory memory, uint64_t offset, uint64_t size, uint32_t flags,
                            void **data);
typedef int32_t vkGetMemoryFdKHR(VkDevice device, const VkMemoryGetFdInfoKHR *info, int *fd);
"""


class VulkanError(Exception):
    """What Vulkan lacks here, as a part of a sentence."""


@cache
def _declared() -> Any:
    """Parse the declarations, once and only for those who want device replies."""
    from cffi import FFI

    ffi = FFI()
    ffi.cdef(_DECLARATIONS)
    return ffi


@dataclass(frozen=True)
class MemoryType:
    """One entry of a physical device's memory types."""

    index: int
    flags: int
    heap_bytes: int


def usable_types(types: Sequence[MemoryType], count: int) -> list[MemoryType]:
    """Choose the memory types for words that the device polls and the CPU writes.

    Parameters
    ----------
    types : sequence of MemoryType
        All that the device has.
    count : int
        Bytes that are wanted.

    Returns
    -------
    list of MemoryType
        The device's own memory that the CPU can map without flushing by hand, on heaps that are large enough; those
        that the CPU does not cache come first, in the driver's order.
    """
    wanted = DEVICE_LOCAL | HOST_VISIBLE | HOST_COHERENT
    fit = [kind for kind in types if kind.flags & wanted == wanted and kind.heap_bytes >= count]
    return sorted(fit, key=lambda kind: bool(kind.flags & HOST_CACHED))


def allocate(uuid: bytes, count: int, libraries: Sequence[Library] = LIBRARIES) -> VulkanMemory:
    """Allocate by the first library that can.

    Parameters
    ----------
    uuid : bytes
        Of the device, 16 bytes; no other device is ever taken.
    count : int
        Bytes.
    libraries : sequence of Library
        Where to look for Vulkan.

    Returns
    -------
    VulkanMemory
        Mapped.

    Raises
    ------
    VulkanError
        With what each library lacks.
    """
    reasons = []
    for library in libraries:
        try:
            return VulkanMemory(uuid, count, library)
        except VulkanError as error:
            reasons.append(str(error))
    raise VulkanError(
        f"{', '.join(reasons)}; a container gets the driver's graphics libraries by "
        "NVIDIA_DRIVER_CAPABILITIES=graphics,compute,utility"
    )


class VulkanMemory:
    """A piece of one device's memory: mapped for the CPU, and exported once as a file descriptor.

    Parameters
    ----------
    uuid, count, library
        See :func:`allocate`.

    Attributes
    ----------
    host : int
        Address of the mapping.

    Raises
    ------
    VulkanError
        With what is missing.
    """

    def __init__(self, uuid: bytes, count: int, library: Library) -> None:
        self._ffi = ffi = _declared()
        self._library = library.name
        self._get = _load(ffi, library)
        self._instance = ffi.NULL
        with contextlib.ExitStack() as undo:
            self._instance = self._new_instance()
            undo.callback(self._function("vkDestroyInstance"), self._instance, ffi.NULL)
            physical = self._physical(uuid)
            self._device = self._new_device(physical)
            undo.callback(self._function("vkDestroyDevice"), self._device, ffi.NULL)
            self._memory = self._new_memory(physical, count)
            undo.callback(self._function("vkFreeMemory"), self._device, self._memory, ffi.NULL)
            data = ffi.new("void **")
            self._call("vkMapMemory", self._device, self._memory, 0, _WHOLE, 0, data)
            self.host = int(ffi.cast("uintptr_t", data[0]))
            self._undo = undo.pop_all()

    def descriptor(self) -> int:
        """Export the memory; the descriptor is the caller's."""
        ffi = self._ffi
        address = self._function("vkGetDeviceProcAddr")(self._device, b"vkGetMemoryFdKHR")
        if address == ffi.NULL:
            raise self._error("has no vkGetMemoryFdKHR")
        info = ffi.new("VkMemoryGetFdInfoKHR *", {"sType": _GET_FD_INFO})
        info.memory, info.handleType = self._memory, _OPAQUE_FD
        out = ffi.new("int *", -1)
        self._check("vkGetMemoryFdKHR", ffi.cast("vkGetMemoryFdKHR *", address)(self._device, info, out))
        return int(out[0])

    def close(self) -> None:
        """Unmap and free; whoever imported the memory has let go of it."""
        self._undo.close()

    # -- calls
    def _function(self, name: str) -> Any:
        address = self._get(self._instance, name.encode())
        if address == self._ffi.NULL:
            raise self._error(f"has no {name}")
        return self._ffi.cast(f"{name} *", address)

    def _call(self, name: str, *args: Any) -> None:
        self._check(name, self._function(name)(*args))

    def _check(self, name: str, result: int) -> None:
        if result < 0:
            raise self._error(f"says {_ERRORS.get(result, result)} to {name}")

    def _error(self, what: str) -> VulkanError:
        return VulkanError(f"{self._library} {what}")

    def _all(self, kind: str, name: str, *args: Any) -> list[Any]:
        """Enumerate: ask for the number, then for the things."""
        count = self._ffi.new("uint32_t *")
        self._call(name, *args, count, self._ffi.NULL)
        things = self._ffi.new(f"{kind}[]", max(int(count[0]), 1))
        self._call(name, *args, count, things)
        return [things[i] for i in range(int(count[0]))]

    # -- steps
    def _new_instance(self) -> Any:
        ffi = self._ffi
        version = ffi.new("uint32_t *")
        self._call("vkEnumerateInstanceVersion", version)  # missing before Vulkan 1.1
        if version[0] < _VERSION_1_1:
            raise self._error("is older than Vulkan 1.1")
        name = ffi.new("char[]", b"hostcall")
        application = ffi.new("VkApplicationInfo *", {"sType": _APPLICATION_INFO, "pApplicationName": name})
        application.apiVersion = _VERSION_1_1
        info = ffi.new("VkInstanceCreateInfo *", {"sType": _INSTANCE_INFO, "pApplicationInfo": application})
        out = ffi.new("VkInstance *")
        result = self._function("vkCreateInstance")(info, ffi.NULL, out)
        if result == _INCOMPATIBLE_DRIVER:
            raise self._error("finds no driver that works (VK_LOADER_DEBUG=error,driver shows what it tried)")
        self._check("vkCreateInstance", result)
        return out[0]

    def _physical(self, uuid: bytes) -> Any:
        ffi = self._ffi
        others = []
        for device in self._all("VkPhysicalDevice", "vkEnumeratePhysicalDevices", self._instance):
            identity = ffi.new("VkPhysicalDeviceIDProperties *", {"sType": _ID_PROPERTIES})
            properties = ffi.new("VkPhysicalDeviceProperties2 *", {"sType": _PROPERTIES_2, "pNext": identity})
            self._function("vkGetPhysicalDeviceProperties2")(device, properties)
            if bytes(identity.deviceUUID) == uuid:
                return device
            others.append(ffi.string(properties.deviceName).decode(errors="replace"))
        found = f"only {', '.join(others)}" if others else "no device at all"
        raise self._error(f"does not show the device with UUID {uuid.hex()}, {found}")

    def _new_device(self, physical: Any) -> Any:
        ffi = self._ffi
        known = self._all("VkExtensionProperties", "vkEnumerateDeviceExtensionProperties", physical, ffi.NULL)
        if _FD_EXTENSION not in [ffi.string(entry.extensionName) for entry in known]:
            raise self._error(f"has no {_FD_EXTENSION.decode()} for the device")
        # A device without a queue is not allowed; nothing is ever put into this one.
        priority = ffi.new("float[]", [0.0])
        queue = ffi.new("VkDeviceQueueCreateInfo *", {"sType": _QUEUE_INFO, "queueCount": 1})
        queue.pQueuePriorities = priority
        name = ffi.new("char[]", _FD_EXTENSION)
        names = ffi.new("const char *[]", [name])
        info = ffi.new("VkDeviceCreateInfo *", {"sType": _DEVICE_INFO, "queueCreateInfoCount": 1})
        info.pQueueCreateInfos = queue
        info.enabledExtensionCount, info.ppEnabledExtensionNames = 1, names
        out = ffi.new("VkDevice *")
        self._call("vkCreateDevice", physical, info, ffi.NULL, out)
        return out[0]

    def _new_memory(self, physical: Any, count: int) -> Any:
        ffi = self._ffi
        found = ffi.new("VkPhysicalDeviceMemoryProperties *")
        self._function("vkGetPhysicalDeviceMemoryProperties")(physical, found)
        types = []
        for i in range(found.memoryTypeCount):
            kind = found.memoryTypes[i]
            types.append(MemoryType(i, kind.propertyFlags, found.memoryHeaps[kind.heapIndex].size))
        usable = usable_types(types, count)
        if not usable:
            raise self._error(f"has no memory type for {count} bytes of the device's own memory that the CPU can map")
        export = ffi.new("VkExportMemoryAllocateInfo *", {"sType": _EXPORT_INFO, "handleTypes": _OPAQUE_FD})
        memory = ffi.new("VkDeviceMemory *")
        result = 0
        for kind in usable:
            info = ffi.new("VkMemoryAllocateInfo *", {"sType": _ALLOCATE_INFO, "pNext": export})
            info.allocationSize, info.memoryTypeIndex = count, kind.index
            result = self._function("vkAllocateMemory")(self._device, info, ffi.NULL, memory)
            if result == 0:
                break
        self._check(f"vkAllocateMemory of {count} bytes", result)
        return memory[0]


def _load(ffi: Any, library: Library) -> Any:
    """Open a library; its function that gives the others."""
    try:
        opened = ffi.dlopen(library.name)
    except OSError as error:
        missing = re.search(r"([^\s:]+): cannot open shared object file", str(error))
        if missing is None:
            raise VulkanError(f"{library.name} cannot be loaded ({error})") from None
        needed = "" if missing[1] == library.name else f"needs {missing[1]}, which "
        raise VulkanError(f"{library.name} {needed}is not installed") from None
    try:
        get = getattr(opened, library.symbol)
        if library.symbol.startswith("vk_icd"):
            # Says which version of the interface is spoken, as loaders do first.
            opened.vk_icdNegotiateLoaderICDInterfaceVersion(ffi.new("uint32_t *", _DRIVER_INTERFACE))
    except AttributeError:
        raise VulkanError(f"{library.name} has no {library.symbol}") from None
    return get
