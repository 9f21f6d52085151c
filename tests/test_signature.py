# SPDX-License-Identifier: Apache-2.0
"""Kernel signatures and arguments: each test is named after the mistake that it would catch."""

from __future__ import annotations

import ctypes
import math
import re
import struct
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcall._signature import (
    Param,
    Signature,
    add_parameter,
    check_count,
    find_kernels,
    parse_signature,
    to_bytes,
    to_ctypes,
)
from hostcall.errors import ArgumentError, CompileError


def one(declaration: str) -> Signature:
    return parse_signature(f"HC_KERNEL void hello(HC_GLOBAL int *out, {declaration}) {{}}", "hello")


# -- finding kernels

TRAPS = r"""
#include <stdio.h>
// HC_KERNEL void in_line_comment(int a) {} \
   HC_KERNEL void in_continued_comment(int a) {}
/* HC_KERNEL void in_block_comment(int a) {} */
#define TWICE(x) HC_KERNEL void in_macro(int x) \
    HC_KERNEL void in_macro_too(int x)
  #  define C /* spans
     HC_KERNEL void in_macro_comment(int a) {} */ 1
const char *s = "HC_KERNEL void in_string(int a) {} \" HC_KERNEL void still(int a)";
const char *r = R"x(HC_KERNEL void in_raw(int a) {} )" )x";
char c = '"'; char d = '\''; int million = 1'000'000;
HC_KERNELS void not_marked(int a) {}
int HC_KERNEL_x; HC_KERNEL int returns(int a);
HC_KERNEL void first(int a /* , int b */, // int c
                     const HC_GLOBAL char *
                         __restrict__ b)
{ helper(a, "}"); }
HC_KERNEL
void
second
(
void
)
{
}
extern "C" __global__ void __launch_bounds__(128, 2) third(float x[], double (*f)(int, int)) { }
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void fourth(__global uint *p, __local float *q) {}
HC_KERNEL MY_BOUNDS(64) void fifth() __attribute__((cold));
"""


def test_a_comment_string_or_macro_is_taken_for_a_kernel() -> None:
    assert [kernel.name for kernel in find_kernels(TRAPS)] == ["first", "second", "third", "fourth", "fifth"]


def test_parameters_are_misread() -> None:
    first, second, third, fourth, fifth = find_kernels(TRAPS)
    assert first.params == (
        Param("a", "int", "i32"),
        Param("b", "const HC_GLOBAL char * __restrict__", "pointer", True, "global", "i8", True),
    )
    assert second.params == fifth.params == ()
    assert second.is_empty
    assert fifth.is_empty
    assert not first.is_empty
    assert [(p.name, p.kind, p.pointee, p.is_const) for p in third.params] == [
        ("x", "pointer", "f32", False),
        ("f", "pointer", None, False),
    ]
    assert [(p.name, p.space, p.pointee) for p in fourth.params] == [("p", "global", "u32"), ("q", "local", "f32")]


def test_offsets_do_not_point_at_the_parentheses() -> None:
    for kernel in find_kernels(TRAPS):
        assert (TRAPS[kernel.open], TRAPS[kernel.close]) == ("(", ")")
        assert re.search(rf"\b{kernel.name}\b", TRAPS.splitlines()[kernel.line - 1])
        assert TRAPS[: kernel.open].rstrip().endswith(kernel.name)


def test_missing_kernel_is_not_explained() -> None:
    with pytest.raises(CompileError) as caught:
        parse_signature("HC_KERNEL void a(int n) {}\nHC_KERNEL void b(void) {}\nvoid c() {}", "c")
    assert str(caught.value) == "no kernel 'c': the source has a, b; a kernel reads HC_KERNEL void c(...)"
    with pytest.raises(CompileError, match="no kernel 'c': the source has no kernel at all"):
        parse_signature("void c() {}", "c")
    with pytest.raises(CompileError, match="no variable arguments"):
        parse_signature("HC_KERNEL void c(int n, ...) {}", "c")


def test_declaration_and_definition_disagree_silently() -> None:
    assert parse_signature("HC_KERNEL void k(int n);\nHC_KERNEL void k(int n) {}", "k").line == 2
    with pytest.raises(CompileError, match="different parameters at lines 2 and 4"):
        parse_signature("#if A\nHC_KERNEL void k(int n)\n#else\nHC_KERNEL void k(long n)\n#endif\n{}", "k")


@pytest.mark.parametrize(
    "source", ["HC_KERNEL", "HC_KERNEL void", "HC_KERNEL void k(", "HC_KERNEL void k(int]", "/*", '"', "#"]
)
def test_broken_source_crashes_the_reader(source: str) -> None:
    assert find_kernels(source) == ()


@given(st.text(st.sampled_from("HC_KERNEL void k(int*[]<>)\"'/\\\n#R{};,.=_ "), max_size=60) | st.text(max_size=40))
def test_any_text_crashes_the_reader(source: str) -> None:
    for text in (source, f"HC_KERNEL void k({source}) {{}}"):
        try:
            kernels = find_kernels(text)
        except CompileError:
            continue
        assert all(text[kernel.open] == "(" and text[kernel.close] == ")" for kernel in kernels)
        assert [k.name for k in find_kernels(add_parameter(text, "int hidden"))] == [k.name for k in kernels]


