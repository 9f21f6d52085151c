# SPDX-License-Identifier: Apache-2.0
"""Kernels through OpenCL C.

Program-scope variables do not exist everywhere, so that every kernel gets the arena as a hidden last argument, which
keeps it resident, and the address of the client block as a build constant, by which helper functions find it.
"""

from __future__ import annotations

import contextlib
import ctypes
import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .._signature import Signature, add_parameter
from ..errors import ArgumentError, CompileError, DeviceFault, LaunchError
from .base import Pointer, Setting, assemble, define_options, include_dir


class OpenCLProgram:
    """A built kernel."""

    def __init__(self, kernel: Any, signature: Signature) -> None:
        self.handle = kernel
        self.signature = signature


class OpenCLFlight:
    """An event, and whoever waits for it on another thread."""

    def __init__(self, event: Any, keep: object) -> None:
        self.event = event
        self.keep = keep
        self.ended = threading.Event()
        self.error: Exception | None = None

    def wait(self, seconds: float) -> bool:
        """See :class:`~hostcall.backends.base.Flight`."""
        if not self.ended.wait(seconds):
            return False
        if self.error is not None:
            raise DeviceFault(f"the kernel died: {self.error}") from self.error
        return True


class SVMCopy:
    """An array's contents in SVM of its own."""

    def __init__(self, native: Any, array: npt.NDArray[Any]) -> None:
        self._native = native
        self._array = array
        kinds = native.cl.svm_mem_flags
        flags = kinds.READ_WRITE | (kinds.SVM_FINE_GRAIN_BUFFER if native.fine else 0)
        self.memory = native.cl.SVMAllocation(native.context, max(array.nbytes, 1), 128, flags)
        self.address = int(self.memory.svm_ptr)
        with self._ours():
            ctypes.memmove(self.address, array.ctypes.data, array.nbytes)

    @contextlib.contextmanager
    def _ours(self) -> Iterator[None]:
        """While it lasts, the host may touch the memory."""
        native = self._native
        if native.fine:
            yield
            return
        flags = native.cl.map_flags.READ | native.cl.map_flags.WRITE
        held = self.memory.map(native.queue, flags=flags, is_blocking=True)
        try:
            yield
        finally:
            held.release(native.queue)

    def fetch(self) -> None:
        """See :class:`~hostcall.backends.base.Copy`."""
        with self._ours():
            ctypes.memmove(self._array.ctypes.data, self.address, self._array.nbytes)

    def free(self) -> None:
        """See :class:`~hostcall.backends.base.Copy`."""
        self.memory = None


