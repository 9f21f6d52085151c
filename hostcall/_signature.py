# SPDX-License-Identifier: Apache-2.0
"""What a kernel wants to be called with: its parameters, read from the source, and Python values made to fit them.

Reads C text only as far as it must to find ``HC_KERNEL void name(...)``; whatever else is in the file may be as wrong
as it likes, the compiler will say so. No backend is known here: how a pointer is passed is each backend's business.
"""

from __future__ import annotations

import ctypes
import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .errors import ArgumentError, CompileError

__all__ = [
    "Param",
    "Signature",
    "add_parameter",
    "check_count",
    "find_kernels",
    "parse_signature",
    "to_bytes",
    "to_ctypes",
]

# kind -> (ctypes type, NumPy type). Sizes and signs are those of LP64, which all backends share.
_KINDS: Final[dict[str, tuple[Any, type[np.generic]]]] = {
    "bool": (ctypes.c_bool, np.bool_),
    "i8": (ctypes.c_int8, np.int8),
    "u8": (ctypes.c_uint8, np.uint8),
    "i16": (ctypes.c_int16, np.int16),
    "u16": (ctypes.c_uint16, np.uint16),
    "i32": (ctypes.c_int32, np.int32),
    "u32": (ctypes.c_uint32, np.uint32),
    "i64": (ctypes.c_int64, np.int64),
    "u64": (ctypes.c_uint64, np.uint64),
    "f32": (ctypes.c_float, np.float32),
    "f64": (ctypes.c_double, np.float64),
    "pointer": (ctypes.c_uint64, np.uint64),
}

