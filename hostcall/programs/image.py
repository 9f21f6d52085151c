# SPDX-License-Identifier: Apache-2.0
"""A linked program as one executable file.

The file begins as a shell script that hands itself to ``hostcall run``; the code and a manifest stand behind it. So
``./prog`` works in makefiles, in scripts and under a debugger's eyes alike, and ``hostcall run prog`` needs no second
file.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import struct
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from .elf import NO_CONSTRUCTORS, Constructors

__all__ = ["Image", "read_image", "write_image"]

_MAGIC = b"HCPROG1\n"
_TRAILER = struct.Struct("<QQ8s")


@dataclass(frozen=True)
class Image:
    """A linked program.

    Attributes
    ----------
    target : str
        ``"host"``, or the architecture of a GPU such as ``"sm_90"``.
    code : bytes
        A shared object, or a cubin.
    constructors : Constructors
        Of a shared object.
    pool : bool
        Whether it starts threads.
    stack, heap : int or None
        Bytes that it was linked to want; the runner's own choice if None.
    """

    target: str
    code: bytes = field(repr=False)
    constructors: Constructors = NO_CONSTRUCTORS
    pool: bool = False
    stack: int | None = None
    heap: int | None = None


def _head() -> bytes:
    """A shell script that finds hostcall: where it was when this was linked, or on PATH."""
    command = Path(sys.executable).with_name("hostcall")
    if not command.exists():
        command = Path(shutil.which("hostcall") or command)
    here = shlex.quote(os.fspath(command))
    lines = [
        "#!/bin/sh",
        "# A C program linked by hostcall cc; its code follows this text.",
        f'[ -x {here} ] && exec {here} run -- "$0" "$@"',
        'command -v hostcall >/dev/null 2>&1 && exec hostcall run -- "$0" "$@"',
        'echo "$0: a program for hostcall, which is not on PATH; install it with: pip install hostcall" >&2',
        "exit 127",
    ]
    return "\n".join(lines).encode() + b"\n"


def write_image(path: Path, image: Image) -> None:
    """Write a program.

    Parameters
    ----------
    path : Path
        Replaced if it is there: a program that runs goes on with what it had.
    image : Image
        What to write.
    """
    facts = {**asdict(image), "constructors": asdict(image.constructors)}
    del facts["code"]
    manifest = json.dumps(facts).encode()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    mask = os.umask(0)
    os.umask(mask)
    try:
        with beside.open("wb") as file:
            file.write(_head() + image.code + manifest + _TRAILER.pack(len(image.code), len(manifest), _MAGIC))
        beside.chmod(0o777 & ~mask)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def read_image(path: Path) -> Image | None:
    """Read a linked program; None if the file is something else.

    Raises
    ------
    ArgumentError
        If the file was cut.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < _TRAILER.size:
            return None
        file.seek(size - _TRAILER.size)
        code_bytes, manifest_bytes, magic = _TRAILER.unpack(file.read(_TRAILER.size))
        if magic != _MAGIC:
            return None
        start = size - _TRAILER.size - manifest_bytes - code_bytes
        if start < 0:
            raise ArgumentError(f"{path}: this program was cut; link it again")
        file.seek(start)
        code = file.read(code_bytes)
        facts: dict[str, Any] = json.loads(file.read(manifest_bytes))
    facts["constructors"] = Constructors(**facts["constructors"])
    return Image(code=code, **facts)
