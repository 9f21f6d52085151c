# SPDX-License-Identifier: Apache-2.0
"""string.h, strings.h and ctype.h of the device against Python's own idea of strings, and in every address space."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import _support_format as support

Calls = Callable[..., Any]
_SIZES = {"strlen", "strnlen", "strspn", "strcspn", "strlcpy", "strlcat", "strxfrm"}
_VOID_POINTERS = {"memcpy", "mempcpy", "memmove", "memccpy", "memset", "memchr", "memrchr", "memmem"}
_VOID_POINTERS |= {"strcpy", "stpcpy", "strncpy", "stpncpy", "strcat", "strncat", "strchr", "strchrnul", "strrchr"}
_VOID_POINTERS |= {"index", "rindex", "strstr", "strcasestr", "strpbrk", "strtok_r", "strsep"}


class Device:
    """The compiled functions, with integers for addresses and sizes."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Calls:
        function = getattr(self._library, f"t_{name}")
        if name in _SIZES or name == "member":
            function.restype = ctypes.c_size_t
        elif name in _VOID_POINTERS:
            function.restype = ctypes.c_void_p
        elif name == "strerror":
            function.restype = ctypes.c_char_p

        def call(*arguments: object) -> object:
            sized = [ctypes.c_size_t(a) if type(a) is int and a >= 1 << 31 else a for a in arguments]
            return function(*sized)

        return call


@pytest.fixture(scope="module", params=support.COMPILERS)
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Device:
    source = support.HERE / "_string_exports.c"
    return Device(support.library(request.param, source, tmp_path_factory.mktemp("string")))


