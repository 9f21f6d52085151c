# SPDX-License-Identifier: Apache-2.0
"""What is measured: the workloads, which shapes each one is run in, and what the host checks afterwards."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import kernels
from .kernels import Source

__all__ = ["WORKLOADS", "Case", "Evidence", "Verdict", "Workload", "check_lines", "choose_cases"]

MAX_SUITE_BUFFERS = 512 << 20
"""Largest memory for the lanes' buffers that a suite asks for by itself."""

READ_FILE_BYTES = 16 << 20
"""Size of the file that ``read`` reads; it stays in the page cache."""

BLOCK_HEAP = 256 << 20
"""Arena of the workloads that allocate: on a whole H100 they keep a little over half of it."""

PAYLOAD_UNIT = 8
"""Payloads are whole words of this many bytes, so that both sides can stamp and compare them."""


@dataclass(frozen=True)
class Case:
    """One row to be measured.

    Attributes
    ----------
    workload : str
        A name in `WORKLOADS`.
    warps : int
        That run at the same time.
    lanes : int
        Of each warp that call.
    payload : int
        Bytes per lane and call.
    idle : {"park", "spin"}
        What pollers do while nothing arrives.
    """

    workload: str
    warps: int
    lanes: int
    payload: int
    idle: str = "park"

    @property
    def callers(self) -> int:
        """Lanes that call."""
        return self.warps * self.lanes


@dataclass(frozen=True)
class Evidence:
    """What the host can look at after the measured launch.

    Attributes
    ----------
    case : Case
        What ran.
    first, rounds : int
        Number of the first call, and how many each lane made.
    posts : int
        Records that the server says it has executed.
    post_sum : int
        Sum of the values in them.
    text : bytes
        What arrived in the device's stdout.
    file : ndarray of uint8
        Contents of the file that was written.
    buffer : ndarray of uint8
        The lanes' buffers.
    """

    case: Case
    first: int
    rounds: int
    posts: int = 0
    post_sum: int = 0
    text: bytes = b""
    file: npt.NDArray[np.uint8] | None = None
    buffer: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Verdict:
    """What the host found: what is not there, what is wrong, and bytes that only the host could count."""

    lost: int = 0
    wrong: int = 0
    bytes: int | None = None


@dataclass(frozen=True)
class Workload:
    """One workload. To add one: a `Source` in ``kernels.py``, an entry in the list below, and its warps in
    ``_default_warps``; launching, sampling, rows, tables and the command line take it from there.

    Attributes
    ----------
    name : str
        As on the command line.
    text : str
        One line for the help.
    source : Source
        Its kernel.
    payloads, full_payloads : tuple of int
        Bytes per lane if none are asked for, in the quick and in the full suite.
    posted : bool
        Nobody waits for the calls: rates are those of delivery, by the host's clock.
    crosses : bool
        Whether it makes hostcalls at all.
    file : {"", "read", "write"}
        Whether it needs a file, and for what.
    stdout : {"null", "file"}
        Where the device's stdout goes.
    moves : bool
        Whether the payload counts as bytes moved.
    deferred : bool
        Whether it works where the host answers only between launches.
    buffers : callable
        Bytes of device memory for a case.
    check : callable
        Looks at the evidence.
    most : callable
        Most rounds, from case and ``quick``: what would fill the disk or outlive patience.
    silence_s, pause_s : float
        Seconds for which a lane keeps silent before each call, and for which no kernel runs before the launch. Where
        one of them is not 0 exactly `most` rounds are made, and the CPU's use meanwhile is measured.
    scales : bool
        Whether the suite shows it with more pollers too.
    idle : tuple of {"park", "spin"}
        The ways of the server's pollers that the suite shows.
    heap : int
        Bytes of the device's heap.
    backends : tuple of str
        Where it can run; everywhere if empty.
    set_up : callable
        Called with the transport before the workload's kernel is compiled.
    """

    name: str
    text: str
    source: Source
    payloads: tuple[int, ...] = (0,)
    full_payloads: tuple[int, ...] = ()
    posted: bool = False
    crosses: bool = True
    file: str = ""
    stdout: str = "null"
    moves: bool = False
    deferred: bool = False
    buffers: Callable[[Case], int] = lambda case: 0
    check: Callable[[Evidence], Verdict] = lambda evidence: Verdict()
    most: Callable[[Case, bool], int] = lambda case, quick: 1 << 20
    silence_s: float = 0.0
    pause_s: float = 0.0
    idle: tuple[str, ...] = ("park",)
    scales: bool = False

    @property
    def paced(self) -> bool:
        """Whether calls stand apart in time."""
        return bool(self.silence_s or self.pause_s)

    heap: int = 1 << 20
    backends: tuple[str, ...] = ()
    set_up: Callable[[Any], None] = lambda transport: None

    def sizes(self, quick: bool) -> tuple[int, ...]:
        """Payloads of the suite."""
        return self.payloads if quick or not self.full_payloads else self.full_payloads


