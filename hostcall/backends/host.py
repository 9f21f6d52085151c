# SPDX-License-Identifier: Apache-2.0
"""Kernels as C11: the system's compiler makes a shared object, and a pool of C threads plays the lanes.

A generated entry behind the user's source unpacks the arguments, so that one native call runs any kernel. Blocks run
one after another on the same threads, all lanes of a block at once.
"""

from __future__ import annotations

import ctypes
import math
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from .._native import ffi, lib
from .._signature import Signature
from ..errors import ArgumentError, CompileError, LaunchError, TransportUnavailable
from .base import CLIENT_SYMBOL, Activity, Pointer, Setting, assemble, define_options, include_dir

# A function that no header declares would be bound to the process's own libc.
_FLAGS = (
    "-Werror=implicit-function-declaration",
    "-std=gnu11",
    "-O2",
    "-fPIC",
    "-shared",
    "-Wl,-Bsymbolic",
    "-pthread",
    "-nostdinc",
    "-fno-math-errno",
)
_STACK = 256 << 10

# C names of what the signature parser knows; a type that it does not know is spelled as in the source.
_C_TYPES = {
    "bool": "_Bool",
    "i8": "signed char",
    "u8": "unsigned char",
    "i16": "short",
    "u16": "unsigned short",
    "i32": "int",
    "u32": "unsigned int",
    "i64": "long long",
    "u64": "unsigned long long",
    "f32": "float",
    "f64": "double",
    "pointer": "void *",
}


def find_compiler() -> list[str]:
    """Find the C compiler.

    Returns
    -------
    list of str
        The command: ``$CC`` if set, else the first of cc, gcc and clang on PATH. ``CC="hostcall cc"``, which a makefile
        hands on to what it runs, is not meant for this: it would call itself.

    Raises
    ------
    TransportUnavailable
        If there is none.
    """
    command = shlex.split(os.environ.get("CC", ""))
    if command and not any(os.path.basename(word).startswith("hostcall") for word in command):
        if shutil.which(command[0]) is None:
            raise TransportUnavailable(f"the C compiler that CC names, {command[0]!r}, is not there")
        return command
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name]
    raise TransportUnavailable("no C compiler: none of cc, gcc and clang is on PATH; install one or set CC")


def _entry(signature: Signature) -> str:
    """Write the C that calls the kernel with arguments from a buffer, which begins with the offset of each."""
    name = signature.name
    types = [f"__typeof__({param.ctype})" if param.kind is None else _C_TYPES[param.kind] for param in signature.params]
    sizes = ", ".join(f"sizeof({ctype})" for ctype in types) or "0"
    # By memcpy: nobody promises that the buffer is aligned for vectors.
    locals_ = "".join(
        f"    {ctype} hc_a{index};\n"
        f"    __builtin_memcpy(&hc_a{index}, hc_at + hc_offsets[{index}], sizeof hc_a{index});\n"
        for index, ctype in enumerate(types)
    )
    exported = '__attribute__((visibility("default")))'
    return f"""
#line 1 "<hostcall entry>"
{exported} const unsigned long long hc_sizes_{name}[] = {{{sizes}}};
{exported} void hc_entry_{name}(void *hc_args) {{
    const unsigned long long *hc_offsets = (const unsigned long long *)hc_args;
    const char *hc_at = (const char *)hc_args;
    (void)hc_offsets;
    (void)hc_at;
{locals_}    {name}({", ".join(f"hc_a{index}" for index in range(len(types)))});
}}
{exported} void hc_set_self_{name}(hc_host_lane *self) {{ hc_self = self; }}
"""


