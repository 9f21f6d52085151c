# SPDX-License-Identifier: Apache-2.0
"""The floor on NVIDIA GPUs, in the very memory that a transport gives: mailbox, dependent load, bandwidth.

Kernels give up by their own cycle counter when no reply comes, so that nothing here can hang the device.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hostcall.backends.cuda import CudaDevice, load_compiler
from hostcall.config import Config
from hostcall.errors import BackendError
from hostcall.transports import Capabilities, find

from .floor import Floor, FloorHost, Variant, summarise
from .floor_sources import CUDA

GAPS_NS = (300, 600, 900)
"""Distances between two loads in flight that are tried: half a round trip is somewhere in between."""

FIRST_NS = (100, 150, 200, 250, 300, 350, 400, 500, 600, 800)
"""Delays before the first look that are tried: the best one meets the reply on the host's side."""

NEAR_GAPS_NS = (50, 100, 150)
"""The same for replies in device memory, where a look takes a fraction of the way to the host and back."""

NEAR_FIRST_NS = (300, 500, 700, 900, 1000, 1100, 1200)
"""The same for replies in device memory: looks that come before the reply can only be in its way."""

_PAGE = 4096
_LINE = 128
_CHAIN_BYTES = 2 << 20
_LINK_BYTES = 64 << 20
_REPLY_LIMIT_S = 1.0
_WAIT_S = 20.0


class _Kernels:
    """The floor's module on one device, and launches that are waited for with a limit."""

    def __init__(self, device: CudaDevice, source: str = CUDA) -> None:
        self.device = device
        program, options = load_compiler()
        device.activate()
        try:
            code = bytes(program(source, "c++", options(arch=device.arch, std="c++17")).compile("cubin").code)
        except Exception as error:  # NVRTCError has lived in several places
            raise BackendError(f"the floor does not compile for {device.arch}: {error}") from error
        self.module = device.call("cuModuleLoadData", code)
        self.units = device.attribute("MULTIPROCESSOR_COUNT")

    def run(self, name: str, grid: int, block: int, args: Sequence[tuple[int, Any]]) -> float:
        """Launch and wait; milliseconds by the device's events."""
        device = self.device
        function = device.call("cuModuleGetFunction", self.module, name.encode())
        events = [device.call("cuEventCreate", 0) for _ in range(2)]
        try:
            values, types = tuple(value for value, _ in args), tuple(kind for _, kind in args)
            device.call("cuEventRecord", events[0], device.stream)
            device.call("cuLaunchKernel", function, grid, 1, 1, block, 1, 1, 0, device.stream, (values, types), 0)
            device.call("cuEventRecord", events[1], device.stream)
            end = time.monotonic() + _WAIT_S
            while True:
                status = device.driver.cuEventQuery(events[1])[0]
                if int(status) == 0:
                    return float(device.call("cuEventElapsedTime", *events))
                if status != device.driver.CUresult.CUDA_ERROR_NOT_READY:
                    raise BackendError(f"{name} died with CUDA error {int(status)}", code=int(status))
                if time.monotonic() >= end:
                    raise BackendError(f"{name} did not end within {_WAIT_S:.0f} s")
                time.sleep(0.0002)
        finally:
            for event in events:
                device.driver.cuEventDestroy(event)

    def close(self) -> None:
        self.device.activate()
        self.device.driver.cuModuleUnload(self.module)


_U32, _U64 = ctypes.c_uint32, ctypes.c_uint64


class _Results:
    """Samples and totals of one kernel, in device memory."""

    def __init__(self, device: CudaDevice, rounds: int) -> None:
        self.device = device
        self.samples = device.allocate(4 * rounds)
        try:
            self.out = device.allocate(8 * 4)
        except BackendError:
            device.call("cuMemFree", self.samples)
            raise
        self._rounds = rounds

    def fetch(self) -> tuple[npt.NDArray[np.uint32], list[int]]:
        samples = np.zeros(self._rounds, np.uint32)
        out = np.zeros(4, np.uint64)
        self.device.download(samples.ctypes.data, self.samples, samples.nbytes)
        self.device.download(out.ctypes.data, self.out, out.nbytes)
        return samples, [int(value) for value in out]

    def clear(self) -> None:
        zeros = np.zeros(4, np.uint64)
        self.device.upload(self.out, zeros.ctypes.data, zeros.nbytes)

    def close(self) -> None:
        self.device.activate()
        for address in (self.samples, self.out):
            self.device.call("cuMemFree", address)