# -- what the host checks


def _check_posts(evidence: Evidence, every: int = 1, offset: int = 0, weight: int = 1) -> Verdict:
    """Each posted call carries lane + number, `weight` times: count and sum tell whether all arrived, and whole."""
    case = evidence.case
    numbers = np.arange(evidence.first + offset, evidence.first + evidence.rounds, every, dtype=np.uint64)
    wanted = case.callers * len(numbers)
    lanes = np.arange(case.callers, dtype=np.uint64)
    total = int(lanes.sum()) * len(numbers) + int(numbers.sum()) * case.callers
    lost = wanted - evidence.posts
    wrong = int(lost == 0 and evidence.post_sum != weight * total)
    return Verdict(max(lost, 0), wrong + max(-lost, 0))


def _check_posts_64(evidence: Evidence) -> Verdict:
    return _check_posts(evidence, weight=kernels.POST_64_WEIGHT)


def _check_mixed(evidence: Evidence) -> Verdict:
    return _check_posts(evidence, every=4, offset=1)


_LINE = re.compile(rb"(\d+) (\d+) (\d+\.\d{6})")


def _numbers(text: bytes, lines: int) -> npt.NDArray[np.float64] | None:
    """All numbers of well-formed lines at once, or None if the text is not made of three numbers per line."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            values = np.fromstring(text.decode("ascii"), sep=" ")
        except (ValueError, DeprecationWarning, UnicodeDecodeError):
            return None
    return values.reshape(-1, 3) if values.size == 3 * lines else None


def _digits(values: npt.NDArray[np.int64]) -> int:
    """Decimal digits of all values together."""
    total = values.size
    limit = 10
    while limit <= int(values.max(initial=0)):
        total += int(np.count_nonzero(values >= limit))
        limit *= 10
    return total


def check_lines(text: bytes, callers: int, first: int, rounds: int) -> Verdict:
    """Check the output of the printf workload line by line.

    Parameters
    ----------
    text : bytes
        What arrived.
    callers, first, rounds : int
        Lanes that printed, number of their first line, and how many lines each printed.

    Returns
    -------
    Verdict
        ``lost``: lines that are missing; ``wrong``: lines that are torn, changed, or there twice.
    """
    lines = text.count(b"\n")
    wanted = callers * rounds
    values = _numbers(text, lines)
    whole = values is not None
    if values is None:
        # What follows the last line break is no line, however whole it looks.
        parsed = [match.groups() for line in text.split(b"\n")[:-1] if (match := _LINE.fullmatch(line))]
        values = np.array(parsed, dtype="S32").astype(np.float64).reshape(-1, 3)
    if not values.size:
        return Verdict(wanted, lines, len(text))
    lane, number, shown = values.T
    expected = 0.5 * (lane % 1000) + 0.015625 * (number % 64)
    sound = (lane < callers) & (number >= first) & (number < first + rounds) & (shown == expected)
    index = (lane[sound] * rounds + (number[sound] - first)).astype(np.int64)
    counts = np.bincount(index, minlength=wanted)
    lost = int(np.count_nonzero(counts == 0))
    wrong = lines - len(index) + int(np.count_nonzero(counts > 1))
    if whole and not lost and not wrong:
        # Numbers survive a torn line if it breaks between them; then the text has another length.
        length = _digits(lane.astype(np.int64)) + _digits(number.astype(np.int64)) + _digits(shown.astype(np.int64))
        wrong = int(length + wanted * len("  .000000\n") != len(text) or text[-1:] != b"\n")
    return Verdict(lost, wrong, len(text))


def _check_text(evidence: Evidence) -> Verdict:
    return check_lines(evidence.text, evidence.case.callers, evidence.first, evidence.rounds)


def pattern(lane: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """The byte that fills the buffer of a lane that writes."""
    return (lane % kernels.WRITE_BUFFERS % 251 + 1).astype(np.uint8)


def _check_file(evidence: Evidence) -> Verdict:
    """Each call's bytes must stand in one piece, and each lane's as often as it called."""
    case, data = evidence.case, evidence.file
    assert data is not None
    wanted = case.callers * evidence.rounds
    whole, rest = divmod(len(data), case.payload)
    chunks = data[: whole * case.payload].reshape(whole, case.payload)
    torn = int(np.count_nonzero((chunks != chunks[:, :1]).any(axis=1))) + int(rest > 0)
    counts = np.bincount(chunks[:, 0], minlength=256)
    right = np.bincount(pattern(np.arange(case.callers)), minlength=256) * evidence.rounds
    changed = 0 if torn or whole != wanted else int(np.abs(counts - right).sum() // 2)
    return Verdict(max(wanted - whole, 0), torn + changed + max(whole - wanted, 0), len(data))


def _check_echo(evidence: Evidence) -> Verdict:
    case, buffer = evidence.case, evidence.buffer
    if not case.payload:
        return Verdict()
    assert buffer is not None
    pairs = buffer[: 2 * case.callers * case.payload].reshape(case.callers, 2, case.payload)
    return Verdict(wrong=int(np.count_nonzero((pairs[:, 0] != pairs[:, 1]).any(axis=1))))


def _check_blocks(evidence: Evidence) -> Verdict:
    """Damaged blocks, bad frees, and whether anything stays allocated or on the shelf when all lanes are done."""
    assert evidence.buffer is not None
    words = evidence.buffer.view(np.uint64)
    damaged, bad_frees, left = (int(word) for word in words[1:4])
    return Verdict(int(np.count_nonzero(words[kernels.SHELF_WORDS :])) + int(left > 0), damaged + bad_frees)


def _enlarge_cuda_heap(transport: Any) -> None:
    """CUDA's allocator has 8 MiB unless the context is told otherwise before its first use."""
    device = transport.native
    limit = device.driver.CUlimit.CU_LIMIT_MALLOC_HEAP_SIZE
    device.activate()
    if int(device.call("cuCtxGetLimit", limit)) < BLOCK_HEAP:
        device.call("cuCtxSetLimit", limit, BLOCK_HEAP)


