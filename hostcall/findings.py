# SPDX-License-Identifier: Apache-2.0
"""What went wrong on the device and in the server since somebody last asked."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import NoReturn

from ._native import ffi, lib
from .channel import ABORT_ABORT, ABORT_ASSERT, ABORT_EXIT, COUNTERS, Channel
from .errors import DataLostError, DeviceAbort, DeviceFault, HostcallError

__all__ = ["Findings", "raise_first"]

_log = logging.getLogger("hostcall")

_MESSAGE_BYTES = 1 << 16

# What the policy of the network refused (HC_NET_* of server.h), and the key that would allow it.
_REFUSED = {
    0: ("socket", "services.net.enabled = true allows sockets, and connect and bind say whom they may reach"),
    1: ("connect to {}", "no rule of services.net.connect contains it"),
    2: ("bind to {}", "no rule of services.net.bind contains it"),
    3: ("send to {}", "no rule of services.net.connect contains it"),
    4: ("getaddrinfo or getnameinfo", "services.net.enabled and services.net.names allow it"),
    5: ("a raw socket", "nothing allows these"),
}
_LOCAL = "services.net.unix = true allows paths beneath the roots"


class Findings:
    """Errors that wait to be raised.

    Parameters
    ----------
    channel : Channel
        Where to look.
    drops_allowed : bool
        The configuration lets lanes drop output when the ring is full.
    """

    def __init__(self, channel: Channel, drops_allowed: bool) -> None:
        self._channel = channel
        self._drops_allowed = drops_allowed
        self._raised: list[HostcallError] = []
        self._counters_seen = [0] * len(COUNTERS)
        self._lost: dict[str, int] = {}
        self._refused: set[tuple[int, str]] = set()

    def take(self) -> list[HostcallError]:
        """Hand over what was found."""
        raised, self._raised = self._raised, []
        return raised

    def abort(self, per_block: int, *, last: bool) -> int | None:
        """Take note of what stopped a kernel.

        Parameters
        ----------
        per_block : int
            Lanes of a block of the launch that it was.
        last : bool
            No kernel runs any more: let the next one run.

        Returns
        -------
        int or None
            What device code passed to ``exit()``, if it did.
        """
        status, thread, block = ffi.new("int32_t *"), ffi.new("uint32_t *"), ffi.new("uint32_t *")
        code = lib.hc_server_abort_get(self._channel.server, status, thread, block, ffi.NULL, 0, 0)
        if code == 0:
            return None
        text = ffi.new("char[]", _MESSAGE_BYTES)
        lib.hc_server_abort_get(self._channel.server, status, thread, block, text, _MESSAGE_BYTES, last)
        ended = int(status[0]) if code == ABORT_EXIT else None
        # Only of one launch at a time the size of the block is known that the lane was in.
        lane = int(thread[0]) - int(block[0]) * per_block
        if code in (ABORT_ABORT, ABORT_ASSERT) or (code == ABORT_EXIT and status[0] != 0):
            self._raised.append(
                DeviceAbort(
                    ffi.string(text).decode(errors="replace"),
                    kind={ABORT_ABORT: "abort", ABORT_ASSERT: "assert"}.get(code, "exit"),
                    status=ended,
                    block=int(block[0]),
                    lane=lane if 0 <= lane < per_block else None,
                )
            )
        return ended

    def refusals(self) -> None:
        """Log each thing that the policy of the network refused, once: its lane only sees EACCES."""
        for what, address, count in self._channel.net_refusals():
            if (what, address) in self._refused:
                continue
            self._refused.add((what, address))
            name, why = _REFUSED[what]
            if address and not re.search(r":\d+$", address):  # a path, or a family where there is no address yet
                why = _LOCAL
            name = name.format(address) if what else f"a socket{' of AF_UNIX' if address else ''}"
            _log.warning("device code was refused %s (EACCES, %d times so far): %s", name, count, why)

    def losses(self, *, faulted: bool, unwritten: int = 0) -> None:
        """Compare the counts of what did not arrive with those of the last time.

        Parameters
        ----------
        faulted : bool
            The device is dead: its own counts cannot be read.
        unwritten : int
            Bytes in buffers of open files that could not be written.
        """
        counts = self._channel.counts()
        now = {
            "malformed_posts": counts["posted_bad"],
            "sink_errors": counts["sink_errors"],
            "unfinished_posts": counts["holes"],
            "malformed_calls": counts["bad_packets"],
        }
        stopped = lib.hc_server_abort_get(self._channel.server, ffi.NULL, ffi.NULL, ffi.NULL, ffi.NULL, 0, 0) != 0
        if not faulted:
            values = self._channel.counters()
            fresh = [value - seen for value, seen in zip(values, self._counters_seen, strict=True)]
            self._counters_seen = values
            for name, count in zip(COUNTERS[1:4], fresh[1:4], strict=True):
                if count:
                    _log.warning("%s: %d times device code found no room (see Runtime.stats)", name, count)
            if fresh[0]:
                if self._channel.deferred or stopped or self._drops_allowed:
                    # The lane knows: its call answered -EAGAIN, or -ESHUTDOWN.
                    _log.warning(
                        "%d posted calls were given up because the ring was full or the kernel stopped", fresh[0]
                    )
                else:
                    now["dropped_posts"] = self._lost.get("dropped_posts", 0) + fresh[0]
        lost = {name: count - self._lost.get(name, 0) for name, count in now.items()}
        self._lost.update(now)
        lost = {name: count for name, count in lost.items() if count}
        if unwritten:
            lost["unwritten_bytes"] = unwritten
        if lost:
            self._raised.append(DataLostError("not everything that device code sent arrived", lost))


def raise_first(errors: Sequence[HostcallError]) -> NoReturn:
    """Raise the gravest, and log and note the others."""
    order = (DeviceFault, DeviceAbort)

    def rank(error: HostcallError) -> int:
        if isinstance(error, order):
            return order.index(type(error)) if type(error) in order else 0
        return 3 if isinstance(error, DataLostError) else 2

    first, *rest = sorted(errors, key=rank)
    for error in rest:
        _log.error("also: %s", error)
        if hasattr(first, "add_note"):
            first.add_note(f"also: {error}")
    raise first
