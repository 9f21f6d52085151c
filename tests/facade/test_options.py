# SPDX-License-Identifier: Apache-2.0
"""getopt, names of files, patterns and versions of the device against the machine's libc."""

from __future__ import annotations

import contextlib
import ctypes
import locale
import os
import sys
from ctypes import POINTER, c_char_p, c_int, c_void_p
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import _support_format as support
import _support_library as both

FNM_FLAGS = st.sampled_from([0, 1, 2, 4, 5, 8, 16, 1 | 4 | 8])
texts = st.text(st.sampled_from("ab.c/-]A\\"), max_size=8).map(str.encode)
patterns = st.lists(
    st.sampled_from(
        ["a", "b", "*", "?", "/", ".", "[ab]", "[!a]", "[a-c]", "[]a]", "\\*", "[[:upper:]]", "[b", "A", "**"]
    ),
    max_size=6,
).map(lambda parts: "".join(parts).encode())


@pytest.fixture(scope="module", params=support.COMPILERS)
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return both.library(request.param, tmp_path_factory.mktemp("library"), {})


@given(pattern=patterns, text=texts, flags=FNM_FLAGS)
@settings(max_examples=300)
def test_fnmatch_matches_what_the_machine_matches(device: ctypes.CDLL, pattern: bytes, text: bytes, flags: int) -> None:
    results = [which.fnmatch(pattern, text, flags) for which in (device, both.HOST)]
    assert results[0] == results[1], (pattern, text, flags)


@given(path=st.text(st.sampled_from("/a."), max_size=8).map(str.encode))
@settings(max_examples=150)
def test_the_parts_of_a_path(device: ctypes.CDLL, path: bytes) -> None:
    for name in ("dirname", "__xpg_basename"):
        results = []
        for which in (device, both.HOST):
            block = ctypes.create_string_buffer(path)
            results.append(both.typed(which, name, c_char_p, c_void_p)(ctypes.addressof(block)))
        assert results[0] == results[1], (name, path)


versions = st.text(st.sampled_from("0019ab."), max_size=6).map(str.encode)


@given(one=versions, two=versions, same=versions)
@settings(max_examples=300)
def test_versions_order_as_glibc_orders_them(device: ctypes.CDLL, one: bytes, two: bytes, same: bytes) -> None:
    results = [which.strverscmp(same + one, same + two) for which in (device, both.HOST)]
    assert [(r > 0) - (r < 0) for r in results[:1]] == [(r > 0) - (r < 0) for r in results[1:]]


class Option(ctypes.Structure):
    """struct option."""

    _fields_ = [("name", c_char_p), ("has_arg", c_int), ("flag", c_void_p), ("val", c_int)]


LONGS = (Option * 6)(
    Option(b"alpha", 0, None, 1), Option(b"alpine", 1, None, 2), Option(b"beta", 2, None, 3), Option(b"be", 0, None, 4),
    Option(b"gamma", 1, None, 5),
)  # fmt: skip
words = st.sampled_from(
    "-a -b -bx -c -cx -ab -abc -z - -- x y --alpha --alp --alpi=3 --alpine --beta --beta=1 --be --gam --gamma="
    " --nothing --alpha=1 -gamma -W -Wbeta".split()
)


@contextlib.contextmanager
def deaf() -> Any:
    """Standard error goes nowhere: the messages are not looked at here."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def parse(which: ctypes.CDLL, arguments: list[str], short: bytes, kind: int) -> tuple[Any, ...]:
    """All that a program sees while it parses its arguments."""
    argv = (c_char_p * (len(arguments) + 2))(b"prog", *(word.encode() for word in arguments), None)
    optind, optopt = c_int.in_dll(which, "optind"), c_int.in_dll(which, "optopt")
    optarg, index = c_char_p.in_dll(which, "optarg"), c_int(-1)
    c_int.in_dll(which, "opterr").value = 0
    optind.value = 0
    seen = []
    for _ in range(40):
        optopt.value = 0
        if kind == 0:
            result = which.getopt(len(arguments) + 1, argv, short)
        else:
            call = which.getopt_long if kind == 1 else which.getopt_long_only
            call.argtypes = [c_int, c_void_p, c_char_p, c_void_p, POINTER(c_int)]
            result = call(
                len(arguments) + 1, ctypes.addressof(argv), short, ctypes.addressof(LONGS), ctypes.byref(index)
            )
        if result == -1:
            break
        seen.append(
            (result, optarg.value, optind.value, optopt.value if result in (ord("?"), ord(":")) else 0, index.value)
        )
    return seen, optind.value, list(argv)


@given(
    arguments=st.lists(words, max_size=7),
    short=st.sampled_from([b"ab:c::", b"+ab:c", b"-ab:c::", b":ab:", b"", b"abW;c"]),
    kind=st.integers(0, 2),
)
@settings(max_examples=300)
def test_getopt_sees_the_options_that_glibc_sees(
    device: ctypes.CDLL, arguments: list[str], short: bytes, kind: int
) -> None:
    with deaf():
        assert parse(device, arguments, short, kind) == parse(both.HOST, arguments, short, kind)


@given(text=st.binary(max_size=12).map(lambda b: b.replace(b"\0", b"x")), room=st.integers(0, 14))
def test_bytes_become_wide_characters_and_back(device: ctypes.CDLL, text: bytes, room: int) -> None:
    results = []
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    for which in (device, both.HOST):
        wide, back = (ctypes.c_int * 16)(), ctypes.create_string_buffer(16)
        n = both.typed(which, "mbstowcs", ctypes.c_ssize_t, c_void_p, c_char_p, ctypes.c_size_t)(wide, text, room)
        m = both.typed(which, "wcstombs", ctypes.c_ssize_t, c_void_p, c_void_p, ctypes.c_size_t)(back, wide, 16)
        results.append((n, list(wide) if n >= 0 else None, m if n >= 0 else None, back.raw if n >= 0 else None))
    locale.setlocale(locale.LC_CTYPE, before)
    assert results[0] == results[1]
