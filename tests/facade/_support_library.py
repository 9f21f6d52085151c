# SPDX-License-Identifier: Apache-2.0
"""The linkable library beside the machine's libc: each function by its plain name, called the same way."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import _support_format as support

FLAGS = ("-std=gnu11", "-Wno-pedantic", "-fno-builtin", "-fno-stack-protector", "-fno-math-errno", "-Wl,-Bsymbolic")
GCC_FLAGS = ("-fno-tree-loop-distribute-patterns",)

HOST = ctypes.CDLL(None, use_errno=True)


def library(compiler: str, folder: Path, environ: Mapping[str, str]) -> ctypes.CDLL:
    """Build the library and give it a lane with this environment."""
    flags = FLAGS if compiler == "clang" else (*FLAGS, *GCC_FLAGS)
    made = support.library(compiler, support.HERE / "_library_rig.c", folder, *flags)
    block = b"".join(f"{name}={value}".encode() + b"\0" for name, value in environ.items())
    assert made.rig_begin(block, len(block)) == 0
    made.__errno_location.restype = ctypes.POINTER(ctypes.c_int)
    return made


def typed(which: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    """Give a function with its types, the same for both libraries."""
    function = which[name]
    function.restype = result
    function.argtypes = list(arguments)
    return function