class Memory:
    """A block with its address, and a rim on both sides that nobody may write to."""

    RIM = 16

    def __init__(self, content: bytes, room: int = 0, shift: int = 0) -> None:
        # `shift` moves the content off the 8-byte boundary: aligned and misaligned blocks take different paths.
        self._raw = (ctypes.c_uint64 * ((len(content) + room + 2 * self.RIM + shift) // 8 + 2))()
        self._bytes = (ctypes.c_char * ctypes.sizeof(self._raw)).from_buffer(self._raw)
        self._start = self.RIM + shift
        self._size = len(content) + room
        before = b"\xa5" * self._start + content
        self._bytes.raw = before.ljust(ctypes.sizeof(self._raw), b"\xa5")
        self.address = ctypes.addressof(self._raw) + self._start

    @property
    def content(self) -> bytes:
        raw = self._bytes.raw
        end = self._start + self._size
        assert set(raw[: self._start]) | set(raw[end:]) <= {0xA5}, "wrote outside of its block"
        return raw[self._start : end]

    def at(self, offset: int) -> int:
        return self.address + offset


def where(result: int | None, memory: Memory) -> int:
    """Offset of a returned pointer, as bytes.find tells it."""
    return -1 if result is None else result - memory.address


def sign(value: int) -> int:
    return (value > 0) - (value < 0)


blocks = st.binary(max_size=80)
shifts = st.integers(0, 7)
# Few letters, so that searches find something; both halves of the byte, because char is signed.
texts = st.lists(st.sampled_from([*b"abcAB,. ", 0xC3, 0xFF]), max_size=40).map(bytes)


@given(content=blocks, a=shifts, b=shifts)
def test_copies_and_fills_stay_inside_their_block(device: Device, content: bytes, a: int, b: int) -> None:
    n = len(content)
    for name in ("memcpy", "memmove", "mempcpy", "bcopy"):
        source, target = Memory(content, shift=a), Memory(b"", n, shift=b)
        pair = (source.address, target.address) if name == "bcopy" else (target.address, source.address)
        result = getattr(device, name)(*pair, n)
        assert (target.content, source.content) == (content, content), name
        if name != "bcopy":
            assert where(result, target) == (n if name == "mempcpy" else 0)
    for name, args, value in (("memset", (0x1C3,), 0xC3), ("bzero", (), 0), ("explicit_bzero", (), 0)):
        target = Memory(b"", n, shift=b)
        getattr(device, name)(target.address, *args, n)
        assert target.content == bytes([value]) * n, name


@given(content=blocks.filter(bool), data=st.data())
def test_memmove_overlapping_does_not_read_what_it_wrote(device: Device, content: bytes, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(content)))
    source = data.draw(st.integers(0, len(content) - n))
    target = data.draw(st.integers(0, len(content) - n))
    memory = Memory(content, shift=data.draw(shifts))
    device.memmove(memory.at(target), memory.at(source), n)
    expected = bytearray(content)
    expected[target : target + n] = content[source : source + n]
    assert memory.content == bytes(expected)


@given(one=blocks, two=blocks, same=st.integers(0, 40), a=shifts, b=shifts)
def test_comparisons_order_by_unsigned_bytes(device: Device, one: bytes, two: bytes, same: int, a: int, b: int) -> None:
    one, two = b"q" * same + one, b"q" * same + two
    n = min(len(one), len(two))
    x, y = Memory(one, shift=a), Memory(two, shift=b)
    expected = (one[:n] > two[:n]) - (one[:n] < two[:n])
    assert sign(device.memcmp(x.address, y.address, n)) == expected
    assert bool(device.bcmp(x.address, y.address, n)) == bool(expected)


@given(one=texts, two=texts, same=texts, n=st.integers(0, 50))
@example(one=b"", two=b"\xff", same=b"", n=50)
def test_strings_compare_as_c_has_it(device: Device, one: bytes, two: bytes, same: bytes, n: int) -> None:
    one, two = same + one, same + two
    assert sign(device.strcmp(one, two)) == sign((one > two) - (one < two))
    assert sign(device.strcoll(one, two)) == sign((one > two) - (one < two))
    assert sign(device.strncmp(one, two, n)) == sign((one[:n] > two[:n]) - (one[:n] < two[:n]))
    low, high = one.lower(), two.lower()  # bytes.lower() touches ASCII only
    assert sign(device.strcasecmp(one, two)) == sign((low > high) - (low < high))
    assert sign(device.strncasecmp(one, two, n)) == sign((low[:n] > high[:n]) - (low[:n] < high[:n]))


@given(content=blocks, needle=st.binary(max_size=3), c=st.integers(0, 255))
def test_memory_searches_find_what_bytes_find(device: Device, content: bytes, needle: bytes, c: int) -> None:
    memory, n = Memory(content), len(content)
    assert where(device.memchr(memory.address, c | 0x300, n), memory) == content.find(bytes([c]))
    assert where(device.memrchr(memory.address, c, n), memory) == content.rfind(bytes([c]))
    assert where(device.memmem(memory.address, n, needle, len(needle)), memory) == content.find(needle)
    target = Memory(b"", n)
    end = content.find(bytes([c]))
    stop = device.memccpy(target.address, memory.address, c, n)
    assert where(stop, target) == (end + 1 if end >= 0 else -1)
    copied = end + 1 if end >= 0 else n
    assert target.content == content[:copied] + b"\xa5" * (n - copied)


@given(text=texts, needle=texts, c=st.sampled_from([*b"aB,", 0xFF, 0]))
@example(text=b"aaab", needle=b"aab", c=0)
def test_string_searches_find_what_bytes_find(device: Device, text: bytes, needle: bytes, c: int) -> None:
    memory = Memory(text + b"\0")
    whole = text + b"\0"
    needle = needle[:3]
    assert device.strlen(memory.address) == len(text)
    assert device.strnlen(memory.address, 7) == min(7, len(text))
    for name in ("strchr", "index"):
        assert where(getattr(device, name)(memory.address, c), memory) == whole.find(bytes([c]))
    for name in ("strrchr", "rindex"):
        assert where(getattr(device, name)(memory.address, c), memory) == whole.rfind(bytes([c]))
    found = text.find(bytes([c])) if c else -1
    assert where(device.strchrnul(memory.address, c), memory) == (found if found >= 0 else len(text))
    assert where(device.strstr(memory.address, needle), memory) == text.find(needle)
    assert where(device.strcasestr(memory.address, needle), memory) == text.lower().find(needle.lower())
    span = next((i for i, x in enumerate(text) if x not in needle), len(text))
    stop = next((i for i, x in enumerate(text) if x in needle), len(text))
    assert device.strspn(memory.address, needle) == span
    assert device.strcspn(memory.address, needle) == stop
    assert where(device.strpbrk(memory.address, needle), memory) == (stop if stop < len(text) else -1)


def test_strnlen_does_not_look_past_its_limit(device: Device) -> None:
    assert device.strnlen(Memory(b"abcdefgh").address, 8) == 8


@given(text=texts, before=texts, n=st.integers(0, 50))
def test_string_copies_end_where_they_should(device: Device, text: bytes, before: bytes, n: int) -> None:
    for name, end in (("strcpy", 0), ("stpcpy", len(text))):
        target = Memory(b"", len(text) + 1)
        assert where(getattr(device, name)(target.address, text), target) == end
        assert target.content == text + b"\0"
    for name, end in (("strncpy", 0), ("stpncpy", min(n, len(text)))):
        target = Memory(b"", n)
        assert where(getattr(device, name)(target.address, text, n), target) == end
        assert target.content == text[:n].ljust(n, b"\0")
    target = Memory(before + b"\0", len(text))
    assert where(device.strcat(target.address, text), target) == 0
    assert target.content == before + text + b"\0"
    target = Memory(before + b"\0", min(n, len(text)))
    assert where(device.strncat(target.address, text, n), target) == 0
    assert target.content == before + text[:n] + b"\0"


@given(text=texts, before=texts, size=st.integers(0, 60))
def test_bounded_copies_terminate_and_tell_the_full_length(
    device: Device, text: bytes, before: bytes, size: int
) -> None:
    for name in ("strlcpy", "strxfrm"):
        target = Memory(b"", size)
        assert getattr(device, name)(target.address, text, size) == len(text)
        kept = text[: max(0, size - 1)] + b"\0" if size else b""
        assert target.content == kept.ljust(size, b"\xa5")
    target = Memory(before + b"\0", size)
    room = size + len(before) + 1
    assert device.strlcat(target.address, text, room) == len(before) + len(text)
    assert target.content.split(b"\0")[0] == (before + text)[: room - 1]
    # A buffer without a NUL inside its size is left alone.
    target = Memory(before)
    assert device.strlcat(target.address, text, len(before)) == len(before) + len(text)
    assert target.content == before


@given(text=texts, stop=st.sampled_from([b",", b", .", b"a", b""]))
def test_tokens_are_those_of_a_split(device: Device, text: bytes, stop: bytes) -> None:
    pattern = b"[" + re.escape(stop) + b"]" if stop else b"(?!)"
    memory, at = Memory(text + b"\0"), ctypes.c_void_p()
    tokens, first = [], memory.address
    while (token := device.strtok_r(first, stop, ctypes.byref(at))) is not None:
        tokens.append(ctypes.string_at(token))
        first = 0
    assert tokens == [part for part in re.split(pattern, text) if part]
    assert device.strtok_r(None, stop, ctypes.byref(at)) is None
    memory = Memory(text + b"\0")
    at = ctypes.c_void_p(memory.address)
    fields = []
    while (token := device.strsep(ctypes.byref(at), stop)) is not None:
        fields.append(ctypes.string_at(token))
    assert fields == re.split(pattern, text)


def test_strerror_says_what_the_host_says(device: Device) -> None:
    room = ctypes.create_string_buffer(64)
    for code in range(134):
        text = os.strerror(code).encode()
        unknown = text.startswith(b"Unknown error")
        assert device.strerror(code) == (b"Unknown error" if unknown else text)
        assert device.strerror_r(code, room, 64) == (22 if unknown else 0)
        assert room.value == text
    assert device.strerror(134) == device.strerror(-1) == b"Unknown error"
    assert device.strerror_r(-2147483648, room, 64) == 22
    assert room.value == b"Unknown error -2147483648"
    short = Memory(b"", 5)
    assert device.strerror_r(2, short.address, 5) == 34
    assert short.content == b"No s\0"


def test_classes_are_those_of_the_c_locale(device: Device) -> None:
    libc = ctypes.CDLL(None)
    names = "isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit".split()
    for c in range(-1, 256):
        for name in names:
            assert bool(getattr(device, name)(c)) == bool(getattr(libc, name)(c)), (name, c)
        for name in ("tolower", "toupper"):
            assert getattr(device, name)(c) == getattr(libc, name)(c), (name, c)
        assert bool(device.isascii(c)) == (0 <= c < 128)
    assert device.toascii(0x1C1) == 0x41


@given(bit=st.integers(0, 63), above=st.integers(0, 2**64 - 1))
def test_ffs_finds_the_lowest_bit(device: Device, bit: int, above: int) -> None:
    word = ((above << bit) | (1 << bit)) & (2**64 - 1)
    assert device.ffsll(ctypes.c_longlong(word)) == device.ffsl(ctypes.c_long(word)) == bit + 1
    assert device.ffs(ctypes.c_int(word)) == (bit + 1 if bit < 32 else 0)
    assert device.ffs(0) == device.ffsll(0) == 0


def test_standard_names_can_be_members(device: Device) -> None:
    assert device.member(b"abc") == 4


_OPENCL = r"""
#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define CHECK(condition) do { number++; if (!(condition)) { out[failed < 60 ? ++failed : 60] = number; } } while (0)

/* Pairs of spaces: the same expressions for every source and target that OpenCL C tells apart. */
#define READS(s)                                                                                             \
    CHECK(strlen(s) == 11); CHECK(strnlen(s, 4) == 4); CHECK(strchr(s, 'w') == (s) + 6);                       \
    CHECK(strrchr(s, 'o') == (s) + 7); CHECK(strchr(s, 'z') == 0); CHECK(memchr(s, 'd', 11) == (s) + 10);      \
    CHECK(memrchr(s, 'h', 11) == (s)); CHECK(strchrnul(s, 'q') == (s) + 11); CHECK(index(s, 'e') == (s) + 1)
#define COMPARES(a, b)                                                                                       \
    CHECK(strcmp(a, b) == 0); CHECK(strncmp(a, (b) + 1, 3) != 0); CHECK(memcmp(a, b, 12) == 0);                \
    CHECK(strcasecmp(a, b) == 0); CHECK(strstr(a, (b) + 6) == (a) + 6); CHECK(strspn(a, b) == 11);             \
    CHECK(strcspn(a, (b) + 5) == 2); CHECK(strpbrk(a, (b) + 5) == (a) + 2); CHECK(memmem(a, 11, b, 5) == (a)); \
    CHECK(strcasestr(a, (b) + 3) == (a) + 3); CHECK(strcoll(a, (b) + 1) > 0)
#define WRITES(d, s)                                                                                         \
    memset(d, 7, 32); CHECK(strcpy(d, s) == (d)); CHECK(strcmp(d, s) == 0); CHECK((d)[12] == 7);               \
    CHECK(strcat(d, (s) + 5) == (d)); CHECK(strcmp((d) + 5, " world world") == 0);                             \
    memset(d, 7, 32); CHECK(memcpy(d, s, 12) == (d)); CHECK(memcmp(d, s, 12) == 0); CHECK((d)[12] == 7);       \
    memset(d, 7, 32); CHECK(memcpy((d) + 1, s, 12) == (d) + 1); CHECK((d)[0] == 7 && (d)[12] == 0);            \
    CHECK(memmove((d) + 3, (d) + 1, 12) == (d) + 3); CHECK(strcmp((d) + 3, s) == 0);                           \
    CHECK(strncpy(d, s, 5) == (d)); CHECK(strlcpy(d, s, 6) == 11); CHECK(strcmp(d, "hello") == 0);             \
    CHECK(strlcat(d, s, 9) == 16); CHECK(strcmp(d, "hellohel") == 0); CHECK(stpcpy(d, s) == (d) + 11)

static void tokens(__global uint *out, uint *at) {
    char text[16];
    char *save, *token;
    uint number = *at, failed = 0;
    strcpy(text, ",a,,bc,");
    token = strtok_r(text, ",", &save);
    CHECK(strcmp(token, "a") == 0);
    token = strtok_r((char *)0, ",", &save);
    CHECK(strcmp(token, "bc") == 0);
    CHECK(strtok_r((char *)0, ",", &save) == 0);
    *at = number;
}

__constant char text[] = "hello world";

__kernel void hc_test_entry(__global uint *out) {
    uint number = 0, failed = 0;
    char p[32], q[32];
    __local char l[32], m[32];
    __global char *g = (__global char *)(out + 256), *h = (__global char *)(out + 320);
    strcpy(p, text); strcpy(l, text); strcpy(g, "hello world");
    READS(p); READS(l); READS(g); READS(text);
    COMPARES(p, p); COMPARES(p, l); COMPARES(p, g); COMPARES(p, text);
    COMPARES(l, p); COMPARES(l, l); COMPARES(l, g); COMPARES(l, text);
    COMPARES(g, p); COMPARES(g, l); COMPARES(g, g); COMPARES(g, text);
    COMPARES(text, p); COMPARES(text, l); COMPARES(text, g);
    WRITES(q, p); WRITES(q, l); WRITES(q, g); WRITES(q, text);
    WRITES(m, p); WRITES(m, l); WRITES(m, g); WRITES(m, text);
    WRITES(h, p); WRITES(h, l); WRITES(h, g); WRITES(h, text);
    CHECK(strcmp(strerror(2), "No such file or directory") == 0);
    CHECK(strerror_r(1000, q, 32) == 22 && strcmp(q, "Unknown error 1000") == 0);
    CHECK(isalpha('x') && !isalpha('1') && toupper('x') == 'X' && ffs(8) == 4);
    CHECK(sizeof(int64_t) == 8 && INT64_MAX > 0 && offsetof(struct { int a; int b; }, b) == 4);
    tokens(out + 128, &number);
    out[0] = number;
}
"""


@pytest.mark.opencl
def test_every_pair_of_address_spaces_in_opencl() -> None:
    words = memoryview(support.run_opencl(_OPENCL)).cast("I")
    failed = [n for n in (*words[1:61], *words[129:189]) if n]
    assert not failed, f"CHECKs number {failed} of {words[0]}"
    assert words[0] > 300


_CUDA = r"""
#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
struct named { int strlen; void (*memcpy)(int); };
extern "C" __global__ void k(char *out, const char *in, size_t n, int64_t *place) {
    char room[64], *save;
    struct named m;
    m.strlen = (int)strlen(in);
    memcpy(room, in, n < 64 ? n : 64);
    memmove(room + 1, room, 32);
    memset(out, 0, n);
    strncpy(out, strerror(toupper(in[0])), n);
    strcat(out, strtok_r(room, ",", &save));
    bzero(room, 8);
    place[0] = (int64_t)memcmp(out, in, n) + strcasecmp(in, out) + ffsll(m.strlen) + INT_MAX;
    place[1] = strstr(in, "x") ? (int64_t)strspn(in, "abc") : strtoimax(in, 0, 0);
}
"""


@pytest.mark.parametrize("arch", support.ARCHITECTURES)
def test_nvrtc_compiles_the_headers(arch: str) -> None:
    pytest.importorskip("cuda.core")
    assert support.nvrtc(_CUDA, arch)[:4] == b"\x7fELF"


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not on PATH")
def test_nvcc_compiles_both_halves(tmp_path: Path) -> None:
    host = """
    int host_half(const char *s) { return (int)strlen(s) + (isalpha(s[0]) != 0) + strerror(2)[0]; }
    """
    # strtoimax is the host's there, and the host's functions have no device side.
    said = support.nvcc(_CUDA.replace("strtoimax(in, 0, 0)", "0") + host, "sm_90", tmp_path)
    assert not support.warnings_of_ours(said), said