# -- the list


def _file_rounds(case: Case, quick: bool) -> int:
    return max(((128 << 20) if quick else (1 << 30)) // (case.callers * max(case.payload, 1)), 1)


def _shelf_bytes(case: Case) -> int:
    return 8 * (kernels.SHELF_WORDS + case.callers)


def _line_rounds(case: Case, quick: bool) -> int:
    return max((2_000_000 if quick else 20_000_000) // case.callers, 1)


_LIST: Sequence[Workload] = (
    Workload(
        "noop", "a call with nothing to do, all lanes ask the same; the reply is checked", kernels.NOOP, scales=True
    ),
    Workload("noop-lanes", "the same with a value and a reply for each lane", kernels.NOOP_LANES, scales=True),
    Workload("noop-worker", "a call with nothing to do that a worker answers", kernels.NOOP_WORKER),
    Workload(
        "posted",
        "a posted call; the host adds up what arrived",
        kernels.POSTED,
        posted=True,
        deferred=True,
        check=_check_posts,
        most=lambda case, quick: max((1 << 26) // case.callers, 1),
    ),
    Workload(
        "posted-64",
        "the same with a record of 64 bytes, of which all count",
        kernels.POSTED_64,
        posted=True,
        deferred=True,
        check=_check_posts_64,
        most=lambda case, quick: max((1 << 25) // case.callers, 1),
    ),
    Workload(
        "echo",
        "a payload there and back",
        kernels.ECHO,
        payloads=(0, 64, 4096, 65536, 1 << 20),
        full_payloads=(0, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1 << 20),
        moves=True,
        buffers=lambda case: 2 * case.callers * case.payload,
        check=_check_echo,
    ),
    Workload(
        "printf",
        'printf("%d %u %f\\n") into a file; every line is checked',
        kernels.PRINTF,
        posted=True,
        deferred=True,
        stdout="file",
        scales=True,
        check=_check_text,
        most=_line_rounds,
    ),
    Workload(
        "write",
        "write() to descriptor 1, which leads nowhere",
        kernels.WRITE,
        payloads=(1024,),
        moves=True,
        buffers=lambda case: min(case.callers, kernels.WRITE_BUFFERS) * case.payload,
    ),
    Workload(
        "write-file",
        "write() to a file; its contents are checked",
        kernels.WRITE,
        payloads=(1024,),
        file="write",
        moves=True,
        buffers=lambda case: min(case.callers, kernels.WRITE_BUFFERS) * case.payload,
        check=_check_file,
        most=_file_rounds,
    ),
    Workload(
        "read",
        "pread() of a cached file into device memory",
        kernels.READ,
        payloads=(4096,),
        file="read",
        moves=True,
        buffers=lambda case: case.callers * case.payload,
    ),
    Workload(
        "write-block",
        "a block's lanes write together to descriptor 1, which leads nowhere",
        kernels.WRITE_BLOCK,
        payloads=(4096,),
        full_payloads=(256, 1024, 4096),
        moves=True,
        buffers=lambda case: case.callers * case.payload,
    ),
    Workload(
        "write-block-file",
        "the same to a file; its contents are checked",
        kernels.WRITE_BLOCK,
        payloads=(4096,),
        file="write",
        moves=True,
        buffers=lambda case: case.callers * case.payload,
        check=_check_file,
        most=_file_rounds,
    ),
    Workload(
        "read-block",
        "a block's lanes read a cached file together",
        kernels.READ_BLOCK,
        payloads=(4096,),
        file="read",
        moves=True,
        buffers=lambda case: case.callers * case.payload,
    ),
    Workload("clock", "clock_gettime() on the device: no hostcall", kernels.CLOCK, crosses=False, deferred=True),
    Workload(
        "read-at",
        "hc_read_at() of eight places of a cached file, an eighth of the payload each",
        kernels.READ_AT,
        payloads=(32768,),
        file="read",
        moves=True,
        buffers=lambda case: case.callers * case.payload,
    ),
    Workload(
        "timer", "the device's timer, bare: what clock is compared with", kernels.TIMER, crosses=False, deferred=True
    ),
    Workload("getenv", "getenv() of what is set: no hostcall", kernels.GETENV, crosses=False, deferred=True),
    Workload("snprintf", "snprintf() on the device: no hostcall", kernels.SNPRINTF, crosses=False, deferred=True),
    Workload(
        "malloc",
        "malloc(), a swap with another lane, free() of its block, 16 B to 4 KiB; blocks are checked",
        kernels.MALLOC,
        crosses=False,
        deferred=True,
        buffers=_shelf_bytes,
        check=_check_blocks,
        heap=BLOCK_HEAP,
    ),
    Workload(
        "malloc-cuda",
        "the same with CUDA's own malloc() and free()",
        kernels.MALLOC_CUDA,
        crosses=False,
        buffers=_shelf_bytes,
        check=_check_blocks,
        most=lambda case, quick: max((1_000_000 if quick else 4_000_000) // case.callers, 1),
        backends=("cuda",),
        set_up=_enlarge_cuda_heap,
    ),
    Workload("pyservice", "a service written in Python", kernels.PYSERVICE, payloads=(8,)),
    Workload("noop-apart", "the no-op by one lane of the warp after the other", kernels.APART),
    Workload("open", "open() of a file and close()", kernels.OPEN, file="read"),
    Workload(
        "idle-10ms",
        "a call after 10 ms of silence",
        kernels.SILENCE,
        most=lambda case, quick: 20 if quick else 100,
        silence_s=0.01,
        idle=("park", "spin"),
    ),
    Workload(
        "idle-1s",
        "a call after 1 s of silence; CPU use while a kernel runs and does not call",
        kernels.SILENCE,
        most=lambda case, quick: 2 if quick else 5,
        silence_s=1.0,
        idle=("park", "spin"),
    ),
    Workload(
        "idle-launch",
        "the first call of a launch after half a second without one; CPU use while no kernel runs",
        kernels.SILENCE,
        most=lambda case, quick: 1,
        pause_s=0.5,
        idle=("park", "spin"),
    ),
    Workload(
        "mixed",
        "no-op, posted call, write and clock in turn",
        kernels.MIXED,
        payloads=(256,),
        buffers=lambda case: 64 * case.payload,
        check=_check_mixed,
    ),
)

WORKLOADS: dict[str, Workload] = {workload.name: workload for workload in _LIST}
"""All workloads by name, in the order of the table."""


# -- the shapes


def _default_warps(name: str, backend: str, facts: Any, cores: int, quick: bool) -> tuple[int, ...]:
    most = int(facts.warps)
    if backend != "cuda":
        # More lanes than cores measure the scheduler; the full suite shows that too.
        few: tuple[int, ...] = (1, cores) if name in ("noop", "posted", "printf", "write") else (1,)
        wanted: tuple[int, ...] = few if quick else (1, 2, cores, 2 * cores, 8 * cores)
        return tuple(sorted({min(count, most) for count in wanted}))
    units = max(most // int(facts.warps_per_unit), 1)
    by_name: dict[str, tuple[int, ...]] = {
        "noop": (1, units, 16 * units, most),
        "noop-lanes": (1, units, 16 * units, most),
        "noop-worker": (1, units, 16 * units),
        "posted": (1, units, 16 * units),
        "posted-64": (units, 16 * units),
        "echo": (1,),
        "printf": (1, units, 16 * units, most),
        "write": (1, units, 16 * units),
        "write-file": (units,),
        "read": (1, units),
        "write-block": (8, 8 * units),
        "write-block-file": (8 * units,),
        "read-block": (8, 8 * units),
        "clock": (1,),
        "malloc": (1, units, most),
        "malloc-cuda": (1, units, most),
        "pyservice": (1, 32),
        "read-at": (1, units),
        "mixed": (units, most),
    }
    wanted = by_name.get(name, (1,)) if quick else (1, units, 4 * units, 16 * units, most)
    if name == "pyservice" and not quick:
        wanted = (1, 32, units)
    return tuple(sorted({min(count, most) for count in wanted}))


def choose_cases(
    names: Sequence[str],
    backend: str,
    facts: Any,
    cores: int,
    *,
    quick: bool = True,
    warps: Sequence[int] = (),
    lanes: Sequence[int] = (),
    payloads: Sequence[int] = (),
) -> list[Case]:
    """Choose what to measure on one transport.

    Parameters
    ----------
    names : sequence of str
        Workloads.
    backend : str
        Of the transport.
    facts : Facts
        Of its device.
    cores : int
        CPUs that this process may use.
    quick : bool
        The small suite.
    warps, lanes, payloads : sequence of int
        What was asked for; the suite's own where empty. More than the device has is cut to what it has.

    Returns
    -------
    list of Case
        Without repetitions, those with parking pollers first.
    """
    width = int(facts.lanes_per_warp)
    cases: dict[Case, None] = {}
    for name in names:
        workload = WORKLOADS[name]
        if workload.backends and backend not in workload.backends:
            continue
        widths = lanes or ((1, width) if name == "noop" else (1,) if workload.paced else (width,))
        # A payload that was asked for means the workloads whose payload can be chosen.
        sizes = payloads if payloads and workload.moves else workload.sizes(quick)
        for count in warps or _default_warps(name, backend, facts, cores, quick):
            for wide in widths:
                for size in sizes:
                    if name != "echo":
                        size = max(size, PAYLOAD_UNIT) if workload.moves else size
                    if workload.file == "read":
                        size = min(size, READ_FILE_BYTES)
                    for idle in workload.idle:
                        case = Case(name, min(count, int(facts.warps)), min(wide, width), size, idle)
                        if payloads or workload.buffers(case) <= MAX_SUITE_BUFFERS:
                            cases[case] = None
    # A runtime serves one way of idling: the others come last, so that it is changed once.
    return sorted(cases, key=lambda case: case.idle)
