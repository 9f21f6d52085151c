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
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

import hostcall
from hostcall.errors import HostcallError, LaunchError

from .bare import SAMPLES, spread
from .kernels import FILES, RECORD
from .rows import ROW_KEYS, Failure, Row, rounded
from .usage import CpuUse
from .workloads import READ_FILE_BYTES, WORKLOADS, Case, Evidence, Verdict, Workload, pattern

__all__ = ["ROW_KEYS", "Bench", "Failure", "Row", "Shape", "choose_shape", "run_cases"]

_PROBE_ROUNDS = 16
_DEFERRED_CALLS = 4096
_MAX_BUFFER = 4 << 30
_MIN_PAYLOAD_ARENA = 64 << 20


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
    idle : {"park", "spin"}
        What pollers do while nothing arrives.
    workers : int
        Threads for calls that can block.
    replies : {"host", "device"}
        In whose memory lanes look for replies.
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
        *,
        idle: str = "park",
        workers: int = 4,
        replies: str = "host",
        heap: int = 1 << 20,
    ) -> None:
        self._ticks_per_us = ticks_per_us
        self._folder = tempfile.TemporaryDirectory(prefix="hostcall-bench-")
        self.folder = Path(self._folder.name)
        self._text = self.folder / "stdout.txt"
        arena = max(_MIN_PAYLOAD_ARENA, 1 << (2 * payload - 1).bit_length() if payload else 0)
        try:
            self.runtime = hostcall.open(
                transport={"kind": transport, "payload": arena, "replies": replies},
                server={"pollers": pollers, "workers": workers, "idle": idle},
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
        self._kernels: dict[tuple[str, tuple[int, int]], hostcall.Kernel] = {}
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

    def give_up(self) -> None:
        """Close, whatever state it is in: the reason why it has to go is reported already."""
        with contextlib.suppress(HostcallError):
            self.__exit__(None, None, None)

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
        if workload.paced:
            return self._measure_silence(launcher, pollers, most)
        if not self.transport.capabilities.live:
            most = min(most, max(_DEFERRED_CALLS // case.callers, 1))
        early = [launcher.launch(min(2, most))]
        # Where a call takes milliseconds two of them tell enough.
        probe = min(_PROBE_ROUNDS if early[0].seconds < seconds else 2, most)
        early.append(launcher.launch(probe))
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

    def _measure_silence(self, launcher: _Launcher, pollers: int, rounds: int) -> Row:
        """The first call after a silence, and what the process does meanwhile."""
        workload = launcher.workload
        early = launcher.launch(4)
        use = CpuUse(lanes_are_threads=self.transport.backend != "cuda")
        if workload.pause_s:
            time.sleep(workload.pause_s)
            percent = use.percent(silent_lanes=0)
            result = launcher.launch(rounds)
        else:
            result = launcher.launch(rounds, int(workload.silence_s * 1e6 * self._counter_per_us()))
            percent = use.percent(silent_lanes=launcher.case.callers)
        return self._row(launcher, result, Verdict(wrong=early.errors), pollers, percent)

    def _counter_per_us(self) -> float:
        """Rate of the lanes' counter before anything ran; where a device turns its clock down it counts slower."""
        if self.transport.backend == "opencl" and "cycles" not in self.transport.native.features:
            raise LaunchError("the device has no counter by which a lane could keep silent for a while")
        return self.transport.facts.cycles_per_us

    def _row(
        self, launcher: _Launcher, result: _Result, verdict: Verdict, pollers: int, percent: float | None = None
    ) -> Row:
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
            p50_ns=rounded(p50),
            p99_ns=rounded(p99),
            max_ns=rounded(longest),
            calls_per_s=rounded(calls / seconds),
            packets_per_s=rounded(packets / seconds),
            bytes_per_s=rounded(moved / seconds),
            floor_ns=None,
            ratio_to_floor=None,
            workers=self.runtime.config.server.workers,
            idle=case.idle,
            replies=self.runtime.config.transport.replies,
            p99_to_p50=round(p99 / p50, 3) if p50 and p99 else None,
            fairness=None if workload.posted or workload.paced else rounded(result.fairness(case.lanes), 6),
            cpu_percent=rounded(percent, 2),
        )

    def kernel(self, workload: Workload, shape: Shape) -> hostcall.Kernel:
        """The workload's kernel for a shape: one for up to 16 warps on a multiprocessor, one for all that fit.

        To compile takes longer than to measure, and a kernel of the first kind has as many registers as it can use.
        """
        facts = self.transport.facts
        most = max(int(facts.warps_per_unit) * int(facts.lanes_per_warp) // 256, 1)
        bounds = 256, 2 if shape.block * shape.resident <= 512 else most  # threads of a block, blocks together
        key = workload.name, bounds
        if key not in self._kernels:
            workload.set_up(self.transport)
            text = workload.source.text(int(self.transport.facts.lanes_per_warp), *bounds)
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

    def fairness(self, lanes: int) -> float | None:
        """Rate of the slowest warp by that of the fastest: from the start of its first lane to the end of its last."""
        kind = "cycles" if self.ticks_per_ns else "ns"
        starts, ends = (self.records[f"{what}_{kind}"].reshape(-1, lanes) for what in ("start", "end"))
        return spread((ends.max(axis=1) - starts.min(axis=1)).astype(np.float64))

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
        self._keep = max(SAMPLES // case.warps, 1)
        size = max(workload.buffers(case), 16)
        self._buffer = np.zeros((size + 15) // 8 * 8, np.uint8)
        if workload.name.startswith("write"):
            lanes = np.arange(size // case.payload)
            self._buffer[: len(lanes) * case.payload].reshape(len(lanes), case.payload)[:] = pattern(lanes)[:, None]
        elif workload.name == "echo":
            self._buffer[:] = np.random.default_rng(1).integers(0, 256, len(self._buffer), np.uint8)

    def launch(self, rounds: int, silence: int = 0) -> _Result:
        """Launch, wait, and read what the lanes left; paced workloads keep silent so many ticks before each call."""
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
                silence if self.workload.paced else READ_FILE_BYTES,
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
    workers: int = 4,
    replies: str = "host",
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
    workers : int
        Threads for calls that can block.
    replies : {"host", "device"}
        In whose memory lanes look for replies.
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
    kind = ("", "")
    payload = max((case.lanes * case.payload for case in cases), default=0)
    heap = max((WORKLOADS[case.workload].heap for case in cases), default=1 << 20)
    try:
        for case in cases:
            wanted = WORKLOADS[case.workload].stdout, case.idle
            outcome: Row | Failure
            try:
                if bench is None or wanted != kind:
                    _close(bench)
                    bench = None
                    stdout, idle = kind = wanted
                    bench = Bench(
                        transport,
                        stdout,
                        pollers,
                        payload,
                        ticks_per_us,
                        heap=heap,
                        idle=idle,
                        workers=workers,
                        replies=replies,
                    )
                outcome = bench.run(case, pollers, seconds, quick)
                rows.append(outcome)
            except HostcallError as error:
                # Whatever broke may still run: the next case gets a runtime of its own.
                reason = f"{type(error).__name__}: {error}"
                outcome = Failure(transport, case, reason, replies, pollers, workers)
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
        bench.give_up()
