# SPDX-License-Identifier: Apache-2.0
"""Kernels on NVIDIA GPUs: cuda.core compiles, the driver's bindings load, launch and copy.

Also the device itself as the CUDA transports use it. Whatever runs while a kernel may be waiting for the host uses only
calls that complete meanwhile: allocation, copies on a private non-blocking stream, event queries. Freeing and loading
wait for the kernel.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native import ffi, lib
from .._signature import Signature
from ..affinity import node_of_pci
from ..errors import ArgumentError, BackendError, CompileError, DeviceFault, LaunchError, TransportUnavailable
from .base import CLIENT_SYMBOL, Activity, Pointer, Setting, assemble, define_options, include_dir

_INSTALL = "install them with: pip install 'hostcall[cuda]'"
_LEGACY_STREAM = 1  # CU_STREAM_LEGACY
_load_lock = threading.Lock()


def load_driver() -> Any:
    """Import the driver's bindings and initialise the driver.

    Returns
    -------
    module
        cuda.bindings.driver.

    Raises
    ------
    TransportUnavailable
        If the package, the driver or a device is missing.
    """
    with _load_lock:
        # Loading a kernel waits, under the context's lock, for the kernels that run: with lazy loading that would
        # happen at the first launch of each. Only the first to initialise the driver is asked.
        os.environ.setdefault("CUDA_MODULE_LOADING", "EAGER")
        try:
            from cuda.bindings import driver
        except ImportError as error:
            raise TransportUnavailable(f"cuda-bindings cannot be imported ({error}); {_INSTALL}") from error
        try:
            result = driver.cuInit(0)[0]
        except Exception as error:  # the bindings have an exception type of their own for each way not to find libcuda
            raise TransportUnavailable("no NVIDIA driver: libcuda.so.1 cannot be loaded") from error
        if int(result) != 0:
            raise TransportUnavailable(f"the NVIDIA driver does not start: {_error_text(driver, result)}")
        return driver


def load_compiler() -> tuple[Any, Any]:
    """Import cuda.core's Program and ProgramOptions, under the name of either generation.

    Raises
    ------
    TransportUnavailable
        If cuda-core is not installed.
    """
    try:
        from cuda.core import Program, ProgramOptions
    except ImportError:
        try:
            from cuda.core.experimental import Program, ProgramOptions
        except ImportError as error:
            raise TransportUnavailable(f"cuda-core cannot be imported ({error}); {_INSTALL}") from error
    return Program, ProgramOptions


def _error_text(driver: Any, code: Any) -> str:
    """Spell a driver error: its name and the driver's sentence."""
    texts = []
    for ask in (driver.cuGetErrorName, driver.cuGetErrorString):
        status, text = ask(code)
        if int(status) == 0 and text:
            texts.append(text.decode(errors="replace") if isinstance(text, bytes) else str(text))
    return f"{texts[0]}: {texts[1]}" if len(texts) == 2 else f"error {int(code)}"


_LONGEST_PAUSE = 1e-3
_TIMER_LOOKS = 8
_TIMER_PTX = b"""
.version 6.4
.target sm_70
.address_size 64
.visible .entry hostcall_timer(.param .u64 at)
{
    .reg .u64 %address, %time;
    ld.param.u64 %address, [at];
    mov.u64 %time, %globaltimer;
    st.global.u64 [%address], %time;
    ret;
}
\0"""
"""Stores the device's nanosecond timer; assembled by the driver, so that opening a runtime needs no compiler."""