class HostProgram:
    """A kernel in a loaded shared object."""

    def __init__(self, library: ctypes.CDLL, signature: Signature) -> None:
        self.handle = library
        self.signature = signature
        self.entry = ffi.cast("hc_lane_entry", _address(library, f"hc_entry_{signature.name}"))
        self.set_self = ffi.cast("hc_lane_set_self", _address(library, f"hc_set_self_{signature.name}"))
        count = len(signature.params)
        self.sizes = list((ctypes.c_uint64 * count).in_dll(library, f"hc_sizes_{signature.name}")) if count else []

    def pack(self, args: Sequence[Any]) -> bytes:
        """Lay the arguments out as the generated entry reads them: offsets, then the values, aligned to 16."""
        at = _round16(8 * len(args))
        offsets, values = [], []
        for index, arg in enumerate(args):
            data = arg.address.to_bytes(8, "little") if isinstance(arg, Pointer) else bytes(arg)
            if len(data) != self.sizes[index]:
                raise ArgumentError(
                    f"argument {index + 1} ({self.signature.params[index].name!r}) of kernel {self.signature.name!r}: "
                    f"{len(data)} bytes given, the type has {self.sizes[index]}"
                )
            offsets.append(at)
            values.append(data.ljust(_round16(len(data)), b"\0"))
            at += len(values[-1])
        table = b"".join(offset.to_bytes(8, "little") for offset in offsets)
        return table.ljust(_round16(len(table)), b"\0") + b"".join(values)


def _round16(count: int) -> int:
    return (count + 15) & ~15


def _address(library: ctypes.CDLL, name: str) -> int:
    address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    assert address is not None
    return address


class HostFlight:
    """A launch in the pool."""

    def __init__(self, pool: Any, ticket: int, keep: object) -> None:
        self._pool = pool
        self._ticket = ticket
        self._keep = keep
        self._ended = False

    def wait(self, seconds: float) -> bool:
        """See :class:`~hostcall.backends.base.Flight`."""
        if not self._ended:
            self._ended = lib.hc_lanes_wait(self._pool, self._ticket, int(seconds * 1e9)) == 0
            if self._ended:
                self._keep = None
        return self._ended


class DirectCopy:
    """Where host and device are the same, the copy is the contiguous array itself."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array = array
        self.address = int(array.ctypes.data)

    def fetch(self) -> None:
        """Nothing to do: the kernel wrote into the array."""

    def free(self) -> None:
        """Nothing to do: the array owns its memory."""


def _compiler_environment() -> dict[str, str]:
    """The environment without the folders that compilers search on their own: kernels see the facade's headers only."""
    return {name: value for name, value in os.environ.items() if name not in ("CPATH", "C_INCLUDE_PATH")}


