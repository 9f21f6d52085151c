# SPDX-License-Identifier: Apache-2.0
"""One C program, built against the machine's libc and against the facade: what does each print, return and leave?

A program's opening comment says what it tests, and may say how it is to be run, one thing a line:

    args: words as a shell splits them          env: NAME=value
    stdin: text with Python's escapes           file: name = text with Python's escapes
    libs: -lm -pthread                          skip: a backend that cannot have it, and why
    compare: stdout stderr status files         (all of them, if not said)
    differs: what the facade does otherwise, known and not wanted; the test expects it, and fails once it is gone
    choice: what POSIX or C leaves open here, and what is compared nevertheless
"""

from __future__ import annotations

import difflib
import functools
import os
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from hostcall import programs as device_programs
from hostcall.errors import HostcallError

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "programs"
# Functions are called, not folded: a compiler that knows the answer would compare itself with itself.
FLAGS = ("-std=gnu11", "-O1", "-fno-builtin", "-w", "-D_GNU_SOURCE", f"-I{FOLDER}")
PARTS = ("stdout", "stderr", "status", "files")
SECONDS = 100.0
_KEYS = ("args", "stdin", "file", "env", "libs", "skip", "compare", "choice", "differs")
_HEAD = re.compile(r"\A/\*(.*?)\*/", re.DOTALL)


def _unescape(text: str) -> bytes:
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")


@dataclass(frozen=True)
class Program:
    """A source, and how it is to be run."""

    name: str
    source: str
    args: tuple[str, ...] = ()
    stdin: bytes = b""
    files: tuple[tuple[str, bytes], ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    libs: tuple[str, ...] = ()
    compare: tuple[str, ...] = PARTS
    choice: str = ""
    differs: str = ""
    skip: Mapping[str, str] = field(default_factory=dict)


def read_program(name: str, source: str) -> Program:
    """Take a program's opening comment apart."""
    head = _HEAD.match(source)
    assert head, f"{name}: no opening comment"
    found: dict[str, list[str]] = {key: [] for key in _KEYS}
    for line in head[1].split("\n"):
        key, colon, value = line.lstrip(" *").partition(":")
        if colon and key in found:
            found[key].append(value.strip())
    compare = tuple(word for value in found["compare"] for word in value.split()) or PARTS
    assert set(compare) <= set(PARTS), f"{name}: compare: {compare}"
    assert compare == PARTS or found["choice"], f"{name}: what is not compared needs a choice: that says why"
    files = [value.partition("=") for value in found["file"]]
    return Program(
        name,
        source,
        tuple(word for value in found["args"] for word in shlex.split(value)),
        b"".join(_unescape(value) for value in found["stdin"]),
        tuple((path.strip(), _unescape(text.strip())) for path, _, text in files),
        tuple((value.partition("=")[0], value.partition("=")[2]) for value in found["env"]),
        tuple(word for value in found["libs"] for word in value.split()),
        compare,
        " ".join(found["choice"]),
        " ".join(found["differs"]),
        {value.partition(" ")[0]: value.partition(" ")[2] for value in found["skip"]},
    )


def corpus() -> list[Program]:
    """Give the programs written by hand."""
    paths = sorted(CORPUS.glob("*/*.c"))
    return [read_program(str(path.relative_to(CORPUS).with_suffix("")), path.read_text()) for path in paths]


@dataclass(frozen=True)
class Outcome:
    """What a program printed, how it ended, and what it left in its folder."""

    stdout: bytes
    stderr: bytes
    status: int
    files: Mapping[str, bytes]


def _left(folder: Path) -> dict[str, bytes]:
    """Read a tree: for each path its kind, its mode, and what is in it."""
    left = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(mode):
            content = os.fsencode(os.readlink(path))
        else:
            content = b""
        left[str(path.relative_to(folder))] = f"{stat.filemode(mode)} ".encode() + content
    return left


def _environment(program: Program) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **dict(program.env)}


def _run(program: Program, folder: Path, start: Callable[[int, Path], tuple[int, bytes, bytes]]) -> Outcome:
    folder.mkdir()
    for name, content in program.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with tempfile.TemporaryFile() as stdin:
        stdin.write(program.stdin)
        stdin.seek(0)
        status, out, err = start(stdin.fileno(), folder)
    return Outcome(out, err, status, _left(folder))


