# SPDX-License-Identifier: Apache-2.0
"""``hostcall run``: which file is the program, which words are its own, and how it is to run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..config import parse_size
from ..errors import ArgumentError
from .image import Image, read_image
from .launch import Settings, execute
from .link import build_image
from .options import LANGUAGES, parse_command_line
from .toolchain import compiling

__all__ = ["load_program", "run_main"]

_HELP = """\
usage: hostcall run [options] FILE [arguments]
       hostcall run [options] FILES -- [arguments]

Runs an ordinary C program: a source (prog.c), an object (prog.o), or what hostcall cc linked. Several files, and
options of the compiler among them, end at "--". After a "--" before the first file all else is the program's.

--transport NAME  loopback, pinned-ring or cuda-managed. Default: the GPU if there is one, else loopback
--config FILE     a TOML file, which then says what the program may do. Default: what its user may
--sandbox         only the files below the working directory, no network, no other programs
--threads N       main runs on N lanes, which hc_thread_id() tells apart. Default: 1
--pool N          threads that the program can start beside its mains
--heap SIZE       memory behind malloc, such as 256MiB
--stack SIZE      stack of one lane
--env NAME=VALUE  set a variable for the program; --env NAME takes it away. May be repeated
--cwd DIR         begin there
-D -I -O -g …     for the compiler, where FILE is a source
"""

_VALUES = ("--transport", "--config", "--threads", "--pool", "--heap", "--stack", "--env", "--cwd", "--target")
_COMPILER_VALUES = ("-I", "-D", "-U", "-l", "-L", "-x", "-include", "-isystem", "-iquote", "-o")


class _Words:
    """The command line of run, sorted."""

    def __init__(self, words: Sequence[str]) -> None:
        self.own: dict[str, str] = {}
        self.sandbox = False
        self.environment: list[str] = []
        self.compiler: list[str] = []
        self.files: list[str] = []
        self.arguments: list[str] = []
        self._sort(list(words))
        if not self.files:
            raise ArgumentError("no program: name a source (prog.c), an object, or a linked program; see --help")

    def _sort(self, words: list[str]) -> None:
        at = 0
        several = False
        while at < len(words):
            word = words[at]
            at += 1
            if word == "--":
                if self.files:
                    self.arguments = words[at:]
                else:
                    self.files, self.arguments = words[at : at + 1], words[at + 1 :]
                return
            if not word.startswith("-") or word == "-":
                if not self.files and "--" in words[at:]:
                    several = True
                self.files.append(word)
                if not several:
                    self.arguments = words[at:]
                    return
            elif word == "--sandbox":
                self.sandbox = True
            elif word.partition("=")[0] in _VALUES:
                name, equals, value = word.partition("=")
                if not equals:
                    if at == len(words):
                        raise ArgumentError(f"{name}: a value must follow")
                    value = words[at]
                    at += 1
                if name == "--env":
                    self.environment.append(value)
                else:
                    self.own[name] = value
            elif word.startswith("--") and not word.startswith("--std"):
                raise ArgumentError(f"{word}: hostcall run has no such option; see --help")
            else:
                self.compiler.append(word)
                if word in _COMPILER_VALUES:
                    self.compiler += words[at : at + 1]
                    at += 1
        return


def _number(words: _Words, name: str) -> int | None:
    text = words.own.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise ArgumentError(f"{name} {text!r}: this is a whole number from 0")
    return int(text)


def _size(words: _Words, name: str) -> int | None:
    text = words.own.get(name)
    if text is None:
        return None
    try:
        return parse_size(int(text) if text.isdigit() else text)
    except ValueError as error:
        raise ArgumentError(f"{name} {text!r}: {error}") from None


def _program(words: _Words) -> Image:
    """Read the program, or make it of its sources."""
    wanted = words.own.get("--target")
    transport = words.own.get("--transport")
    if wanted is None and transport == "loopback":
        wanted = "host"
    elif wanted is None and transport in ("pinned-ring", "cuda-managed"):
        wanted = "cuda"
    return load_program([*words.compiler, *words.files], target=wanted)


def load_program(words: Sequence[str], *, target: str | None = None) -> Image:
    """Read a linked program, or compile and link one.

    Parameters
    ----------
    words : sequence of str
        One linked program; or sources, objects and options of the compiler.
    target : str, optional
        As for ``hostcall cc --target``.
    """
    line = parse_command_line(words)
    line.target = target
    for item in line.inputs:
        path = Path(item.path)
        if item.path.startswith("-l") and not item.language:
            continue
        if path.is_dir():
            raise ArgumentError(f"{path}: this is a directory; name the program, or the sources in it")
        if not path.exists():
            raise ArgumentError(f"{path}: no such file")
        if not os.access(path, os.R_OK):
            raise ArgumentError(f"{path}: the file cannot be read: Permission denied")
        if item.language:
            continue
        image = read_image(path)
        if image is not None:
            if len(line.inputs) > 1:
                raise ArgumentError(f"{path}: this is a linked program; it runs alone")
            return image
        if path.suffix not in (".o", ".a", ".so"):
            raise ArgumentError(
                f"{path}: neither a linked program nor a source ({', '.join(LANGUAGES)}), an object or a static library"
            )
    if not any(option.startswith("-O") for option in line.compile):
        line.compile.insert(0, "-O2")
    if not any(option.startswith("-g") for option in line.compile):
        line.compile.insert(0, "-g")
    with compiling():
        return build_image(line)


def run_main(words: Sequence[str]) -> int:
    """Do what the words behind ``hostcall run`` say; ends the process as the program ends.

    Raises
    ------
    HostcallError
        If the program cannot be started; with what to show.
    """
    if words and words[0] in ("--help", "-h"):
        sys.stdout.write(_HELP)
        return 0
    sorted_ = _Words(words)
    threads = _number(sorted_, "--threads")
    settings = Settings(
        transport=sorted_.own.get("--transport"),
        config=sorted_.own.get("--config"),
        sandbox=sorted_.sandbox,
        threads=1 if threads is None else threads,
        heap=_size(sorted_, "--heap"),
        stack=_size(sorted_, "--stack"),
        pool=_number(sorted_, "--pool"),
    )
    image = _program(sorted_)
    if settings.config is not None:
        settings.config = os.path.abspath(settings.config)
    _surroundings(sorted_)
    execute(image, [os.fsencode(sorted_.files[0]), *map(os.fsencode, sorted_.arguments)], settings)
    raise AssertionError("the program ended the process")


def _surroundings(words: _Words) -> None:
    for setting in words.environment:
        name, equals, value = setting.partition("=")
        if not name:
            raise ArgumentError(f"--env {setting!r}: this is NAME=VALUE, or NAME to take a variable away")
        if equals:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)
    folder = words.own.get("--cwd")
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise ArgumentError(f"--cwd {folder}: {error.strerror}") from error
