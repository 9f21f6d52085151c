# SPDX-License-Identifier: Apache-2.0
"""What a launch passes to its kernel: each argument converted to what the backend hands to the driver."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ._signature import Signature, check_count, to_bytes
from .arrays import Copies, SharedArrays, as_array, check_array, label
from .backends.base import Backend, Pointer
from .errors import ArgumentError

__all__ = ["Arguments"]


class Arguments:
    """Converts the arguments of one runtime's kernels.

    Parameters
    ----------
    backend : Backend
        Knows device arrays of other libraries, and what the device reaches as it is.
    shared : SharedArrays
        Arrays that are passed without copying.

    Attributes
    ----------
    copies : Copies
        The arrays that were copied to the device, to be fetched when the kernels have ended.
    """

    def __init__(self, backend: Backend, shared: SharedArrays) -> None:
        self._backend = backend
        self._shared = shared
        self.copies = Copies(backend)

    def check(self, signature: Signature, args: Sequence[object]) -> None:
        """Raise ArgumentError unless there is one argument for each parameter."""
        if isinstance(args, (str, bytes)) or not isinstance(args, Sequence):
            raise ArgumentError(f"kernel {signature.name!r}: args takes a tuple or a list, not {type(args).__name__}")
        check_count(signature, args)

    def values(self, signature: Signature, args: Sequence[object]) -> list[Any]:
        """Convert arguments, and copy arrays to the device.

        Returns
        -------
        list of bytes, Pointer or what the backend took for its own
            As ``Backend.launch`` takes them.

        Raises
        ------
        ArgumentError
            If one does not fit its parameter.
        """
        return [self._value(signature, index, value) for index, value in enumerate(args)]

    def _value(self, signature: Signature, index: int, value: object) -> Any:
        param = signature.params[index]
        if not param.is_pointer:
            return to_bytes(signature, index, value)
        if value is None:
            return Pointer(0)
        try:
            foreign = self._backend.foreign(value)
        except ArgumentError as error:
            raise ArgumentError(f"{label(signature, index)}: {error}") from None
        if foreign is not None:
            return foreign
        array = as_array(value)
        if array is None:
            return Pointer(int.from_bytes(to_bytes(signature, index, value), sys.byteorder))
        check_array(signature, index, array)
        if array.flags.c_contiguous:
            shared = self._shared.find(array.ctypes.data, array.nbytes)
            if shared is not None:
                return Pointer(shared, array)
            direct = self._backend.pointer(array)
            if direct is not None:
                return direct
        return self.copies.pointer(array, written=not param.is_const)
