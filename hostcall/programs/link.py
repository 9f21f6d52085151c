# SPDX-License-Identifier: Apache-2.0
"""Objects become a program: one file with the library, the start of the program, and a head that runs it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..config import parse_size
from ..errors import ArgumentError, CompileError
from .cache import TOOL_SECONDS, cached, facade_folder, run_tool, tool_environment, tool_version
from .elf import EM_CUDA, Archive, hide_constructors, is_elf, machine, symbols
from .image import Image, read_image
from .library import host_link_flags, host_link_inputs
from .options import KNOWN_LIBRARIES, CommandLine, Input, quoted
from .toolchain import HostToolchain, Toolchain, toolchain

__all__ = ["build_image", "find_inputs", "unresolved_message"]

# A program that calls none of these has no threads but its lanes.
THREAD_STARTERS = frozenset({"pthread_create", "thrd_create"})

_UNDEFINED = re.compile(r"undefined reference to [`']([^']+)'")
_HIDDEN = re.compile(r"hidden symbol [`']([^']+)' isn't defined")


def find_inputs(line: CommandLine) -> list[Input]:
    """Replace each ``-lNAME`` by the static library that it means; those that the facade has within itself vanish.

    Raises
    ------
    ArgumentError
        If a library is not there.
    """
    found = []
    for item in line.inputs:
        if not item.path.startswith("-l") or item.language:
            found.append(item)
            continue
        name = item.path[2:]
        file = name[1:] if name.startswith(":") else f"lib{name}.a"
        path = next((Path(folder) / file for folder in line.library_paths if (Path(folder) / file).is_file()), None)
        if path is not None:
            found.append(Input(str(path)))
        elif name not in KNOWN_LIBRARIES:
            where = ", ".join(line.library_paths) or "no folder: name some by -L"
            raise ArgumentError(
                f"-l{name}: there is no {file} in {where}; libraries of the machine are not for devices, "
                "compile this one's sources with hostcall cc"
            )
    return found


def check_object(path: Path, target: str) -> bytes:
    """Read an object or a static library, and refuse one that is for something else."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise ArgumentError(f"{path}: this is a directory; name the source files in it") from None
    except OSError as error:
        raise ArgumentError(f"{path}: {error.strerror}") from error
    if data.startswith(Archive.MAGIC):
        return data
    if not is_elf(data):
        linked = read_image(path)
        if linked is not None:
            raise ArgumentError(f"{path}: this is a linked program; link its objects instead")
        raise ArgumentError(f"{path}: neither a source (by its suffix), nor an object, nor a static library")
    for_gpu = machine(data) == EM_CUDA
    if for_gpu != (target != "host"):
        made, wanted = ("a GPU", "the machine") if for_gpu else ("the machine", target)
        raise ArgumentError(
            f"{path}: an object for {made} cannot be linked into a program for {wanted}; compile it anew"
        )
    return data


def unresolved_message(names: Iterable[str], log: str) -> str:
    """Say which names nobody defines; `log` is the linker's own text, which says where they are used."""
    missing = list(dict.fromkeys(names))
    if missing == ["main"]:
        return "no function main: a program begins there"
    lines = [f"{name} is neither in the program nor in the facade" for name in missing if name != "main"]
    if "main" in missing:
        lines.append("there is no function main")
    return "\n".join([log.strip(), *lines, "docs/functions.md lists what the facade has"]).strip()


def build_image(line: CommandLine) -> Image:
    """Compile what is to be compiled, and link.

    Parameters
    ----------
    line : CommandLine
        Of mode ``"link"``.

    Raises
    ------
    CompileError
        If something does not compile or link.
    ArgumentError
        If an input is not what it should be.
    """
    from .toolchain import choose_target

    target = choose_target(line.target)
    tools = toolchain(target)
    with tempfile.TemporaryDirectory(prefix="hostcall-") as folder:
        objects = compile_inputs(tools, line, Path(folder))
        if isinstance(tools, HostToolchain):
            code, starts_threads = _link_host(tools, objects, line, Path(folder))
            hidden, constructors = hide_constructors(code)
            image = Image("host", hidden, constructors, starts_threads, _size(line, "stack"), _size(line, "heap"))
        else:
            from .nvlink import link_cuda
            from .nvptx import NvptxToolchain

            assert isinstance(tools, NvptxToolchain)
            image = link_cuda(tools, objects, line, Path(folder), _size(line, "stack"), _size(line, "heap"))
    return image


def _size(line: CommandLine, what: str) -> int | None:
    text = getattr(line, what)
    if text is None:
        return None
    try:
        return parse_size(int(text) if text.isdigit() else text)
    except ValueError as error:
        raise ArgumentError(f"--{what} {text!r}: {error}") from None


def compile_inputs(tools: Toolchain, line: CommandLine, folder: Path) -> list[Path]:
    """Compile each source into `folder`; give all objects and libraries in their order."""
    objects = []
    for index, item in enumerate(find_inputs(line)):
        if not item.language:
            objects.append(Path(item.path))
            continue
        # The source's name stays in the object's: messages of the linker name it.
        made = folder / f"{index}-{Path(item.path).stem}.o"
        tools.compile(item, line, made)
        objects.append(made)
    return objects


def asks_for_cxx(names: Iterable[str]) -> bool:
    """Whether names that are open are those of C++'s own support."""
    return any(name.startswith(("_Zn", "_Zd")) or name == "__cxa_pure_virtual" for name in names)


def _part_object(command: Sequence[str], part: str) -> Path:
    flags = ["-std=gnu11", "-O2", "-fPIC", "-nostdinc", "-fno-builtin", "-fno-stack-protector", "-U_FORTIFY_SOURCE"]

    def make(path: Path) -> None:
        source = facade_folder() / "src" / f"{part}.c"
        run_tool(
            [*command, *flags, "-I", facade_folder() / "include", "-c", source, "-o", path], "the start of a program"
        )

    return cached(f"{part}-host.o", [*command, tool_version(command), *flags], make)


def _link_host(tools: HostToolchain, objects: list[Path], line: CommandLine, folder: Path) -> tuple[bytes, bool]:
    missing: set[str] = set()
    for path in objects:
        data = check_object(path, "host")
        members = [body for _, body in Archive(data).members] if data.startswith(Archive.MAGIC) else [data]
        for member in filter(is_elf, members):
            missing |= {symbol.name for symbol in symbols(member) if not symbol.defined}
    parts = ["start", "cxx"] if asks_for_cxx(missing) else ["start"]
    made = folder / "program.so"
    words = [*tools.command, *host_link_flags(), *(str(path) for path in objects)]
    words += [str(_part_object(tools.command, part)) for part in parts]
    words += [*line.link, *host_link_inputs(tools.command), "-o", str(made)]
    if line.verbose:
        import sys

        print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
    try:
        ran = subprocess.run(
            words,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=TOOL_SECONDS,
            env=tool_environment(),
        )
    except OSError as error:
        raise CompileError(f"{words[0]!r} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired:
        raise CompileError(f"linking was ended after {TOOL_SECONDS} s") from None
    if ran.returncode:
        log = ran.stderr + ran.stdout
        open_ends = [*_UNDEFINED.findall(log), *_HIDDEN.findall(log)]
        own = "".join(f"{row}\n" for row in log.splitlines() if "collect2:" not in row)
        raise CompileError(unresolved_message(open_ends, own) if open_ends else own.strip(), log=log)
    if ran.stderr:
        import sys

        sys.stderr.write(ran.stderr)
    return made.read_bytes(), bool(missing & THREAD_STARTERS)
