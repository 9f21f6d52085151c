# SPDX-License-Identifier: Apache-2.0
"""The transport through OpenCL shared virtual memory: one arena, at one address for both sides.

Live where the device has fine-grained SVM with atomics (CPUs, integrated GPUs). Where SVM is only coarse-grained
(NVIDIA's OpenCL) host and device own the arena in turns: the transport is deferred, and the host answers between
launches.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from hostcall.errors import BackendError, TransportUnavailable

from .base import REGIONS, Capabilities, Facts, Probe, Region
from .loopback import cpu_cycles_per_us

_PAGE = 4096
_MAX_CALLS = 16384
_load_lock = threading.Lock()
_probed: dict[int, tuple[str, frozenset[str]]] = {}


def load_opencl() -> Any:
    """Import pyopencl, and leave the host's threads a core of a CPU device.

    Raises
    ------
    TransportUnavailable
        If it is not installed or cannot be loaded.
    """
    with _load_lock:
        # PoCL reads it once, at the first query for platforms. Without a free core a round trip is a slice of the
        # scheduler.
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
        os.environ.setdefault("POCL_MAX_PTHREAD_COUNT", str(max(cores - 1, 1)))
        try:
            import pyopencl
        except ImportError as error:
            raise TransportUnavailable(
                f"pyopencl cannot be imported ({error}); install it with: pip install 'hostcall[opencl]'"
            ) from error
    return pyopencl


def _grain(cl: Any, device: Any) -> str:
    """Say which SVM a device has: "fine" (with atomics), "coarse" or "" for none."""
    kinds = cl.device_svm_capabilities
    try:
        have = device.svm_capabilities
    except cl.Error:  # OpenCL 1.x does not know the question
        return ""
    if have & kinds.FINE_GRAIN_BUFFER and have & kinds.ATOMICS:
        return "fine"
    return "coarse" if have & kinds.COARSE_GRAIN_BUFFER else ""


def _find_device(cl: Any, wanted: int | str) -> tuple[Any, str]:
    """Choose a device: those with live SVM come first, else the order is that of the platforms."""
    try:
        platforms = cl.get_platforms()
    except cl.Error as error:
        raise TransportUnavailable(
            f"no OpenCL driver is installed ({error}); for the CPU: pip install 'hostcall[opencl]'"
        ) from error
    devices = []
    for platform in platforms:
        try:
            devices += platform.get_devices()
        except cl.Error:  # a platform without devices says so by an error
            continue
    usable = [(device, _grain(cl, device)) for device in devices]
    usable = sorted((pair for pair in usable if pair[1]), key=lambda pair: pair[1] != "fine")
    if not usable:
        names = ", ".join(device.name for device in devices) or "there is no device"
        raise TransportUnavailable(f"no OpenCL device has shared virtual memory ({names})")
    if isinstance(wanted, str):
        usable = [pair for pair in usable if wanted.lower() in pair[0].name.lower()]
        wanted, what = 0, f"no OpenCL device with shared virtual memory has {wanted!r} in its name"
    else:
        what = f"there is no OpenCL device {wanted} with shared virtual memory, only {len(usable)}"
    if wanted >= len(usable):
        raise TransportUnavailable(what)
    return usable[wanted]


def _language(cl: Any, device: Any) -> str:
    """The newest OpenCL C that the device compiles, as an option."""
    try:
        versions = {(item.version >> 22, item.version >> 12 & 1023) for item in device.opencl_c_all_versions}
    except (cl.Error, AttributeError):
        versions = set()
        words = device.opencl_c_version.split()
        if len(words) > 2 and words[2][:1].isdigit():
            major, _, minor = words[2].partition(".")
            versions.add((int(major), int(minor[:1] or 0)))
    for version, option in (((3, 0), "-cl-std=CL3.0"), ((2, 0), "-cl-std=CL2.0")):
        if version in versions:
            return option
    return ""


_FEATURES = r"""
__kernel void hc_features(__global int *out) {
    int have = 0;
#if defined(__opencl_c_atomic_scope_all_devices)
    have |= 1;
#endif
#if defined(__has_builtin)
#if __has_builtin(__builtin_readcyclecounter)
    have |= 2;
#endif
#if __has_builtin(__builtin_ia32_pause)
    have |= 4;
#endif
#endif
    out[0] = have;
}
"""


def _features(cl: Any, device: Any) -> tuple[str, frozenset[str]]:
    """Ask the device's compiler what it has; a build that fails would write to stderr, so this one cannot."""
    key = int(device.int_ptr)
    if key not in _probed:
        language = _language(cl, device)
        context = cl.Context([device])
        queue = cl.CommandQueue(context)
        out = np.zeros(1, np.int32)
        memory = cl.Buffer(context, cl.mem_flags.WRITE_ONLY, out.nbytes)
        program = cl.Program(context, _FEATURES).build([language] if language else [], cache_dir=False)
        cl.Kernel(program, "hc_features")(queue, (1,), None, memory)
        cl.enqueue_copy(queue, out, memory)
        names = {"all_devices"} if out[0] & 1 else set()
        if out[0] & 2 and device.type & cl.device_type.CPU:
            names.add("cycles")
        if out[0] & 4 and device.type & cl.device_type.CPU:
            names.add("pause")
        _probed[key] = language, frozenset(names)
    return _probed[key]


