# SPDX-License-Identifier: Apache-2.0
"""Thread-local variables for targets without them: a pass over the text of LLVM's language.

clang refuses ``_Thread_local`` for NVIDIA GPUs. So the source is compiled with what :func:`defines` says, which makes
such variables ordinary ones in a section of their own, and :func:`lower` turns what is in that section (or is
``thread_local``, in what other front ends write) into

- an image, constant: the initial value;
- a description under the name ``__hc_tls_NAME``, with the variable's linkage: image, size, alignment, an index;
- in each function that uses the variable, a call of ``__hc_tls_address`` with the description, which gives this
  thread's copy (``libc_facade/include/hc/threads_local.h``).

It runs before any optimisation, on the module of one source, and knows no more of the language than it needs. What it
cannot express, it names: the address of such a variable as a constant initialiser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import CompileError

__all__ = ["REFUSAL", "SECTION", "defines", "functions", "lower"]

SECTION = ".hc.tls"
_WORDS = ("_Thread_local", "__thread")
_NEWER = {f"-std={kind}{year}" for kind in ("c", "gnu", "iso9899:20") for year in ("23", "2x", "24", "2y")}
#: What clang says where it needs them.
REFUSAL = "thread-local storage is not supported"

_TAKE = "__hc_tls_address"
_DESCRIPTION = "{ ptr, i64, i64, i64 }"
_NAME = r'@(?:"(?:[^"\\]|\\.)*"|[-$.\w]+)'
_GLOBAL = re.compile(rf"^({_NAME}) = (.*)$")
_LINKAGES = {"private", "internal", "available_externally", "linkonce", "weak", "common", "appending"}
_LINKAGES |= {"extern_weak", "linkonce_odr", "weak_odr", "external"}
_SHARED = {"linkonce", "weak", "linkonce_odr", "weak_odr", "common"}
_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_CASTS = ("ptrtoint", "inttoptr", "addrspacecast", "bitcast", "trunc", "zext", "sext", "ptrtoaddr")
_EXPRESSION = re.compile(rf"\b(getelementptr|{'|'.join(_CASTS)}|add|sub|mul|xor)\b((?: [a-z]+(?:\([^()]*\))?)*) \(")


@dataclass(frozen=True)
class _Variable:
    """A thread-local variable of a module."""

    name: str  #: with its @
    linkage: str  #: of its description
    type: str = ""
    value: str = ""  #: empty: it is another module's
    align: int = 8

    @property
    def _plain(self) -> str:
        return self.name[1:].strip('"')

    @property
    def description(self) -> str:
        """The name of its description."""
        return self._quoted(f"__hc_tls_{self._plain}")

    @property
    def image(self) -> str:
        """The name of its image."""
        return self._quoted(f"__hc_tls_image_{self._plain}")

    @staticmethod
    def _quoted(name: str) -> str:
        return f"@{name}" if re.fullmatch(r"[-$.\w]+", name) else f'@"{name}"'

    def definitions(self) -> list[str]:
        """The lines that stand for it."""
        if not self.value:
            return [f"{self.description} = {self.linkage} global {_DESCRIPTION}, align 8"]
        size = f"ptrtoint (ptr getelementptr ({self.type}, ptr null, i64 1) to i64)"
        fields = f"ptr {self.image}, i64 {size}, i64 {self.align}, i64 0"
        return [
            f"{self.image} = internal constant {self.type} {self.value}, align {self.align}",
            f"{self.description} = {self.linkage} global {_DESCRIPTION} {{ {fields} }}, align 8",
        ]


def defines(options: Sequence[str]) -> list[str]:
    """Options that make thread-local variables ordinary ones in a section of their own.

    C alone: C++ has initialisers that run for each thread, which nothing here would do.

    Parameters
    ----------
    options : sequence of str
        What the C compiler is given beside them; ``-std=`` decides whether ``thread_local`` is a word of the language.
    """
    words = [*_WORDS, "thread_local"] if _NEWER.intersection(options) else _WORDS
    return [f'-D{word}=__attribute__((section("{SECTION}")))' for word in words]


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes; strings may hold brackets."""
    stack: list[str] = []
    at = start
    while at < len(text):
        char = text[at]
        if char == '"':
            at = text.index('"', at + 1)
        elif char in _PAIRS:
            stack.append(_PAIRS[char])
        elif stack and char == stack[-1]:
            stack.pop()
            if not stack:
                return at
        at += 1
    raise CompileError(f"thread-local variables: a bracket does not close in {text[:80]!r}")


