# SPDX-License-Identifier: Apache-2.0
"""``hostcall cc``: a C compiler's command line, carried out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..errors import ArgumentError
from .image import write_image
from .link import build_image
from .options import CommandLine, parse_command_line
from .toolchain import choose_target, compiling, toolchain

__all__ = ["compile_main"]

_HELP = """\
usage: hostcall cc [--target host|cuda|sm_90] [options] files

Compiles C against the facade's headers and links it with the facade's library. Options are those of a C compiler:
-c -o -E -S -M… -I -D -U -isystem -include -l -L -O -g -std -W… -f… -x @file -v --version -dumpmachine

--target T   host: this machine's threads; cuda, sm_90, …: a GPU. Default: $HOSTCALL_TARGET; else the GPU, if any
--stack N    bytes of one lane's stack that the program wants
--heap N     bytes of the heap that the program wants
"""


def _version() -> str:
    try:
        return version("hostcall")
    except PackageNotFoundError:
        return "of a source tree"


def compile_main(words: Sequence[str]) -> int:
    """Do what the words of a compiler's command line say.

    Returns
    -------
    int
        Exit status.

    Raises
    ------
    HostcallError
        With what to show; without text where the compiler has spoken already.
    """
    if list(words) in (["--help"], ["-h"], []):
        sys.stdout.write(_HELP)
        return 0 if words else 1
    with compiling():
        return _carry_out(parse_command_line(words))


def _carry_out(line: CommandLine) -> int:
    if line.mode == "ask" or not line.inputs:
        return _answer(line)
    if line.mode == "link":
        output = Path(line.output or "a.out")
        _check_output(output)
        write_image(output, build_image(line))
        return 0
    if not line.sources:
        raise ArgumentError(f"{line.inputs[0].path}: there is nothing to compile")
    tools = toolchain(choose_target(line.target))
    for source in line.sources:
        one = replace(line, inputs=[source])
        if line.mode == "compile":
            output = Path(line.output or f"{Path(source.path).stem}.o")
            _check_output(output)
            tools.compile(source, one, output)
        else:
            if line.mode == "assemble" and line.output is None:
                one = replace(one, output=f"{Path(source.path).stem}{tools.suffix}")
            tools.pass_through(source, one)
    return 0


def _check_output(path: Path) -> None:
    if path.is_dir():
        raise ArgumentError(f"-o {path}: this is a directory")
    if not path.absolute().parent.is_dir():
        raise ArgumentError(f"-o {path}: the directory {path.parent} is not there")


def _answer(line: CommandLine) -> int:
    tools = toolchain(choose_target(line.target))
    question = line.ask or "--version"
    said = tools.answer(question)
    if question == "--version":
        said = f"hostcall cc {_version()}, target {tools.target}, with {said}"
    sys.stdout.write(said if said.endswith("\n") else f"{said}\n")
    return 0
