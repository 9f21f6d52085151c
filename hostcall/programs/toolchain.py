# SPDX-License-Identifier: Apache-2.0
"""Compilers: one C source becomes one object, for the machine or for a GPU.

What the compiler says goes to the user as it is, with its lines. Which compiler that is, and what is missing when there
is none, is this module's whole concern; linking is :mod:`.link`'s.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..backends.host import find_compiler
from ..errors import ArgumentError, CompileError, TransportUnavailable
from .cache import CC_RUNS, facade_folder, run_tool, tool_environment
from .library import host_program_flags
from .options import CommandLine, Input, quoted

__all__ = ["HostToolchain", "Toolchain", "call", "choose_target", "compiling", "toolchain"]

TARGET_VARIABLE = "HOSTCALL_TARGET"
_ARCH = re.compile(r"sm_\d{2,3}[af]?")


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Call compilers: one that leads back here would never end, and is refused.

    Raises
    ------
    ArgumentError
        If this process is itself such a compiler.
    """
    # Compilers get the mark, and this process keeps its environment: other threads may be reading it.
    if CC_RUNS in os.environ:
        raise ArgumentError(f"CC={os.environ.get('CC', '')}: this command leads back to hostcall cc; unset CC")
    yield


class Toolchain(Protocol):
    """What compiles for one target."""

    target: str  #: "host" or an architecture
    suffix: str  #: of an assembler file

    def compile(self, source: Input, line: CommandLine, output: Path) -> None:
        """Make an object of a source; raises CompileError, with nothing written."""
        ...

    def pass_through(self, source: Input, line: CommandLine) -> None:
        """Do what -E, -S or -M ask for one source."""
        ...

    def answer(self, question: str) -> str:
        """Answer --version and the like."""
        ...


def choose_target(wanted: str | None) -> str:
    """Decide what to compile for.

    Parameters
    ----------
    wanted : str or None
        ``host``, ``cuda`` (the architecture of the device here, or sm_90 where there is none), or an architecture.
        Without it ``$HOSTCALL_TARGET``; without that the GPU if there is one, else the machine.

    Returns
    -------
    str
        ``"host"``, or an architecture such as ``"sm_90"``.
    """
    place = "--target"
    if wanted is None:
        wanted = os.environ.get(TARGET_VARIABLE, "").strip() or None
        place = f"${TARGET_VARIABLE}"
    if wanted is None:
        return _device_arch() or "host"
    if wanted == "host":
        return "host"
    if wanted == "cuda":
        return _device_arch() or "sm_90"
    if _ARCH.fullmatch(wanted):
        return wanted
    raise ArgumentError(f'{place} {wanted!r}: a target is "host", "cuda" or an architecture such as "sm_90"')


@functools.cache
def _device_arch() -> str | None:
    """The architecture of the first CUDA device; None where there is none. Asks without starting a context."""
    if not any(os.path.exists(name) for name in ("/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-gpu")):
        return None
    try:
        from ..backends.cuda import load_driver

        driver = load_driver()
    except TransportUnavailable:
        return None
    attributes = driver.CUdevice_attribute
    numbers = []
    for which in ("MAJOR", "MINOR"):
        key = getattr(attributes, f"CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_{which}")
        status, number = driver.cuDeviceGetAttribute(key, 0)
        if int(status):
            return None
        numbers.append(int(number))
    return f"sm_{numbers[0]}{numbers[1]}"


def call(command: Sequence[str | Path], *, verbose: bool = False) -> None:
    """Run a compiler whose messages are the user's to see.

    Raises
    ------
    CompileError
        Empty, if the compiler said why it failed; with a sentence, if it could not be run.
    """
    words = [str(word) for word in command]
    if verbose:
        print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
    try:
        ran = subprocess.run(words, check=False, env=tool_environment())
    except OSError as error:
        raise CompileError(f"{words[0]!r} cannot be run: {error.strerror}") from error
    if ran.returncode:
        raise CompileError("")


def readable(source: Input) -> None:
    """Say before the compiler does what is wrong with a file as such."""
    if source.path == "-":
        return
    path = Path(source.path)
    if path.is_dir():
        raise ArgumentError(f"{path}: this is a directory; name the source files in it")
    if not path.exists():
        raise ArgumentError(f"{path}: no such file")
    if not os.access(path, os.R_OK):
        raise ArgumentError(f"{path}: the file cannot be read: Permission denied")


class HostToolchain:
    """The machine's C compiler with the plain headers: objects for the transport ``loopback``."""

    target = "host"
    suffix = ".s"

    def __init__(self) -> None:
        self.command = find_compiler()

    def _flags(self, source: Input) -> list[str]:
        own = ["-D__HOSTCALL__=1", "-fstack-clash-protection", *host_program_flags()]
        own += ["-isystem", _own_headers(tuple(self.command))]
        if source.language == "c++":
            own += ["-nostdinc++", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
        if source.language in ("assembler", "cuda"):
            raise ArgumentError(
                f"{source.path}: assembler knows one machine only; a program for devices is written in C"
                if source.language == "assembler"
                else f"{source.path}: CUDA sources are compiled for a GPU: --target cuda"
            )
        return own

    def compile(self, source: Input, line: CommandLine, output: Path) -> None:
        """See :class:`Toolchain`."""
        readable(source)
        words = [*self.command, *self._flags(source), *line.compile, "-x", source.language, "-c", source.path]
        call([*words, "-o", output], verbose=line.verbose)

    def pass_through(self, source: Input, line: CommandLine) -> None:
        """See :class:`Toolchain`."""
        readable(source)
        mode = {"assemble": ["-S"], "preprocess": ["-E"], "depend": []}[line.mode]
        output = [] if line.output is None else ["-o", line.output]
        words = [*self.command, *self._flags(source), *line.compile, *mode, "-x", source.language, source.path]
        call([*words, *output], verbose=line.verbose)

    def answer(self, question: str) -> str:
        """See :class:`Toolchain`."""
        return run_tool([*self.command, question], f"{question} of {self.command[0]!r}")


@functools.cache
def _own_headers(command: tuple[str, ...]) -> str:
    """Where the compiler keeps what belongs to itself, such as <immintrin.h> and <stdatomic.h>."""
    found = run_tool([*command, "-print-file-name=include"], "the compiler's own headers").strip()
    return found if os.path.isabs(found) else str(facade_folder() / "libc")


@functools.cache
def toolchain(target: str) -> Toolchain:
    """Find what compiles for a target.

    Raises
    ------
    TransportUnavailable
        If there is no compiler for it; says what to install.
    """
    if target == "host":
        return HostToolchain()
    from .nvptx import NvptxToolchain

    return NvptxToolchain(target)
