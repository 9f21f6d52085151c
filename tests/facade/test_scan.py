# SPDX-License-Identifier: Apache-2.0
"""sscanf as kernels have it against the machine's: the same results, the same bytes stored, the same errno."""

from __future__ import annotations

import ctypes
import errno
import platform
import sys

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

sys.path.insert(0, __file__.rpartition("/")[0])
import _support_format as support

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's results are what is compared with")

_LIBC = ctypes.CDLL(None, use_errno=True)
_ROOM = 512
_MOST = 8


@pytest.fixture(scope="module", params=support.COMPILERS)
def scan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return support.library(request.param, support.HERE / "_scan_exports.c", tmp_path_factory.mktemp("scan"))


def outcome(function: object, text: bytes, fmt: bytes) -> tuple[int, bytes]:
    """What it returns, and what it stores where its arguments point."""
    room = ctypes.create_string_buffer(b"\xaa" * (_ROOM * _MOST), _ROOM * _MOST)
    places = [ctypes.c_void_p(ctypes.addressof(room) + _ROOM * index) for index in range(_MOST)]
    return int(function(text, fmt, *places)), room.raw  # type: ignore[operator]


def check(scan: ctypes.CDLL, text: bytes, fmt: bytes, *, with_errno: bool = False) -> None:
    # The %n at the end tells how much was taken where everything matched.
    ctypes.set_errno(0)
    theirs = outcome(_LIBC.__isoc99_sscanf, text, fmt)
    their_errno = ctypes.get_errno()
    ours = outcome(scan.t_sscanf, text, fmt)
    assert ours[0] == theirs[0], (text, fmt)
    for index in range(_MOST):
        part = slice(_ROOM * index, _ROOM * (index + 1))
        assert ours[1][part] == theirs[1][part], (text, fmt, index)
    if with_errno:
        assert scan.t_errno() == their_errno, (text, fmt)


NUMBERS = [
    b"0",
    b"-0",
    b"+0",
    b"12",
    b"-12",
    b"+12",
    b"012",
    b"08",
    b"0x1F",
    b"0X1f",
    b"0x",
    b"0xg",
    b"-0x10",
    b"+",
    b"-",
    b"+-1",
    b"2147483648",
    b"-2147483649",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-18446744073709551615",
    b"99999999999999999999",
    b"(nil)",
    b"(nix)",
    b"",
    b" ",
    b"  7",
    b"7 ",
    b"abc",
    b"1a",
    b"0b11",
    b"1,000",
    b"\t\n\v\f\r9",
]
REALS = [
    b"0",
    b"-0",
    b"1",
    b"-1.5",
    b".5",
    b"5.",
    b".",
    b"-.",
    b"1e5",
    b"1e",
    b"1e+",
    b"1e-",
    b"1e-5x",
    b"e5",
    b"1.5.2",
    b"00012.50",
    b"0x1p3",
    b"0x1.8p-3",
    b"0x",
    b"0x.",
    b"0x.8",
    b"0xp1",
    b"0x1p",
    b"0x1p+",
    b"-0x1.fffffffffffff8p1023",
    b"0x1.00000000000008p0",
    b"0x1.00000000000008000000000000000000001p0",
    b"inf",
    b"-INF",
    b"infinity",
    b"infinit",
    b"infx",
    b"in",
    b"nan",
    b"NaN",
    b"-nan",
    b"nan(12)",
    b"na",
    b"+",
    b"-",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"4.9406564584124654e-324",
    b"2.4703282292062327208e-324",
    b"2.4703282292062327209e-324",
    b"1.7976931348623158e308",
    b"1.7976931348623159e308",
    b"179769313486231580793e289",
    b"9007199254740993",
    b"9007199254740992.999999",
    b"0." + b"0" * 400 + b"1",
    b"1" + b"0" * 300,
    b"0.1",
    b"1e99999999999",
    b"1e-99999999999",
    b"0e99999999999",
    b"9" * 330,
    b"3.4028235677973366e38",
    b"1.17549435e-38",
    b"1e-46",
    b"16777217",
    b"  2.5",
    b"1" + b"0" * 20 + b".5e-20",
    b"0x" + b"f" * 40 + b"p-80",
    b"1_000",
]