@functools.cache
def host_compiler() -> str | None:
    """Find the machine's compiler."""
    return shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")


def on_host(program: Program, source: Path, folder: Path) -> Outcome:
    """Build with the machine's libc, and run."""
    made = folder / "host"
    command = [host_compiler() or "cc", *FLAGS, str(source), "-o", str(made), *program.libs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"{program.name} does not compile for the machine:\n{done.stderr}"

    def start(stdin: int, where: Path) -> tuple[int, bytes, bytes]:
        ran = subprocess.run(
            ["program", *program.args],
            executable=made,
            stdin=stdin,
            capture_output=True,
            cwd=where,
            env=_environment(program),
            timeout=SECONDS,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    return _run(program, folder / "of-host", start)


def on_device(program: Program, source: Path, folder: Path, transport: str) -> Outcome:
    """Build with the facade, and run."""
    made = folder / "device"
    target = "host" if transport == "loopback" else "cuda"
    device_programs.build(source, made, options=[*FLAGS, *program.libs], target=target)

    def start(stdin: int, where: Path) -> tuple[int, bytes, bytes]:
        ran = device_programs.run(
            made,
            program.args,
            name="program",
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(program),
            cwd=where,
            transport=transport,
            timeout=SECONDS,
        )
        return ran.returncode, ran.stdout, ran.stderr

    return _run(program, folder / "of-device", start)


def _differences(what: str, wanted: bytes, got: bytes) -> list[str]:
    if wanted == got:
        return []
    lines = [part.decode("utf-8", "backslashreplace").split("\n") for part in (wanted, got)]
    diff = list(difflib.unified_diff(*lines, f"{what}, host", f"{what}, facade", lineterm="", n=1))
    if len(diff) > 60:
        diff = [*diff[:60], f"… {len(diff) - 60} more lines"]
    return diff


def compare(program: Program, transport: str) -> list[str]:
    """Build and run a program on both sides; what differs, as a diff, or nothing."""
    with tempfile.TemporaryDirectory(prefix="hostcall-differential-") as name:
        folder = Path(name)
        source = folder / f"{program.name.replace('/', '_')}.c"
        source.write_text(program.source)
        host = on_host(program, source, folder)
        try:
            device = on_device(program, source, folder, transport)
        except HostcallError as error:
            return [f"{type(error).__name__}: {error}"]
    report: list[str] = []
    if "status" in program.compare and host.status != device.status:
        report.append(f"status: host {host.status}, facade {device.status}")
    for part in ("stdout", "stderr"):
        if part in program.compare:
            report += _differences(part, getattr(host, part), getattr(device, part))
    if "files" in program.compare:
        for path in sorted({*host.files, *device.files}):
            wanted, got = host.files.get(path), device.files.get(path)
            if wanted is None or got is None:
                report.append(f"file {path}: only on the {'facade' if wanted is None else 'host'}'s side")
            else:
                report += _differences(f"file {path}", wanted, got)
    if report and "stderr" not in program.compare:
        report.append(f"stderr of the facade: {device.stderr[-1000:]!r}")
    return report


class Suite:
    """Compares many programs, some ahead of whoever asks; each is compared once.

    Parameters
    ----------
    wanted : iterable of (Program, str)
        Programs and transports in the order in which they will be asked for.
    """

    def __init__(self, wanted: Iterable[tuple[Program, str]]) -> None:
        workers = max(2, len(os.sched_getaffinity(0)))
        self._pool = ThreadPoolExecutor(workers)
        self._futures: dict[tuple[str, str], Future[list[str]]] = {}
        for program, transport in wanted:
            key = (program.name, transport)
            if key not in self._futures:
                self._futures[key] = self._pool.submit(compare, program, transport)

    def result(self, program: Program, transport: str) -> list[str]:
        """Wait for a program's comparison."""
        return self._futures[program.name, transport].result(10 * SECONDS)

    def close(self) -> None:
        """Drop what has not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)