class CudaDevice:
    """One device with its primary context and the private stream for everything that must not wait for a kernel.

    Parameters
    ----------
    wanted : int or str
        Index, or a part of the name.
    """

    def __init__(self, wanted: int | str) -> None:
        self.driver = load_driver()
        self.index = self._find(wanted)
        self.device = self.call("cuDeviceGet", self.index)
        self.context = self.call("cuDevicePrimaryCtxRetain", self.device)
        self._open = True
        self.activate()
        flags = self.driver.CUstream_flags.CU_STREAM_NON_BLOCKING
        self.private = self.call("cuStreamCreate", int(flags))
        self.stream = self.call("cuStreamCreate", int(flags))

    def _find(self, wanted: int | str) -> int:
        count = self.call("cuDeviceGetCount")
        if count == 0:
            raise TransportUnavailable("the NVIDIA driver has no device")
        if isinstance(wanted, int):
            if wanted >= count:
                raise TransportUnavailable(f"there is no CUDA device {wanted}, only {count}")
            return wanted
        names = [self._name(self.call("cuDeviceGet", index)) for index in range(count)]
        for index, name in enumerate(names):
            if wanted.lower() in name.lower():
                return index
        raise TransportUnavailable(f"no CUDA device has {wanted!r} in its name ({', '.join(names)})")

    def _name(self, device: Any) -> str:
        raw = self.call("cuDeviceGetName", 256, device)
        return str(raw.split(b"\0")[0].decode(errors="replace"))

    def call(self, function: str, *args: Any) -> Any:
        """Call the driver; the result without its status, or BackendError with CUDA's name for what went wrong."""
        status, *rest = getattr(self.driver, function)(*args)
        if int(status) != 0:
            raise BackendError(f"{function}: {_error_text(self.driver, status)}", code=int(status))
        return rest[0] if len(rest) == 1 else tuple(rest)

    def activate(self) -> None:
        """Make the context current on this thread."""
        self.call("cuCtxSetCurrent", self.context)

    @property
    def name(self) -> str:
        """The device's name."""
        return self._name(self.device)

    def attribute(self, name: str) -> int:
        """A device attribute by its name without the prefix, such as ``WARP_SIZE``."""
        key = getattr(self.driver.CUdevice_attribute, f"CU_DEVICE_ATTRIBUTE_{name}")
        return int(self.call("cuDeviceGetAttribute", key, self.device))

    def numa_node(self) -> int | None:
        """The host's NUMA node that the device hangs on; None where the system does not say."""
        raw = self.call("cuDeviceGetPCIBusId", 32, self.device)
        return node_of_pci(bytes(raw).split(b"\0")[0].decode(errors="replace"))

    @property
    def arch(self) -> str:
        """What the compiler is told to compile for."""
        return f"sm_{self.attribute('COMPUTE_CAPABILITY_MAJOR')}{self.attribute('COMPUTE_CAPABILITY_MINOR')}"

    def allocate(self, count: int) -> int:
        """Allocate device memory, zeroed."""
        address = int(self.call("cuMemAlloc", count))
        try:
            self.clear(address, count)
        except BackendError:
            self.call("cuMemFree", address)
            raise
        return address

    def clear(self, address: int, count: int) -> None:
        """Zero `count` bytes at a device address."""
        # On the private stream: the default one would wait for kernels that wait for the host.
        self.call("cuMemsetD8Async", address, 0, count, self.private)
        self.call("cuStreamSynchronize", self.private)

    def upload(self, address: int, data: Any, count: int) -> None:
        """Copy `count` bytes from host memory to device address; completes while a kernel runs."""
        self.activate()
        self.call("cuMemcpyHtoDAsync", address, data, count, self.private)
        self.call("cuStreamSynchronize", self.private)

    def download(self, target: int, address: int, count: int) -> None:
        """Copy `count` bytes from device address to host address; completes while a kernel runs."""
        self.activate()
        self.call("cuMemcpyDtoHAsync", target, address, count, self.private)
        self.call("cuStreamSynchronize", self.private)

    def close(self) -> None:
        """Give up streams and context; no kernel runs."""
        if not self._open:
            return
        self._open = False
        try:
            self.activate()
            for stream in (self.private, self.stream):
                self.call("cuStreamDestroy", stream)
        finally:
            self.call("cuDevicePrimaryCtxRelease", self.device)


class CudaProgram:
    """A kernel in a loaded module."""

    def __init__(self, module: Any, function: Any, signature: Signature, sizes: list[int]) -> None:
        self.module = module
        self.handle = function
        self.signature = signature
        self.sizes = sizes


