# SPDX-License-Identifier: Apache-2.0
"""The command line of a C compiler, as makefiles write it.

Options are sorted by what becomes of them: those of compiling go on to the compiler that does the work, in their order;
those of linking are this package's own affair.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ArgumentError

__all__ = ["CommandLine", "Input", "parse_command_line", "quoted"]

LANGUAGES = {
    ".c": "c",
    ".i": "cpp-output",
    ".cpp": "c++",
    ".cc": "c++",
    ".cxx": "c++",
    ".C": "c++",
    ".cu": "cuda",
    ".s": "assembler",
    ".S": "assembler-with-cpp",
}

# Options of one word or two: -Idir, -I dir.
_JOINED = ("-I", "-D", "-U", "-x", "-o", "-l", "-L")
_SEPARATE = (
    *("-isystem", "-include", "-imacros", "-iquote", "-idirafter", "-isysroot", "-MF", "-MT", "-MQ"),
    *("-Xpreprocessor", "-Xclang", "-Xassembler", "--param", "-arch", "-target", "-aux-info"),
)
_MODES = {"-c": "compile", "-S": "assemble", "-E": "preprocess", "-M": "depend", "-MM": "depend"}
_ASKS = ("--version", "-dumpversion", "-dumpmachine", "-dumpfullversion")
# Of linking, with nothing to do here: there is one way to link, and this is it.
_LINK_NOTHING = (
    *("-static", "-rdynamic", "-s", "-pie", "-no-pie", "-static-libgcc", "-nostdlib", "-nodefaultlibs", "-pipe"),
    *("-nostartfiles", "-pthread"),
)
# What the library has within itself.
KNOWN_LIBRARIES = ("c", "m", "pthread", "dl", "rt", "util", "gcc", "gcc_s")


@dataclass(frozen=True)
class Input:
    """A file to compile or to link; `language` is empty for what is linked as it is."""

    path: str
    language: str = ""


@dataclass
class CommandLine:
    """What a command line asks for.

    Attributes
    ----------
    mode : str
        ``"link"``, ``"compile"``, ``"assemble"``, ``"preprocess"``, ``"depend"``, or ``"ask"``.
    inputs : list of Input
        In their order; a library of ``-l`` has the path ``-lNAME``.
    output : str or None
        Of ``-o``.
    compile : list of str
        Options for the compiler.
    library_paths : list of str
        Of ``-L``.
    link : list of str
        What goes on to the linker of the machine.
    target : str or None
        Of ``--target``.
    verbose : bool
        Of ``-v``: show the commands.
    ask : str
        The question of mode ``"ask"``.
    stack, heap : int or str or None
        Of ``--stack`` and ``--heap``, for the program.
    """

    mode: str = "link"
    inputs: list[Input] = field(default_factory=list)
    output: str | None = None
    compile: list[str] = field(default_factory=list)
    library_paths: list[str] = field(default_factory=list)
    link: list[str] = field(default_factory=list)
    target: str | None = None
    verbose: bool = False
    ask: str = ""
    stack: str | None = None
    heap: str | None = None

    @property
    def sources(self) -> list[Input]:
        """What is compiled."""
        return [item for item in self.inputs if item.language]

    @property
    def debug(self) -> bool:
        """Whether lines of the source are to be found again."""
        chosen = [option for option in self.compile if option.startswith("-g") and not option.startswith("-gno")]
        return bool(chosen) and chosen[-1] != "-g0"


def quoted(words: Sequence[str]) -> str:
    """A command as a shell would take it."""
    return shlex.join(words)


def _expanded(words: Sequence[str], depth: int = 0) -> Iterator[str]:
    """Replace each ``@file`` by the words in it."""
    for word in words:
        if not word.startswith("@") or len(word) == 1:
            yield word
            continue
        path = Path(word[1:])
        if not path.exists():
            yield word
            continue
        if depth > 16:
            raise ArgumentError(f"{word}: files of options name each other in a circle")
        try:
            text = path.read_text(errors="surrogateescape")
        except OSError as error:
            raise ArgumentError(f"{word}: the file of options cannot be read: {error.strerror}") from error
        yield from _expanded(shlex.split(text), depth + 1)


def parse_command_line(words: Sequence[str]) -> CommandLine:
    """Sort a compiler's options.

    Parameters
    ----------
    words : sequence of str
        Without the compiler's own name.

    Raises
    ------
    ArgumentError
        If an option lacks its value, or asks for what cannot be made.
    """
    line = CommandLine()
    language: str | None = None
    pending = iter(list(_expanded(words)))

    def value(option: str, length: int = 2) -> str:
        if len(option) > length:
            return option[length:]
        found = next(pending, None)
        if found is None:
            raise ArgumentError(f"{option}: a value must follow")
        return found

    for word in pending:
        if word in ("-", "-x-") or not word.startswith("-"):
            line.inputs.append(_input(word, language))
        elif word in _MODES:
            line.mode = _MODES[word]
            if line.mode == "depend":
                line.compile.append(word)
        elif word in _ASKS or word.startswith("-print-"):
            line.mode, line.ask = "ask", word
        elif word == "-v" or word == "-###":
            line.verbose = True
        elif word == "-shared":
            raise ArgumentError(
                "-shared: a program for a device is one file; link its objects together, or make a static library (ar)"
            )
        elif word.split("=")[0] in ("--target", "--stack", "--heap"):
            name, equals, text = word.partition("=")
            setattr(line, name[2:], text if equals else value(name, len(name)))
        elif word in _LINK_NOTHING:
            if word == "-pthread":
                line.compile.append("-D_REENTRANT")
        elif word.startswith("-Wl,"):
            line.link.append(word)
        elif word in ("-Xlinker", "-u", "-z", "-T"):
            line.link += [word, value(word, len(word))]
        elif word in _SEPARATE:
            line.compile += [word, value(word, len(word))]
        elif word[:2] in _JOINED:
            text = value(word)
            match word[:2]:
                case "-x":
                    language = None if text == "none" else text
                case "-o":
                    line.output = text
                case "-l":
                    line.inputs.append(Input(f"-l{text}"))
                case "-L":
                    line.library_paths.append(text)
                case _:
                    line.compile += [word[:2] + text]
        else:
            line.compile.append(word)
    if line.mode == "ask":
        return line
    if not line.inputs and not line.verbose:
        raise ArgumentError("no input files: name a source (prog.c), an object (prog.o) or a library (lib.a)")
    if line.mode != "link" and line.output is not None and len(line.sources) > 1:
        raise ArgumentError(f"-o {line.output}: one file cannot take what becomes of {len(line.sources)} sources")
    return line


def _input(word: str, language: str | None) -> Input:
    if language is not None:
        return Input(word, language)
    if word == "-":
        raise ArgumentError("-: say by -x c what language the standard input has")
    suffix = Path(word).suffix
    return Input(word, LANGUAGES.get(suffix, ""))
