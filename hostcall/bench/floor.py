# SPDX-License-Identifier: Apache-2.0
"""The floor of a transport: the fastest verified bare mailbox in the memory of that transport, in this run.

The host's side is C, compiled when it is needed and called without the GIL. Every wait is bounded: a mailbox whose
other side is gone ends within seconds and is reported as such.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hostcall.config import Config
from hostcall.errors import BackendError, HostcallError, TransportUnavailable
from hostcall.transports import find

from .bare_sources import BARE_HOST
from .floor_sources import HOST, OPENCL

__all__ = ["LOADS_LIMIT", "Bare", "BarePoint", "Floor", "FloorHost", "Variant", "measure_floor"]

LOADS_LIMIT = {"host": 2.1, "device": 1.6}
"""By where replies lie: a mailbox that costs more than this many dependent loads is badly written, and no floor."""

_PAGE = 4096
_LIMIT_S = 10.0
_TRIES = 3


@dataclass(frozen=True)
class Variant:
    """One way to run the mailbox.

    Attributes
    ----------
    name : str
        What was varied.
    rounds : int
        Round trips that were sampled.
    wrong : int
        Replies that were not what was asked for.
    p50_ns, p99_ns, max_ns : float or None
        Of one round trip, measured by the lane; None where the device has no counter.
    mean_ns : float
        Of all round trips together.
    """

    name: str
    rounds: int
    wrong: int
    p50_ns: float | None
    p99_ns: float | None
    max_ns: float | None
    mean_ns: float


@dataclass(frozen=True)
class BarePoint:
    """A shape of the bare mailbox: `warps` at once, one value for all lanes or for each of `lanes`, host threads."""

    warps: int
    lanes: int = 1
    threads: int = 1


@dataclass(frozen=True)
class Bare:
    """The bare mailbox of many warps at once.

    Attributes
    ----------
    point : BarePoint
        What ran.
    name : str
        Which variant it is; empty for the plain one.
    rounds, wrong : int
        Calls of each warp; replies that were not what was asked for.
    ended : bool
        Whether every warp came to its end.
    packets_per_s, p50_ns, p99_ns : float
        Of all warps together; of one call as the warp sees it.
    fairness : float or None
        Rate of the slowest warp by that of the fastest; None for one warp.
    """

    point: BarePoint
    name: str
    rounds: int
    wrong: int
    ended: bool
    packets_per_s: float
    p50_ns: float
    p99_ns: float
    fairness: float | None

    @property
    def problem(self) -> str:
        """What makes it no measure; empty if nothing does."""
        return f"gave {self.wrong} wrong values" if self.wrong else "" if self.ended else "did not come to its end"

    @property
    def valid(self) -> bool:
        """Whether it can be compared with."""
        return not self.problem

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        own = {name: value for name, value in vars(self).items() if name != "point"}
        return {**vars(self.point), **own, "valid": self.valid}


@dataclass(frozen=True)
class Floor:
    """What the machine itself costs.

    Attributes
    ----------
    transport : str
        In whose memory.
    variants : tuple of Variant
        All that were tried.
    load_ns : float or None
        p50 of one dependent load by the device from the transport's memory; None where that is an ordinary cache hit.
    store_bytes_per_s, load_bytes_per_s : float or None
        Bandwidth of the link, by the lanes.
    problem : str
        Why the floor is not valid; empty if it is.
    notes : tuple of str
        What else a reader should know.
    replies : {"host", "device"}
        In whose memory the device looks for the reply.
    bare : tuple of Bare
        The mailbox of many warps at once.
    """

    transport: str
    variants: tuple[Variant, ...] = ()
    load_ns: float | None = None
    store_bytes_per_s: float | None = None
    load_bytes_per_s: float | None = None
    problem: str = ""
    notes: tuple[str, ...] = field(default=())
    replies: str = "host"
    bare: tuple[Bare, ...] = field(default=())

    @property
    def best(self) -> Variant | None:
        """The variant with the smallest p50 among those whose values were all right."""
        right = [variant for variant in self.variants if variant.rounds and not variant.wrong]
        return min(right, key=lambda variant: variant.p50_ns or variant.mean_ns, default=None)

    @property
    def floor_ns(self) -> float | None:
        """p50 of the best variant; its mean where the device has no counter."""
        best = self.best
        return None if best is None else best.p50_ns or best.mean_ns

    @property
    def loads(self) -> float | None:
        """The floor in dependent loads."""
        return self.floor_ns / self.load_ns if self.floor_ns and self.load_ns else None

    def checked(self) -> Floor:
        """The same with `problem` filled in where the figures contradict themselves."""
        if self.problem:
            return self
        if any(variant.wrong for variant in self.variants):
            return replace(self, problem="a mailbox gave wrong values")
        if self.best is None:
            return replace(self, problem="no mailbox came to its end")
        limit = LOADS_LIMIT[self.replies]
        if self.loads is not None and self.loads > limit:
            return replace(self, problem=f"the mailbox costs {self.loads:.2f} dependent loads, more than {limit}")
        return self

    def bare_at(self, point: BarePoint) -> Bare | None:
        """The bare mailbox of this shape, if it was measured and was right."""
        return next((bare for bare in self.bare if bare.point == point and bare.valid), None)

    def faster(self, other: Floor) -> Floor:
        """The one of two measurements that is valid and has the smaller figure; wrong values are never passed over."""
        for floor in (self, other):
            if any(variant.wrong for variant in floor.variants):
                return floor
        best = min(self, other, key=lambda floor: (bool(floor.problem), floor.floor_ns or float("inf")))
        return replace(best, bare=self.bare or other.bare)  # measured once

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "transport": self.transport,
            "floor_ns": self.floor_ns,
            "variant": self.best.name if self.best else None,
            "dependent_load_ns": self.load_ns,
            "floor_in_loads": self.loads,
            "store_bytes_per_s": self.store_bytes_per_s,
            "load_bytes_per_s": self.load_bytes_per_s,
            "valid": not self.problem,
            "problem": self.problem,
            "notes": list(self.notes),
            "replies": self.replies,
            "variants": [vars(variant) for variant in self.variants],
            "bare": [bare.to_dict() for bare in self.bare],
        }


def summarise(
    name: str, samples: npt.NDArray[np.uint32], rounds: int, wrong: int, ticks_per_ns: float | None, total_ns: float
) -> Variant:
    """Turn the samples of one mailbox into a variant.

    Parameters
    ----------
    name : str
        What was varied.
    samples : ndarray
        Ticks of each round; only the first `rounds` count.
    rounds, wrong : int
        How many were done, and how many of them wrong.
    ticks_per_ns : float or None
        Rate of the counter; None if there is none.
    total_ns : float
        Duration of all sampled rounds.

    Returns
    -------
    Variant
        Without percentiles if nothing was sampled.
    """
    taken = samples[:rounds]
    mean = total_ns / rounds if rounds else 0.0
    if not rounds or not ticks_per_ns:
        return Variant(name, rounds, wrong, None, None, None, mean)
    p50, p99 = (float(value) / ticks_per_ns for value in np.percentile(taken, [50, 99]))
    return Variant(name, rounds, wrong, p50, p99, float(taken.max()) / ticks_per_ns, mean)


class FloorHost:
    """The host's side of all mailboxes, as a small library that is compiled for this process.

    Raises
    ------
    TransportUnavailable
        If there is no C compiler.
    BackendError
        If it does not compile.
    """

    def __init__(self) -> None:
        from hostcall.backends.host import find_compiler

        with tempfile.TemporaryDirectory(prefix="hostcall-floor-") as folder:
            text, made = Path(folder) / "floor.c", Path(folder) / "floor.so"
            text.write_text(HOST + BARE_HOST)
            command = [
                *find_compiler(),
                "-std=gnu11",
                "-O2",
                "-fPIC",
                "-shared",
                "-pthread",
                str(text),
                "-o",
                str(made),
            ]
            try:
                ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise BackendError(f"the C compiler {command[0]!r} cannot be run: {error}") from error
            if ran.returncode:
                raise BackendError(f"the floor does not compile: {ran.stderr.strip()}", code=ran.returncode)
            self._library = ctypes.CDLL(str(made))
        pointer, u32, u64 = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64
        for serve in (self._library.floor_serve, self._library.floor_serve_combined):
            serve.argtypes = [pointer, pointer, u64, u64, pointer, ctypes.c_int]
            serve.restype = u64
        self._library.floor_pingpong.argtypes = [ctypes.c_int, ctypes.c_int, u32, u32, u64, pointer, pointer]
        self._library.bare_sweep.argtypes = [pointer, pointer, pointer, u32, u32, u32, u64, u64, pointer, u32]
        self._library.bare_sweep.restype = u64
        self._library.bare_threads.argtypes = [u32, u32, u32, u32, u64, pointer, pointer]
        self._library.floor_ticks_per_us.argtypes = [u64]
        self._library.floor_ticks_per_us.restype = ctypes.c_double

    @property
    def library(self) -> Any:
        """The compiled code, for mailboxes that live elsewhere."""
        return self._library

    def ticks_per_us(self, seconds: float = 0.02) -> float:
        """Rate of the CPU's counter."""
        return float(self._library.floor_ticks_per_us(int(seconds * 1e9)))

    @contextlib.contextmanager
    def serving(
        self, request: int, reply: int, rounds: int, seconds: float = _LIMIT_S, *, combined: bool = False
    ) -> Iterator[Callable[[], bool]]:
        """Answer the mailbox at two host addresses on a thread of its own, at most so long.

        `combined` says that the CPU's stores to the reply are write-combined.

        Yields
        ------
        callable
            True once the thread has ended.
        """
        stop = ctypes.c_int(0)
        deadline = time.clock_gettime_ns(time.CLOCK_MONOTONIC) + int(seconds * 1e9)
        args = (request, reply, rounds, deadline, ctypes.addressof(stop), -1)
        serve = self._library.floor_serve_combined if combined else self._library.floor_serve
        thread = threading.Thread(target=serve, args=args, name="hostcall-floor", daemon=True)
        thread.start()
        try:
            yield lambda: not thread.is_alive()
        finally:
            stop.value = 1
            thread.join(seconds)

    def pingpong(self, cpus: tuple[int, int], warm: int, rounds: int) -> Variant:
        """Run the mailbox between two threads that are tied to CPUs."""
        samples = np.zeros(rounds, np.uint32)
        out = np.zeros(4, np.uint64)
        limit = int(_LIMIT_S * 1e9)
        status = self._library.floor_pingpong(*cpus, warm, rounds, limit, samples.ctypes.data, out.ctypes.data)
        if status:
            raise BackendError("the threads of the CPU's mailbox cannot be started")
        done, wrong, ticks, total = (int(value) for value in out)
        name = f"two threads on CPUs {cpus[0]} and {cpus[1]}" if cpus[0] != cpus[1] else f"two threads on CPU {cpus[0]}"
        return summarise(name, samples, done, wrong, ticks / total if total else None, float(total))


