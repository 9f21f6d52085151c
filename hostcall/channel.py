# SPDX-License-Identifier: Apache-2.0
"""A channel: the memory that device and server talk through, and the native server behind it.

Its sizes follow from the device and the configuration. Device code finds everything by one block in its own memory,
struct hc_client of channel.h, which is filled here.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._native import ffi, lib
from .affinity import near_cpus
from .config import Config
from .errors import BackendError, WaitTimeout
from .net_rules import parse_rule
from .streams import Streams
from .zone import zone_entries

__all__ = [
    "ABORT_ABORT",
    "ABORT_ASSERT",
    "ABORT_CLOSED",
    "ABORT_EXIT",
    "ABORT_INTERRUPT",
    "COUNTERS",
    "Channel",
]

_SLICE = 0.05
# A load of host memory that leaves the device this long after the request meets the reply there; measured on an H200.
# Where a kept slot starts; it then finds its own time. Replies in device memory are looked at without delay: a look
# there takes less than the reply is early or late.
_FIRST_LOOK_US = 0.2

# Names of channel.h.
ABORT_CLOSED, ABORT_EXIT, ABORT_ABORT, ABORT_ASSERT, ABORT_INTERRUPT = 1, 2, 3, 4, 5
_MAGIC, _ABI = 0x48434331, 1
_FLAG_DEFERRED, _FLAG_DROP_FULL, _FLAG_TRAP, _FLAG_HOST_CLOCK = 1, 2, 4, 8
COUNTERS = ("posted_dropped", "errno_full", "limbo_full", "tickets_full", "traps")
_MAX_POLLERS = 16
_MIN_POSTED_SHIFT = 15  # the longest record is an eighth of the ring: it fits whatever else is on its way
_BUSY = 0x80000000
_MAX_SERVICES = 256


def _power_of_two(value: int) -> int:
    return 1 << max(value - 1, 1).bit_length()


def _round_up(value: int, unit: int) -> int:
    return (value + unit - 1) // unit * unit


def _geometry(config: Config, facts: Any, env_bytes: int) -> Any:
    """Choose the sizes of a channel: a slot for every warp that can be resident, and room for those that wait."""
    wanted = config.transport.slots
    slots = _round_up(facts.warps * 5 // 4 + 64 if wanted == "auto" else int(wanted), 64)
    lanes = facts.warps * facts.lanes_per_warp
    geometry = ffi.new("hc_geometry *")
    geometry.nslots = slots
    geometry.posted_shift = max((_power_of_two(config.transport.posted // 16) - 1).bit_length(), _MIN_POSTED_SHIFT)
    geometry.payload_pages = _round_up(_round_up(config.transport.payload, 4096) // 4096, 32)
    geometry.nparks = lanes if facts.lanes_per_warp > 1 else slots * 4
    geometry.ntickets = 16384
    # Where a warp is one lane, many more lanes come by than are resident.
    geometry.errno_places = max(_power_of_two(2 * lanes), 1 << 16)
    geometry.lanes_per_warp = facts.lanes_per_warp
    # Slots that warps keep between their calls; what is over serves diverged lanes.
    geometry.home_count = facts.warps if facts.lanes_per_warp > 1 and slots >= facts.warps * 9 // 8 else 0
    geometry.units = max(facts.warps // facts.warps_per_unit, 1)
    geometry.env_bytes = max(env_bytes, 16)
    return geometry


def _allowed_cpus() -> set[int]:
    return set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set()


def _env_block(config: Config) -> bytes:
    """The variables that device code may see, as ``NAME=VALUE`` with a NUL behind each, and its time zone."""
    allow = config.services.env.allow
    names = sorted(os.environ) if allow == "all" else [name for name in allow if name in os.environ]
    entries = [(name, os.environ[name]) for name in names] + zone_entries(os.environ)
    return b"".join(os.fsencode(f"{name}={value}") + b"\0" for name, value in entries)


class Channel:
    """The memory and the server of one runtime.

    Parameters
    ----------
    config : Config
        Sizes and policies.
    transport : Transport
        Allocates the memory.
    start_seq : int
        Sequence of every slot before its first use.
    undo : contextlib.ExitStack
        Gets what is to be undone if opening fails later.

    Attributes
    ----------
    server
        The native server; NULL after :meth:`destroy`.
    geometry, layout
        struct hc_geometry and struct hc_layout.
    client : int
        Device address of struct hc_client.
    streams : Streams
        What is in the buffers of device code's open files.
    deferred : bool
        Whether lanes are answered between launches only.

    Raises
    ------
    BackendError
        If there is no memory, or no server.
    ConfigError
        If the server's threads may not run where the configuration wants them.
    """

    def __init__(self, config: Config, transport: Any, start_seq: int, undo: contextlib.ExitStack) -> None:
        env = _env_block(config)
        geometry = _geometry(config, transport.facts, len(env))
        layout = ffi.new("hc_layout *")
        lib.hc_layout_compute(geometry, layout)
        self._transport, self.geometry, self.layout = transport, geometry, layout
        self._epoch = 1
        regions = transport.allocate(
            {
                "requests": layout.requests_bytes,
                "replies": layout.replies_bytes,
                "posted": layout.posted_bytes,
                "payload": layout.payload_bytes,
                "control": layout.control_bytes,
                "state": layout.state_bytes,
                "heap": config.heap.size,
            }
        )
        flags = 0
        if not transport.capabilities.live:
            flags |= _FLAG_DEFERRED
        if config.services.stdio.when_full == "drop":
            flags |= _FLAG_DROP_FULL
        if config.kernel.on_abort == "trap":
            flags |= _FLAG_TRAP
        if not transport.facts.has_clock:
            flags |= _FLAG_HOST_CLOCK
        pollers = 1 if flags & _FLAG_DEFERRED else min(config.server.pollers, _MAX_POLLERS, geometry.nslots // 64)

        options = ffi.new("hc_server_options *")
        options.geometry = geometry[0]
        for name in ("requests", "replies", "posted", "payload", "control"):
            setattr(options, name, regions[name].host)
        options.pollers = pollers
        options.workers = config.server.workers
        options.formatters = config.server.formatters
        options.flags = flags
        options.idle_spin = config.server.idle == "spin"
        options.silence_ns = config.deadlines.server_silence
        try:
            cpus = near_cpus(config.server.affinity, transport.facts.numa_node, pollers + 1, _allowed_cpus())
        except ValueError as error:
            raise config.problem("server.affinity", str(error)) from None
        for cpu in cpus:
            options.near_cpus[cpu // 64] |= 1 << cpu % 64
        options.write_combined_replies = transport.capabilities.write_combined
        options.max_open = config.services.fs.max_open
        options.start_seq = start_seq
        why = ffi.new("char[]", 512)
        self.server = lib.hc_server_create(options, why, 512)
        if self.server == ffi.NULL:
            raise BackendError(f"the server cannot be made: {ffi.string(why).decode(errors='replace')}")
        undo.callback(self.destroy)
        undo.callback(self.shut)

        self._control: int = regions["control"].host
        state = regions["state"].device
        self.streams = Streams(
            transport,
            self.server,
            layout,
            owed=regions["requests"].host + layout.files_owed,
            state=state,
            heap=(regions["heap"].device, config.heap.size),
        )
        self.client = state + layout.client
        if env:
            transport.write_state(layout.env, env)
        transport.write_state(layout.client, self._client_block(config, regions, flags, pollers, len(env)))
        if start_seq:
            transport.write_state(layout.slot_state, struct.pack("=I", start_seq) * geometry.nslots)
        self.deferred = bool(flags & _FLAG_DEFERRED)

    def set_timer_offset(self, offset: int) -> None:
        """Tell device code what to add to its timer, in nanoseconds, to get the host's ``CLOCK_MONOTONIC``."""
        ctypes.c_int64.from_address(self._control + lib.HC_CTL_TIMER_OFFSET).value = offset

    def _client_block(
        self, config: Config, regions: Mapping[str, Any], flags: int, pollers: int, env_bytes: int
    ) -> bytes:
        """Fill struct hc_client, by which device code finds everything else; addresses are the device's."""
        geometry, layout, facts = self.geometry, self.layout, self._transport.facts
        client = ffi.new("hc_client *")
        client.magic, client.version, client.bytes, client.flags = _MAGIC, _ABI, ffi.sizeof("hc_client"), flags
        for name in (
            "nslots",
            "units",
            "home_count",
            "nparks",
            "ntickets",
            "posted_shift",
            "payload_pages",
            "errno_places",
        ):
            setattr(client, name, getattr(geometry, name))
        for name in ("heads", "bells", "acks", "tails", "files_owed"):
            setattr(client, name, regions["requests"].device + getattr(layout, name))
        for name in ("reply_heads", "reply_lanes", "parks"):
            setattr(client, name, regions["replies"].device + getattr(layout, name))
        for name in ("posted", "payload", "control"):
            setattr(client, name, regions[name].device)
        for name in (
            "counters",
            "posted_tail",
            "posted_seen",
            "slot_state",
            "limbo",
            "arena_map",
            "arena_refs",
            "order",
            "ticket_state",
            "errno_table",
            "ranges",
            "env",
            "block_places",
            "homes",
            "files",
        ):
            setattr(client, name, regions["state"].device + getattr(layout, name))
        client.pollers = pollers
        client.heap = regions["heap"].device
        client.heap_bytes = config.heap.size
        client.env_bytes = env_bytes
        client.silence_ns = config.deadlines.server_silence
        if not self._transport.capabilities.device_replies:
            client.poll_first = int(_FIRST_LOOK_US * facts.cycles_per_us)
        client.range_count = 0
        client.epoch = self._epoch
        client.posted_slack = min((1 << geometry.posted_shift) // 4, geometry.nslots * 8)
        client.lanes_per_warp = geometry.lanes_per_warp
        return bytes(ffi.buffer(client))

    # -- what the device counts and keeps

    def counters(self) -> list[int]:
        """Read what lanes gave up, in the order of `COUNTERS`."""
        raw = self._transport.read_state(self.layout.counters, 8 * len(COUNTERS))
        return list(struct.unpack(f"={len(COUNTERS)}Q", raw))

    def open_tickets(self) -> int:
        """Count the tickets that are not waited for yet."""
        count = int(self.geometry.ntickets)
        raw = self._transport.read_state(self.layout.ticket_state, 4 * count)
        return int(np.count_nonzero(np.frombuffer(raw, np.uint32) & _BUSY))

    def next_epoch(self) -> None:
        """Free the places of errno; only when no lane is live."""
        self._epoch = (self._epoch + 1) & 0xFFFFFFFF
        at = self.layout.client + ffi.offsetof("hc_client", "epoch")
        self._transport.write_state(at, struct.pack("=I", self._epoch))

    # -- what the server counts

    def counts(self) -> dict[str, int]:
        """Count what the server did since it was opened."""
        counts = ffi.new("hc_server_counts *")
        lib.hc_server_counts_get(self.server, counts)
        return {name: int(getattr(counts, name)) for name, _ in ffi.typeof("hc_server_counts").fields}

    def service_counts(self) -> dict[str, dict[str, int]]:
        """Count the calls of each native service that was called."""
        rows = ffi.new("hc_service_count[]", _MAX_SERVICES)
        filled = lib.hc_server_service_counts(self.server, rows, _MAX_SERVICES)
        keys = ("packets", "lanes", "bytes", "errors", "total_ns", "max_ns")
        return {
            ffi.string(row.label).decode(): {key: int(getattr(row, key)) for key in keys}
            for row in rows[0:filled]
            if row.packets
        }

    # -- the server

    def open_roots(self, config: Config) -> None:
        """Open the folders that device code may reach; raises ConfigError."""
        for index, root in enumerate(config.services.fs.roots):
            status = lib.hc_fs_root_add(self.server, os.fsencode(root.path), root.mode == "rw")
            if status < 0:
                raise config.problem("services.fs.roots", f"roots[{index}], {root.path}: {os.strerror(-status)}")

    def allow_processes(self, config: Config) -> None:
        """Let device code start programs of the host, if the configuration does; they get the variables it allows."""
        if not config.services.process.enabled:
            return
        env = _env_block(config)
        status = lib.hc_process_allow(self.server, env, len(env), config.services.process.max)
        if status < 0:
            raise BackendError(f"programs of the host cannot be allowed: {os.strerror(-status)}", code=-status)

    def open_net(self, config: Config) -> None:
        """Tell the server whom device code may reach."""
        net = config.services.net
        lib.hc_net_policy(self.server, net.enabled, net.unix, net.names)
        for bind, rules in enumerate((net.connect, net.bind)):
            for rule in map(parse_rule, rules):
                lib.hc_net_allow(self.server, bind, rule.address, rule.prefix, rule.low, rule.high)

    def net_refusals(self) -> list[tuple[int, str, int]]:
        """Tell what the policy refused so far: kind, address and how often."""
        refusal = ffi.new("hc_net_refusal *")
        found: list[tuple[int, str, int]] = []
        while lib.hc_net_refusal_get(self.server, len(found), refusal):
            found.append((int(refusal.what), ffi.string(refusal.name).decode(errors="replace"), int(refusal.count)))
        return found

    def serve_deferred(self) -> None:
        """Answer what the last kernel of a deferred transport left."""
        self._transport.native.to_host()
        status = lib.hc_server_serve_once(self.server)
        if status < 0:
            raise BackendError(f"what was posted cannot be served: {os.strerror(-status)}", code=-status)

    def deliver(self, end: float | None, timeout: float | None, *, faulted: bool) -> None:
        """Run everything that was posted, and flush the sinks.

        Parameters
        ----------
        end : float, optional
            Time of ``time.monotonic``; without it there is no limit.
        timeout : float, optional
            What the caller gave, for the error.
        faulted : bool
            The device is dead: what it did not finish will never come.

        Raises
        ------
        WaitTimeout
            If a sink still takes output then.
        BackendError
            If the server cannot.
        """
        if self.deferred:
            self.serve_deferred()
        while True:
            status = lib.hc_server_drain(self.server, faulted, int(_SLICE * 1e9))
            if status >= 0:
                return
            if status != -errno.ETIMEDOUT:
                raise BackendError(f"what was posted cannot be delivered: {os.strerror(-status)}", code=-status)
            if end is not None and time.monotonic() >= end:
                raise WaitTimeout("the kernels have ended, but a sink still takes their output", seconds=timeout)

    def abort(self, cause: int) -> None:
        """Stop the kernels: calls and waits of lanes answer ``-ESHUTDOWN`` from now on."""
        lib.hc_server_abort(self.server, cause, 0, 0, 0, ffi.NULL, 0)

    def shut(self) -> None:
        """Answer no more, and let every wait in the server end."""
        lib.hc_server_close(self.server)

    def destroy(self) -> None:
        """Give the server back; nobody uses it any more."""
        lib.hc_server_destroy(self.server)
        self.server = ffi.NULL
