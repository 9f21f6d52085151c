# SPDX-License-Identifier: Apache-2.0
"""What device code wrote to a ``FILE`` and did not flush: it is written when its kernel has ended."""

from __future__ import annotations

import ctypes
import logging
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from ._native import ffi, lib

__all__ = ["Streams"]

_log = logging.getLogger("hostcall")

# Names of file.h.
_OPEN, _ERROR, _WRITING = 2, 16, 256


class Streams:
    """The buffers of device code's open files.

    A lane that leaves bytes in a buffer notes how many in a word of host memory, so a runtime whose kernels use none of
    this looks at one page and no more, and a fault that takes the buffers does not take the count.

    Parameters
    ----------
    transport : Transport
        Reads and writes device state.
    server
        Has the descriptors.
    layout
        struct hc_layout.
    owed, state : int
        Where the counts lie for the host, and device state for the device.
    heap : tuple of int
        First address of the device's heap and its size.
    """

    def __init__(
        self, transport: Any, server: Any, layout: Any, *, owed: int, state: int, heap: tuple[int, int]
    ) -> None:
        self._transport, self._server, self._state = transport, server, state
        self._files: int = layout.files
        self._dead = False
        self._heap = range(heap[0], heap[0] + heap[1])
        counts = (ctypes.c_uint32 * lib.HC_FILES).from_address(owed)
        self._owed: npt.NDArray[np.uint32] = np.ctypeslib.as_array(counts)

    def drain(self, *, faulted: bool) -> int:
        """Write what is unwritten; only when no lane is live.

        Parameters
        ----------
        faulted : bool
            The device is dead: its memory cannot be read any more.

        Returns
        -------
        int
            Bytes that could not be written.
        """
        if self._dead:
            return 0
        if faulted:
            self._dead = True
            return int(self._owed.sum())
        lost, forget = 0, self._forgotten()
        for index in np.flatnonzero(self._owed):
            lost += self._write(int(index), forget=forget)
            # Its writer is gone, so this word may have another one for once.
            self._owed[index] = 0
        return lost

    def _forgotten(self) -> bool:
        """Whether the program ended by ``_exit``, after which POSIX has nothing written."""
        if not lib.hc_server_abort_get(self._server, ffi.NULL, ffi.NULL, ffi.NULL, ffi.NULL, 0, 0):
            return False
        at = self._files + lib.HC_FILES_FORGET
        said = bytes(self._transport.read_state(at, 4)) != bytes(4)
        if said:
            self._transport.write_state(at, bytes(4))
        return said

    def _write(self, index: int, *, forget: bool) -> int:
        at = self._files + index * ffi.sizeof("hc_stream")
        entry = ffi.new("hc_stream *")
        ffi.memmove(entry, self._transport.read_state(at, ffi.sizeof("hc_stream")), ffi.sizeof("hc_stream"))
        if entry.state != _OPEN or not entry.flags & _WRITING:
            return 0
        count, done = int(entry.at), 0
        if forget:
            done = count
        elif self._is_buffer(int(entry.buffer), count, self._state + at):
            unwritten = self._transport.read_state(int(entry.buffer) - self._state, count)
            done = int(lib.hc_fs_put(self._server, entry.fd, unwritten, count))
        lost = count - max(done, 0)
        if lost:
            why = os.strerror(-done) if done < 0 else "no more room" if done else "its buffer is damaged"
            _log.error("descriptor %d: %d bytes of a FILE could not be written: %s", entry.fd, lost, why)
            entry.flags |= _ERROR
        entry.at = entry.owed = 0
        first, end = ffi.offsetof("hc_stream", "flags"), ffi.offsetof("hc_stream", "buffer")
        self._transport.write_state(at + first, bytes(ffi.buffer(entry))[first:end])
        return lost

    def _is_buffer(self, address: int, count: int, entry: int) -> bool:
        """Whether it lies on the heap or in the entry: a kernel that broke it must not make the host read elsewhere."""
        own = range(entry + ffi.offsetof("hc_stream", "own"), entry + ffi.sizeof("hc_stream"))
        return count > 0 and any(address in area and address + count <= area.stop for area in (self._heap, own))
