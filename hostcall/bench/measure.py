# SPDX-License-Identifier: Apache-2.0
"""Runs one case after the other on one transport and turns what lanes and host saw into rows.

A case has several launches: one to load and warm up, others to find out how long a call takes, and the one that is
measured. The answers of all are checked by the lanes, those of the last by the host too.
"""

from __future__ import annotations

import contextlib
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

import hostcall
from hostcall.errors import HostcallError, LaunchError

from .floor import Floor
from .kernels import FILES, RECORD
from .workloads import READ_FILE_BYTES, WORKLOADS, Case, Evidence, Verdict, Workload, pattern

__all__ = ["ROW_KEYS", "Bench", "Failure", "Row", "Shape", "choose_shape", "run_cases"]

_SAMPLES = 65536
_PROBE_ROUNDS = 16
_DEFERRED_CALLS = 4096
_MAX_BUFFER = 4 << 30
_MIN_PAYLOAD_ARENA = 64 << 20


@dataclass(frozen=True)
class Row:
    """One line of the result; the JSON has these keys in this order.

    Attributes
    ----------
    transport, backend, device, workload : str
        What ran where.
    warps, lanes, payload_bytes, server_threads : int
        Shape: warps at once, lanes of each, bytes per lane and call, pollers.
    calls : int
        Calls of all lanes in the measured launch.
    errors : int
        Calls that failed, gave a wrong answer, or left something wrong behind.
    lost : int
        Calls that left nothing behind.
    p50_ns, p99_ns, max_ns : float or None
        One call as the lane sees it; None where the device has no counter.
    calls_per_s, packets_per_s, bytes_per_s : float or None
        Calls of lanes; packets, in which lanes of a warp travel together; payload bytes, counted once.
    floor_ns : float or None
        The floor of the same run and transport.
    ratio_to_floor : float or None
        p50 by floor.
    """

    transport: str
    backend: str
    device: str
    workload: str
    warps: int
    lanes: int
    payload_bytes: int
    server_threads: int
    calls: int
    errors: int
    lost: int
    p50_ns: float | None
    p99_ns: float | None
    max_ns: float | None
    calls_per_s: float | None
    packets_per_s: float | None
    bytes_per_s: float | None
    floor_ns: float | None
    ratio_to_floor: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def with_floor(self, floor: Floor) -> Row:
        """The same row, compared with a floor."""
        floor_ns = _round(floor.floor_ns)
        ratio = round(self.p50_ns / floor_ns, 3) if self.p50_ns and floor_ns else None
        return replace(self, floor_ns=floor_ns, ratio_to_floor=ratio)


ROW_KEYS = tuple(field.name for field in fields(Row))
"""Keys of a row."""


@dataclass(frozen=True)
class Failure:
    """A case that gave no row's figures, and why."""

    transport: str
    case: Case
    reason: str


@dataclass(frozen=True)
class Shape:
    """A launch.

    Attributes
    ----------
    grid, block : int
        Blocks and lanes of a block.
    resident : int
        Blocks that one multiprocessor must be able to hold, so that all warps run at once.
    """

    grid: int
    block: int
    resident: int


