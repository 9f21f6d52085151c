# SPDX-License-Identifier: Apache-2.0
"""What has to be known of object files: their names, defined and not, and the constructors of a shared object.

Reads 64-bit little-endian ELF, which is what compilers make for x86-64, for aarch64 and, as cubins, for NVIDIA GPUs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "EM_CUDA",
    "NO_CONSTRUCTORS",
    "Archive",
    "Constructors",
    "Symbol",
    "hide_constructors",
    "is_elf",
    "machine",
    "symbols",
]

EM_CUDA = 190

_DT_INIT, _DT_FINI = 12, 13
_DT_INIT_ARRAY, _DT_FINI_ARRAY, _DT_INIT_SIZE, _DT_FINI_SIZE = 25, 26, 27, 28
_DT_NOBODYS = 0x6000_0F00  # in the range for systems; no loader knows it
_SHT_SYMTAB, _SHT_DYNAMIC = 2, 6


@dataclass(frozen=True)
class Symbol:
    """A name in an object file."""

    name: str
    defined: bool
    weak: bool
    function: bool


@dataclass(frozen=True)
class Constructors:
    """Where a shared object keeps the addresses of what runs before and after ``main``: offset and count of each."""

    init: int = 0
    init_count: int = 0
    fini: int = 0
    fini_count: int = 0


NO_CONSTRUCTORS = Constructors()


@dataclass(frozen=True)
class _Section:
    name: str
    kind: int
    address: int
    offset: int
    size: int
    link: int
    entry: int


def is_elf(data: bytes) -> bool:
    """Whether these are the first bytes of a 64-bit ELF file."""
    return data[:6] == b"\x7fELF\x02\x01"


def machine(data: bytes) -> int:
    """For which machine an ELF file is, as a number of the ELF standard."""
    return int(struct.unpack_from("<H", data, 18)[0])


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode(errors="replace")


def _sections(data: bytes) -> list[_Section]:
    (table,) = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    if table == 0:
        return []
    rows = [struct.unpack_from("<IIQQQQIIQQ", data, table + index * size) for index in range(max(count, 1))]
    if count == 0:  # more sections than the header has room for
        rows = [struct.unpack_from("<IIQQQQIIQQ", data, table + index * size) for index in range(rows[0][5])]
    if names == 0xFFFF:
        names = rows[0][6]
    strings = rows[names][4] if names < len(rows) else 0
    return [
        _Section(_text(data, strings + row[0]) if strings else "", row[1], row[3], row[4], row[5], row[6], row[9])
        for row in rows
    ]


def symbols(data: bytes) -> Iterator[Symbol]:
    """Give the names that other object files see.

    Parameters
    ----------
    data : bytes
        An object file.
    """
    sections = _sections(data)
    for table in sections:
        if table.kind != _SHT_SYMTAB:
            continue
        strings = sections[table.link].offset
        for at in range(table.offset, table.offset + table.size, 24):
            name, info, _, section = struct.unpack_from("<IBBH", data, at)
            if info >> 4 == 0 or name == 0:
                continue
            yield Symbol(_text(data, strings + name), section != 0, info >> 4 == 2, info & 15 == 2)


def hide_constructors(data: bytes) -> tuple[bytes, Constructors]:
    """Keep the loader from running a shared object's constructors: they are for a lane to run.

    Parameters
    ----------
    data : bytes
        The shared object.

    Returns
    -------
    tuple of bytes and Constructors
        The object with these entries of its dynamic section renamed, and where they pointed.
    """
    image = bytearray(data)
    found: dict[int, int] = {}
    for section in _sections(data):
        if section.kind != _SHT_DYNAMIC:
            continue
        for at in range(section.offset, section.offset + section.size, 16):
            tag, value = struct.unpack_from("<QQ", image, at)
            if tag in (_DT_INIT, _DT_FINI, _DT_INIT_ARRAY, _DT_FINI_ARRAY, _DT_INIT_SIZE, _DT_FINI_SIZE):
                found[tag] = value
                struct.pack_into("<Q", image, at, _DT_NOBODYS + tag)
    return bytes(image), Constructors(
        found.get(_DT_INIT_ARRAY, 0),
        found.get(_DT_INIT_SIZE, 0) // 8,
        found.get(_DT_FINI_ARRAY, 0),
        found.get(_DT_FINI_SIZE, 0) // 8,
    )


class Archive:
    """The members of a static library, as ``ar`` writes it.

    Parameters
    ----------
    data : bytes
        The whole file.
    """

    MAGIC = b"!<arch>\n"

    def __init__(self, data: bytes) -> None:
        self.members: list[tuple[str, bytes]] = []
        names = b""
        at = len(self.MAGIC)
        while at + 60 <= len(data):
            name = data[at : at + 16].decode(errors="replace").rstrip()
            size = int(data[at + 48 : at + 58])
            body = data[at + 60 : at + 60 + size]
            if name == "//":
                names = body
            elif name.startswith("/") and name[1:].isdigit():
                start = int(name[1:])
                self.members.append((names[start : names.index(b"\n", start)].decode().rstrip("/"), body))
            elif name not in ("/", "/SYM64/"):
                self.members.append((name.rstrip("/"), body))
            at += 60 + size + size % 2
