# SPDX-License-Identifier: Apache-2.0
"""time.h of the device against the machine's: the calendar, zones by POSIX rules, strftime and strptime."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
import time
from collections.abc import Iterator
from ctypes import c_char_p, c_int, c_long, c_size_t, c_void_p
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import _support_format as support
import _support_library as both

from hostcall.zone import zone_entries, zone_rule

FIELDS = ("tm_sec", "tm_min", "tm_hour", "tm_mday", "tm_mon", "tm_year", "tm_wday", "tm_yday", "tm_isdst")


class Tm(ctypes.Structure):
    """struct tm of 64-bit Linux."""

    _fields_ = [*((name, c_int) for name in FIELDS), ("tm_gmtoff", c_long), ("tm_zone", c_char_p)]

    def fields(self) -> tuple[Any, ...]:
        """All of it."""
        return (*(getattr(self, name) for name in FIELDS), self.tm_gmtoff, self.tm_zone)


# The last one is east of Greenwich with a name in < >; southern summers end early in the year.
ZONES = [
    "UTC0",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "EST5EDT,M3.2.0,M11.1.0",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
    "IST-1GMT0,M10.5.0,M3.5.0/1",
    "AAA3:30:15BBB,J60/1:02:03,J300",
    "AAA-2BBB,59,300/26",
    "<+0545>-5:45",
]
seconds = st.integers(-(2**40), 2**40) | st.integers(0, 2**32) | st.sampled_from([0, -1, 951782400, 4107542400])


@pytest.fixture(scope="module", params=support.COMPILERS)
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return both.library(request.param, tmp_path_factory.mktemp("library"), {"=TZ": "CET-1CEST,M3.5.0,M10.5.0/3"})


@contextlib.contextmanager
def zone(device: ctypes.CDLL, text: str) -> Iterator[None]:
    """Both libraries in one zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = text
    time.tzset()
    both.typed(device, "setenv", c_int, c_char_p, c_char_p, c_int)(b"TZ", text.encode(), 1)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
        both.typed(device, "unsetenv", c_int, c_char_p)(b"TZ")


def break_down(which: ctypes.CDLL, name: str, when: int) -> Tm | None:
    """Call gmtime_r or localtime_r."""
    broken, at = Tm(), c_long(when)
    function = both.typed(which, name, c_void_p, c_void_p, c_void_p)
    return broken if function(ctypes.addressof(at), ctypes.addressof(broken)) else None


def put_together(which: ctypes.CDLL, name: str, broken: Tm) -> tuple[int, tuple[Any, ...]]:
    """Call mktime or timegm on a copy."""
    copy = Tm.from_buffer_copy(broken)
    result = both.typed(which, name, c_long, c_void_p)(ctypes.addressof(copy))
    return int(result), copy.fields()


def text_of(which: ctypes.CDLL, form: bytes, broken: Tm, size: int = 256) -> tuple[int, bytes]:
    """Call strftime."""
    to = ctypes.create_string_buffer(size)
    function = both.typed(which, "strftime", c_size_t, c_void_p, c_size_t, c_char_p, c_void_p)
    n = int(function(ctypes.addressof(to), size, form, ctypes.addressof(broken)))
    return n, to.raw[:n]


# ------------------------------------------------------------------------------------------------------------- calendar
@given(when=seconds | st.integers(-(2**55), 2**55))
@example(when=-62135596800)
@example(when=67768036191676799)
@example(when=-67768040609740800)
def test_gmtime_takes_apart_what_timegm_puts_together(device: ctypes.CDLL, when: int) -> None:
    mine, theirs = break_down(device, "gmtime_r", when), break_down(both.HOST, "gmtime_r", when)
    assert mine is not None
    assert theirs is not None
    assert mine.fields() == theirs.fields()
    assert put_together(device, "timegm", mine)[0] == when


@pytest.mark.parametrize("when", [67768036191676800, -67768040609740801, 2**63 - 1, -(2**63)])
def test_a_year_that_is_no_int_overflows(device: ctypes.CDLL, when: int) -> None:
    device.__errno_location()[0] = 0
    assert break_down(both.HOST, "gmtime_r", when) is None
    assert break_down(device, "gmtime_r", when) is None
    assert device.__errno_location()[0] == errno.EOVERFLOW


ints = st.integers(-(2**31), 2**31 - 1) | st.integers(-100, 100)


@given(fields=st.tuples(ints, ints, ints, ints, ints, st.integers(-(2**30), 2**30) | st.integers(-300, 300)))
def test_fields_out_of_range_are_carried(device: ctypes.CDLL, fields: tuple[int, ...]) -> None:
    broken = Tm(**dict(zip(FIELDS, fields, strict=False)))
    assert put_together(device, "timegm", broken) == put_together(both.HOST, "timegm", broken)


