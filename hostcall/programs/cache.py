# SPDX-License-Identifier: Apache-2.0
"""What was compiled once is kept: files named by a digest of everything that went into them.

A file is made beside its place and renamed onto it, so that a reader sees all of it or nothing. Processes that want the
same file at the same time wait for the one that makes it, for a bounded time; after that each makes its own, and the
last rename wins with the same bytes.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path

from ..errors import CompileError

__all__ = ["cache_folder", "cached", "facade_folder", "library_sources", "run_tool", "sources_digest", "tool_version"]

TOOL_SECONDS = 900  #: longest that one compiler may take
CC_RUNS = "HOSTCALL_CC_RUNS"  # set for the compilers that hostcall cc calls


def facade_folder() -> Path:
    """Folder with ``include`` (headers for kernels), ``libc`` (headers for programs) and ``src`` (the library)."""
    return Path(str(resources.files("hostcall.libc_facade")))


def library_sources() -> list[Path]:
    """Every file that the library is compiled from, in a fixed order."""
    root = facade_folder()
    found = [
        path for folder in ("include", "src") for path in (root / folder).rglob("*") if path.suffix in (".h", ".c")
    ]
    return sorted(found)


def sources_digest(paths: Iterable[Path] | None = None) -> str:
    """Digest of names and contents; of the library's sources unless told."""
    root, made = facade_folder(), hashlib.sha256()
    for path in library_sources() if paths is None else paths:
        name = path.relative_to(root) if path.is_relative_to(root) else path
        data = path.read_bytes()
        made.update(f"{name}\0{len(data)}\0".encode() + data)
    return made.hexdigest()


def cache_folder() -> Path:
    """Folder of what was compiled: ``$HOSTCALL_CACHE``, else ``hostcall`` in ``$XDG_CACHE_HOME`` or ``~/.cache``.

    Raises
    ------
    CompileError
        If it cannot be made or written.
    """
    named = os.environ.get("HOSTCALL_CACHE", "").strip()
    if named:
        folder = Path(named).expanduser().absolute()
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME", "").strip() or Path.home() / ".cache") / "hostcall"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "it is not writable"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise CompileError(f"the cache folder {folder} cannot be used: {reason}; set HOSTCALL_CACHE to another")
    return folder


def tool_environment() -> dict[str, str]:
    """Give the environment of compilers: without folders of headers, and with the mark by which a circle is seen."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CPATH", "C_INCLUDE_PATH")}
    return {**kept, CC_RUNS: "1"}


def run_tool(command: Sequence[str | Path], what: str) -> str:
    """Run a compiler or linker; give what it wrote to stdout.

    Parameters
    ----------
    command : sequence of str or Path
        Program and arguments.
    what : str
        What it makes, for the message.

    Raises
    ------
    CompileError
        With its own message, unshortened.
    """
    words = [str(word) for word in command]
    # Only the folders that are named: the library sees the facade's headers and nothing else.
    try:
        ran = subprocess.run(
            words,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=tool_environment(),
            timeout=TOOL_SECONDS,
        )
    except OSError as error:
        raise CompileError(f"{what}: {words[0]!r} cannot be run: {error}") from error
    except subprocess.TimeoutExpired:
        raise CompileError(f"{what}: {words[0]!r} was ended after {TOOL_SECONDS} s") from None
    if ran.returncode:
        log = (ran.stderr + ran.stdout).strip()
        raise CompileError(f"{what}: {words[0]!r} ended with status {ran.returncode}:\n{log}", log=log)
    return ran.stdout


@functools.cache
def _version(command: tuple[str, ...]) -> str:
    return run_tool([*command, "--version"], f"the version of {command[0]!r}")


def tool_version(command: Sequence[str]) -> str:
    """What ``command --version`` prints; asked once per process."""
    return _version(tuple(command))


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of a file to be made; go on without it when its holder takes too long."""
    with path.with_name(path.name + ".lock").open("a") as lock:
        ends = time.monotonic() + TOOL_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends:
                    break
                time.sleep(0.05)
            except OSError:  # a file system without locks: two may make the same file, which only costs time
                break
        yield


def cached(name: str, key: Iterable[str], make: Callable[[Path], None], sources: str | None = None) -> Path:
    """Give a file of the cache, made now if it is not there.

    Parameters
    ----------
    name : str
        Such as ``"library-host.o"``; the digest is put before its suffix.
    key : iterable of str
        What decides its contents beside the sources: compiler, version, flags.
    make : callable
        Writes the file at the path that it gets.
    sources : str, optional
        Digest of the sources; of the library's unless told.

    Returns
    -------
    Path
        Absolute; never changed once it is there.
    """
    digest = hashlib.sha256("\0".join([sources_digest() if sources is None else sources, *key]).encode()).hexdigest()
    stem, dot, suffix = name.partition(".")
    path = cache_folder() / f"{stem}-{digest[:24]}{dot}{suffix}"
    if path.exists():
        return path
    with _alone(path):
        if path.exists():
            return path
        with tempfile.TemporaryDirectory(prefix=".making-", dir=path.parent) as folder:
            made = Path(folder) / name
            make(made)
            os.replace(made, path)
    return path