class CudaFlight:
    """An event behind a launched kernel."""

    def __init__(self, device: CudaDevice, activity: Activity, event: Any, name: str, keep: object) -> None:
        self._device = device
        self._activity = activity
        self._event = event
        self._name = name
        self._keep = keep
        self._pause = 0.0

    def wait(self, seconds: float) -> bool:
        """See :class:`~hostcall.backends.base.Flight`."""
        if self._event is None:
            return True
        driver = self._device.driver
        self._device.activate()  # whoever waits may be another thread than whoever launched
        end = time.monotonic() + seconds
        while True:
            seen = self._activity.ended()
            status = driver.cuEventQuery(self._event)[0]
            if int(status) == 0:
                self._device.call("cuEventDestroy", self._event)
                self._event = self._keep = None
                return True
            if status != driver.CUresult.CUDA_ERROR_NOT_READY:
                self._event = self._keep = None
                raise DeviceFault(f"kernel {self._name!r} died: {_error_text(driver, status)}")
            left = end - time.monotonic()
            if left <= 0:
                return False
            # Short kernels are met by looking at once; of the end of a long one the driver tells on a thread of its
            # own, a moment before the event. Of a fault it does not tell: waits are as short as the caller's.
            if self._pause < _LONGEST_PAUSE:
                time.sleep(min(self._pause, left))
                self._pause = self._pause * 2 + 2e-5
            elif self._activity.open:
                if self._activity.ended(seen, left) != seen:
                    self._pause = 0.0
            else:
                time.sleep(min(_LONGEST_PAUSE, left))


class DeviceCopy:
    """An array's contents in device memory."""

    def __init__(self, device: CudaDevice, array: npt.NDArray[Any]) -> None:
        self._device = device
        self._array = array
        device.activate()
        # Stream-ordered, since a plain free waits for every kernel of the context.
        self.address = int(device.call("cuMemAllocAsync", max(array.nbytes, 1), device.private))
        if array.nbytes:
            device.upload(self.address, int(array.ctypes.data), array.nbytes)
        else:
            device.call("cuStreamSynchronize", device.private)

    def fetch(self) -> None:
        """See :class:`~hostcall.backends.base.Copy`."""
        if self._array.nbytes:
            self._device.download(int(self._array.ctypes.data), self.address, self._array.nbytes)

    def free(self) -> None:
        """See :class:`~hostcall.backends.base.Copy`."""
        self._device.activate()
        self._device.call("cuMemFreeAsync", self.address, self._device.private)