# ---------------------------------------------------------------------------------------------------------------- zones
@pytest.mark.parametrize("name", ZONES)
@given(when=seconds)
@settings(max_examples=25)
def test_local_time_by_the_rule(device: ctypes.CDLL, name: str, when: int) -> None:
    with zone(device, name):
        mine, theirs = break_down(device, "localtime_r", when), break_down(both.HOST, "localtime_r", when)
        assert mine is not None
        assert theirs is not None
        assert mine.fields() == theirs.fields()
        # Twice a year two times have the same reading; tm_isdst tells them apart.
        assert put_together(device, "mktime", mine)[0] == when


@pytest.mark.parametrize("name", ZONES)
@given(year=st.integers(1971, 2037), change=st.integers(0, 1), offset=st.integers(-7300, 7300))
@settings(max_examples=15)
def test_the_seconds_around_a_change(device: ctypes.CDLL, name: str, year: int, change: int, offset: int) -> None:
    with zone(device, name):
        low = put_together(both.HOST, "timegm", Tm(tm_year=year - 1900, tm_mday=1, tm_mon=6 * change))[0]
        high = low + 184 * 86400
        at = break_down(both.HOST, "localtime_r", low)
        assert at is not None
        while high - low > 1:
            middle = (low + high) // 2
            there = break_down(both.HOST, "localtime_r", middle)
            assert there is not None
            low, high = (middle, high) if there.tm_isdst == at.tm_isdst else (low, middle)
        mine, theirs = (
            break_down(device, "localtime_r", high + offset),
            break_down(both.HOST, "localtime_r", high + offset),
        )
        assert mine is not None
        assert theirs is not None
        assert mine.fields() == theirs.fields()


@pytest.mark.parametrize("name", ZONES)
@given(
    fields=st.tuples(*(st.integers(-100, 100) for _ in range(5)), st.integers(80, 130)),
    summer=st.sampled_from([0, 1, -1]),
)
@settings(max_examples=40)
def test_mktime_reads_local_time(device: ctypes.CDLL, name: str, fields: tuple[int, ...], summer: int) -> None:
    broken = Tm(**dict(zip(FIELDS, fields, strict=False)), tm_isdst=summer)
    with zone(device, name):
        if summer < 0:  # a reading that comes twice or never may be told either way
            readings = [
                put_together(both.HOST, "mktime", Tm(**dict(zip(FIELDS, fields, strict=False)), tm_isdst=i))
                for i in (0, 1)
            ]
            assume(sum(fields_after[8] == i for i, (_, fields_after) in enumerate(readings)) == 1)
        assert put_together(device, "mktime", broken) == put_together(both.HOST, "mktime", broken)


@pytest.mark.parametrize(
    "text", ["", "garbage", "Foo/Bar", "AB3", "X", "CET-1CEST,", "CET-1CEST,M13.1.0,M1.1.0", "+3", "<ab>3"]
)
def test_what_is_no_rule_means_what_glibc_takes_it_for(device: ctypes.CDLL, text: str) -> None:
    with zone(device, text):
        for when in (0, 1_700_000_000, 1_720_000_000):
            mine, theirs = break_down(device, "localtime_r", when), break_down(both.HOST, "localtime_r", when)
            assert mine is not None
            assert theirs is not None
            assert mine.fields()[:10] == theirs.fields()[:10]


def test_tzset_tells_names_and_offsets(device: ctypes.CDLL) -> None:
    for name in ZONES:
        with zone(device, name):
            seen = []
            for which in (device, both.HOST):
                which.tzset()
                names = (c_char_p * 2).in_dll(which, "tzname")
                seen.append(
                    (*names, c_int.in_dll(which, "daylight").value != 0, c_long.in_dll(which, "timezone").value)
                )
            assert seen[0] == seen[1], name


def test_without_tz_the_hosts_zone_counts(device: ctypes.CDLL) -> None:
    summer = break_down(device, "localtime_r", 1_720_000_000)
    assert summer is not None
    assert (summer.tm_gmtoff, summer.tm_zone, summer.tm_isdst) == (7200, b"CEST", 1)


