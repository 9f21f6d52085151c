# SPDX-License-Identifier: Apache-2.0
"""The linkable library: built from ``libc_facade/src`` for a target, once, and kept in the cache.

:func:`host_library` gives the object that a program for the `loopback` transport is linked with, compiled by the
machine's C compiler. A program's shared object takes it as a whole, exactly once: the state of the library (streams,
``atexit``, which lane this is) exists once in a program.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path

from ..backends.host import find_compiler
from .cache import cached, facade_folder, run_tool, tool_version

__all__ = ["host_library", "host_link_flags", "host_link_inputs", "host_program_flags"]

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
    "-ffunction-sections",
    "-fdata-sections",
)
_GCC_FLAGS = ("-fno-tree-loop-distribute-patterns",)

# What a program's shared object shows: how it is bound to its runtime, and its entries. All other names stay its own.
_EXPORTS = "{ global: hostcall_client_v1; hc_self; hc_entry_*; hc_set_self_*; hc_sizes_*; local: *; };\n"


def _is_clang(command: Sequence[str]) -> bool:
    return "clang" in tool_version(command)


def host_program_flags() -> list[str]:
    """Flags that compile a C program for the machine against the plain headers; -O and -std are the caller's."""
    return [
        *("-fPIC", "-pthread", "-nostdinc", "-fno-math-errno", "-fno-stack-protector", "-U_FORTIFY_SOURCE"),
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