def choose_shape(backend: str, warps: int, facts: Any) -> Shape:
    """Spread warps so that all of them run at the same time.

    Parameters
    ----------
    backend : str
        ``host``: lanes of one block run at the same time, blocks one after another. Others: one block per warp, or on
        CUDA a power of two of warps in a block, up to 8, as long as every multiprocessor gets a block.
    warps : int
        How many.
    facts : Facts
        Of the device.

    Returns
    -------
    Shape
        With exactly `warps` warps.
    """
    width = int(facts.lanes_per_warp)
    if backend == "host":
        return Shape(1, warps * width, 1)
    if backend != "cuda":
        return Shape(warps, width, 1)
    units = max(int(facts.warps) // int(facts.warps_per_unit), 1)
    per_block = 1
    while per_block < 8 and warps % (per_block * 2) == 0 and warps // (per_block * 2) >= min(units, warps):
        per_block *= 2
    grid = warps // per_block
    return Shape(grid, per_block * width, -(-grid // units))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def sums(data: bytes, lanes: int) -> list[int]:
    """The Python service of the bench: each lane sends two 32-bit numbers and gets their sum."""
    values = struct.unpack(f"={2 * lanes}I", data)
    return [values[2 * lane] + values[2 * lane + 1] for lane in range(lanes)]


class Bench:
    """A runtime with everything that cases need: a service, files, a sink. Use it as a context manager.

    Parameters
    ----------
    transport : str
        Its name.
    stdout : {"null", "file"}
        Where the device's stdout goes.
    pollers : int
        Threads that poll.
    payload : int
        Largest packet's payload in bytes.
    ticks_per_us : float, optional
        Rate of the CPU's counter, for devices whose lanes read that one and have no clock.
    heap : int
        Bytes of the device's heap.
    """

    def __init__(
        self,
        transport: str,
        stdout: str,
        pollers: int,
        payload: int = 0,
        ticks_per_us: float | None = None,
        heap: int = 1 << 20,
    ) -> None:
        self._ticks_per_us = ticks_per_us
        self._folder = tempfile.TemporaryDirectory(prefix="hostcall-bench-")
        self.folder = Path(self._folder.name)
        self._text = self.folder / "stdout.txt"
        arena = max(_MIN_PAYLOAD_ARENA, 1 << (2 * payload - 1).bit_length() if payload else 0)
        try:
            self.runtime = hostcall.open(
                transport={"kind": transport, "payload": arena},
                server={"pollers": pollers},
                services={"fs": {"roots": [{"path": str(self.folder), "mode": "rw"}]}},
                heap={"size": heap},
                stdout={"file": str(self._text)} if stdout == "file" else "null",
                stderr="inherit",
            )
        except BaseException:
            self._folder.cleanup()
            raise
        self.runtime.service("bench-add")(sums)
        self.transport = self.runtime.transport
        self._kernels: dict[tuple[str, Shape], hostcall.Kernel] = {}
        self._files: dict[str, hostcall.Kernel] = {}

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.runtime.close()
        finally:
            self._folder.cleanup()

    # -- files

    def _file_call(self, name: str, value: int) -> int:
        if name not in self._files:
            self._files[name] = self.runtime.compile(FILES, name)
        out = np.zeros(1, np.int32)
        self._files[name].launch(1, 1, (out, value))
        self.runtime.synchronize(60.0)
        return int(out[0])

    @contextlib.contextmanager
    def _file(self, use: str) -> Iterator[int]:
        """Descriptor of the device for the file that a workload needs; 1 where it needs none."""
        if not use:
            yield 1
            return
        if use == "read":
            np.arange(READ_FILE_BYTES // 8, dtype=np.uint64).tofile(self.folder / "bench.in")
        handle = self._file_call("bench_open", int(use == "write"))
        if handle < 0:
            raise LaunchError(f"the device could not open its file: errno {-handle}")
        try:
            yield handle
        finally:
            self._file_call("bench_close", handle)

    # -- one case

    def run(self, case: Case, pollers: int, seconds: float, quick: bool) -> Row:
        """Measure one case.

        Parameters
        ----------
        case : Case
            What.
        pollers : int
            Threads that poll, for the row.
        seconds : float
            How long the measured launch should take.
        quick : bool
            Whether the small limits hold.

        Returns
        -------
        Row
            Its errors include what the host found; the floor is still missing.

        Raises
        ------
        HostcallError
            If the kernel does not compile, does not end, or loses output.
        """
        workload = WORKLOADS[case.workload]
        size = workload.buffers(case)
        if size > _MAX_BUFFER:
            raise LaunchError(f"{case.callers} lanes with {case.payload} bytes need {size >> 20} MiB of buffers")
        with self._file(workload.file) as handle:
            return self._measure(_Launcher(self, workload, case, handle), pollers, seconds, quick)

    def _measure(self, launcher: _Launcher, pollers: int, seconds: float, quick: bool) -> Row:
        workload, case = launcher.workload, launcher.case
        most = min(workload.most(case, quick), (1 << 24))
        if not self.transport.capabilities.live:
            most = min(most, max(_DEFERRED_CALLS // case.callers, 1))
        probe = min(_PROBE_ROUNDS, most)
        early = [launcher.launch(probe) for _ in range(2)]
        took = early[-1].wall if workload.posted else early[-1].seconds
        # What a launch costs beside its calls must not count as calls; the shorter of two clocks is the closer one.
        rounds = max(min(int(seconds * probe / max(took, 1e-7)), most), 1)
        if workload.posted and rounds > probe:
            # A few posts vanish in the launch's own time: measure again with enough of them to see.
            middle = max(rounds // 8, probe)
            early.append(launcher.launch(middle))
            rounds = max(min(int(seconds * middle / max(early[-1].wall, 1e-7)), most), 1)
        launcher.truncate()
        result = launcher.launch(rounds)
        verdict = workload.check(launcher.evidence(result))
        for before in early:
            verdict = Verdict(verdict.lost, verdict.wrong + before.errors, verdict.bytes)
        return self._row(launcher, result, verdict, pollers)

    def _row(self, launcher: _Launcher, result: _Result, verdict: Verdict, pollers: int) -> Row:
        workload, case = launcher.workload, launcher.case
        seconds = result.wall if workload.posted else result.seconds
        calls = case.callers * result.rounds
        if workload.posted:
            packets = case.warps * result.rounds
        else:
            packets = result.packets
        moved = verdict.bytes if verdict.bytes is not None else calls * case.payload if workload.moves else 0
        p50, p99, longest = result.percentiles()
        facts = self.transport.facts
        return Row(
            transport=self.runtime.transport_name,
            backend=self.transport.backend,
            device=facts.name,
            workload=case.workload,
            warps=case.warps,
            lanes=case.lanes,
            payload_bytes=case.payload,
            server_threads=pollers,
            calls=calls,
            errors=result.errors + verdict.wrong,
            lost=verdict.lost,
            p50_ns=_round(p50),
            p99_ns=_round(p99),
            max_ns=_round(longest),
            calls_per_s=_round(calls / seconds),
            packets_per_s=_round(packets / seconds),
            bytes_per_s=_round(moved / seconds),
            floor_ns=None,
            ratio_to_floor=None,
        )

    def kernel(self, workload: Workload, shape: Shape) -> hostcall.Kernel:
        """The workload's kernel for a shape, compiled once."""
        key = workload.name, shape
        if key not in self._kernels:
            workload.set_up(self.transport)
            text = workload.source.text(int(self.transport.facts.lanes_per_warp), shape.block, shape.resident)
            self._kernels[key] = self.runtime.compile(text, "bench")
        return self._kernels[key]

    def ticks_per_ns(self, records: npt.NDArray[Any]) -> float | None:
        """Rate of the lanes' counter: from their own clock over the whole launch, else that of the CPU."""
        cycles = (records["end_cycles"] - records["start_cycles"]).astype(np.float64)
        if not cycles.any():
            return None
        if self.transport.facts.has_clock:
            spans = (records["end_ns"] - records["start_ns"]).astype(np.float64)
            return float(cycles.sum() / spans.sum()) if spans.any() else None
        return None if self._ticks_per_us is None else self._ticks_per_us / 1000.0


@dataclass(frozen=True)
class _Result:
    """What one launch left."""

    first: int
    rounds: int
    wall: float
    seconds: float
    records: npt.NDArray[Any]
    samples: npt.NDArray[np.uint32]
    ticks_per_ns: float | None
    packets: int
    posts: int
    post_sum: int

    @property
    def errors(self) -> int:
        return int(self.records["errors"].sum() + self.records["wrong"].sum())

    def percentiles(self) -> tuple[float | None, float | None, float | None]:
        """p50 and p99 of the samples and the longest of all calls, in ns."""
        if not self.ticks_per_ns:
            return None, None, None
        p50, p99 = np.percentile(self.samples, [50, 99])
        rate = self.ticks_per_ns
        return float(p50) / rate, float(p99) / rate, float(self.records["longest"].max()) / rate


class _Launcher:
    """Launches the kernel of one case and numbers its calls."""

    def __init__(self, bench: Bench, workload: Workload, case: Case, handle: int) -> None:
        self.workload = workload
        self.case = case
        self._bench = bench
        self._handle = handle
        self._next = 0
        self._shape = choose_shape(bench.transport.backend, case.warps, bench.transport.facts)
        self._kernel = bench.kernel(workload, self._shape)
        self._keep = max(_SAMPLES // case.warps, 1)
        size = max(workload.buffers(case), 16)
        self._buffer = np.zeros((size + 15) // 8 * 8, np.uint8)
        if workload.name.startswith("write"):
            lanes = np.arange(size // case.payload)
            self._buffer[: len(lanes) * case.payload].reshape(len(lanes), case.payload)[:] = pattern(lanes)[:, None]
        elif workload.name == "echo":
            self._buffer[:] = np.random.default_rng(1).integers(0, 256, len(self._buffer), np.uint8)

    def launch(self, rounds: int) -> _Result:
        """Launch, wait, and read what the lanes left."""
        bench, case = self._bench, self.case
        runtime = bench.runtime
        records = np.zeros(case.callers, RECORD)
        samples = np.zeros(case.warps * self._keep, np.uint32)
        first, self._next = self._next, self._next + rounds
        before = runtime.stats()["server"]
        start = time.perf_counter()
        self._kernel.launch(
            self._shape.grid,
            self._shape.block,
            (
                records.view(np.uint64),
                samples,
                self._buffer,
                case.lanes,
                self._keep,
                rounds,
                first,
                case.payload,
                self._handle,
                READ_FILE_BYTES,
            ),
        )
        runtime.synchronize(120.0)
        wall = time.perf_counter() - start
        after = runtime.stats()["server"]
        delta = {name: after[name] - before[name] for name in ("packets", "posted_records", "nop_sum")}
        rate = bench.ticks_per_ns(records)
        taken = samples.reshape(case.warps, self._keep)[:, : min(rounds, self._keep)].reshape(-1)
        return _Result(
            first=first,
            rounds=rounds,
            wall=wall,
            seconds=self._seconds(records, rate, wall),
            records=records,
            samples=taken,
            ticks_per_ns=rate,
            packets=delta["packets"],
            posts=delta["posted_records"],
            post_sum=delta["nop_sum"],
        )

    def _seconds(self, records: npt.NDArray[Any], rate: float | None, wall: float) -> float:
        """From the first lane's start to the last lane's end, by a clock that all lanes share."""
        if self._bench.transport.facts.has_clock:
            span = int(records["end_ns"].max()) - int(records["start_ns"].min())
            return span / 1e9 if span > 0 else wall
        if rate:
            span = int(records["end_cycles"].max()) - int(records["start_cycles"].min())
            return span / rate / 1e9 if span > 0 else wall
        return wall

    def truncate(self) -> None:
        """Forget what earlier launches wrote, so that the measured one is checked alone."""
        if self.workload.stdout == "file":
            with self._bench._text.open("wb"):
                pass
        if self.workload.file == "write":
            # The descriptor's offset stays where it is: what lies before it is not looked at.
            self._skip = (self._bench.folder / "bench.out").stat().st_size

    def evidence(self, result: _Result) -> Evidence:
        """Collect what the host can check."""
        text, file = b"", None
        if self.workload.stdout == "file":
            text = self._bench._text.read_bytes()
        if self.workload.file == "write":
            file = np.fromfile(self._bench.folder / "bench.out", np.uint8)[self._skip :]
        return Evidence(self.case, result.first, result.rounds, result.posts, result.post_sum, text, file, self._buffer)


def run_cases(
    transport: str,
    cases: Sequence[Case],
    *,
    pollers: int,
    seconds: float,
    quick: bool,
    ticks_per_us: float | None = None,
    done: Callable[[Case, Row | Failure], None] | None = None,
) -> tuple[list[Row], list[Failure]]:
    """Measure cases on one transport, with one runtime for as long as nothing breaks.

    Parameters
    ----------
    transport : str
        Its name.
    cases : sequence of Case
        What to measure.
    pollers : int
        Threads that poll.
    seconds : float
        How long each measured launch should take.
    quick : bool
        Whether the small limits hold.
    ticks_per_us : float, optional
        As for `Bench`.
    done : callable, optional
        Called after each case.

    Returns
    -------
    rows : list of Row
        Of the cases that ran.
    failures : list of Failure
        Of those that did not, with the reason.
    """
    rows: list[Row] = []
    failures: list[Failure] = []
    bench: Bench | None = None
    kind = ""
    payload = max((case.lanes * case.payload for case in cases), default=0)
    heap = max((WORKLOADS[case.workload].heap for case in cases), default=1 << 20)
    try:
        for case in cases:
            wanted = WORKLOADS[case.workload].stdout
            outcome: Row | Failure
            try:
                if bench is None or wanted != kind:
                    _close(bench)
                    bench = None
                    bench, kind = Bench(transport, wanted, pollers, payload, ticks_per_us, heap), wanted
                outcome = bench.run(case, pollers, seconds, quick)
                rows.append(outcome)
            except HostcallError as error:
                # Whatever broke may still run: the next case gets a runtime of its own.
                outcome = Failure(transport, case, f"{type(error).__name__}: {error}")
                failures.append(outcome)
                _close(bench)
                bench = None
            if done is not None:
                done(case, outcome)
    finally:
        _close(bench)
    return rows, failures


def _close(bench: Bench | None) -> None:
    if bench is not None:
        # The reason why it has to go is reported already.
        with contextlib.suppress(HostcallError):
            bench.__exit__(None, None, None)