_NAMED: Final[dict[str, str]] = {
    **{f"{sign}int{bits}_t": f"{sign or 'i'}{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"{sign}int_least{bits}_t": f"{sign or 'i'}{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"hc_{sign}{bits}": f"{sign}{bits}" for sign in ("i", "u") for bits in (8, 16, 32, 64)},
    "hc_mask": "u32",
    "hc_size": "u64",
    "intmax_t": "i64",
    "intptr_t": "i64",
    "off_t": "i64",
    "ptrdiff_t": "i64",
    "size_t": "u64",
    "ssize_t": "i64",
    "time_t": "i64",
    "uchar": "u8",
    "uint": "u32",
    "uintmax_t": "u64",
    "uintptr_t": "u64",
    "ulong": "u64",
    "ushort": "u16",
}
_BASIC: Final = frozenset("void char short int long signed unsigned float double bool _Bool".split())
_TAGS: Final = frozenset(("struct", "union", "enum"))

_SPACES: Final[dict[str, str]] = {
    "HC_GLOBAL": "global",
    "HC_CONSTANT": "constant",
    "HC_LOCAL": "local",
    "HC_PRIVATE": "private",
    **{f"{prefix}{space}": space for prefix in ("__", "") for space in ("global", "constant", "local", "private")},
}
_QUALIFIERS: Final = frozenset(
    "const volatile restrict __restrict __restrict__ __const __volatile__ register __grid_constant__ "
    "__read_only __write_only __read_write read_only write_only read_write".split()
)
# What may stand around a kernel's name with parentheses of its own.
_ATTRIBUTES: Final = frozenset(
    "__attribute__ __launch_bounds__ __cluster_dims__ __block_size__ __maxnreg__ __declspec alignas _Alignas "
    "__align__ noexcept".split()
)
_MARKERS: Final = frozenset(("HC_KERNEL", "__kernel", "__global__"))

_TOKEN = re.compile(
    r"""
      (?P<space>   (?: \s | \\\n )+ )
    | (?P<comment> //(?:\\\n|[^\n])* | /\*.*?(?:\*/|\Z) )
    | (?P<raw>     (?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)" )
    | (?P<text>    (?:u8|[uUL])? (?: "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? ) )
    | (?P<number>  \.?[0-9](?:[eEpP][+-]|'?[\w.])* )
    | (?P<word>    [A-Za-z_]\w* )
    | (?P<dots>    \.\.\. )
    | (?P<mark>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    word: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class Param:
    """One parameter of a kernel.

    Attributes
    ----------
    name : str
        As in the source; empty for an unnamed one.
    ctype : str
        The type as written, without the name, on one line.
    kind : str or None
        ``i8`` … ``u64``, ``f32``, ``f64``, ``bool`` or ``pointer``; None for a type that only the compiler knows.
    is_pointer : bool
        Whether an address is passed. An array parameter is a pointer.
    space : str or None
        ``global``, ``constant``, ``local`` or ``private``, where the source says so.
    pointee : str or None
        For a pointer, the kind of what it points at, where that is known.
    is_const : bool
        For a pointer: the kernel promises not to write through it.
    """

    name: str
    ctype: str
    kind: str | None
    is_pointer: bool = False
    space: str | None = None
    pointee: str | None = None
    is_const: bool = False

    @property
    def size(self) -> int | None:
        """Bytes that the argument takes; None where only the compiler knows."""
        return None if self.kind is None else ctypes.sizeof(_KINDS[self.kind][0])


@dataclass(frozen=True)
class Signature:
    """A kernel as its source declares it.

    Attributes
    ----------
    name : str
        The kernel.
    params : tuple of Param
        In order.
    open, close : int
        Offsets of the parameter list's parentheses in the source, in characters.
    line : int
        Line of the name, counted from 1.
    """

    name: str
    params: tuple[Param, ...]
    open: int
    close: int
    line: int

    @property
    def is_empty(self) -> bool:
        """Whether the kernel takes nothing, be it written ``()`` or ``(void)``."""
        return not self.params

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{p.ctype} {p.name}'.strip() for p in self.params)})"


def _tokens(source: str) -> Iterator[_Token]:
    """Give the tokens that count: no comments, no literals' insides, no preprocessor lines."""
    at, fresh = 0, True
    while at < len(source):
        if fresh and source[at] == "#":
            at = _after_directive(source, at)
            continue
        match = _TOKEN.match(source, at)
        assert match is not None  # the last alternative takes anything
        at = match.end()
        kind = match.lastgroup if match.lastgroup != "fence" else "raw"
        if kind in ("space", "comment"):
            fresh = fresh or "\n" in match[0]
            continue
        fresh = False
        yield _Token(match[0], match.start(), kind == "word")


def _after_directive(source: str, at: int) -> int:
    """Skip a preprocessor line with its continuations; a block comment in it may span lines."""
    while at < len(source) and source[at] != "\n":
        if source.startswith("\\\n", at):
            at += 2
        elif source.startswith("/*", at):
            end = source.find("*/", at + 2)
            at = len(source) if end < 0 else end + 2
        elif source.startswith("//", at):
            at += len(re.match(r"(?:\\\n|[^\n])*", source[at:])[0])  # type: ignore[index]
        elif source[at] in "\"'":
            literal = _TOKEN.match(source, at)
            at = literal.end() if literal else at + 1
        else:
            at += 1
    return at


def find_kernels(source: str) -> tuple[Signature, ...]:
    """Read every kernel of a source.

    Parameters
    ----------
    source : str
        Kernel source in CUDA C++, OpenCL C or C, as the user wrote it. Kernels are functions that return void and are
        marked ``HC_KERNEL`` (or ``__kernel``, ``__global__``); a mark that comes out of a macro of the user's own is
        not seen.

    Returns
    -------
    tuple of Signature
        In the order of the source; a declaration and its definition, or two branches of an ``#if``, are two entries.
    """
    tokens = list(_tokens(source))
    found = []
    for index, token in enumerate(tokens):
        if token.word and token.text in _MARKERS and (index == 0 or tokens[index - 1].text not in _MARKERS):
            signature = _read_kernel(source, tokens, index + 1)
            if signature is not None:
                found.append(signature)
    return tuple(found)


def _read_kernel(source: str, tokens: Sequence[_Token], index: int) -> Signature | None:
    returns = False
    while index < len(tokens):
        token = tokens[index]
        if token.text in ("{", ";", "}"):
            return None
        if token.text == "void":
            returns = True
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.text == "[" or (token.word and following == "("):
            opened = index if token.text == "[" else index + 1
            closed = _matching(tokens, opened)
            if closed is None:
                return None
            if returns and token.word and token.text not in _ATTRIBUTES:
                params = tuple(_params(token.text, tokens[opened + 1 : closed]))
                line = source.count("\n", 0, token.start) + 1
                return Signature(token.text, params, tokens[opened].start, tokens[closed].start, line)
            index = closed
        index += 1
    return None


def _matching(tokens: Sequence[_Token], index: int) -> int | None:
    expected = []
    for at in range(index, len(tokens)):
        text = tokens[at].text
        if text in _OPEN:
            expected.append(_OPEN[text])
        elif text in _OPEN.values():
            if text != expected.pop():
                return None
            if not expected:
                return at
    return None


def _params(kernel: str, tokens: Sequence[_Token]) -> Iterator[Param]:
    for part in _split(tokens):
        texts = [token.text for token in part]
        if not texts or texts == ["void"]:
            continue
        if "..." in texts:
            raise CompileError(f"kernel {kernel!r}: a kernel takes no variable arguments (...)")
        yield _param(part)


def _split(tokens: Sequence[_Token]) -> Iterator[Sequence[_Token]]:
    depth = angles = start = 0
    for at, token in enumerate(tokens):
        if token.text in _OPEN:
            depth += 1
        elif token.text in _OPEN.values():
            depth -= 1
        elif token.text == "<" and depth == 0:
            angles += 1
        elif token.text == ">" and depth == 0 and angles:
            angles -= 1
        elif token.text == "," and depth == 0 and angles == 0:
            yield tokens[start:at]
            start = at + 1
    yield tokens[start:]


def _param(tokens: Sequence[_Token]) -> Param:
    tokens = _without_attributes(tokens)
    texts = [token.text for token in tokens]
    if "=" in texts:
        tokens = tokens[: texts.index("=")]
        texts = texts[: len(tokens)]
    at = _name_index(tokens)
    name = "" if at is None else texts[at]
    rest = [text for index, text in enumerate(texts) if index != at]
    pointer_at = min((rest.index(mark) for mark in ("*", "[") if mark in rest), default=None)
    base = rest if pointer_at is None else rest[:pointer_at]
    ctype = _spell(rest)
    space = next((_SPACES[text] for text in base if text in _SPACES), None)
    words = [text for text in base if text not in _QUALIFIERS and text not in _SPACES]
    kind = _kind(words)
    if pointer_at is None:
        return Param(name, ctype, kind)
    # T *const *p may be written through as well as T **p; only const T *p may not.
    levels = rest[pointer_at:].count("*") + rest[pointer_at:].count("[")
    constant = (levels == 1 and ("const" in base or "__const" in base)) or space == "constant"
    return Param(name, ctype, "pointer", True, space, kind if levels == 1 else "pointer", constant)


def _without_attributes(tokens: Sequence[_Token]) -> list[_Token]:
    kept: list[_Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1].text if index + 1 < len(tokens) else ""
        skip = index + 1 if token.text in _ATTRIBUTES and following == "(" else None
        if token.text == "[" and following == "[":
            skip = index
        end = None if skip is None else _matching(tokens, skip)
        if end is None:
            kept.append(token)
            index += 1
        else:
            index = end + 1
    return kept


def _name_index(tokens: Sequence[_Token]) -> int | None:
    """Find the declared name: the last word outside brackets that isn't needed as the type."""
    depth = angles = 0
    words = []
    for index, token in enumerate(tokens):
        if token.text == "[":
            depth += 1
        elif token.text == "]":
            depth -= 1
        elif token.text == "(" and index + 1 < len(tokens) and tokens[index + 1].text == "*":
            # A pointer to a function or to an array: the name stands in the parentheses.
            inner = [i for i in range(index, _matching(tokens, index) or index) if tokens[i].word]
            return inner[-1] if inner else None
        elif token.text == "<":
            angles += 1
        elif token.text == ">" and angles:
            angles -= 1
        elif token.word and depth == 0 and angles == 0 and token.text not in _QUALIFIERS:
            words.append(index)
    if not words or tokens[words[-1]].text in _BASIC:
        return None
    last = words[-1]
    # "::" ends in its own name: cuda::std::size_t without a parameter name.
    if last >= 2 and tokens[last - 1].text == ":" and tokens[last - 2].text == ":":
        return None
    before = [tokens[index].text for index in words[:-1]]
    types = [text for text in before if text not in _SPACES]
    if not types or types[-1] in _TAGS:
        return None
    return last


def _kind(words: Sequence[str]) -> str | None:
    if len(words) == 1 and words[0] in _NAMED:
        return _NAMED[words[0]]
    if words[:-1] == ["std", ":", ":"] and words[-1] in _NAMED:
        return _NAMED[words[-1]]
    if not words or any(word not in _BASIC for word in words):
        return None
    ordered = sorted(words)
    if ordered in (["bool"], ["_Bool"]):
        return "bool"
    if ordered == ["float"]:
        return "f32"
    if ordered == ["double"]:
        return "f64"
    if any(word in ordered for word in ("void", "bool", "_Bool", "float", "double")):
        return None
    signs = [word for word in ordered if word in ("signed", "unsigned")]
    sizes = [word for word in ordered if word in ("char", "short", "long")]
    ints = ordered.count("int")
    if len(signs) > 1 or ints > 1 or (ints and "char" in sizes):
        return None
    bits = {(): 32, ("char",): 8, ("short",): 16, ("long",): 64, ("long", "long"): 64}.get(tuple(sizes))
    return None if bits is None else f"{'u' if signs == ['unsigned'] else 'i'}{bits}"


def _spell(texts: Sequence[str]) -> str:
    text = re.sub(r"\s+", " ", " ".join(texts))
    text = re.sub(r" ?(::|<|>|\[|\]|\(|\)) ?", r"\1", text.replace(": :", "::"))
    return re.sub(r"\* (?=\*)", "*", text.replace(" ,", ",")).strip()


def parse_signature(source: str, name: str) -> Signature:
    """Read the signature of one kernel.

    Parameters
    ----------
    source : str
        Kernel source, as in :func:`find_kernels`.
    name : str
        The kernel.

    Returns
    -------
    Signature
        Of its last appearance, which is the definition where there is a declaration too.

    Raises
    ------
    CompileError
        If there is no such kernel (the message lists those that are there), or if two versions of it, in branches of an
        ``#if``, take different arguments.
    """
    kernels = find_kernels(source)
    mine = [kernel for kernel in kernels if kernel.name == name]
    if not mine:
        names = ", ".join(dict.fromkeys(kernel.name for kernel in kernels))
        there = f"the source has {names}" if names else "the source has no kernel at all"
        raise CompileError(f"no kernel {name!r}: {there}; a kernel reads HC_KERNEL void {name}(...)", source=source)
    shapes = {tuple((param.kind, param.ctype) for param in kernel.params) for kernel in mine}
    if len(shapes) > 1:
        lines = " and ".join(str(kernel.line) for kernel in mine)
        raise CompileError(f"kernel {name!r} has different parameters at lines {lines}", source=source)
    return mine[-1]


def add_parameter(source: str, declaration: str) -> str:
    """Append a parameter to every kernel of a source, at the end of its list; no line moves.

    Parameters
    ----------
    source : str
        Kernel source, as in :func:`find_kernels`.
    declaration : str
        Such as ``"HC_GLOBAL char *arena"``.

    Returns
    -------
    str
        The changed source.
    """
    pieces, done = [], 0
    for kernel in find_kernels(source):
        if kernel.is_empty:
            # A lone "void" goes; comments may stay.
            inside = source[kernel.open + 1 : kernel.close]
            words = [token for token in _tokens(inside) if token.text == "void"]
            for word in reversed(words):
                inside = inside[: word.start] + inside[word.end :]
            pieces += [source[done : kernel.open + 1], inside, declaration]
        else:
            pieces += [source[done : kernel.close], ", ", declaration]
        done = kernel.close
    return "".join(pieces) + source[done:]


# -- values

_CTYPES: Final = (ctypes.Structure, ctypes.Union, ctypes.Array, ctypes._SimpleCData)


def check_count(signature: Signature, args: Sequence[object]) -> None:
    """Compare the number of arguments with the number of parameters.

    Parameters
    ----------
    signature : Signature
        The kernel's.
    args : sequence
        What the caller passes.

    Raises
    ------
    ArgumentError
        If they differ.
    """
    wanted = len(signature.params)
    if len(args) != wanted:
        plural = "" if wanted == 1 else "s"
        raise ArgumentError(f"kernel {signature.name!r} takes {wanted} argument{plural}, not {len(args)}: {signature}")


def to_bytes(signature: Signature, index: int, value: object) -> bytes:
    """Turn a Python or NumPy value into the bytes of one kernel argument.

    Parameters
    ----------
    signature : Signature
        The kernel's.
    index : int
        Which parameter, from 0.
    value : object
        For an integer parameter anything with ``__index__``; for a floating one any real number; for a ``bool`` True,
        False, 0 or 1; for a pointer an address or None, which is the null pointer; for a type that only the compiler
        knows a NumPy scalar or structured value, a ctypes value, or bytes.

    Returns
    -------
    bytes
        In the machine's byte order, as long as the type.

    Raises
    ------
    ArgumentError
        If the value has the wrong type or does not fit; nothing is rounded to an integer and nothing is cut.
    """
    param = signature.params[index]

    def wrong(why: str) -> ArgumentError:
        label = f"{param.name!r}, {param.ctype}" if param.name else param.ctype
        return ArgumentError(f"argument {index + 1} ({label}) of kernel {signature.name!r}: {why}")

    if param.kind is None:
        return _opaque(value, wrong)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, ctypes._SimpleCData):
        value = value.value
    if param.kind in ("f32", "f64"):
        return _float(param.kind, value, wrong)
    if param.kind == "bool":
        number = _integer(value, wrong, "True or False")
        if number not in (0, 1):
            raise wrong(f"{number} is neither True nor False")
        return bytes([number])
    if param.kind == "pointer":
        number = 0 if value is None else _integer(value, wrong, "an address or None")
        if not 0 <= number < 1 << 64:
            raise wrong(f"{number} is no address")
        return number.to_bytes(8, sys.byteorder)
    number = _integer(value, wrong, "an integer")
    bits, signed = int(param.kind[1:]), param.kind[0] == "i"
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= number <= high:
        raise wrong(f"{number} does not fit in {'' if signed else 'unsigned '}{bits} bits ({low} to {high})")
    return number.to_bytes(bits // 8, sys.byteorder, signed=signed)


def to_ctypes(signature: Signature, index: int, value: object) -> Any:
    """Turn a Python or NumPy value into a ctypes object of one kernel argument.

    Parameters
    ----------
    signature, index, value
        As in :func:`to_bytes`.

    Returns
    -------
    ctypes object
        Of the parameter's type; a character array for a type that only the compiler knows.

    Raises
    ------
    ArgumentError
        As in :func:`to_bytes`.
    """
    data = to_bytes(signature, index, value)
    kind = signature.params[index].kind
    ctype = ctypes.c_char * len(data) if kind is None else _KINDS[kind][0]
    return ctype.from_buffer_copy(data)


def _integer(value: object, wrong: Any, wanted: str) -> int:
    if isinstance(value, np.bool_):
        return int(value)
    try:
        return value.__index__()  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, TypeError):
        raise wrong(f"{_brief(value)} is not {wanted}") from None


def _float(kind: str, value: object, wrong: Any) -> bytes:
    if isinstance(value, (str, bytes, bytearray, complex, np.complexfloating)) or not (
        hasattr(value, "__float__") or hasattr(value, "__index__")
    ):
        raise wrong(f"{_brief(value)} is not a number")
    try:
        number = float(value)  # type: ignore[arg-type]
        with np.errstate(over="ignore"):
            narrow = _KINDS[kind][1](number)
    except (TypeError, ValueError):
        raise wrong(f"{_brief(value)} is not a number") from None
    except OverflowError:
        raise wrong(f"{_brief(value)} does not fit in {kind[1:]} bits of floating point") from None
    if math.isfinite(number) and not np.isfinite(narrow):
        raise wrong(f"{number!r} does not fit in {kind[1:]} bits of floating point")
    return bytes(narrow.tobytes())


def _opaque(value: object, wrong: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview, *_CTYPES)):
        return bytes(value)
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.tobytes()
    raise wrong(f"{_brief(value)}: only the compiler knows this type; pass a NumPy scalar, a ctypes value or bytes")


def _brief(value: object) -> str:
    text = repr(value)
    text = text if len(text) <= 40 else text[:37] + "..."
    return f"{text} ({type(value).__name__})"
