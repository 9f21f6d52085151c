# SPDX-License-Identifier: Apache-2.0
"""Objects for a GPU become a program: nvlink with the library and the start."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ..errors import CompileError
from .cache import cached, facade_folder, run_tool, tool_version
from .device_library import clang_flags, device_object, find_cuda_tool
from .elf import Archive, Constructors, Symbol, is_elf, symbols
from .image import Image
from .nvptx import MAIN_MARK, NvptxToolchain, _run, arch_number
from .options import CommandLine, quoted

__all__ = ["link_cuda"]

_CONSTRUCTOR = re.compile(r"__(init|fini)_array_object_.*_(\d+)")
_UNDEFINED = re.compile(r"Undefined reference to '([^']+)'")


def _members(objects: list[Path], folder: Path) -> list[tuple[Path, list[Symbol]]]:
    """The objects that take part: all that are named, and of static libraries those that define what is missing."""
    taken: list[tuple[Path, list[Symbol]]] = []
    waiting: list[tuple[Path, list[Symbol]]] = []
    for index, path in enumerate(objects):
        data = path.read_bytes()
        if not data.startswith(Archive.MAGIC):
            taken.append((path, list(symbols(data))))
            continue
        for place, (name, body) in enumerate(Archive(data).members):
            if is_elf(body):
                member = folder / f"{index}-{place}-{Path(name).stem}.cubin"
                member.write_bytes(body)
                waiting.append((member, list(symbols(body))))
    while True:
        have = {symbol.name for _, table in taken for symbol in table if symbol.defined}
        need = {symbol.name for _, table in taken for symbol in table if not symbol.defined} - have
        if not any(symbol.name == "main" for _, table in taken for symbol in table if symbol.defined):
            need.add("main")
        wanted = next(
            (entry for entry in waiting if any(symbol.defined and symbol.name in need for symbol in entry[1])), None
        )
        if wanted is None:
            return taken
        waiting.remove(wanted)
        taken.append(wanted)


def _calls(names: list[str], function: str) -> str:
    """C that calls the functions whose addresses the compiler left in constant memory."""
    rows = [f"extern const __attribute__((address_space(4))) unsigned long {name};" for name in names]
    rows.append(f"void {function}(void) {{")
    rows += [f"    ((void (*)(void)){name})();" for name in names]
    return "\n".join([*rows, "}"])


def _part(tools: NvptxToolchain, part: str, more: list[str]) -> Path:
    """An object that is linked beside the library: the start, or what C++ asks for."""
    flags = [*clang_flags(arch_number(tools.target)), f"-march={tools.target}", *more]

    def make(path: Path) -> None:
        ptx = path.with_suffix(".ptx")
        source, include = facade_folder() / "src" / f"{part}.c", facade_folder() / "include"
        run_tool([*tools.clang, *flags, "-O2", "-I", include, "-S", source, "-o", ptx], "the start of a program")
        run_tool([tools.ptxas, "-c", f"-arch={tools.target}", ptx, "-o", path], "the start of a program")

    return cached(f"{part}-{tools.target}.cubin", [*tools.clang, tool_version(tools.clang), tools.ptxas, *flags], make)


def link_cuda(
    tools: NvptxToolchain, objects: list[Path], line: CommandLine, folder: Path, stack: int | None, heap: int | None
) -> Image:
    """Link a program for a GPU.

    Raises
    ------
    CompileError
        If a name is defined nowhere, or twice.
    """
    from .link import THREAD_STARTERS, asks_for_cxx, check_object, unresolved_message

    for path in objects:
        check_object(path, tools.target)
    taken = _members(objects, folder)
    table = [symbol for _, part in taken for symbol in part]
    defined = {symbol.name for symbol in table if symbol.defined}
    if "main" not in defined:
        raise CompileError(unresolved_message(["main"], ""))
    marks = [name for name in defined if name.startswith(MAIN_MARK)]
    parameters = int(marks[0][len(MAIN_MARK) :]) if marks else 2
    special = sorted(
        (int(match[2]), order, match[1], symbol.name)
        for order, symbol in enumerate(table)
        if symbol.defined and (match := _CONSTRUCTOR.fullmatch(symbol.name))
    )
    library = device_object(arch_number(tools.target))
    pool = any(symbol.name in THREAD_STARTERS and not symbol.defined for symbol in table)
    served = any(symbol.name == "hc_pool_serve" and symbol.defined for symbol in symbols(library.read_bytes()))
    words = [find_cuda_tool("nvlink"), f"-arch={tools.target}", *(str(path) for path, _ in taken)]
    if special:
        text = folder / "constructors.c"
        init = [name for _, _, kind, name in special if kind == "init"]
        fini = [name for _, _, kind, name in reversed(special) if kind == "fini"]
        text.write_text(_calls(init, "hc_run_init") + "\n" + _calls(fini, "hc_run_fini") + "\n")
        flags = [*clang_flags(arch_number(tools.target)), f"-march={tools.target}", "-O2", "-S"]
        run_tool([*tools.clang, *flags, text, "-o", folder / "constructors.ptx"], "the constructors")
        made = folder / "constructors.cubin"
        run_tool([tools.ptxas, "-c", f"-arch={tools.target}", folder / "constructors.ptx", "-o", made], "constructors")
        words.append(str(made))
    if asks_for_cxx(symbol.name for symbol in table if not symbol.defined):
        words.append(str(_part(tools, "cxx", [])))
    flags = [f"-DHC_MAIN_PARAMETERS={parameters}", *(["-DHC_CONSTRUCTORS"] if special else [])]
    flags += ["-DHC_POOL"] if pool and served else []
    words += [str(_part(tools, "start", flags)), str(library)]
    words += ["-o", str(folder / "program.cubin")]
    if line.verbose:
        print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
    ran = _run(words)
    if ran.returncode:
        log = ran.stderr + ran.stdout
        missing = _UNDEFINED.findall(log)
        raise CompileError(unresolved_message(missing, log) if missing else log.strip(), log=log)
    counts = {kind: sum(entry[2] == kind for entry in special) for kind in ("init", "fini")}
    made_constructors = Constructors(init_count=counts["init"], fini_count=counts["fini"])
    code = (folder / "program.cubin").read_bytes()
    return Image(tools.target, code, made_constructors, pool and served, stack, heap)
