# SPDX-License-Identifier: Apache-2.0
"""Arrays as kernel arguments: what fits a pointer parameter, memory that both sides reach, copies for the rest."""

from __future__ import annotations

import ctypes
import struct
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ._native import lib
from ._signature import Signature
from .backends.base import Backend, Copy, Pointer
from .errors import ArgumentError, BackendError

__all__ = ["Copies", "SharedArrays", "check_array", "label"]

_MAX_RANGES = 64  # HC_MAX_RANGES of channel.h
_RANGE = struct.Struct("=QQQQ")
_COUNT = struct.Struct("=I")
_SLAB = 4 << 20
_ALIGN = 128


def label(signature: Signature, index: int) -> str:
    """Name an argument for an error message."""
    param = signature.params[index]
    what = f"{param.name!r}, {param.ctype}" if param.name else param.ctype
    return f"argument {index + 1} ({what}) of kernel {signature.name!r}"


def check_array(signature: Signature, index: int, array: npt.NDArray[Any]) -> None:
    """Check that an array can stand for a pointer parameter.

    Parameters
    ----------
    signature : Signature
        The kernel's.
    index : int
        Which parameter, from 0.
    array : numpy.ndarray
        What the caller passes.

    Raises
    ------
    ArgumentError
        If its type does not fit what the parameter points at, or it is read-only and the parameter is not ``const``.
        Signedness is not compared, and ``char *`` takes anything.
    """
    param, dtype = signature.params[index], array.dtype
    if dtype.hasobject:
        raise ArgumentError(f"{label(signature, index)}: an array of Python objects has no meaning on a device")
    if not dtype.isnative:
        raise ArgumentError(f"{label(signature, index)}: the array is not in the machine's byte order")
    if not param.is_const and not array.flags.writeable:
        raise ArgumentError(
            f"{label(signature, index)}: the array is read-only and the kernel may write: declare it const"
        )
    if not _fits(param.pointee, dtype):
        raise ArgumentError(f"{label(signature, index)}: an array of {dtype.name} does not fit {param.ctype}")


def _fits(pointee: str | None, dtype: np.dtype[Any]) -> bool:
    if pointee in (None, "i8", "u8") or dtype.kind == "V":
        return True
    if pointee == "bool":
        return dtype.kind == "b" or (dtype.kind in "iu" and dtype.itemsize == 1)
    if pointee == "pointer":
        return dtype.kind in "iu" and dtype.itemsize == 8
    assert pointee is not None
    size = int(pointee[1:]) // 8
    if pointee[0] == "f":
        return (dtype.kind == "f" and dtype.itemsize == size) or (dtype.kind == "c" and dtype.itemsize == 2 * size)
    return dtype.kind in "iumM" and dtype.itemsize == size


class _Slab:
    """One registered range, handed out from its start; free again as a whole once nobody holds a part of it."""

    def __init__(self, region: Any) -> None:
        self.region = region
        self.used = 0
        self.live = 0