# -- types


@pytest.mark.parametrize(
    ("ctype", "kind"),
    [
        ("char", "i8"),
        ("signed char", "i8"),
        ("unsigned char", "u8"),
        ("char unsigned", "u8"),
        ("short", "i16"),
        ("unsigned short int", "u16"),
        ("int", "i32"),
        ("signed", "i32"),
        ("unsigned", "u32"),
        ("unsigned int", "u32"),
        ("long", "i64"),
        ("long int", "i64"),
        ("unsigned long", "u64"),
        ("long long", "i64"),
        ("long unsigned int long", "u64"),
        ("float", "f32"),
        ("double", "f64"),
        ("bool", "bool"),
        ("_Bool", "bool"),
        ("int8_t", "i8"),
        ("uint8_t", "u8"),
        ("int16_t", "i16"),
        ("uint32_t", "u32"),
        ("int64_t", "i64"),
        ("uint64_t", "u64"),
        ("size_t", "u64"),
        ("std::size_t", "u64"),
        ("ssize_t", "i64"),
        ("ptrdiff_t", "i64"),
        ("uintptr_t", "u64"),
        ("hc_u8", "u8"),
        ("hc_i64", "i64"),
        ("hc_size", "u64"),
        ("uint", "u32"),
        ("ulong", "u64"),
        ("const volatile int", "i32"),
        ("int const", "i32"),
        ("struct point", None),
        ("point_t", None),
        ("long double", None),
        ("float4", None),
        ("my::vec<int, 3>", None),
    ],
)
def test_type_is_unknown_or_has_the_wrong_width(ctype: str, kind: str | None) -> None:
    signature = parse_signature(f"HC_KERNEL void k({ctype} n, {ctype}, {ctype} *p) {{}}", "k")
    named, unnamed, pointer = signature.params
    assert (named.name, named.kind, named.ctype) == ("n", kind, ctype)
    assert (unnamed.name, unnamed.kind) == ("", kind)
    assert (pointer.name, pointer.kind, pointer.pointee) == ("p", "pointer", kind)
    if kind not in (None, "bool"):
        assert named.size == int(kind[1:]) // 8


@pytest.mark.parametrize(
    ("declaration", "name", "const", "pointee"),
    [
        ("const int *p", "p", True, "i32"),
        ("int const *p", "p", True, "i32"),
        ("int *const p", "p", False, "i32"),
        ("const int *const __restrict__ p", "p", True, "i32"),
        ("const char **p", "p", False, "pointer"),
        ("int p[16]", "p", False, "i32"),
        ("int p[N + 1]", "p", False, "i32"),
        ("void *", "", False, None),
        ("HC_CONSTANT float *p", "p", True, "f32"),
        ("__attribute__((aligned(8))) int *p", "p", False, "i32"),
        ("[[maybe_unused]] int *p", "p", False, "i32"),
        ("struct point *p", "p", False, None),
    ],
)
def test_pointer_is_misread(declaration: str, name: str, const: bool, pointee: str | None) -> None:
    (param,) = parse_signature(f"HC_KERNEL void k({declaration}) {{}}", "k").params
    assert (param.name, param.kind, param.is_pointer) == (name, "pointer", True)
    assert (param.is_const, param.pointee) == (const, pointee)


def test_a_name_is_taken_for_an_address_space() -> None:
    assert parse_signature("HC_KERNEL void k(int global, unsigned local) {}", "k").params == (
        Param("global", "int", "i32"),
        Param("local", "unsigned", "u32"),
    )


# -- the hidden parameter


def test_the_hidden_parameter_breaks_a_list() -> None:
    source = "HC_KERNEL void a() {}\nHC_KERNEL void b(void /* none */) {}\nHC_KERNEL void c(int n\n) {}\n"
    assert add_parameter(source, "char *h") == (
        "HC_KERNEL void a(char *h) {}\nHC_KERNEL void b( /* none */char *h) {}\nHC_KERNEL void c(int n\n, char *h) {}\n"
    )


def test_the_hidden_parameter_vanishes_in_a_comment() -> None:
    source = "HC_KERNEL void a(int n // the count\n) {}\nHC_KERNEL void b(// nothing\n) {}"
    for kernel in find_kernels(add_parameter(source, "char *h")):
        assert kernel.params[-1].name == "h"


def test_the_hidden_parameter_moves_lines() -> None:
    changed = add_parameter(TRAPS, "HC_GLOBAL char *h")
    assert changed.count("\n") == TRAPS.count("\n")
    for before, after in zip(find_kernels(TRAPS), find_kernels(changed), strict=True):
        assert after.params[:-1] == before.params
        assert after.params[-1].name == "h"
        assert after.line == before.line


# -- values