def _first_type(text: str) -> str:
    """Give the type that `text` begins with."""
    if text[0] in _PAIRS:
        return text[: _closing(text, 0) + 1]
    match = re.match(r'ptr(?: addrspace\(\d+\))?|%"[^"]*"|%[-$.\w]+|\w+', text)
    if match is None:
        raise CompileError(f"thread-local variables: no type at {text[:80]!r}")
    return match[0]


def _pieces(text: str) -> list[str]:
    """Split at the commas that stand in no bracket and no string."""
    pieces, start, at = [], 0, 0
    while at < len(text):
        if text[at] == '"':
            at = text.index('"', at + 1)
        elif text[at] in _PAIRS:
            at = _closing(text, at)
        elif text[at] == ",":
            pieces.append(text[start:at].strip())
            start = at + 1
        at += 1
    return [*pieces, text[start:].strip()]


def _variable(line: str) -> _Variable | None:
    """Read a line that may define or declare a thread-local variable."""
    match = _GLOBAL.match(line)
    if match is None or (f'section "{SECTION}"' not in line and not re.search(r"\bthread_local\b", line)):
        return None
    words = re.match(r"((?:[\w()]+ )*?)(?:global|constant) (.*)$", match[2])
    if words is None:
        return None
    linkage = next((word for word in words[1].split() if word in _LINKAGES), "")
    value, *rest = _pieces(words[2])
    kind = _first_type(value)
    value = value[len(kind) :].strip()
    align = next((int(piece.split()[1]) for piece in rest if piece.startswith("align ")), 8)
    if not value or linkage == "available_externally":
        return _Variable(match[1], "extern_weak" if linkage == "extern_weak" else "external")
    if linkage == "private":
        linkage = "internal"
    return _Variable(match[1], "weak" if linkage in _SHARED else linkage, kind, value, align)


class _Function:
    """The body of a function, rewritten."""

    def __init__(self, head: str, body: list[str], variables: dict[str, _Variable], names: re.Pattern[str]) -> None:
        self._head = head
        self._body = body
        self._variables = variables
        self._names = names
        self._entry: list[str] = []
        self._known: dict[str, str] = {}

    def lines(self) -> list[str]:
        """The function's lines, addresses taken at its entry."""
        rewritten = [self._line(line) for line in self._body]
        kept = [line for line in rewritten if line is not None]
        at = 0
        while at < len(kept) and (re.match(r"\s*$|\s*;|\s*#dbg|[-$.\w\"]+:|\s+%\S+ = alloca ", kept[at])):
            at += 1
        return [self._head, *kept[:at], *self._entry, *kept[at:]]

    def _made(self, instruction: str) -> str:
        """The name of a value computed at the entry."""
        if instruction not in self._known:
            name = f"%hc.tls.{len(self._known)}"
            self._known[instruction] = name
            self._entry.append(f"  {name} = {instruction}")
        return self._known[instruction]

    def _line(self, line: str) -> str | None:
        if not self._names.search(line):
            return line
        if line.lstrip().startswith("#dbg_"):
            return None
        line = self._names.sub(
            lambda m: self._made(f"call ptr @{_TAKE}(ptr {self._variables[m[0]].description})"), line
        )
        line = re.sub(
            r"= (?:(?:tail|musttail|notail) )?call [^@]*@llvm\.threadlocal\.address\.p0\(ptr [^%]*(%hc\.tls\.\d+)\)",
            r"= getelementptr i8, ptr \1, i64 0",
            line,
        )
        while (found := self._innermost(line)) is not None:
            start, end, instruction = found
            line = line[:start] + self._made(instruction) + line[end:]
        self._refuse_aggregate(line)
        return line

    def _innermost(self, line: str) -> tuple[int, int, str] | None:
        """A constant expression with an address in it and none within: its place, and the same as an instruction."""
        best = None
        for match in _EXPRESSION.finditer(line):
            opening = match.end() - 1
            inside = line[opening + 1 : _closing(line, opening)]
            if "%hc.tls." in inside and (best is None or match.start() > best[0].start()):
                best = match, inside
        if best is None:
            return None
        match, inside = best
        end = match.end() + len(inside) + 1
        operation, flags = match[1], match[2]
        if operation in ("add", "sub", "mul", "xor"):
            left, right = _pieces(inside)
            inside = f"{left}, {right[len(_first_type(right)) :].strip()}"
        return match.start(), end, f"{operation}{flags} {inside}"

    def _refuse_aggregate(self, line: str) -> None:
        """Values of structures and arrays are constants as a whole."""
        for opening in re.finditer(r"(?<=[\]}>] )[\[{<]", line):
            if "%hc.tls." in line[opening.start() : _closing(line, opening.start())]:
                raise CompileError(
                    "the address of a thread-local variable is part of a constant structure or array in function "
                    f"{_function_name(self._head)}; assign it where the program runs"
                )