@pytest.mark.parametrize("conv", [b"d", b"i", b"o", b"u", b"x", b"X", b"p"])
@pytest.mark.parametrize("width", [b"", b"1", b"2", b"3", b"5", b"19"])
def test_every_integer_is_what_glibc_makes_of_it(scan: ctypes.CDLL, conv: bytes, width: bytes) -> None:
    for length in (b"",) if conv == b"p" else (b"", b"hh", b"h", b"l", b"ll", b"j", b"z", b"t"):
        for text in NUMBERS:
            check(scan, text, b"%" + width + length + conv + b"%n", with_errno=True)
            check(scan, text + b"zz", b"%*" + width + length + conv + b"%n%c%n")


@pytest.mark.parametrize("conv", [b"f", b"lf", b"e", b"lg", b"a", b"lA"])
@pytest.mark.parametrize("width", [b"", b"1", b"2", b"3", b"4", b"7"])
def test_every_real_is_what_glibc_makes_of_it(scan: ctypes.CDLL, conv: bytes, width: bytes) -> None:
    for text in REALS:
        check(scan, text, b"%" + width + conv + b"%n")
        check(scan, text + b"zz", b"%*" + width + conv + b"%n%c%n")


def test_a_number_of_eight_hundred_digits_is_rounded_by_its_last_one(scan: ctypes.CDLL) -> None:
    # Half way between two doubles, and then a digit that no finite buffer may forget.
    half = b"1" + b".00000000000000011102230246251565404236316680908203125"
    for text in (half, half + b"0" * 200, half + b"0" * 900 + b"1", half + b"0" * 900, half[:-1] + b"4" + b"9" * 900):
        check(scan, text, b"%lf%n")


SETS = [
    b"%[abc]",
    b"%[^abc]",
    b"%[]abc]",
    b"%[^]abc]",
    b"%[a-c]",
    b"%[c-a]",
    b"%[-a]",
    b"%[a-]",
    b"%[^-a]",
    b"%[a-c-e]",
    b"%[%d]",
    b"%3[a-z]",
    b"%*[a-z]%n",
    b"%[a-z",
    b"%[",
    b"%[]",
    b"%[^]",
    b"%[\x80-\xff]",
    b"%[^\n]",
    b"%[0-9a-fA-F]",
    b"%[]-a]",
    b"%[+--]",
    b"%[a-zA-Z0-9_]",
]
TEXTS = [
    b"",
    b"abc",
    b"abcabc]x",
    b"]abc",
    b"-a-",
    b"xyz",
    b"%d",
    b"a%d]",
    b"\xe4\xf6",
    b"line\nnext",
    b"  abc",
    b"DEADbeef!",
    b"a-c",
    b"+,-.",
]


