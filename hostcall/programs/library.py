# SPDX-License-Identifier: Apache-2.0
"""The linkable library: built from ``libc_facade/src`` for a target, once, and kept in the cache.

:func:`host_library` gives the object that a program for the `loopback` transport is linked with, compiled by the
machine's C compiler. A program's shared object takes it as a whole, exactly once: the state of the library (streams,
``atexit``, which lane this is) exists once in a program.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..backends.host import find_compiler
from ..errors import HostcallError
from . import device_library
from .cache import cached, facade_folder, run_tool, tool_version

__all__ = ["build_artefacts", "host_library", "host_link_flags", "host_link_inputs", "host_program_flags"]

_ARTEFACTS = {
    "host": "libhostcall.o",
    "bitcode": "hostcall.bc",
    "ptx": "hostcall.ptx",
    "ltoir": "hostcall.ltoir",
    "fatbin": "hostcall.fatbin",
}

# -fno-builtin and no loop patterns: memcpy of the library must not become a call of memcpy.
_HOST_FLAGS = (
    "-std=gnu11",
    "-O2",
    "-fPIC",
    "-pthread",
    "-nostdinc",
    "-fno-builtin",
    "-fno-math-errno",
    "-fno-stack-protector",
    "-U_FORTIFY_SOURCE",
    "-fno-common",
    "-fno-strict-aliasing",
    "-Werror=implicit-function-declaration",
    "-ffunction-sections",
    "-fdata-sections",
)
_GCC_FLAGS = ("-fno-tree-loop-distribute-patterns",)

# What a program's shared object shows: how it is bound to its runtime, and its entries. All other names stay its own.
_EXPORTS = "{ global: hostcall_client_v1; hc_self; hc_entry_*; hc_set_self_*; hc_sizes_*; local: *; };\n"


def _is_clang(command: Sequence[str]) -> bool:
    return "clang" in tool_version(command)


def host_program_flags() -> list[str]:
    """Flags that compile a C program for the machine against the plain headers; -O and -std are the caller's.

    Not -fno-math-errno: it makes gcc believe that malloc leaves errno alone.
    """
    return [
        *("-fPIC", "-pthread", "-nostdinc", "-fno-stack-protector", "-U_FORTIFY_SOURCE"),
        *("-ffunction-sections", "-fdata-sections"),
        *("-isystem", str(facade_folder() / "libc")),
    ]


def host_link_flags() -> list[str]:
    """Flags that link a program to one shared object, which shows no name but its entries.

    What the program does not use is left out. The process's libc is not there: a name that neither the program nor the
    library defines is the linker's error, not a call into the process that runs the program.
    """

    def make(path: Path) -> None:
        path.write_text(_EXPORTS)

    exports = cached("exports.map", [_EXPORTS], make, sources="")
    return [
        *("-shared", "-nostdlib", "-Wl,-Bsymbolic", "-Wl,--gc-sections", f"-Wl,--version-script={exports}"),
        *("-Wl,-u,hostcall_client_v1", "-Wl,-z,defs"),
    ]


def host_link_inputs(compiler: Sequence[str] | None = None) -> list[str]:
    """What stands behind a program's objects on the linker's command line: the library, libm, and compiler support."""
    command = list(compiler) if compiler is not None else find_compiler()
    return [str(host_library(command)), "-lm", "-lgcc", _loader(tuple(command))]


@functools.cache
def _loader(command: tuple[str, ...]) -> str:
    """The dynamic loader, which gives a thread its variables (``__tls_get_addr``)."""
    for name in ("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"):
        found = run_tool([*command, f"-print-file-name={name}"], "the dynamic loader").strip()
        if os.path.isabs(found):
            return found
    return "-lc"


def host_library(compiler: Sequence[str] | None = None) -> Path:
    """Build the library for this machine.

    Parameters
    ----------
    compiler : sequence of str, optional
        The command of the C compiler; otherwise ``$CC``, cc, gcc or clang.

    Returns
    -------
    Path
        An object file; `host_link_inputs` has it with what it needs.

    Raises
    ------
    CompileError
        With the compiler's log.
    TransportUnavailable
        If there is no C compiler.
    """
    command = list(compiler) if compiler is not None else find_compiler()
    flags = [*_HOST_FLAGS, *(() if _is_clang(command) else _GCC_FLAGS)]
    root = facade_folder()

    def make(path: Path) -> None:
        call = [*command, *flags, "-I", root / "include", "-c", root / "src" / "library.c", "-o", path]
        run_tool(call, "the library for this machine")

    return cached("library-host.o", [*command, tool_version(command), *flags], make)


def build_artefacts(folder: Path, kinds: Sequence[str] = tuple(_ARTEFACTS), *, lto: bool = True) -> list[Path]:
    """Build the library in several forms, into one folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    kinds : sequence of str
        Of host, bitcode, ptx, ltoir, fatbin.
    lto : bool
        Put LTO-IR into the fatbin.

    Returns
    -------
    list of Path
        A file for each. The declarations for CUDA C++ are put beside them, as ``include/hostcall/libc.h``.
    """
    make: dict[str, Callable[[], Path]] = {
        "host": host_library,
        "bitcode": device_library.device_bitcode,
        "ptx": device_library.device_ptx,
        "ltoir": device_library.device_ltoir,
        "fatbin": lambda: device_library.device_fatbin(lto=lto),
    }
    declarations = folder / "include" / "hostcall" / "libc.h"
    declarations.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(facade_folder() / "src" / "hostcall" / "libc.h", declarations)
    return [Path(shutil.copyfile(make[kind](), folder / _ARTEFACTS[kind])) for kind in kinds]


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the library on the command line: ``python -m hostcall.programs.library --out DIR [kind ...]``."""
    parser = argparse.ArgumentParser(prog="hostcall.programs.library", description="Build the linkable library.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"of {', '.join(_ARTEFACTS)}; all unless named")
    parser.add_argument("--no-lto", action="store_true", help="no LTO-IR in the fatbin: it needs NVRTC")
    given = parser.parse_args(arguments)
    unknown = [kind for kind in given.kinds if kind not in _ARTEFACTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is no form of the library; there are {', '.join(_ARTEFACTS)}")
    failed = 0
    for kind in given.kinds or [kind for kind in _ARTEFACTS if kind != "ltoir" or not given.no_lto]:
        begin = time.perf_counter()
        try:
            (path,) = build_artefacts(given.out, [kind], lto=not given.no_lto)
        except HostcallError as error:
            sys.stderr.write(f"{kind}: {error}\n")
            failed = 1
            continue
        seconds = time.perf_counter() - begin
        sys.stdout.write(f"{kind:8} {path}  {path.stat().st_size:,} bytes, {seconds:.1f} s\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