def chain(count: int, base: int, line: int, seed: int = 1) -> npt.NDArray[np.uint64]:
    """Lay out a chain of addresses that visits every line once and ends where it began.

    Parameters
    ----------
    count : int
        Lines.
    base : int
        Address of the first, as the device sees it.
    line : int
        Bytes of a line, a multiple of 8.
    seed : int
        Of the order.

    Returns
    -------
    ndarray of uint64
        Contents of the memory: the first word of each line is the address of the next one to visit.
    """
    order = np.concatenate(([0], 1 + np.random.default_rng(seed).permutation(count - 1)))
    words = np.zeros((count, line // 8), np.uint64)
    words[order, 0] = base + np.roll(order, -1).astype(np.uint64) * np.uint64(line)
    return words


def _view(address: int, count: int) -> npt.NDArray[np.uint64]:
    return np.ctypeslib.as_array((ctypes.c_uint64 * count).from_address(address))


def cuda_floor(host: FloorHost, name: str, config: Config, rounds: int) -> Floor:
    """Measure the floor in the memory of a CUDA transport.

    Parameters
    ----------
    host : FloorHost
        Compiled.
    name : str
        A transport with backend ``cuda``.
    config : Config
        Says which device.
    rounds : int
        Round trips of each variant, and loads of the chain.

    Returns
    -------
    Floor
        Checked: it says so if the mailbox costs more dependent loads than it may.
    """
    transport = find(name)(config)
    try:
        regions = transport.allocate(
            {"requests": _PAGE, "replies": _PAGE, "posted": _CHAIN_BYTES, "payload": _LINK_BYTES}
        )
        kernels = _Kernels(transport.native)
        try:
            results = _Results(transport.native, rounds)
            try:
                load = _dependent_load(kernels, results, regions["posted"], rounds)
                mailbox = _Mailbox(host, kernels, results, regions, rounds, transport.capabilities)
                variants = mailbox.sweep()
                store, fetch, wrong = _bandwidth(kernels, results, regions["payload"])
            finally:
                results.close()
        finally:
            kernels.close()
        notes = [] if not wrong else [f"{wrong} of the words that lanes stored were read back wrong"]
        found = Floor(name, tuple(variants), load, store, fetch, "; ".join(notes), ("lanes use 16-byte accesses",))
        replies = "device" if transport.capabilities.device_replies else "host"
        return replace(found, replies=replies).checked()
    finally:
        transport.close()


def _dependent_load(kernels: _Kernels, results: _Results, region: Any, rounds: int) -> float:
    words = chain(region.bytes // _LINE, region.device, _LINE)
    ctypes.memmove(region.host, words.ctypes.data, words.nbytes)
    count = min(rounds, len(words))
    args = [(region.device, _U64), (count, _U32), (results.samples, _U64), (results.out, _U64)]
    for _ in range(2):  # the first run meets cold translations
        results.clear()
        kernels.run("floor_chase", 1, 1, args)
    samples, (done, broken, cycles, total) = results.fetch()
    if broken or done != count or not total:
        raise BackendError(f"the chain of loads broke after {done} of {count}")
    return float(np.median(samples[:count])) * total / cycles


class _Mailbox:
    """The mailbox with its ways to poll."""

    def __init__(
        self, host: FloorHost, kernels: _Kernels, results: _Results, regions: Any, rounds: int, able: Capabilities
    ) -> None:
        self._host = host
        self._able = able
        self._kernels = kernels
        self._results = results
        self._regions = regions
        self._rounds = rounds
        self._cycles_per_ns = kernels.device.attribute("CLOCK_RATE") / 1e6

    def run(self, name: str, first_ns: int, gap_ns: int) -> Variant:
        """One variant; the counter's rate is measured on the way."""
        request, reply = self._regions["requests"], self._regions["replies"]
        ctypes.memset(request.host, 0, request.bytes)
        if self._able.device_replies:
            self._kernels.device.clear(reply.device, reply.bytes)
        else:
            ctypes.memset(reply.host, 0, reply.bytes)
        self._results.clear()
        warm = max(self._rounds // 10, 1)
        rate = self._cycles_per_ns
        args = [
            (request.device, _U64),
            (reply.device, _U64),
            (warm, _U32),
            (self._rounds, _U32),
            (int(first_ns * rate), _U32),
            (int(gap_ns * rate), _U32),
            (int(_REPLY_LIMIT_S * 1e9 * rate), _U64),
            (self._results.samples, _U64),
            (self._results.out, _U64),
        ]
        with self._host.serving(request.host, reply.host, warm + self._rounds, combined=self._able.write_combined):
            self._kernels.run("floor_mailbox", 1, 32, args)
        samples, (done, wrong, cycles, total) = self._results.fetch()
        if done and total:
            self._cycles_per_ns = rate = cycles / total
        return summarise(name, samples, done, wrong, rate, float(total))

    def sweep(self) -> list[Variant]:
        """One load in flight, by the delay before the first look; two, by their distance."""
        near = self._able.device_replies
        firsts, gaps = (NEAR_FIRST_NS, NEAR_GAPS_NS) if near else (FIRST_NS, GAPS_NS)
        found = [self.run("one load in flight", 0, 0)]
        found += [self.run(f"one load in flight, first look after {first} ns", first, 0) for first in firsts]
        found += [self.run(f"two loads in flight, {gap} ns apart", 0, gap) for gap in gaps]
        return found


def _bandwidth(kernels: _Kernels, results: _Results, region: Any) -> tuple[float, float, int]:
    """Bytes per second that all lanes store and load together, and how many words came back wrong."""
    words = region.bytes // 16
    grid, block = kernels.units * 8, 256
    stores, loads, wrong = [], [], 0
    for salt in (1, 1 << 40, 3):
        common = [(region.device, _U64), (words, _U64), (salt, _U64)]
        stores.append(kernels.run("floor_store", grid, block, common))
        view = _view(region.host, 2 * words)
        seen = view[0 : 2 * words : 2 * max(words // 4096, 1)]
        index = np.arange(len(seen), dtype=np.uint64) * np.uint64(max(words // 4096, 1))
        wrong += int(np.count_nonzero(seen != (index ^ np.uint64(salt))))
        results.clear()
        loads.append(kernels.run("floor_load", grid, block, [*common, (results.out, _U64)]))
        wrong += results.fetch()[1][0]
    return region.bytes / (min(stores) / 1e3), region.bytes / (min(loads) / 1e3), wrong