class Native:
    """What the OpenCL backend needs: context, queue and device, and whose turn it is on coarse-grained memory.

    Attributes
    ----------
    cl : module
        pyopencl.
    device, context, queue
        Of the driver.
    fine : bool
        Whether both sides may touch the memory at any time.
    arena
        The SVM allocation that holds all regions.
    """

    def __init__(self, cl: Any, device: Any, fine: bool) -> None:
        self.cl = cl
        self.device = device
        self.fine = fine
        self.language, self.features = _features(cl, device)
        self.context = cl.Context([device])
        self.queue = cl.CommandQueue(self.context)
        self.arena: Any = None
        self._ours: list[tuple[Any, int]] = []
        self._maps: list[Any] = []

    def allocate(self, count: int, host_bytes: int | None = None) -> Any:
        """Allocate SVM, zeroed; of coarse-grained memory the host gets its turns on the first `host_bytes`."""
        kinds = self.cl.svm_mem_flags
        flags = kinds.READ_WRITE
        if self.fine:
            flags |= kinds.SVM_FINE_GRAIN_BUFFER | kinds.SVM_ATOMICS
        try:
            memory = self.cl.SVMAllocation(self.context, count, 128, flags)
        except self.cl.Error as error:
            limit = self.device.max_mem_alloc_size
            raise BackendError(
                f"{self.device.name} gives no {count} bytes of shared virtual memory (at most {limit} at once): {error}"
            ) from error
        if self.fine:
            ctypes.memset(memory.svm_ptr, 0, count)
            return memory
        held = self._map(memory, count)
        ctypes.memset(memory.svm_ptr, 0, count)
        held.release(self.queue)
        self._ours.append((memory, count if host_bytes is None else host_bytes))
        self._maps.append(self._map(*self._ours[-1]))
        return memory

    def _map(self, memory: Any, count: int) -> Any:
        flags = self.cl.map_flags.READ | self.cl.map_flags.WRITE
        return memory.map(self.queue, flags=flags, is_blocking=True, size=count)

    def to_host(self) -> None:
        """Give coarse-grained memory to the host; waits for the kernels in the queue."""
        if not self._maps:
            self._maps = [self._map(*item) for item in self._ours]

    def to_device(self) -> None:
        """Give coarse-grained memory to the device."""
        maps, self._maps = self._maps, []
        for held in maps:
            held.release(self.queue)

    def release(self) -> None:
        """Free everything; no kernel runs."""
        self.to_device()
        self.queue.finish()
        self._ours = []
        self.arena = None


