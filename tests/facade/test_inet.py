# SPDX-License-Identifier: Apache-2.0
"""Internet addresses as text: what the machine's own functions take, give and refuse."""

from __future__ import annotations

import ctypes
import errno
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

HERE = Path(__file__).parent
INCLUDE = HERE.parents[1] / "libc_facade" / "include"
FAMILIES = {4: socket.AF_INET, 16: socket.AF_INET6}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ctypes.CDLL]:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler is installed")
    library = tmp_path_factory.mktemp("inet") / "inet.so"
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-nostdinc", "-I", str(INCLUDE)]
    source = str(HERE / "_inet_exports.c")
    subprocess.run([compiler, *flags, source, "-o", str(library)], check=True, timeout=120)
    loaded = ctypes.CDLL(str(library))
    loaded.t_inet_ntop.restype = ctypes.c_char_p
    loaded.t_inet_ntoa.restype = ctypes.c_char_p
    loaded.t_inet_addr.restype = ctypes.c_uint
    loaded.t_swap.restype = ctypes.c_uint
    return loaded


def error(ours: ctypes.CDLL) -> int:
    """Give the errno that was set, and forget it."""
    place = ctypes.c_int.in_dll(ours, "t_error")
    code, place.value = place.value, 0
    return code


numbers = st.integers(0, 300).map(str) | st.sampled_from(
    ["0", "00", "01", "0x7f", "0X1", "0x", "08", "4294967295", "65536", "256", "-1", "+1", ""]
)
dotted = st.lists(numbers, min_size=1, max_size=5).map(".".join)
groups = st.integers(0, 0xFFFF).map(lambda v: f"{v:x}") | st.sampled_from(
    ["0", "0000", "00001", "FFFF", "g", "", ":", "::"]
)
colons = st.lists(groups, min_size=1, max_size=9).map(":".join)
mixed = st.tuples(colons, st.sampled_from([":", "::", ""]), dotted).map("".join)
addresses = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)
texts = st.one_of(dotted, colons, mixed, addresses, st.text("0123456789abfgx.: \t\n-", max_size=24))
ends = st.sampled_from(["", " ", "\n", "x", ".", ":", " 1", "%1"])


@given(st.tuples(texts, ends).map("".join))
@example("::")
@example("1:2:3:4:5:6:7::")
@example("::2:3:4:5:6:7:8")
@example("1::2:3:4:5:6:7:8")
@example("1:2:3:4:5:6:1.2.3.4")
@example("1:2:3:4:5:6:7:1.2.3.4")
@example("::ffff:1.2.3.04")
def test_a_text_is_another_address_than_the_machines(ours: ctypes.CDLL, text: str) -> None:
    for size, family in FAMILIES.items():
        got = ctypes.create_string_buffer(size)
        taken = ours.t_inet_pton(family, text.encode(), got)
        try:
            expected = socket.inet_pton(family, text)
        except OSError:
            assert taken == 0
        else:
            assert taken == 1 and got.raw == expected


@given(st.tuples(dotted | texts, ends).map("".join))
@example("0x7f.1")
@example("0x")
@example("1.0xffffff")
@example("1.0x1000000")
@example("4294967295")
@example("4294967296")
@example("1.2.3.4 anything")
def test_an_old_notation_is_read_differently(ours: ctypes.CDLL, text: str) -> None:
    got = ctypes.create_string_buffer(4)
    taken = ours.t_inet_aton(text.encode(), got)
    try:
        expected = socket.inet_aton(text)
    except OSError:
        assert taken == 0
        assert ours.t_inet_addr(text.encode()) == 0xFFFFFFFF
    else:
        assert taken == 1 and got.raw == expected
        assert ours.t_inet_addr(text.encode()) == int.from_bytes(expected, "little")


sparse = st.lists(st.sampled_from([0, 0, 0, 1, 255, 0xFF, 16]), min_size=16, max_size=16).map(bytes)


@given(sparse | st.binary(min_size=16, max_size=16) | st.binary(min_size=4, max_size=4))
@example(bytes(16))
@example(bytes(15) + b"\1")
@example(bytes(12) + b"\1\2\3\4")
@example(bytes(12) + b"\0\1\0\0")
@example(bytes(10) + b"\xff\xff\1\2\3\4")
@example(bytes(10) + b"\xff\xfe\1\2\3\4")
@example(b"\0\1" * 8)
@example(b"\0\1" + bytes(4) + b"\0\1" + bytes(4) + b"\0\1\0\1")
def test_an_address_is_written_differently(ours: ctypes.CDLL, address: bytes) -> None:
    family = FAMILIES[len(address)]
    room = ctypes.create_string_buffer(46)
    expected = socket.inet_ntop(family, address)
    assert ours.t_inet_ntop(family, address, room, 46) == expected.encode()
    assert ours.t_inet_ntop(family, address, room, len(expected) + 1) == expected.encode()
    assert ours.t_inet_ntop(family, address, room, len(expected)) is None
    assert error(ours) == errno.ENOSPC
    if family == socket.AF_INET:
        assert ours.t_inet_ntoa(int.from_bytes(address, "little")) == expected.encode()


def test_a_family_without_texts_is_taken_for_another(ours: ctypes.CDLL) -> None:
    room = ctypes.create_string_buffer(46)
    assert ours.t_inet_pton(77, b"1.2.3.4", room) == -1
    assert error(ours) == errno.EAFNOSUPPORT
    assert ours.t_inet_ntop(77, room, room, 46) is None
    assert error(ours) == errno.EAFNOSUPPORT


@given(st.integers(0, 0xFFFFFFFF))
def test_bytes_are_swapped_wrongly(ours: ctypes.CDLL, value: int) -> None:
    assert ours.t_swap(value) == (socket.htonl(value) + socket.htons(value & 0xFFFF)) & 0xFFFFFFFF