def cpu_pairs(allowed: list[int], siblings: Callable[[int], set[int]]) -> list[tuple[int, int]]:
    """Choose pairs of CPUs to tie two threads to.

    Parameters
    ----------
    allowed : list of int
        CPUs that this process may use.
    siblings : callable
        CPUs that share a core with one.

    Returns
    -------
    list of (int, int)
        At most three pairs of different cores: the first two, the last two, the first and the last. One CPU alone is
        paired with itself.
    """
    cores: list[int] = []
    for cpu in sorted(allowed):
        if not siblings(cpu) & set(cores):
            cores.append(cpu)
    if len(cores) < 2:
        both = sorted(allowed)[:2]
        return [(both[0], both[-1])]
    pairs = [(cores[0], cores[1]), (cores[-2], cores[-1]), (cores[0], cores[-1])]
    return list(dict.fromkeys(pairs))


def _siblings(cpu: int) -> set[int]:
    found = {cpu}
    try:
        text = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return found
    for part in text.strip().split(","):
        low, _, high = part.partition("-")
        if low.isdigit():
            found.update(range(int(low), int(high or low) + 1))
    return found


def _quietest(tries: list[Variant]) -> Variant:
    """Of several tries of one variant the fastest, unless one of them was wrong or did not end."""
    fewest = min(tries, key=lambda variant: variant.rounds)
    if fewest.rounds < max(variant.rounds for variant in tries):
        return fewest
    return max(tries, key=lambda variant: (variant.wrong, -(variant.p50_ns or variant.mean_ns)))