class SharedArrays:
    """Memory that host and device reach, registered so that its address can cross instead of its bytes.

    Parameters
    ----------
    transport : Transport
        Allocates it, and is closed when the runtime is and no array is left.
    server
        The native server, which checks addresses against the ranges.
    client, ranges, range_count : int
        Offsets in the state region: of the client block, of the table, and of its length in the client block.
    """

    def __init__(self, transport: Any, server: Any, client: int, ranges: int, range_count: int) -> None:
        self._transport = transport
        self._server = server
        self._table = ranges
        self._count_at = client + range_count
        self._slabs: list[_Slab] = []
        self._lock = threading.RLock()
        self._live = 0
        self._last: Callable[[], None] | None = None

    def make(self, source: Any, dtype: npt.DTypeLike | None) -> npt.NDArray[Any]:
        """Make an array: zeros of a shape, or a copy of an array's contents."""
        if isinstance(source, (int, np.integer)):
            source = (int(source),)
        if isinstance(source, tuple) and all(isinstance(length, (int, np.integer)) for length in source):
            kind = np.dtype(np.float64 if dtype is None else dtype)
            array = self._empty(source, kind)
            array.reshape(-1).view(np.uint8)[...] = 0
            return array
        given = np.asarray(source, dtype=dtype)
        array = self._empty(given.shape, given.dtype)
        array[...] = given
        return array

    def _empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        if dtype.hasobject:
            raise ArgumentError("Python objects cannot be shared with a device")
        if any(length < 0 for length in shape):
            raise ArgumentError(f"shape {shape} has a negative length")
        count = int(np.prod(shape, dtype=object)) * dtype.itemsize
        with self._lock:
            slab, at = self._place(max(count, 1))
            slab.live += 1
            self._live += 1
            buffer = (ctypes.c_char * max(count, 1)).from_address(slab.region.host + at)
            weakref.finalize(buffer, self._release, slab).atexit = False
        flat = np.frombuffer(memoryview(buffer), np.uint8, count)
        array: npt.NDArray[Any] = flat.view(dtype).reshape(shape)
        return array

    def _place(self, count: int) -> tuple[_Slab, int]:
        need = (count + _ALIGN - 1) // _ALIGN * _ALIGN
        for slab in self._slabs:
            if slab.live == 0:
                slab.used = 0
            # A large block is not spent on something small.
            if slab.used + need <= slab.region.bytes <= max(_SLAB, 4 * need):
                at, slab.used = slab.used, slab.used + need
                return slab, at
        if len(self._slabs) >= _MAX_RANGES:
            raise BackendError(
                f"a runtime has room for {_MAX_RANGES} shared blocks, and all are in use: share larger arrays"
            )
        slab = _Slab(self._transport.share(max(need, _SLAB)))
        region = slab.region
        status = lib.hc_server_range_add(self._server, region.device, region.bytes, region.host)
        if status < 0:
            raise BackendError("the server refused the shared range", code=-status)
        delta = (region.host - region.device) & 0xFFFFFFFFFFFFFFFF
        index = len(self._slabs)
        # The entry before the count: lanes may be reading the table.
        entry = _RANGE.pack(region.device, region.device + region.bytes, delta, 0)
        self._transport.write_state(self._table + index * _RANGE.size, entry)
        self._transport.write_state(self._count_at, _COUNT.pack(index + 1))
        slab.used = need
        self._slabs.append(slab)
        return slab, 0

    def _release(self, slab: _Slab) -> None:
        with self._lock:
            slab.live -= 1
            self._live -= 1
            last, self._last = (self._last, None) if self._live == 0 else (None, self._last)
        if last is not None:
            last()

    def find(self, address: int, count: int) -> int | None:
        """Device address of host memory that is shared; None if it is not."""
        with self._lock:
            for slab in self._slabs:
                offset: int = address - slab.region.host
                if offset >= 0 and offset + count <= slab.region.bytes:
                    return int(slab.region.device) + offset
        return None

    def close(self, free: Callable[[], None]) -> None:
        """Call `free` now, or when the last shared array is gone."""
        with self._lock:
            if self._live:
                self._last = free
                return
        free()


@dataclass
class _Held:
    copy: Copy
    contiguous: npt.NDArray[Any]
    array: npt.NDArray[Any]
    written: bool


class Copies:
    """NumPy arrays that the device works on in copies, until they are fetched.

    An array that is passed again before that is the same copy, so that kernels which follow each other see each other's
    results.

    Parameters
    ----------
    backend : Backend
        Makes the copies.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._held: dict[tuple[Any, ...], _Held] = {}

    def pointer(self, array: npt.NDArray[Any], written: bool) -> Pointer:
        """Address of the array's copy, made now if there is none."""
        key = (array.ctypes.data, array.shape, array.strides, array.dtype.str)
        held = self._held.get(key)
        if held is None:
            contiguous = array if array.flags.c_contiguous else np.ascontiguousarray(array)
            held = self._held[key] = _Held(self._backend.copy(contiguous), contiguous, array, written)
        held.written = held.written or written
        return Pointer(held.copy.address, held.copy)

    def fetch(self) -> None:
        """Copy back what kernels may have written, and free all copies; no kernel runs."""
        held, self._held = list(self._held.values()), {}
        for item in held:
            if item.written:
                item.copy.fetch()
                if item.contiguous is not item.array:
                    item.array[...] = item.contiguous
            item.copy.free()

    def drop(self) -> None:
        """Forget the copies of a device that is lost."""
        self._held = {}


def as_array(value: object) -> npt.NDArray[Any] | None:
    """View anything that exposes host memory as an array, without copying; None for anything else."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (bytearray, memoryview, bytes)):
        return np.frombuffer(value, np.uint8)
    if hasattr(value, "__array_interface__"):
        return np.asarray(value)
    if isinstance(value, ctypes.Array):
        return np.ctypeslib.as_array(value)
    return None
