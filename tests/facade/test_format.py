# SPDX-License-Identifier: Apache-2.0
"""The formatter and the number parsers of the device against the machine's libc, byte for byte."""

from __future__ import annotations

import ctypes
import errno
import math
import random
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import _support_format as support

LIBC = ctypes.CDLL(None)
SANITIZERS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-iquote", str(support.INCLUDE))


class Argument(ctypes.Structure):
    """hc_fmt_arg."""

    _fields_ = (
        ("kind", ctypes.c_uint32),
        ("len", ctypes.c_uint32),
        ("bits", ctypes.c_uint64),
        ("space", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    )


@pytest.fixture(scope="module", params=support.COMPILERS)
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return support.library(request.param, support.HERE / "_string_exports.c", tmp_path_factory.mktemp("format"))


def call(function: Any, size: int, fmt: bytes, arguments: list[Any], *before: Any) -> tuple[int, bytes]:
    out = ctypes.create_string_buffer(b"\xa5" * (size + 8), size + 8)
    total = function(out, ctypes.c_size_t(size), *before, fmt, *arguments)
    assert out.raw[size:] == b"\xa5" * 8, "wrote past the end"
    return total, out.raw[:size]


@pytest.mark.parametrize("compiler", support.COMPILERS)
@pytest.mark.parametrize("program", ["_format_fuzz", "_number_fuzz", "_format_hostile"])
def test_random_cases_equal_libc_under_sanitizers(compiler: str, program: str, tmp_path: Path) -> None:
    built = support.build(compiler, support.HERE / f"{program}.c", tmp_path / program, *SANITIZERS)
    support.run(built, random.SystemRandom().randrange(1 << 62), 100_000)


_LENGTHS = {
    "hh": ctypes.c_int,
    "h": ctypes.c_int,
    "": ctypes.c_int,
    "l": ctypes.c_long,
    "ll": ctypes.c_longlong,
    "j": ctypes.c_int64,
    "z": ctypes.c_size_t,
    "t": ctypes.c_ssize_t,
}
_texts = st.lists(st.integers(1, 255), max_size=30).map(bytes)
_doubles = st.one_of(st.floats(), st.floats(-1e7, 1e7), st.integers(-(10**9), 10**9).map(lambda n: n / 100))


@st.composite
def conversions(draw: st.DrawFn) -> tuple[bytes, list[Any]]:
    """One conversion that C defines, with its arguments."""
    kind = draw(st.sampled_from(["text", "int", "double", "char", "string", "pointer", "percent"]))
    if kind == "text":
        return draw(_texts).replace(b"%", b"-"), []
    if kind == "percent":
        return b"%%", []
    conv = draw(
        st.sampled_from({"int": "diouxX", "double": "feEgGaAF", "char": "c", "string": "s", "pointer": "p"}[kind])
    )
    allowed = {"d": "-+ 0", "i": "-+ 0", "u": "-0", "c": "-", "s": "-", "p": "-"}
    # Without # for %g: glibc 2.36 drops zeros there, which _format_fuzz.c works around.
    choices = allowed.get(conv, "-#0" if kind == "int" else "-+ 0" if conv in "gG" else "-+ #0")
    spec = "%" + "".join(draw(st.lists(st.sampled_from(choices), max_size=4)))
    arguments: list[Any] = []
    for mark, low, high in (("", 1, 60), (".", 0, 40)):
        if mark == "." and kind in ("char", "pointer"):
            continue
        match draw(st.sampled_from(["none", "digits", "star"])):
            case "digits":
                spec += f"{mark}{draw(st.integers(low, high))}"
            case "star":
                spec += f"{mark}*"
                # A width below 0 takes the flag 0 away. glibc forgets that once a library of the process has registered
                # conversions of its own (libquadmath does, which OpenCL drivers bring in).
                least = 0 if "0" in spec else -high
                arguments.append(ctypes.c_int(draw(st.integers(least, high))))
            case _:
                pass
    if kind == "int":
        length = draw(st.sampled_from(list(_LENGTHS)))
        spec += length
        arguments.append(_LENGTHS[length](draw(st.integers(-(2**63), 2**64 - 1))))
    elif kind == "double":
        arguments.append(ctypes.c_double(draw(_doubles)))
    elif kind == "char":
        arguments.append(ctypes.c_int(draw(st.integers(0, 255))))
    elif kind == "string":
        arguments.append(ctypes.c_char_p(draw(st.one_of(st.none(), _texts))))
    else:
        arguments.append(ctypes.c_void_p(draw(st.one_of(st.none(), st.integers(1, 2**64 - 1)))))
    return (spec + conv).encode(), arguments


# More than 32 arguments in one call is where other device printfs end.
@given(parts=st.lists(conversions(), max_size=40), size=st.integers(0, 400))
@example(parts=[(b"%d ", [ctypes.c_int(n)]) for n in range(100)], size=400)
@example(parts=[(b"%.3f|", [ctypes.c_double(n / 7)]) for n in range(40)], size=100)
def test_formats_of_many_conversions_equal_libc(
    device: ctypes.CDLL, parts: list[tuple[bytes, list[Any]]], size: int
) -> None:
    fmt = b"".join(text for text, _ in parts)
    arguments = [argument for _, some in parts for argument in some]
    expected = call(LIBC.snprintf, size, fmt, arguments)
    assert call(device.t_snprintf, size, fmt, arguments) == expected
    # The same by way of a record.
    packed = (Argument * 128)()
    if len(arguments) <= 128:
        assert call(device.t_record, size, fmt, arguments, packed, 128) == expected
        assert [a.kind != 0 for a in packed[: len(arguments)]] == [True] * len(arguments)


@pytest.mark.parametrize(
    "fmt",
    "%n %hhn %Lf %ls %lc %C %S %m %1$d % %5 %- %. %.* %l %y %hs %zf %hp %I64d %b %lll %\x01".split(" ")
    + "%2147483648d %.2147483648d %99999999999999999999d".split(),
)
def test_what_is_refused_is_refused_and_keeps_its_hands_off(device: ctypes.CDLL, fmt: str) -> None:
    argument = ctypes.c_uint64(0)
    total, out = call(device.t_snprintf, 16, b"ab" + fmt.encode(), [ctypes.byref(argument)] * 3)
    assert (total, out[:3], argument.value) == (-1, b"ab\0", 0)
    assert device.t_errno() == (errno.EOVERFLOW if re.search(r"\d{10}", fmt) else errno.EINVAL)
    packed = (Argument * 4)()
    assert call(device.t_record, 16, fmt.encode(), [ctypes.byref(argument)] * 3, packed, 4)[0] < 0


def test_totals_beyond_int_are_errors_and_cost_nothing(device: ctypes.CDLL) -> None:
    assert call(device.t_snprintf, 8, b"%2147483647d", [1]) == (2147483647, b"       \0")
    assert call(device.t_snprintf, 8, b"%2147483647d ", [1])[0] == -1
    assert call(device.t_snprintf, 8, b"%.2147483647f", [ctypes.c_double(1)])[0] == -1
    assert call(device.t_snprintf, 8, b"%.2147483640f", [ctypes.c_double(1)])[0] == 2147483642
    assert call(device.t_snprintf, 8, b"%.2147483600e", [ctypes.c_double(1)])[0] == 2147483606
    assert call(device.t_snprintf, 8, b"%*d", [ctypes.c_int(-(2**31)), 1])[0] == -1
    assert call(device.t_snprintf, 8, b"%.*d", [ctypes.c_int(-(2**31)), 1]) == call(LIBC.snprintf, 8, b"%d", [1])


@given(value=_doubles.filter(math.isfinite), precision=st.integers(0, 20))
@example(value=999999.99999, precision=6)
@example(value=5e-324, precision=0)
def test_sharp_g_keeps_its_zeros(device: ctypes.CDLL, value: float, precision: int) -> None:
    # Python follows C here, also where a value rounds up to a power of ten.
    fmt = f"%#.{precision}g"
    _, out = call(device.t_snprintf, 64, fmt.encode(), [ctypes.c_double(value)])
    assert out.split(b"\0")[0].decode() == fmt % value


@given(text=_texts, precision=st.integers(0, 40))
def test_a_record_carries_as_much_of_a_string_as_is_printed(device: ctypes.CDLL, text: bytes, precision: int) -> None:
    packed = (Argument * 4)()
    call(device.t_record, 64, b"%.*s", [ctypes.c_int(precision), text], packed, 4)
    assert (packed[1].kind, packed[1].len) == (3, min(len(text), precision))
    call(device.t_record, 64, b"%s|%d", [text, 1], packed, 4)
    assert (packed[0].kind, packed[0].len) == (3, len(text))


def test_scan_args_tells_when_the_array_is_too_short(device: ctypes.CDLL) -> None:
    packed = (Argument * 4)()
    assert call(device.t_record, 64, b"%d%d%d%d%d", [1, 2, 3, 4, 5], packed, 4)[0] == -7
    assert [a.bits for a in packed] == [1, 2, 3, 4]


_OPENCL = r"""
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include "hc/format.h"
#include "hc/numbers.h"
#define LINE(...) hc_snprintf(out + 64 * line++, 64, __VA_ARGS__)
#define HERE (out + 64 * line++)

__kernel void hc_test_entry(__global char *out) {
    int line = 0;
    char p[32];
    __local char l[32];
    __global char *g = out + 4000;
    strcpy(p, "private"); strcpy(l, "local"); strcpy(g, "global");
    LINE("%s %s %s %s|%.3s", p, l, g, "constant", l);
    LINE("%d %u %x %hhd %c", -5, 7u, 255, (char)-1, 'x');
    LINE("%ld %lu %lld %llu %zu", -5L, 5UL, -6LL, 6ULL, sizeof(int));
    LINE("%d %d %d %d", (char)-1, (uchar)255, (short)-2, (ushort)65535);
    LINE("%g %.3f %e %a", 0.1f, 2.0 / 3.0, 1e300, 1.5);
    LINE("%g %g %g %g", 1e-45f, 3.4028234663852886e38f, -INFINITY, 1.1754942e-38f);
    LINE("%p %p %s", NULL, (__global void *)0x1234, NULL);
    LINE("%*d|%-*d|%.*f", 5, 42, 5, 42, 2, 3.14159);
    LINE("%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    LINE("none");
    LINE("100%%");
    { int n = hc_snprintf(p, 5, "%s", "truncated"); LINE("%d %s", n, p); }
    { int n = hc_snprintf(l, 5, "%d", 1234567); LINE("%d %s", n, l); }
    LINE("%d", hc_snprintf(NULL, 0, "%1000d", 1));
    LINE("%d", hc_snprintf(p, 32, "%n", 0));
    LINE("%d", hc_snprintf(p, 32, "%s", 5));
    LINE("%d", hc_snprintf(p, 32, "%d %d", 5));
    strcpy(p, "<%d>"); LINE(p, 1);
    strcpy(l, "[%d]"); LINE(l, 2);
    strcpy(g, "{%d}"); LINE(g, 3);
    { int n = hc_sprintf(p, "%s-%s", "ab", "cd"); LINE("%d %s", n, p); }
    {
        char *end; __local char *lend; __global char *gend; const __constant char *cend;
        strcpy(p, " -42x"); strcpy(l, "0x1fz"); strcpy(g, "077 ");
        long a = hc_strtol(p, &end, 10), b = hc_strtol(l, &lend, 0), c = hc_strtol(g, &gend, 0);
        unsigned long d = hc_strtoul("zz", &cend, 36);
        LINE("%ld %s %ld %s %ld %d %lu", a, end, b, lend, c, (int)(gend - g), d);
        strcpy(p, "2.5e3!"); strcpy(l, "0x1.8p1");
        double e = hc_strtod(p, &end), f = hc_strtod(l, &lend);
        LINE("%g %s %g %g %g", e, end, f, hc_atof("-0.1"), hc_strtof("3.4e38", &cend));
        LINE("%d %ld", hc_atoi(" 12 "), hc_atol("-9223372036854775808"));
    }
    {
        hc_fmt_arg args[3];
        args[0] = hc_fmt_pack(3); args[1] = hc_fmt_pack(l); args[2] = hc_fmt_pack(2.0f);
        int used = hc_fmt_measure(hc_fmt_text("%.*s %f"), args, 3);
        LINE("%d %u %ld", used, args[1].len, hc_fmt_length(hc_fmt_text("%.*s %f"), args, 3));
    }
}
"""
_OPENCL_LINES = """private local global constant|loc
-5 7 ff -1 x
-5 5 -6 6 4
-1 255 -2 65535
0.1 0.667 1.000000e+300 0x1.8p+0
1.4013e-45 3.40282e+38 -inf 1.17549e-38
(nil) 0x1234 (null)
   42|42   |3.14
12345678910111213141516
none
100%
9 trun
7 1234
1000
-1
-1
-1
<1>
[2]
{3}
5 ab-cd
-42 x 31 z 63 3 1295
2500 ! 3 -0.1 3.4e+38
12 -9223372036854775808
3 3 12"""


@pytest.mark.opencl
def test_snprintf_in_opencl_takes_every_address_space() -> None:
    data = support.run_opencl(_OPENCL, 4096)
    assert [line.decode() for line in support.strings(data[:3968])] == _OPENCL_LINES.splitlines()


_CUDA = r"""
#include <stdarg.h>
#include <stddef.h>
#include "hc/format.h"
#include "hc/numbers.h"
__device__ int record(hc_fmt_arg *args, const char *fmt, ...) {
    va_list list;
    va_start(list, fmt);
    int used = hc_fmt_scan_args(fmt, list, args, 8);
    va_end(list);
    return used;
}
extern "C" __global__ void k(char *out, size_t n, double d, const char *s, long long *place) {
    hc_fmt_arg args[8];
    hc_fmt_sink sink = hc_fmt_into(out, n);
    place[0] = hc_snprintf(out, n, "%s %d %g %c %p %zu %*d", s, 1, d, 'c', (void *)s, n, 3, 4);
    place[1] = record(args, "%s %f", s, d);
    place[2] = hc_format(&sink, hc_fmt_text("%s %f"), args, 2);
    place[3] = hc_strtoll(s, 0, 0) + (long long)hc_strtod(s, 0);
}
"""


@pytest.mark.parametrize("arch", support.ARCHITECTURES)
def test_nvrtc_compiles_the_formatter(arch: str) -> None:
    pytest.importorskip("cuda.core")
    assert support.nvrtc(_CUDA, arch)[:4] == b"\x7fELF"


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not on PATH")
def test_nvcc_compiles_both_halves_in_a_small_stack(tmp_path: Path) -> None:
    host = 'int host_half(char *out, double x) { return hc_snprintf(out, 9, "%g", x) + hc_atoi(out); }'
    said = support.nvcc(_CUDA + host, "sm_90", tmp_path, ["-Xptxas", "-v"])
    assert not support.warnings_of_ours(said), said
    # A lane has 1 KiB of stack by default and a driver that gives it more for every lane of the device at once.
    stack = [int(size) for size in re.findall(r"(\d+) bytes cumulative stack", said)]
    assert stack and max(stack) <= 2048, said
