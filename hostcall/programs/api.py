# SPDX-License-Identifier: Apache-2.0
"""Building and running C programs from Python."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..config import parse_size
from ..errors import ArgumentError, WaitTimeout
from .image import read_image, write_image
from .nursery import Child, nursery
from .runner import load_program

__all__ = ["DEVNULL", "PIPE", "CompletedProgram", "build", "run"]

DEVNULL, PIPE = subprocess.DEVNULL, subprocess.PIPE


@dataclass(frozen=True)
class CompletedProgram:
    """How a program ended.

    Attributes
    ----------
    args : tuple of str
        Its words, its name first.
    returncode : int
        Its exit status; negative: the signal that ended it.
    stdout, stderr : bytes
        What it wrote there, if that was asked for.
    """

    args: tuple[str, ...]
    returncode: int
    stdout: bytes = b""
    stderr: bytes = b""


def build(
    sources: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    options: Sequence[str] = (),
    target: str | None = None,
) -> Path:
    """Compile and link a C program.

    Parameters
    ----------
    sources : path or sequence of paths
        Sources, objects and static libraries.
    output : path
        The program: an executable file.
    options : sequence of str
        Of a C compiler, such as ``-I`` and ``-D``; ``-O2 -g`` if neither kind is among them.
    target : str, optional
        As for ``hostcall cc --target``.

    Returns
    -------
    Path
        `output`.

    Raises
    ------
    CompileError
        If something does not compile (the compiler has then written why to stderr) or link.
    """
    several = [sources] if isinstance(sources, (str, os.PathLike)) else sources
    image = load_program([*options, *(os.fspath(source) for source in several)], target=target)
    write_image(Path(output), image)
    return Path(output)


class _Stream:
    """One of a child's streams: the descriptor that it gets, and what this side does with the other end."""

    def __init__(self, given: int | IO[Any] | bytes | None, inherited: int, reads: bool) -> None:
        self._close: list[int] = []
        self.data = b""
        self._thread: threading.Thread | None = None
        self._other: int | None = None
        if given is None:
            self.descriptor = inherited
        elif isinstance(given, bytes) or given == PIPE:
            ours, theirs = reversed(os.pipe()) if reads else os.pipe()
            self.descriptor, self._other = theirs, ours
            self._close.append(theirs)
            self.data = given if isinstance(given, bytes) else b""
        elif given == DEVNULL:
            self.descriptor = os.open(os.devnull, os.O_RDWR)
            self._close.append(self.descriptor)
        else:
            self.descriptor = given if isinstance(given, int) else given.fileno()
        self._reads = reads

    def started(self) -> None:
        """The child has its copy: talk to it."""
        for descriptor in self._close:
            os.close(descriptor)
        self._close = []
        if self._other is not None:
            self._thread = threading.Thread(target=self._feed if self._reads else self._drain, daemon=True)
            self._thread.start()

    def _feed(self) -> None:
        assert self._other is not None
        view = memoryview(self.data)
        try:
            while view:
                view = view[os.write(self._other, view[: 1 << 16]) :]
        except BrokenPipeError:
            pass
        finally:
            os.close(self._other)

    def _drain(self) -> None:
        assert self._other is not None
        pieces = []
        while piece := os.read(self._other, 1 << 16):
            pieces.append(piece)
        os.close(self._other)
        self.data = b"".join(pieces)

    def ended(self) -> bytes:
        """All that came."""
        for descriptor in self._close:
            os.close(descriptor)
        self._close = []
        if self._thread is not None:
            self._thread.join()
        return b"" if self._reads else self.data


def run(
    program: str | os.PathLike[str],
    args: Sequence[str | bytes] = (),
    *,
    stdin: int | IO[Any] | bytes | None = None,
    stdout: int | IO[Any] | None = None,
    stderr: int | IO[Any] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    name: str | None = None,
    transport: str | None = None,
    config: str | os.PathLike[str] | None = None,
    sandbox: bool = False,
    threads: int = 1,
    heap: int | str | None = None,
    stack: int | str | None = None,
    pool: int | None = None,
    timeout: float | None = None,
) -> CompletedProgram:
    """Run a C program in a process of its own, and wait for its end.

    Parameters
    ----------
    program : path
        What :func:`build` or ``hostcall cc`` linked; or a source, which is compiled first.
    args : sequence of str or bytes
        Its words, without its name.
    stdin : int, file or bytes, optional
        Where it reads from: a descriptor, a file, bytes, or DEVNULL. This process's own if not given.
    stdout, stderr : int or file, optional
        Where it writes to; PIPE keeps it for the result. This process's own if not given.
    env : mapping, optional
        All its variables; this process's if not given.
    cwd : path, optional
        Where it begins.
    name : str, optional
        Its ``argv[0]``; the path as given otherwise.
    transport, config, sandbox, threads, heap, stack, pool
        As for ``hostcall run``.
    timeout : float, optional
        Seconds; it is killed then.

    Returns
    -------
    CompletedProgram
        Its status and what was kept.

    Raises
    ------
    WaitTimeout
        If it was killed for taking too long.
    CompileError
        If the source does not compile.
    """
    with tempfile.TemporaryDirectory(prefix="hostcall-") as folder:
        path = Path(program)
        if not path.is_file() or read_image(path) is None:
            path = build(program, Path(folder) / "program", target=_target(transport))
        words = [os.fspath(program) if name is None else name, *args]
        settings = {
            "transport": transport,
            "config": None if config is None else os.path.abspath(config),
            "sandbox": sandbox,
            "threads": threads,
            "heap": _size("heap", heap),
            "stack": _size("stack", stack),
            "pool": pool,
        }
        streams = [_Stream(stdin, 0, True), _Stream(stdout, 1, False), _Stream(stderr, 2, False)]
        child: Child | None = None
        late = False
        try:
            child = nursery().start(
                str(path.absolute()),
                words,
                [stream.descriptor for stream in streams],
                dict(os.environ) if env is None else env,
                os.path.abspath(cwd or os.curdir),
                settings,
            )
            for stream in streams:
                stream.started()
            try:
                status = child.wait(timeout)
            except TimeoutError:
                late = True
                status = 0
        finally:
            if child is not None:
                child.kill()  # of one that has ended only what it left running
                child.close()
            _, out, err = (stream.ended() for stream in streams)
    if late:
        raise WaitTimeout(f"{os.fspath(program)}: killed after {timeout} s", seconds=timeout)
    return CompletedProgram(tuple(os.fsdecode(word) for word in words), status, out, err)


def _target(transport: str | None) -> str | None:
    return {"loopback": "host", "pinned-ring": "cuda", "cuda-managed": "cuda"}.get(transport or "")


def _size(what: str, value: int | str | None) -> int | None:
    if value is None:
        return None
    try:
        return parse_size(value)
    except ValueError as error:
        raise ArgumentError(f"{what}={value!r}: {error}") from None