@pytest.mark.parametrize("fmt", SETS)
def test_every_set_takes_what_glibc_takes(scan: ctypes.CDLL, fmt: bytes) -> None:
    for text in TEXTS:
        check(scan, text, fmt)
        if fmt.endswith(b"]") and fmt not in (b"%[]", b"%[^]"):
            check(scan, text, fmt + b"%n%c")


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        (b"", b""),
        (b"", b" "),
        (b"", b"x"),
        (b"x", b""),
        (b"x", b"x"),
        (b"x", b"y"),
        (b" x", b"x"),
        (b" x", b" x"),
        (b"x ", b"x "),
        (b"a b", b"a b"),
        (b"ab", b"a b"),
        (b"a  \t b", b"a b%n"),
        (b"12 34", b"%d%d"),
        (b"12,34", b"%d,%d"),
        (b"12 ,34", b"%d,%d"),
        (b"12 ,34", b"%d ,%d"),
        (b"%", b"%%"),
        (b" %5", b"%%%d"),
        (b"5%", b"%d%%%n"),
        (b"hello world", b"%s%s%s"),
        (b"hello", b"%2s%s"),
        (b"hello", b"%*2s%s"),
        (b"hi", b"%c%c%c"),
        (b"hi", b"%5c"),
        (b" h", b"%c%c"),
        (b" h", b" %c%c"),
        (b"", b"%c"),
        (b"", b"%s"),
        (b"", b"%d"),
        (b" ", b"%d"),
        (b"", b"%n"),
        (b"", b"%[a]"),
        (b"abc", b"%n%s%n"),
        (b"1 2 3", b"%*d%d%*d"),
        (b"1:2", b"%d:%d:%d"),
        (b"1:x", b"%d:%d"),
        (b"1", b"%d %d"),
        (b"1 ", b"%d %d"),
        (b"x", b"%d"),
        (b"7x", b"%d%n%s"),
        (b"12345", b"%2d%2d%d"),
        (b"3.14abc", b"%f%s"),
        (b"0x1A", b"%i"),
        (b"1", b"%hhn%hn%ln%d"),
        (b"2026-11-22T10:00:00Z", b"%d-%d-%dT%d:%d:%d%c"),
        (b"key = value", b" %[^ =] = %s"),
        (b"a", b"%y"),
        (b"1", b"%"),
        (b"1 ", b"%d %"),
        (b"5", b"%0d"),
        (b"5", b"%'d"),
    ],
)
def test_a_format_ends_where_glibc_ends_it(scan: ctypes.CDLL, text: bytes, fmt: bytes) -> None:
    check(scan, text, fmt)


@pytest.mark.parametrize("fmt", [b"%Lf", b"%md", b"%ls", b"%lc", b"%l[a]", b"%C", b"%S", b"%1$d", b"%llf"])
def test_what_is_refused_says_so_and_stores_nothing(scan: ctypes.CDLL, fmt: bytes) -> None:
    result, stored = outcome(scan.t_sscanf, b"1 abc", fmt)
    assert (result, scan.t_errno()) == (-1, errno.EINVAL)
    assert stored == b"\xaa" * len(stored)
    result, _ = outcome(scan.t_sscanf, b"1 abc", b"%d" + fmt)
    assert (result, scan.t_errno()) == (1, errno.EINVAL)


_TEXT = st.lists(
    st.sampled_from(
        [
            b"1",
            b"0",
            b"9",
            b"x",
            b"X",
            b"-",
            b"+",
            b".",
            b"e",
            b"p",
            b"a",
            b"f",
            b"n",
            b"i",
            b" ",
            b"\n",
            b"%",
            b"]",
            b"z",
            b"0x",
            b"inf",
            b"nan",
        ]
    ),
    max_size=24,
).map(b"".join)
_CONVERSION = st.builds(
    lambda skip, width, rest: b"%" + skip + width + rest,
    st.sampled_from([b"", b"", b"", b"*"]),
    st.sampled_from([b"", b"", b"1", b"2", b"3", b"4", b"6", b"40"]),
    st.sampled_from(
        [
            b"d",
            b"i",
            b"o",
            b"u",
            b"x",
            b"p",
            b"f",
            b"lf",
            b"lg",
            b"a",
            b"s",
            b"c",
            b"[0-9]",
            b"[^0-9]",
            b"[a-z]",
            b"ld",
            b"hd",
            b"hhi",
            b"jx",
            b"zu",
        ]
    ),
)
_PIECE = st.one_of(_CONVERSION, st.sampled_from([b" ", b"x", b"-", b"%n", b"%%", b"1", b"  \n"]))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXT, pieces=st.lists(_PIECE, min_size=1, max_size=6))
@example(text=b"0x", pieces=[b"%3i", b"%n"])
@example(text=b"-0xz", pieces=[b"%4x", b"%s"])
def test_no_text_and_no_format_are_read_differently(scan: ctypes.CDLL, text: bytes, pieces: list[bytes]) -> None:
    fmt = b"".join(pieces)
    assume(fmt.count(b"%") - 2 * fmt.count(b"%%") <= _MOST - 1)
    check(scan, text, fmt + b"%n")