class OpenCLBackend:
    """Compiles and launches with pyopencl.

    Parameters
    ----------
    setting : Setting
        Of a transport whose ``native`` is a :class:`~hostcall.transports.opencl_svm.Native`.
    """

    name = "opencl"

    def __init__(self, setting: Setting) -> None:
        self._native = setting.transport.native
        self._cl = self._native.cl
        self._client = setting.client
        self._activity = setting.activity
        self._deferred = not setting.transport.capabilities.live
        self.max_block = int(self._native.device.max_work_group_size)
        self._headers: Path | None = None
        self._reaping: queue.SimpleQueue[OpenCLFlight | None] = queue.SimpleQueue()
        # Event.wait() releases the GIL but not Ctrl-C: it is left to a thread, and the caller waits for that in slices.
        self._reaper = threading.Thread(target=self._reap, name="hostcall-opencl", daemon=True)
        self._reaper.start()

    def _reap(self) -> None:
        while (flight := self._reaping.get()) is not None:
            try:
                flight.event.wait()
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for the flight
                flight.error = error
            flight.keep = None
            self._activity.end()
            flight.ended.set()
            del flight

    def _include_option(self) -> str:
        path = include_dir()
        if " " not in path:
            return path
        # Drivers split their options at spaces, and quoting is nobody's standard.
        if self._headers is None:
            self._headers = Path(tempfile.mkdtemp(prefix="hostcall-"))
            shutil.copytree(path, self._headers / "include")
        return str(self._headers / "include")

    def timer_offset(self) -> int:
        """See :class:`~hostcall.backends.base.Backend`."""
        return 0

    def compile(
        self, source: str, signature: Signature, options: Sequence[str], defines: Mapping[str, str | None]
    ) -> OpenCLProgram:
        """See :class:`~hostcall.backends.base.Backend`."""
        native = self._native
        for param in signature.params:
            if "long long" in param.ctype:
                # Compilers take it, and write twice as far as the caller's array reaches.
                raise CompileError(
                    f"kernel {signature.name!r}: {param.name!r} is {param.ctype}, which has 128 bits in OpenCL C; "
                    "write long, or hc_i64 for the same source on all backends",
                    source=source,
                )
        flags = [native.language] if native.language else []
        flags += ["-I", self._include_option(), f"-DHC_CLIENT_ADDRESS={self._client:#x}ul"]
        if native.fine and "all_devices" not in native.features:
            flags.append("-D__opencl_c_atomic_scope_all_devices=1")
        if "cycles" in native.features:
            flags.append("-DHC_CL_CYCLES=1")
        if "pause" in native.features:
            flags.append("-DHC_CL_PAUSE=__builtin_ia32_pause")
        flags += [*define_options(defines), *options]
        text = assemble(add_parameter(source, "__global void *hc_arena_"), f"{signature.name}.cl")
        try:
            program = self._cl.Program(native.context, text).build(flags, devices=[native.device], cache_dir=False)
        except self._cl.Error as error:
            log = str(error)
            raise CompileError(f"kernel {signature.name!r} does not compile:\n{log}", source=source, log=log) from None
        try:
            kernel = self._cl.Kernel(program, signature.name)
        except self._cl.Error as error:
            raise CompileError(
                f"the driver does not find kernel {signature.name!r} in its own program ({error}); some drivers rename "
                "a kernel that is called like a builtin (step, mix, …): give it another name",
                source=source,
                log=str(error),
            ) from None
        return OpenCLProgram(kernel, signature)

    def load(self, code: bytes, signature: Signature) -> OpenCLProgram:
        """See :class:`~hostcall.backends.base.Backend`; refused."""
        raise CompileError(
            f"kernel {signature.name!r}: OpenCL has no common form of compiled code; compile it from source (compile)"
        )

    def foreign(self, value: object) -> Any | None:
        """Pass what pyopencl itself passes: SVM, buffers, local memory, and its arrays."""
        cl = self._cl
        if isinstance(value, (cl.SVMPointer, cl.MemoryObject, cl.LocalMemory)):
            return value
        if "pyopencl" in type(value).__module__ and hasattr(value, "base_data"):
            if getattr(value, "offset", 0):
                raise ArgumentError("a pyopencl array with an offset cannot be passed; copy it first")
            return value.base_data
        return None

    def pointer(self, array: npt.NDArray[Any]) -> Pointer | None:
        """See :class:`~hostcall.backends.base.Backend`: an array in SVM is passed as it is."""
        base: Any = array
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, self._cl.SVMPointer) and array.flags.c_contiguous:
            return Pointer(int(array.ctypes.data), array)
        return None

    def copy(self, array: npt.NDArray[Any]) -> SVMCopy:
        """See :class:`~hostcall.backends.base.Backend`."""
        return SVMCopy(self._native, array)

    def launch(
        self, program: OpenCLProgram, grid: Sequence[int], block: Sequence[int], args: Sequence[Any], stream: object
    ) -> OpenCLFlight:
        """See :class:`~hostcall.backends.base.Backend`; `stream` is a pyopencl.CommandQueue."""
        cl, native = self._cl, self._native
        if stream is not None and not isinstance(stream, cl.CommandQueue):
            raise ArgumentError(f"stream takes a pyopencl.CommandQueue here, not {type(stream).__name__}")
        if self._deferred and stream is not None:
            raise ArgumentError("a deferred transport has one queue: leave stream=None")
        name = program.signature.name
        for index, arg in enumerate(args):
            self._set(program, index, arg)
        program.handle.set_arg(len(args), native.arena)
        if self._deferred:
            native.to_device()
        local = tuple(block)
        size = tuple(g * b for g, b in zip(grid, local, strict=True))
        self._activity.begin()
        try:
            event = cl.enqueue_nd_range_kernel(stream or native.queue, program.handle, size, local)
            (stream or native.queue).flush()
        except cl.Error as error:
            self._activity.end()
            raise LaunchError(f"kernel {name!r}: grid {tuple(grid)}, block {local}: {error}") from error
        flight = OpenCLFlight(event, (program, list(args)))
        self._reaping.put(flight)
        return flight

    def _set(self, program: OpenCLProgram, index: int, arg: Any) -> None:
        cl = self._cl
        if isinstance(arg, Pointer):
            # One byte is enough: only its address goes to the driver.
            byte = (ctypes.c_char * 1).from_address(arg.address) if arg.address else None
            arg = None if byte is None else cl.SVM(memoryview(byte))
        try:
            program.handle.set_arg(index, arg)
        except cl.Error as error:
            raise ArgumentError(
                f"argument {index + 1} ({program.signature.params[index].name!r}) of kernel "
                f"{program.signature.name!r}: {error}"
            ) from error

    def preload(self, program: OpenCLProgram) -> None:
        """Ask for what the driver only knows of a finalised kernel."""
        program.handle.get_work_group_info(self._cl.kernel_work_group_info.WORK_GROUP_SIZE, self._native.device)

    def bind(self, module: object) -> None:
        """See :class:`~hostcall.backends.base.Backend`: OpenCL has nothing to bind."""
        raise ArgumentError(
            "OpenCL programs have no client symbol to set: build the source with rt.compile, which hands the arena over"
        )

    def open_mappings(self, server: Any) -> None:
        """See :class:`~hostcall.backends.base.Backend`; lanes reach SVM alone, and copy files into it."""

    def close(self) -> None:
        """See :class:`~hostcall.backends.base.Backend`."""
        self._reaping.put(None)
        self._reaper.join(timeout=5.0)
        if self._headers is not None:
            shutil.rmtree(self._headers, ignore_errors=True)
            self._headers = None