RANGES = {
    f"{sign}{bits}": (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if sign == "i" else (0, (1 << bits) - 1)
    for sign in "iu"
    for bits in (8, 16, 32, 64)
}


@given(st.sampled_from(sorted(RANGES)), st.integers(-(1 << 66), 1 << 66) | st.integers(-300, 300))
def test_an_integer_is_cut_or_refused(kind: str, value: int) -> None:
    signature = one(f"hc_{kind} n")
    low, high = RANGES[kind]
    if low <= value <= high:
        data = to_bytes(signature, 1, value)
        assert int.from_bytes(data, sys.byteorder, signed=kind[0] == "i") == value
        assert len(data) == int(kind[1:]) // 8
        assert to_ctypes(signature, 1, value).value == value
    else:
        with pytest.raises(ArgumentError, match=f"{value} does not fit in "):
            to_bytes(signature, 1, value)


@given(st.floats())
def test_a_double_changes_on_its_way(value: float) -> None:
    assert to_bytes(one("double x"), 1, value) == np.float64(value).tobytes()


@given(st.floats())
def test_a_float_overflows_silently(value: float) -> None:
    try:
        narrow = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        with pytest.raises(ArgumentError, match="does not fit in 32 bits of floating point"):
            to_bytes(one("float x"), 1, value)
        return
    back = to_ctypes(one("float x"), 1, value).value
    assert back == narrow or (math.isnan(back) and math.isnan(narrow))


@pytest.mark.parametrize(
    ("declaration", "value", "message"),
    [
        (
            "int n",
            5000000000,
            "argument 2 ('n', int) of kernel 'hello': 5000000000 does not fit in 32 bits (-2147483648 to",
        ),
        (
            "unsigned",
            -1,
            "argument 2 (unsigned) of kernel 'hello': -1 does not fit in unsigned 32 bits (0 to 4294967295)",
        ),
        ("int n", 3.0, "argument 2 ('n', int) of kernel 'hello': 3.0 (float) is not an integer"),
        ("int n", np.float32(3), "is not an integer"),
        ("int n", "3", "'3' (str) is not an integer"),
        ("int n", None, "None (NoneType) is not an integer"),
        ("int n", [1], "[1] (list) is not an integer"),
        ("int n", b"\0\0\0\0", "(bytes) is not an integer"),
        ("int n", np.zeros(2, np.int32), "is not an integer"),
        ("float x", "3", "'3' (str) is not a number"),
        ("float x", 1j, "1j (complex) is not a number"),
        ("float x", None, "None (NoneType) is not a number"),
        ("float x", np.zeros(2), "is not a number"),
        ("double x", 10**400, "does not fit in 64 bits of floating point"),
        ("bool b", 2, "2 is neither True nor False"),
        ("bool b", "yes", "is not True or False"),
        ("int *p", -1, "-1 is no address"),
        ("int *p", 1 << 64, "is no address"),
        ("int *p", 1.5, "is not an address or None"),
        ("point_t p", 3, "3 (int): only the compiler knows this type; pass a NumPy scalar, a ctypes value or bytes"),
        ("point_t p", np.zeros(2), "only the compiler knows this type"),
    ],
)
def test_wrong_argument_is_accepted_or_not_explained(declaration: str, value: object, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        to_bytes(one(declaration), 1, value)
    assert message in str(caught.value)


class Point(ctypes.Structure):
    _fields_ = (("x", ctypes.c_int32), ("y", ctypes.c_int32))


@pytest.mark.parametrize(
    ("declaration", "value", "data"),
    [
        ("int n", True, struct.pack("i", 1)),
        ("int n", np.uint64(7), struct.pack("i", 7)),
        ("int n", np.array(7), struct.pack("i", 7)),
        ("int n", np.True_, struct.pack("i", 1)),
        ("int n", ctypes.c_long(7), struct.pack("i", 7)),
        ("char c", ord("a"), b"a"),
        ("float x", 1, struct.pack("f", 1)),
        ("float x", np.float64(0.1), struct.pack("f", 0.1)),
        ("float x", Fraction(1, 2), struct.pack("f", 0.5)),
        ("float x", math.inf, struct.pack("f", math.inf)),
        ("double x", np.int8(3), struct.pack("d", 3)),
        ("bool b", np.False_, b"\0"),
        ("int *p", None, bytes(8)),
        ("int *p", 0xDEADBEEF, struct.pack("Q", 0xDEADBEEF)),
        ("point_t p", Point(1, 2), struct.pack("ii", 1, 2)),
        ("point_t p", np.array((1, 2), "i4,i4")[()], struct.pack("ii", 1, 2)),
        ("point_t p", np.float16(1), np.float16(1).tobytes()),
        ("point_t p", b"abc", b"abc"),
    ],
)
def test_good_argument_is_refused_or_changed(declaration: str, value: object, data: bytes) -> None:
    assert to_bytes(one(declaration), 1, value) == data
    assert bytes(to_ctypes(one(declaration), 1, value)) == data


def test_wrong_number_of_arguments_is_not_explained() -> None:
    signature = parse_signature("HC_KERNEL void hello(int n) {}", "hello")
    check_count(signature, (1,))
    with pytest.raises(ArgumentError) as caught:
        check_count(signature, ())
    assert str(caught.value) == "kernel 'hello' takes 1 argument, not 0: hello(int n)"