def _function_name(head: str) -> str:
    found = re.search(rf"({_NAME})\(", head)
    return found[1][1:].strip('"') if found else head


def functions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Functions as their head and body; every other line by itself, with no body."""
    lines = iter(text.split("\n"))
    for line in lines:
        if not (line.startswith("define ") and line.rstrip().endswith("{")):
            yield line, []
            continue
        body = []
        for inner in lines:
            body.append(inner)
            if inner == "}":
                break
        yield line, body


def lower(text: str) -> str:
    """Turn the thread-local variables of a module into copies that the library keeps for each thread.

    Parameters
    ----------
    text : str
        A module in LLVM's language, not optimised yet: compiled with :func:`defines`, or with ``thread_local``.

    Returns
    -------
    str
        The module without them; the same text if it has none.

    Raises
    ------
    CompileError
        If an address of such a variable is asked for where only constants can be.
    """
    parts = list(functions(text))
    found = (_variable(head) for head, body in parts if not body)
    variables = {variable.name: variable for variable in found if variable is not None}
    if not variables:
        return text
    ordered = sorted(variables, key=len, reverse=True)
    names = re.compile("(?:" + "|".join(re.escape(name) for name in ordered) + r")(?![-$.\w])")
    made: list[str] = []
    for head, body in parts:
        if body:
            made += _Function(head, body, variables, names).lines()
            continue
        variable = _variable(head)
        if variable is not None:
            if (used := names.search(variable.value)) is not None:
                raise CompileError(_refusal(head, used[0]))
            made += variable.definitions()
        elif re.match(r"@llvm\.(?:compiler\.)?used = ", head):
            made.append(names.sub(lambda match: variables[match[0]].description, head))
        elif head.startswith(("@", "define ")) and (used := names.search(head)) is not None:
            raise CompileError(_refusal(head, used[0]))
        elif not re.match(r"declare .*@llvm\.threadlocal\.address", head):
            made.append(head)
    made.append(f"\ndeclare ptr @{_TAKE}(ptr) nounwind willreturn memory(none)\n")
    return "\n".join(made)


def _refusal(line: str, name: str) -> str:
    match = _GLOBAL.match(line)
    where = match[1][1:].strip('"') if match else line[:60]
    plain = name[1:].strip('"')
    if where.startswith("__const."):
        where = f"a local variable of {where.split('.')[1]}"
    return (
        f"the address of the thread-local variable {plain} is in the initialiser of {where}: every thread has another "
        "one; assign it where the program runs"
    )