class OpenCLSVM:
    """OpenCL shared virtual memory as channel.

    Parameters
    ----------
    config : Config
        ``transport.device`` chooses the device: an index among those with SVM, live ones first, or a part of its name.
    """

    name = "opencl-svm"
    backend = "opencl"
    _force_coarse = False

    @classmethod
    def probe(cls, config: Any) -> Probe:
        """Work on any device with SVM; the reason says whether it is live."""
        try:
            cl = load_opencl()
            device, grain = _find_device(cl, config.transport.device)
        except TransportUnavailable as error:
            return Probe(False, str(error.args[0]))
        deferred = "deferred: the host answers between launches" if cls._force_coarse or grain == "coarse" else ""
        return Probe(True, deferred, device.name)

    def __init__(self, config: Any) -> None:
        cl = load_opencl()
        device, grain = _find_device(cl, config.transport.device)
        fine = grain == "fine" and not self._force_coarse
        self.native = Native(cl, device, fine)
        self.capabilities = Capabilities(live=fine, by_reference=True)
        units = int(device.max_compute_units)
        if device.type & cl.device_type.CPU:
            calls, rate = max(256, 4 * units), cpu_cycles_per_us()
        else:
            # A warp's width is the driver's secret, so that every work-item counts as one.
            calls, rate = units * int(device.max_work_group_size), float(device.max_clock_frequency or 1000)
        self.facts = Facts(
            name=device.name,
            warps=min(calls, _MAX_CALLS),
            warps_per_unit=min(calls, _MAX_CALLS),
            lanes_per_warp=1,
            has_clock=False,
            cycles_per_us=rate,
            details={
                "platform": device.platform.name,
                "driver": device.driver_version,
                "opencl_c": self.native.language or device.opencl_c_version,
                "svm": "fine" if fine else "coarse",
                "compute_units": units,
            },
        )
        self._state = Region(0, 0, 0)
        self._shared: list[Any] = []

    def allocate(self, sizes: Mapping[str, int]) -> dict[str, Region]:
        """See :class:`~hostcall.transports.base.Transport`."""
        # The heap comes last: the host never touches it, so that coarse-grained turns do not move it.
        places: dict[str, int] = {}
        at = 0
        for name in sorted(REGIONS, key=lambda name: name == "heap"):
            places[name] = at
            at += (sizes.get(name, 0) + _PAGE - 1) // _PAGE * _PAGE
        self.native.arena = self.native.allocate(at, places["heap"])
        base = int(self.native.arena.svm_ptr)
        regions = {name: Region(base + places[name], base + places[name], sizes.get(name, 0)) for name in REGIONS}
        self._state = regions["state"]
        return regions

    def write_state(self, offset: int, data: bytes) -> None:
        """See :class:`~hostcall.transports.base.Transport`; on coarse-grained memory it waits for the kernel."""
        self.native.to_host()
        ctypes.memmove(self._state.host + offset, data, len(data))

    def read_state(self, offset: int, count: int) -> bytes:
        """See :class:`~hostcall.transports.base.Transport`; on coarse-grained memory it waits for the kernel."""
        self.native.to_host()
        return ctypes.string_at(self._state.host + offset, count)

    def share(self, array: Any) -> Region:
        """See :class:`~hostcall.transports.base.Transport`; always new memory, of `array`'s size."""
        count = array if isinstance(array, int) else int(array.nbytes)
        self.native.to_host()
        memory = self.native.allocate(max(count, 1))
        self._shared.append(memory)
        address = int(memory.svm_ptr)
        return Region(address, address, max(count, 1))

    def close(self) -> None:
        """See :class:`~hostcall.transports.base.Transport`."""
        self.native.release()
        self._shared.clear()


class OpenCLSVMDeferred(OpenCLSVM):
    """The same on coarse-grained memory, even where the device has better: what NVIDIA's OpenCL is like."""

    name = "opencl-svm-deferred"
    _force_coarse = True