class CudaBackend:
    """Compiles with cuda.core and launches with the driver.

    Parameters
    ----------
    setting : Setting
        Of a transport whose ``native`` is a :class:`CudaDevice`.
    """

    name = "cuda"

    def __init__(self, setting: Setting) -> None:
        self._device: CudaDevice = setting.transport.native
        self._activity: Activity = setting.activity
        self._client = setting.client
        self.max_block = self._device.attribute("MAX_THREADS_PER_BLOCK")
        self._programs: list[CudaProgram] = []
        self._done = int(ffi.cast("uintptr_t", setting.activity.done))
        self._argument = int(ffi.cast("uintptr_t", setting.activity.argument))
        self._libcuda = ctypes.CDLL("libcuda.so.1")
        self._libcuda.cuLaunchHostFunc.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        if setting.config.kernel.stack != "auto":
            self._device.call(
                "cuCtxSetLimit", self._device.driver.CUlimit.CU_LIMIT_STACK_SIZE, setting.config.kernel.stack
            )

    def timer_offset(self) -> int:
        """See :class:`~hostcall.backends.base.Backend`."""
        device = self._device
        device.activate()
        module = device.call("cuModuleLoadData", _TIMER_PTX)
        pinned = device.call("cuMemHostAlloc", 8, 0)
        try:
            function = device.call("cuModuleGetFunction", module, b"hostcall_timer")
            seen = ctypes.c_int64.from_address(int(pinned))
            window, offset = 0, 0
            for _ in range(_TIMER_LOOKS):
                before = time.monotonic_ns()
                packed = ((int(pinned),), (ctypes.c_uint64,))
                device.call("cuLaunchKernel", function, 1, 1, 1, 1, 1, 1, 0, device.private, packed, 0)
                device.call("cuStreamSynchronize", device.private)
                after = time.monotonic_ns()
                # The timer was read somewhere between: the shortest window says it best.
                if window == 0 or after - before < window:
                    window, offset = after - before, (before + after) // 2 - seen.value
            return offset
        finally:
            device.call("cuMemFreeHost", pinned)
            device.call("cuModuleUnload", module)

    def compile(
        self, source: str, signature: Signature, options: Sequence[str], defines: Mapping[str, str | None]
    ) -> CudaProgram:
        """See :class:`~hostcall.backends.base.Backend`."""
        self._device.activate()
        code = compile_cubin(source, signature.name, self._device.arch, options, defines)
        return self._loaded(code, signature, source)

    def load(self, code: bytes, signature: Signature) -> CudaProgram:
        """See :class:`~hostcall.backends.base.Backend`; `code` is a cubin, a fatbin or PTX."""
        self._device.activate()
        try:
            # PTX is a C string for the driver; what stands behind the others does no harm.
            return self._loaded(code + b"\0", signature, "")
        except BackendError as error:
            raise CompileError(
                f"kernel {signature.name!r} cannot be loaded on {self._device.name} ({self._device.arch}): {error}"
            ) from error

    def _loaded(self, code: bytes, signature: Signature, source: str) -> CudaProgram:
        module = self._device.call("cuModuleLoadData", code)
        try:
            function = self._device.call("cuModuleGetFunction", module, signature.name.encode())
        except BackendError as error:
            raise CompileError(
                f"kernel {signature.name!r} is not in the compiled module: mark it HC_KERNEL ({error})", source=source
            ) from error
        self.bind(module)
        program = CudaProgram(module, function, signature, self._sizes(function, len(signature.params)))
        self.preload(program)
        self._programs.append(program)
        return program

    def _sizes(self, function: Any, count: int) -> list[int]:
        """Bytes of each parameter as the driver knows them; empty for drivers that do not tell."""
        ask = getattr(self._device.driver, "cuFuncGetParamInfo", None)
        if ask is None:
            return []
        sizes = []
        for index in range(count):
            status, _, size = ask(function, index)
            if int(status) != 0:
                return []
            sizes.append(int(size))
        return sizes

    def foreign(self, value: object) -> Pointer | None:
        """Take device arrays by ``__cuda_array_interface__`` or DLPack, ordered behind what their owner has queued."""
        described = getattr(value, "__cuda_array_interface__", None)
        if described is not None:
            strides = described.get("strides")
            if strides is not None and not _contiguous(described["shape"], strides, described["typestr"]):
                raise ArgumentError("a device array must be C-contiguous to be passed as a pointer")
            stream = described.get("stream")
            self._follow(_LEGACY_STREAM if stream is None else int(stream))
            return Pointer(int(described["data"][0] or 0), value)
        if hasattr(value, "__dlpack__") and not isinstance(value, np.ndarray):
            return self._dlpack(value)
        return None

    def _dlpack(self, value: Any) -> Pointer | None:
        from cuda.core.utils import StridedMemoryView

        kind = int(value.__dlpack_device__()[0])
        if kind not in (2, 3, 13):  # CUDA, CUDA host, CUDA managed; anything else is not this device's
            return None
        stream = int(self._device.stream)
        view = getattr(StridedMemoryView, "from_dlpack", StridedMemoryView)(value, stream_ptr=stream)
        if view.strides is not None and not _contiguous(
            view.shape, [s * view.dtype.itemsize for s in view.strides], view.dtype
        ):
            raise ArgumentError("a device array must be C-contiguous to be passed as a pointer")
        return Pointer(int(view.ptr), (value, view))

    def _follow(self, stream: int) -> None:
        """Make the runtime's own stream wait for what is queued on another."""
        device = self._device
        device.activate()
        event = device.call("cuEventCreate", int(device.driver.CUevent_flags.CU_EVENT_DISABLE_TIMING))
        device.call("cuEventRecord", event, device.driver.CUstream(stream))
        device.call("cuStreamWaitEvent", device.stream, event, 0)
        device.call("cuEventDestroy", event)

    def pointer(self, array: npt.NDArray[Any]) -> Pointer | None:
        """See :class:`~hostcall.backends.base.Backend`; ordinary NumPy memory is never in reach."""
        return None

    def copy(self, array: npt.NDArray[Any]) -> DeviceCopy:
        """See :class:`~hostcall.backends.base.Backend`."""
        return DeviceCopy(self._device, array)

    def launch(
        self, program: CudaProgram, grid: Sequence[int], block: Sequence[int], args: Sequence[Any], stream: object
    ) -> CudaFlight:
        """See :class:`~hostcall.backends.base.Backend`; `stream` is a stream of any library, or its handle."""
        device, name = self._device, program.signature.name
        device.activate()
        handle = device.stream if stream is None else device.driver.CUstream(_stream_handle(stream))
        buffers = []
        for index, arg in enumerate(args):
            data = arg.address.to_bytes(8, "little") if isinstance(arg, Pointer) else bytes(arg)
            if program.sizes and len(data) != program.sizes[index]:
                raise ArgumentError(
                    f"argument {index + 1} ({program.signature.params[index].name!r}) of kernel {name!r}: "
                    f"{len(data)} bytes given, the type has {program.sizes[index]}"
                )
            buffers.append(ctypes.create_string_buffer(data, max(len(data), 1)))
        table = (ctypes.c_void_p * max(len(buffers), 1))(*(ctypes.addressof(buffer) for buffer in buffers))
        self._activity.begin()
        try:
            device.call("cuLaunchKernel", program.handle, *grid, *block, 0, handle, ctypes.addressof(table), 0)
        except BackendError as error:
            self._activity.end()
            raise LaunchError(f"kernel {name!r}: grid {tuple(grid)}, block {tuple(block)}: {error}") from error
        # Through ctypes: the bindings wrap every callback in the GIL, which a service may hold while this one runs.
        status = self._libcuda.cuLaunchHostFunc(int(handle), self._done, self._argument)
        event = device.call("cuEventCreate", int(device.driver.CUevent_flags.CU_EVENT_DISABLE_TIMING))
        device.call("cuEventRecord", event, handle)
        if status != 0:
            device.call("cuStreamSynchronize", handle)
            self._activity.end()
        return CudaFlight(device, self._activity, event, name, (program, list(args)))

    def preload(self, program: CudaProgram) -> None:
        """Load the function, which a lazily loading driver puts off to the first launch."""
        load = getattr(self._device.driver, "cuFuncLoad", None)
        if load is not None:
            load(program.handle)
        self._device.call(
            "cuFuncGetAttribute",
            self._device.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS,
            program.handle,
        )

    def bind(self, module: object) -> None:
        """See :class:`~hostcall.backends.base.Backend`."""
        self._device.activate()
        address, size = self._symbol(module)
        if size != 8:
            raise ArgumentError(f"{CLIENT_SYMBOL} of this module has {size} bytes, not 8: other headers made it")
        self._device.upload(address, self._client.to_bytes(8, "little"), 8)

    def _symbol(self, module: object) -> tuple[int, int]:
        """Find the client symbol in whatever stands for a module: a driver handle, or an object of another library."""
        driver = self._device.driver
        lookup = getattr(module, "get_global", None)
        if lookup is not None:  # CuPy's RawModule
            try:
                return int(lookup(CLIENT_SYMBOL).ptr), 8
            except Exception as error:
                raise _no_symbol(module) from error
        inner = module
        for attribute in ("module", "handle", "_handle"):
            if not isinstance(inner, (int, driver.CUmodule, driver.CUlibrary, driver.CUkernel, driver.CUfunction)):
                inner = getattr(inner, attribute, inner)
        if isinstance(inner, driver.CUkernel):
            inner = self._device.call("cuKernelGetLibrary", inner)
        if isinstance(inner, driver.CUfunction):
            inner = self._device.call("cuFuncGetModule", inner)
        if isinstance(inner, driver.CUlibrary):
            status, address, size = driver.cuLibraryGetGlobal(inner, CLIENT_SYMBOL.encode())
        elif isinstance(inner, (int, driver.CUmodule)):
            status, address, size = driver.cuModuleGetGlobal(driver.CUmodule(int(inner)), CLIENT_SYMBOL.encode())
        else:
            raise ArgumentError(
                f"bind takes a CUmodule, a CUlibrary, or an object of cuda.core, CuPy, numba or PyTorch with one, "
                f"not {type(module).__name__}"
            )
        if status == driver.CUresult.CUDA_ERROR_NOT_FOUND:
            raise _no_symbol(module)
        if int(status) != 0:
            raise BackendError(
                f"the client symbol cannot be looked up: {_error_text(driver, status)}", code=int(status)
            )
        return int(address), int(size)

    def open_mappings(self, server: Any) -> None:
        """See :class:`~hostcall.backends.base.Backend`; the server's own thread registers what it maps."""
        status = lib.hc_mapping_driver(server, b"libcuda.so.1", int(self._device.context))
        if status < 0:
            raise BackendError(f"libcuda.so.1 cannot be used for mmap: {os.strerror(-status)}", code=-status)

    def close(self) -> None:
        """See :class:`~hostcall.backends.base.Backend`."""
        self._device.activate()
        programs, self._programs = self._programs, []
        for program in programs:
            self._device.call("cuModuleUnload", program.module)


