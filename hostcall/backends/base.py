# SPDX-License-Identifier: Apache-2.0
"""The interface of a backend: who compiles a kernel, puts its arguments where the device finds them, and launches it.

A backend knows its device's driver and nothing of packets or services. The runtime calls it from one thread at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Protocol

import numpy.typing as npt

from .._native import ffi, lib
from .._signature import Signature

CLIENT_SYMBOL = "hostcall_client_v1"
"""The module global through which device code finds its channel."""


@dataclass(frozen=True)
class Pointer:
    """An address that the device can use; `owner` keeps the memory alive while a kernel may use it."""

    address: int
    owner: Any = None


class Copy(Protocol):
    """A NumPy array's contents in memory of the device."""

    address: int

    def fetch(self) -> None:
        """Copy back into the array; only when no kernel uses the copy."""
        ...

    def free(self) -> None:
        """Give the memory back; only when no kernel uses it."""
        ...


class Flight(Protocol):
    """A launched kernel."""

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True once the kernel has ended. Raises DeviceFault if it died. Releases the GIL."""
        ...


class Program(Protocol):
    """A compiled and loaded kernel."""

    handle: Any  #: what the driver calls it


class Backend(Protocol):
    """Compiles and launches for one transport."""

    name: str
    max_block: int  #: lanes of the largest block

    def timer_offset(self) -> int:
        """Nanoseconds to add to the device's timer to get the host's ``CLOCK_MONOTONIC``; 0 if they are one clock."""
        ...

    def compile(
        self, source: str, signature: Signature, options: Sequence[str], defines: Mapping[str, str | None]
    ) -> Program:
        """Compile and load; raises CompileError with the user's line numbers."""
        ...

    def load(self, code: bytes, signature: Signature) -> Program:
        """Load what was compiled before; raises CompileError if this backend cannot, or it has no such kernel."""
        ...

    def foreign(self, value: object) -> Any | None:
        """What to pass for a device array of another library, or None if `value` is none that this backend knows."""
        ...

    def pointer(self, array: npt.NDArray[Any]) -> Pointer | None:
        """Address of a NumPy array that the device reaches as it is, else None."""
        ...

    def copy(self, array: npt.NDArray[Any]) -> Copy:
        """Copy a C-contiguous array to where the device reaches it."""
        ...

    def launch(
        self, program: Any, grid: Sequence[int], block: Sequence[int], args: Sequence[Any], stream: object
    ) -> Flight:
        """Start the kernel. An argument is bytes, a Pointer, or what `foreign` returned."""
        ...

    def preload(self, program: Any) -> None:
        """Do now what the first launch would do, except launching."""
        ...

    def bind(self, module: object) -> None:
        """Set the client pointer of a module that was compiled elsewhere."""
        ...

    def open_mappings(self, server: Any) -> None:
        """Tell the server how lanes reach memory of this process, where they can: what ``mmap`` hands out."""
        ...

    def close(self) -> None:
        """Give up what the backend holds; no kernel runs."""
        ...


class Activity:
    """Tells the server when a kernel may call: its pollers poll between `begin` and `end` and park otherwise.

    `done` and `argument` are a C function pointer and its argument that do the same as `end`, for drivers that call
    back from a thread of their own.
    """

    def __init__(self, server: Any) -> None:
        self.server = server
        self.done = ffi.addressof(lib, "hc_server_active_done")
        self.argument = ffi.cast("void *", server)
        self.open = True

    def begin(self) -> None:
        """One kernel more."""
        lib.hc_server_active(self.server, 1)

    def end(self) -> None:
        """One kernel less. Does nothing once the server is gone."""
        if self.open:
            lib.hc_server_active(self.server, -1)

    def ended(self, seen: int = 0, seconds: float = 0.0) -> int:
        """Count the kernels that have ended; wait at most `seconds` for more than `seen`. Releases the GIL."""
        return int(lib.hc_server_ended(self.server, seen, int(seconds * 1e9))) if self.open else seen

    def forget(self) -> None:
        """Settle the account of kernels that died without a callback."""
        counts = ffi.new("hc_server_counts *")
        lib.hc_server_counts_get(self.server, counts)
        if counts.active_launches:
            lib.hc_server_active(self.server, -int(counts.active_launches))


@dataclass(frozen=True)
class Setting:
    """What a backend is made from."""

    transport: Any
    config: Any
    client: int  #: device address of struct hc_client
    activity: Activity


def include_dir() -> str:
    """Folder of the headers that device code includes."""
    return str(resources.files("hostcall.libc_facade").joinpath("include"))


def assemble(source: str, file: str) -> str:
    """Put the facade before the user's source, so that HC_KERNEL is there and line numbers stay the user's."""
    return f'#include <hostcall.h>\n#line 1 "{file}"\n{source}\n'


def define_options(defines: Mapping[str, str | None]) -> list[str]:
    """Spell macros as compiler options."""
    return [f"-D{name}" if value is None else f"-D{name}={value}" for name, value in defines.items()]
