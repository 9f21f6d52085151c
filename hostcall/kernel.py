# SPDX-License-Identifier: Apache-2.0
"""Kernels and the shape of a launch."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._signature import Signature
from .backends.base import Program
from .errors import LaunchError

if TYPE_CHECKING:
    from .runtime import Runtime

__all__ = ["Kernel", "launch_shape"]

_MAX_THREADS = 1 << 31

Dimensions = tuple[int, int, int]


class Kernel:
    """A compiled kernel of one runtime. Made by :meth:`Runtime.compile`.

    Attributes
    ----------
    name : str
        As in the source.
    """

    def __init__(self, runtime: Runtime, program: Program, signature: Signature) -> None:
        self.name = signature.name
        self._runtime = runtime
        self._program = program
        self._signature = signature

    @property
    def handle(self) -> Any:
        """What the driver calls it: a CUfunction, a pyopencl.Kernel, a ctypes.CDLL."""
        return self._program.handle

    def launch(
        self,
        grid: int | Sequence[int],
        block: int | Sequence[int],
        args: Sequence[object] = (),
        *,
        stream: object = None,
    ) -> None:
        """Start the kernel and return at once.

        Parameters
        ----------
        grid, block : int or sequence of up to three ints
            Blocks in the grid, and lanes in a block.
        args : sequence
            One value per parameter. Numbers are checked against the parameter's range. For a pointer: a NumPy array,
            which is copied to the device now and back by :meth:`Runtime.synchronize` (an array from
            :meth:`Runtime.shared`, and any contiguous array on the host backend, is passed as it is); a device array of
            another library; an address; None.
        stream : object, optional
            On CUDA a stream of cuda.core, CuPy or PyTorch, or its handle; on OpenCL a command queue. The runtime's own
            if not given.

        Raises
        ------
        ArgumentError
            If an argument does not fit; nothing was launched.
        LaunchError
            If the grid is impossible; nothing was launched.
        RuntimeClosedError
            If the runtime is closed.
        """
        self._runtime._launch(self, grid, block, args, stream)

    def __repr__(self) -> str:
        return f"<hostcall.Kernel {self._signature} on {self._runtime.transport_name}>"


def _dimensions(what: str, value: int | Sequence[int]) -> Dimensions:
    try:
        sizes = tuple(operator.index(size) for size in (value if isinstance(value, (tuple, list)) else (value,)))
    except TypeError:
        raise LaunchError(f"{what}={value!r} is neither an int nor a tuple of ints") from None
    if not 1 <= len(sizes) <= 3:
        raise LaunchError(f"{what}={value!r} has {len(sizes)} dimensions, not 1 to 3")
    if any(size < 1 for size in sizes):
        raise LaunchError(f"{what}={value!r}: every dimension is at least 1")
    padded = (*sizes, 1, 1)
    return padded[0], padded[1], padded[2]


def launch_shape(
    kernel: str, grid: int | Sequence[int], block: int | Sequence[int], max_block: int, device: str
) -> tuple[Dimensions, Dimensions, int]:
    """Check the shape of a launch.

    Parameters
    ----------
    kernel, device : str
        For the error message.
    grid, block : int or sequence of up to three ints
        As given to :meth:`Kernel.launch`.
    max_block : int
        Lanes of the largest block.

    Returns
    -------
    tuple
        Blocks and lanes in three dimensions, and the lanes of a block.

    Raises
    ------
    LaunchError
        If no device, or not this one, can run it.
    """
    blocks, lanes = _dimensions("grid", grid), _dimensions("block", block)
    per_block = lanes[0] * lanes[1] * lanes[2]
    if per_block > max_block:
        raise LaunchError(
            f"kernel {kernel!r}: block {lanes} has {per_block} lanes; {device} runs at most {max_block} in a block"
        )
    total = per_block * blocks[0] * blocks[1] * blocks[2]
    if total >= _MAX_THREADS:
        raise LaunchError(f"kernel {kernel!r}: {total} lanes; a grid has fewer than {_MAX_THREADS}")
    return blocks, lanes, per_block