def _no_symbol(module: object) -> ArgumentError:
    return ArgumentError(
        f"{type(module).__name__} has no symbol {CLIENT_SYMBOL}: nothing in it makes a hostcall, "
        "or it was compiled without hostcall.h"
    )


def _stream_handle(stream: object) -> int:
    protocol = getattr(stream, "__cuda_stream__", None)
    if protocol is not None:
        return int((protocol() if callable(protocol) else protocol)[1])
    for attribute in ("cuda_stream", "ptr", "handle"):  # PyTorch, CuPy, numba and cuda.core before the protocol
        found = getattr(stream, attribute, None)
        if found is not None:
            return int(getattr(found, "value", found))
    if isinstance(stream, int) or hasattr(stream, "__int__"):
        return int(stream)
    raise ArgumentError(f"stream: {type(stream).__name__} is no CUDA stream")


def _contiguous(shape: Sequence[int], strides: Sequence[int], dtype: Any) -> bool:
    expected = np.dtype(dtype).itemsize
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length > 1 and stride != expected:
            return False
        expected *= length
    return True


def compile_cubin(
    source: str, name: str, arch: str, options: Sequence[str] = (), defines: Mapping[str, str | None] | None = None
) -> bytes:
    """Compile CUDA C++ for one architecture; needs no device.

    Parameters
    ----------
    source : str
        The user's source; the facade is put before it.
    name : str
        The kernel, which names the file in messages.
    arch : str
        Such as ``"sm_90"``.
    options : sequence of str
        ``-I``, ``-D`` and ``-U`` with their values, ``--use_fast_math``, ``-lineinfo`` and ``-G``.
    defines : mapping, optional
        Macros.

    Returns
    -------
    bytes
        A cubin.

    Raises
    ------
    CompileError
        With NVRTC's log.
    """
    program_type, options_type = load_compiler()
    text = assemble(source, f"{name}.cu")
    settings: dict[str, Any] = {
        "arch": arch,
        "std": "c++17",
        "include_path": [include_dir()],
        "name": f"{name}.cu",
    }
    _apply_options([*define_options(defines or {}), *options], settings)
    try:
        code = program_type(text, "c++", options_type(**settings)).compile("cubin").code
    except Exception as error:
        if type(error).__name__ != "NVRTCError":  # the class has lived in several places
            raise
        log = str(error)
        raise CompileError(f"kernel {name!r} does not compile:\n{log.strip()}", source=source, log=log) from None
    return bytes(code)


_SWITCHES = {
    "--use_fast_math": "use_fast_math",
    "-use_fast_math": "use_fast_math",
    "-lineinfo": "lineinfo",
    "--generate-line-info": "lineinfo",
    "-G": "debug",
    "--device-debug": "debug",
    "--ftz=true": "ftz",
    "-ftz=true": "ftz",
}


def _apply_options(options: Sequence[str], settings: dict[str, Any]) -> None:
    """Translate compiler options into fields of cuda.core's options, which takes no free text."""
    pending = iter(options)
    for option in pending:
        if option in _SWITCHES:
            settings[_SWITCHES[option]] = True
            continue
        kind = option[:2]
        if kind not in ("-I", "-D", "-U"):
            raise CompileError(
                f"option {option!r} is not known here; known are -I, -D, -U, {', '.join(sorted(_SWITCHES))}"
            )
        value = option[2:] or next(pending, "")
        if kind == "-I":
            settings["include_path"].append(value)
        elif kind == "-U":
            settings.setdefault("undefine_macro", []).append(value)
        else:
            macro, equals, text = value.partition("=")
            settings.setdefault("define_macro", []).append((macro, text) if equals else macro)