def cpu_floor(host: FloorHost, transport: str, rounds: int) -> Floor:
    """Measure the cache-line ping-pong of the CPU.

    Parameters
    ----------
    host : FloorHost
        Compiled.
    transport : str
        For which transport it stands.
    rounds : int
        Round trips of each variant.

    Returns
    -------
    Floor
        One variant per pair of CPUs.
    """
    pairs = cpu_pairs(sorted(os.sched_getaffinity(0)), _siblings)
    notes = () if pairs[0][0] != pairs[0][1] else ("only one CPU: each round trip is two turns of the scheduler",)
    # Without two CPUs a round trip is a scheduler slice.
    count = rounds if not notes else min(rounds, 200)
    variants = [_quietest([host.pingpong(pair, max(count // 10, 1), count) for _ in range(_TRIES)]) for pair in pairs]
    return Floor(transport, tuple(variants), notes=notes).checked()


def opencl_floor(host: FloorHost, name: str, config: Config, rounds: int) -> Floor:
    """Measure the mailbox between an OpenCL kernel and a C thread; on a CPU device the ping-pong of the CPU too.

    Parameters
    ----------
    host : FloorHost
        Compiled.
    name : str
        A transport with backend ``opencl``.
    config : Config
        Says which device.
    rounds : int
        Round trips of each variant.

    Returns
    -------
    Floor
        With a problem instead of variants on a device that shares memory only between launches.
    """
    transport = find(name)(config)
    try:
        if not transport.capabilities.live:
            return Floor(name, problem="the host sees nothing of a kernel before it ends: there is no round trip")
        native: Any = transport.native
        sizes = {"requests": _PAGE, "replies": _PAGE, "payload": 4 * rounds, "control": _PAGE}
        regions = transport.allocate(sizes)
        options = [native.language] if native.language else []
        counts = "cycles" in native.features
        if counts:
            options.append("-DFLOOR_CYCLES=1")
        cl = native.cl
        try:
            kernel = cl.Kernel(cl.Program(native.context, OPENCL).build(options, cache_dir=False), "floor_mailbox")
        except cl.Error as error:
            raise BackendError(f"the floor does not compile for {native.device.name}: {error}") from error
        warm = max(rounds // 10, 1)
        kernel.set_arg(0, np.uint64(regions["requests"].device))
        kernel.set_arg(1, np.uint64(regions["replies"].device))
        kernel.set_arg(2, np.uint32(warm))
        kernel.set_arg(3, np.uint32(rounds))
        kernel.set_arg(4, np.uint64(1 << 31))
        views = [_host_view(regions[region].host, regions[region].bytes, cl) for region in ("payload", "control")]
        kernel.set_arg(5, views[0])
        kernel.set_arg(6, views[1])
        kernel.set_arg(7, native.arena)
        with host.serving(regions["requests"].host, regions["replies"].host, warm + rounds):
            start = time.perf_counter()
            event = cl.enqueue_nd_range_kernel(native.queue, kernel, (1,), (1,))
            event.wait()
            wall = (time.perf_counter() - start) * 1e9
        samples = np.ctypeslib.as_array((ctypes.c_uint32 * rounds).from_address(regions["payload"].host)).copy()
        out = list((ctypes.c_uint64 * 3).from_address(regions["control"].host))
        rate = host.ticks_per_us() / 1000.0 if counts else None
        total = out[2] / rate if rate else wall * rounds / (warm + rounds)
        variants = [summarise("kernel against thread", samples, out[0], out[1], rate, total)]
        if native.device.type & cl.device_type.CPU:
            variants += cpu_floor(host, name, rounds).variants
        return Floor(name, tuple(variants)).checked()
    finally:
        transport.close()


def _host_view(address: int, count: int, cl: Any) -> Any:
    return cl.SVM(np.ctypeslib.as_array((ctypes.c_uint8 * count).from_address(address)))


def measure_floor(name: str, config: Config, *, quick: bool = True, host: FloorHost | None = None) -> Floor:
    """Measure the floor of a transport.

    Parameters
    ----------
    name : str
        The transport.
    config : Config
        Says which device.
    quick : bool
        Fewer round trips.
    host : FloorHost, optional
        Compiled before; made if not given.

    Returns
    -------
    Floor
        Never an error: what did not work stands in ``problem``.
    """
    try:
        backend = getattr(find(name), "backend", "")
        host = host or FloorHost()
        if backend == "host":
            return cpu_floor(host, name, 20_000 if quick else 200_000)
        if backend == "opencl":
            return opencl_floor(host, name, config, 20_000 if quick else 200_000)
        if backend == "cuda":
            from .floor_cuda import cuda_floor

            return cuda_floor(host, name, config, 4_000 if quick else 20_000)
        return Floor(name, problem=f"no mailbox is known for backend {backend!r}")
    except TransportUnavailable as error:
        return Floor(name, problem=str(error))
    except HostcallError as error:
        return Floor(name, problem=f"{type(error).__name__}: {error}")
    except KeyError:
        return Floor(name, problem="no transport has this name")