class HostBackend:
    """Compiles with the system's C compiler and runs on C threads.

    Parameters
    ----------
    setting : Setting
        Of a transport whose device addresses are host addresses.
    """

    name = "host"

    def __init__(self, setting: Setting) -> None:
        self._activity: Activity = setting.activity
        self._client = setting.client
        self.max_block = int(getattr(setting.transport.native, "max_lanes", 1024))
        stack = setting.config.kernel.stack
        self._pool = lib.hc_lanes_create(self.max_block, _STACK if stack == "auto" else stack)
        if self._pool == ffi.NULL:
            raise TransportUnavailable(
                "the threads that play lanes cannot be started", transport=setting.transport.name
            )
        lib.hc_lanes_nudge(self._pool, ffi.addressof(lib, "hc_server_nudge"), setting.activity.argument)

    def timer_offset(self) -> int:
        """See :class:`~hostcall.backends.base.Backend`."""
        return 0

    def compile(
        self, source: str, signature: Signature, options: Sequence[str], defines: Mapping[str, str | None]
    ) -> HostProgram:
        """See :class:`~hostcall.backends.base.Backend`."""
        with tempfile.TemporaryDirectory(prefix="hostcall-") as folder:
            library = self._build(Path(folder), source, signature, options, defines)
        self.bind(library)
        return HostProgram(library, signature)

    def load(self, code: bytes, signature: Signature) -> HostProgram:
        """See :class:`~hostcall.backends.base.Backend`; `code` is a shared object."""
        if not code.startswith(b"\x7fELF"):
            raise CompileError(f"kernel {signature.name!r}: the host backend loads shared objects (ELF), not this")
        with tempfile.NamedTemporaryFile(prefix="hostcall-", suffix=".so") as file:
            file.write(code)
            file.flush()
            try:
                library = ctypes.CDLL(file.name, mode=os.RTLD_LOCAL | os.RTLD_NOW)
            except OSError as error:
                raise CompileError(f"kernel {signature.name!r} cannot be loaded: {error}", log=str(error)) from None
        self.bind(library)
        try:
            return HostProgram(library, signature)
        except (AttributeError, ValueError) as error:
            raise CompileError(f"kernel {signature.name!r} is not in this shared object: {error}") from None

    def _build(
        self,
        folder: Path,
        source: str,
        signature: Signature,
        options: Sequence[str],
        defines: Mapping[str, str | None],
    ) -> ctypes.CDLL:
        text, made = folder / f"{signature.name}.c", folder / f"{signature.name}.so"
        text.write_text(assemble(source, text.name) + _entry(signature))
        command = [*find_compiler(), *_FLAGS, "-isystem", include_dir(), *define_options(defines), *options]
        command += [str(text), "-o", str(made), "-lm"]
        try:
            ran = subprocess.run(
                command, capture_output=True, text=True, errors="replace", check=False, env=_compiler_environment()
            )
        except OSError as error:
            raise CompileError(f"the C compiler {command[0]!r} cannot be run: {error}", source=source) from error
        if ran.returncode:
            log = ran.stderr or ran.stdout
            raise CompileError(f"kernel {signature.name!r} does not compile:\n{log.strip()}", source=source, log=log)
        try:
            # Stays loaded when its file is gone.
            return ctypes.CDLL(str(made), mode=os.RTLD_LOCAL | os.RTLD_NOW)
        except OSError as error:
            raise CompileError(
                f"kernel {signature.name!r} does not link: {error}", source=source, log=str(error)
            ) from None

    def foreign(self, value: object) -> Pointer | None:
        """See :class:`~hostcall.backends.base.Backend`; whatever is host memory comes as a NumPy array."""
        return None

    def pointer(self, array: npt.NDArray[Any]) -> Pointer | None:
        """See :class:`~hostcall.backends.base.Backend`."""
        return Pointer(int(array.ctypes.data), array) if array.flags.c_contiguous else None

    def copy(self, array: npt.NDArray[Any]) -> DirectCopy:
        """See :class:`~hostcall.backends.base.Backend`."""
        return DirectCopy(array)

    def launch(
        self, program: HostProgram, grid: Sequence[int], block: Sequence[int], args: Sequence[Any], stream: object
    ) -> HostFlight:
        """See :class:`~hostcall.backends.base.Backend`."""
        if stream is not None:
            raise ArgumentError("the host backend has no streams: leave stream=None")
        packed = program.pack(args)
        self._activity.begin()
        ticket = lib.hc_lanes_launch(
            self._pool,
            program.entry,
            program.set_self,
            packed,
            len(packed),
            math.prod(grid),
            math.prod(block),
            self._activity.done,
            self._activity.argument,
        )
        if ticket <= 0:
            self._activity.end()
            raise LaunchError(f"kernel {program.signature.name!r}: the lanes cannot be started: {os.strerror(-ticket)}")
        return HostFlight(self._pool, ticket, (program, list(args)))

    def preload(self, program: HostProgram) -> None:
        """Loaded when compiled."""

    def bind(self, module: object) -> None:
        """See :class:`~hostcall.backends.base.Backend`; `module` is a ctypes.CDLL."""
        if not isinstance(module, ctypes.CDLL):
            raise ArgumentError(f"bind takes a ctypes.CDLL on the host backend, not {type(module).__name__}")
        try:
            ctypes.c_uint64.in_dll(module, CLIENT_SYMBOL).value = self._client
        except ValueError:
            raise ArgumentError(
                f"{module._name}: no symbol {CLIENT_SYMBOL}: it was not compiled with hostcall.h, or hides the symbol"
            ) from None

    def open_mappings(self, server: Any) -> None:
        """See :class:`~hostcall.backends.base.Backend`; lanes are threads here, and get copies."""
        lib.hc_mapping_driver(server, b"", 0)

    def close(self) -> None:
        """See :class:`~hostcall.backends.base.Backend`."""
        if self._pool != ffi.NULL:
            lib.hc_lanes_destroy(self._pool)
            self._pool = ffi.NULL