def test_zones_by_name_are_told_as_rules(tmp_path: Path) -> None:
    file = tmp_path / "zone"
    file.write_bytes(b"TZif2" + bytes(39) + b"TZif2" + bytes(39) + b"\nCET-1CEST,M3.5.0,M10.5.0/3\n")
    assert zone_rule(str(file)) == "CET-1CEST,M3.5.0,M10.5.0/3"
    assert zone_entries({"TZ": f":{file}"}) == [
        ("=TZ", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("=TZNAME", str(file)),
        ("=TZRULE", "CET-1CEST,M3.5.0,M10.5.0/3"),
    ]
    assert zone_entries({"TZ": "EST5"}) == [("=TZ", "EST5")]
    assert zone_entries({"TZ": ""}) == [("=TZ", "UTC0")]
    for wrong in ("../../etc/passwd", "No/Such", "", str(tmp_path)):
        assert zone_rule(wrong) is None
    file.write_bytes(b"TZif" + bytes(40))
    assert zone_rule(str(file)) is None


def test_a_named_zone_is_found_beside_the_environment(tmp_path: Path) -> None:
    environ = {"TZ": "Europe/Nowhere", "=TZNAME": "Europe/Nowhere", "=TZRULE": "AAA-3"}
    library = both.library(support.COMPILERS[0], tmp_path, environ)
    found = break_down(library, "localtime_r", 0)
    assert found is not None
    assert (found.tm_hour, found.tm_zone) == (3, b"AAA")


# ----------------------------------------------------------------------------------------------------------------- text
CONVERSIONS = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%"


@given(
    when=st.integers(-(2**34), 2**38),
    parts=st.lists(
        st.tuples(
            st.sampled_from(["", "_", "-", "0", "^", "#", "^_", "-#"]),
            st.sampled_from(["", "", "", "1", "3", "5", "12"]),
            st.sampled_from(["", "", "", "E", "O"]),
            st.sampled_from(CONVERSIONS),
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=200)
def test_strftime_writes_what_the_machine_writes(device: ctypes.CDLL, when: int, parts: list[tuple[str, ...]]) -> None:
    # glibc refuses E and O in front of conversions that have no alternative; what it writes then is no format at all.
    allowed = {"E": "cCxXyY", "O": "deHIkmMSuUVwWy", "": CONVERSIONS}
    # A width of %z pads sign and digits apart in some versions of glibc.
    form = "|".join(
        f"%{flags}{width if c != 'z' else ''}{e if c in allowed[e] else ''}{c}" for flags, width, e, c in parts
    ).encode()
    with zone(device, "CET-1CEST,M3.5.0,M10.5.0/3"):
        broken = break_down(both.HOST, "localtime_r", when)
        assert broken is not None
        assert text_of(device, form, broken) == text_of(both.HOST, form, broken), form


@pytest.mark.parametrize("size", [0, 1, 4, 5, 6])
def test_strftime_says_0_when_it_does_not_fit(device: ctypes.CDLL, size: int) -> None:
    broken = Tm(tm_mday=1, tm_hour=12, tm_min=34)
    to = [ctypes.create_string_buffer(b"\xa5" * 8, 8) for _ in range(2)]
    seen = []
    for which, block in zip((device, both.HOST), to, strict=True):
        function = both.typed(which, "strftime", c_size_t, c_void_p, c_size_t, c_char_p, c_void_p)
        seen.append(function(ctypes.addressof(block), size, b"%H:%M", ctypes.addressof(broken)))
    assert seen[0] == seen[1]
    assert to[0].raw[max(size, 0) :] == b"\xa5" * (8 - size)


@given(year=st.integers(-(2**31), 2**31 - 1901))
def test_years_of_any_size(device: ctypes.CDLL, year: int) -> None:
    broken = Tm(tm_year=year, tm_mday=1)
    for form in (b"%Y", b"%C", b"%y", b"%F"):
        assert text_of(device, form, broken) == text_of(both.HOST, form, broken), form


@given(when=st.integers(-62135596800, 253402300799))
def test_asctime_and_ctime(device: ctypes.CDLL, when: int) -> None:
    with zone(device, "EST5EDT,M3.2.0,M11.1.0"):
        for name, argument in (("asctime", break_down(both.HOST, "gmtime_r", when)), ("ctime", c_long(when))):
            assert argument is not None
            texts = [
                both.typed(which, name, c_char_p, c_void_p)(ctypes.addressof(argument)) for which in (device, both.HOST)
            ]
            assert texts[0] == texts[1]


FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%d %b %y %I:%M %p",
    "%A, %e %B %Y",
    "%j %Y",
    "%C%y-%m-%d",
    "%D %T",
    "%c",
    "%F %R",
    "%U %w %Y",
    "%W %u %Y",
]


@given(
    when=st.integers(0, 4102444799),
    form=st.sampled_from(FORMATS),
    damage=st.integers(-1, 30),
    letter=st.sampled_from(b"x9 -:"),
)
@settings(max_examples=100)
def test_strptime_reads_what_strftime_wrote(
    device: ctypes.CDLL, when: int, form: str, damage: int, letter: int
) -> None:
    broken = break_down(both.HOST, "gmtime_r", when)
    assert broken is not None
    text = bytearray(text_of(both.HOST, form.encode(), broken)[1])
    if 0 <= damage < len(text):
        text[damage] = letter
    seen = []
    for which in (device, both.HOST):
        found = Tm(tm_mday=1, tm_year=70)
        block = ctypes.create_string_buffer(bytes(text))
        function = both.typed(which, "strptime", c_void_p, c_void_p, c_char_p, c_void_p)
        end = function(ctypes.addressof(block), form.encode(), ctypes.addressof(found))
        seen.append((end - ctypes.addressof(block), found.fields()[:8]) if end else None)
    assert seen[0] == seen[1], (bytes(text), form)
