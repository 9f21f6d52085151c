#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ABI of the linkable library as text: exported names with their C declarations, types, layouts, constants.

    tools/abi.py            writes libc_facade/abi.txt
    tools/abi.py --check    says what would change, and ends with status 1 if anything would

Names come from the library's sources, declarations from the plain headers where they have them. A program that was
linked with an older library goes on working as long as lines are only added.
"""

from __future__ import annotations

import argparse
import ctypes
import difflib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "libc_facade"
TEXT = ROOT / "abi.txt"
_HEAD = """\
# The ABI of the linkable library: Linux on x86-64, on every device (but LDBL_*: a GPU's long double is double).
# Written by tools/abi.py, held by tests/programs/test_abi.py.
# absent NAME: declared, so that sources compile, and defined nowhere: a call is the linker's error
# math NAME: declared, the library's on a GPU and libm's on a host
# function NAME: declaration        object NAME: type        type NAME: bytes
# layout STRUCT: bytes; member@offset:bytes ...        constant NAME: value
"""
_WORDS = frozenset("void char short int long float double signed unsigned _Bool _Complex const volatile".split())


def _run(command: list[str], text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def headers() -> list[str]:
    """Plain headers by the names that programs include them by."""
    folder = ROOT / "libc"
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.h"))
    return [name for name in found if not name.startswith(("bits/", "hostcall/"))]


def headers_source(skip: frozenset[str] = frozenset()) -> str:
    """C that includes every plain header."""
    return "#define _GNU_SOURCE 1\n" + "".join(f"#include <{name}>\n" for name in headers() if name not in skip)


def plain_flags() -> list[str]:
    """How a program finds the plain headers, and no others."""
    return ["-std=gnu11", "-nostdinc", "-fno-builtin", "-isystem", str(ROOT / "libc")]


def exported_definitions(cc: str = "cc") -> dict[str, str]:
    """The library's exported names, with what stands before their bodies or values."""
    flags = ["-E", "-P", "-nostdinc", "-I", str(ROOT / "include"), "-DHC_EXPORT=HC_EXPORTED", "-D_GNU_SOURCE"]
    text = " ".join(_run([cc, *flags, str(ROOT / "src" / "library.c")]).split())
    found: dict[str, str] = {}
    for piece in text.split("HC_EXPORTED ")[1:]:
        piece = _drop_attributes(piece)
        if re.match(r"[^({=;]*\(", piece):
            declaration = _strip(piece.split("{")[0])
            found[_declared_name(declaration)] = declaration
            continue
        piece = piece.split(";")[0]
        while "{" in piece:
            piece = re.sub(r"\{[^{}]*\}", "", piece)
        first, *others = _parameters(re.sub(r"=[^,]*", "", piece))
        base = re.sub(r"[*\s]*\w+\s*(?:\[[^\]]*\])?\s*$", "", first)
        for declaration in [_strip(first), *(_strip(f"{base} {other}") for other in others)]:
            found[_declared_name(declaration)] = declaration
    return found


def _drop_attributes(text: str) -> str:
    while True:
        at = text.find("__attribute__")
        if at < 0:
            return text
        depth, end = 1, text.index("(", at) + 1
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        text = text[:at] + text[end:]


def _strip(text: str) -> str:
    text = re.sub(r"\b(?:extern|__extension__|__restrict|restrict|inline|_Noreturn|__inline)\b", " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\(\s+", "(", re.sub(r"\s+([,)\[])", r"\1", text))
    return re.sub(r"\*\s+", "*", re.sub(r"(?<=[\w)])\s*\*", " *", text))


def _declared_name(declaration: str) -> str:
    returned = re.search(
        r"\(\*\s*(\w+)\s*\(", declaration
    )  # a function that returns one: void (*signal(int, ...))(int)
    plain = returned or re.search(r"(\w+)\s*\(", declaration) or re.search(r"(\w+)\s*(?:\[[^\]]*\])?$", declaration)
    if plain is None:
        raise SystemExit(f"no name in {declaration!r}")
    return plain[1]


def _without_name(parameter: str) -> str:
    """A parameter's type."""
    parameter = re.sub(r"\(\*\s*(?:const\s+)?\w+\)", "(*)", parameter)
    words = re.findall(r"\w+|\S", parameter)
    last = next((k for k in range(len(words) - 1, -1, -1) if re.match(r"[A-Za-z_]\w*$", words[k])), -1)
    named = (
        last > 0
        and "(" not in words
        and words[last] not in _WORDS
        and words[last - 1] not in ("struct", "union", "enum")
        and not set(words[:last]) <= {"const", "volatile"}
    )
    if named:
        parameter = re.sub(rf"\b{words[last]}\b(?=(?:\[[^\]]*\])*$)", "", parameter)
    return _strip(parameter)


def _parameters(text: str) -> list[str]:
    depth, begin, parts = 0, 0, []
    for index, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(text[begin:index])
            begin = index + 1
    return [part.strip() for part in [*parts, text[begin:]]]


def normal(declaration: str) -> str:
    """A declaration without the names of its parameters."""
    name = _declared_name(declaration)
    match = re.search(rf"\b{name}\s*\(", declaration)
    if match is None:
        return declaration
    depth, begin = 1, match.end()
    end = begin
    while depth:
        depth += {"(": 1, ")": -1}.get(declaration[end], 0)
        end += 1
    inner = ", ".join(_without_name(part) for part in _parameters(declaration[begin : end - 1]))
    return _strip(f"{declaration[:begin]}{inner}){declaration[end:]}")


@dataclass
class Headers:
    """What the plain headers say."""

    functions: dict[str, str]
    objects: dict[str, str]
    types: list[str]
    structs: dict[str, list[str]]  #: members
    constants: list[str]


def _top_level(text: str) -> list[str]:
    """Declarations of a translation unit; bodies of inline functions are dropped."""
    depth, begin, found = 0, 0, []
    for index, char in enumerate(text):
        depth += {"{": 1, "}": -1}.get(char, 0)
        ended = char == ";" or (char == "}" and re.search(r"\)\s*\{", text[begin:index]) is not None)
        if depth == 0 and ended:
            found.append(text[begin : index + 1].strip())
            begin = index + 1
    return found


def _members(body: str) -> list[str]:
    while re.search(r"\{[^{}]*\}", body):
        body = re.sub(r"\{[^{}]*\}", "", body)
    names = []
    for part in body.split(";"):
        if ":" in part:  # no offset
            continue
        for declarator in _parameters(part):
            pointer = re.search(r"\(\*\s*(\w+)\)", declarator)  # to a function
            found = pointer or re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", declarator.strip())
            if found and not found[1].startswith("__") and found[1] not in ("union", "struct"):
                names.append(found[1])
    return names


def read_headers(cc: str = "cc") -> Headers:
    """Read what the plain headers declare."""
    source = headers_source()
    text = _drop_attributes(" ".join(_run([cc, *plain_flags(), "-E", "-P", "-x", "c", "-"], source).split()))
    said = Headers({}, {}, [], {}, [])
    for declaration in _top_level(text):
        body = declaration.rstrip(";").strip()
        if re.match(r"static (?!.*\()", body):
            continue
        struct = re.match(r"(typedef )?(?:struct|union) ?(\w*) ?\{(.*)\} ?(\w*)$", body)
        if struct:
            kind = body.split()[1 if struct[1] else 0]
            name = struct[4] if struct[1] else f"{kind} {struct[2]}"
            said.structs[name] = _members(struct[3])
        elif body.startswith("typedef"):
            alias = re.match(r"typedef [^(){}]*?(\w+)(?:\[\w+\])?$", body)
            if alias and ("struct" not in body or "*" in body):
                said.types.append(alias[1])
        elif (
            re.match(r"(?:enum|struct|union) ?\w*(?: ?\{.*\})?$", body) or not body or body.startswith("_Static_assert")
        ):
            continue
        elif "(" in body:
            declared = _strip(body.split("{")[0])
            said.functions[_declared_name(declared)] = normal(declared)
        else:
            first, *others = _parameters(_strip(body))
            said.objects[_declared_name(first)] = first
            base = re.sub(r"\W*\w+$", "", first)
            said.objects.update({_declared_name(other): f"{base} {other}" for other in others})
    said.constants = _constants(cc, source)
    return said


# What an integer constant expression is made of, when its macros are gone.
_INTEGER = re.compile(
    r"(?:[\s()+\-*/|&~<>?:=!]|0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|'.'|\((?:unsigned|signed|long|int|char|short|\s)+\))*"
)


def _constants(cc: str, source: str) -> list[str]:
    """Macros that stand for an integer."""
    read = [cc, *plain_flags(), "-E", "-x", "c", "-"]
    own = set(
        re.findall(r"^#define (\w+)", _run([cc, "-std=gnu11", "-dM", "-E", "-x", "c", "/dev/null"]), re.MULTILINE)
    )
    macros = set(re.findall(r"^#define ((?!__)\w+) \S", _run([*read[:-3], "-dM", *read[-3:]], source), re.MULTILINE))
    names = sorted(macros - own - {"_GNU_SOURCE"})
    said = " ".join(_run([*read, "-P"], source + "".join(f'"@{name}@" {name}\n' for name in names)).split())
    values = re.findall(r'"@(\w+)@"([^"@]*)', said)
    return [name for name, value in values if re.search(r"\d", value) and _INTEGER.fullmatch(value)]


def math_names() -> set[str]:
    """Functions and objects that a host takes from libm; on a GPU they are the library's."""
    text = "".join((ROOT / "libc" / name).read_text() for name in ("math.h", "fenv.h"))
    said = set(re.findall(r"\b([a-z]\w*)\s*\(", text)) | set(re.findall(r"^extern int (\w+);", text, re.MULTILINE))
    return said | {"exp10l"}


def evaluate(expressions: list[str], source: str, flags: list[str], cc: str = "cc") -> list[int]:
    """Values of integer constant expressions, as the compiler sees them after `source`."""
    with tempfile.TemporaryDirectory(prefix="hostcall-abi-") as folder:
        text, made = Path(folder) / "values.c", Path(folder) / "values.so"
        lines = "".join(f"    (long long)({expression}),\n" for expression in expressions)
        text.write_text(f"{source}const long long hc_values[] = {{\n{lines}}};\n")
        _run([cc, *flags, "-w", "-O1", "-shared", "-fPIC", "-nostdlib", "-o", str(made), str(text), "-lgcc"])
        return list((ctypes.c_longlong * len(expressions)).in_dll(ctypes.CDLL(str(made)), "hc_values"))


def layout_expressions(said: Headers) -> dict[str, list[str]]:
    """For each struct the expressions of its size and of its members' places."""
    return {
        name: [f"sizeof({name})"]
        + [f"{what}({name}, {member})" for member in members for what in ("__builtin_offsetof", "hc_sizeof_member")]
        for name, members in said.structs.items()
    }


MEMBER_SIZE = "#define hc_sizeof_member(type, member) sizeof(((type *)0)->member)\n"


def abi_text(cc: str = "cc") -> str:
    """Write the ABI down."""
    said, exported = read_headers(cc), exported_definitions(cc)
    lines = []
    for name in sorted(exported):
        declaration = said.functions.get(name) or said.objects.get(name) or normal(exported[name])
        lines.append(f"{'function' if '(' in exported[name] else 'object'} {name}: {declaration}")
    absent = sorted(set(said.functions) - set(exported) - math_names())
    lines += [f"absent {name}: {said.functions[name]}" for name in absent]
    of_libm = sorted((set(said.functions) & math_names()) - set(exported))
    lines += [f"math {name}: {said.functions[name]}" for name in of_libm]
    layouts = layout_expressions(said)
    asked = [f"sizeof({name})" for name in said.types] + [e for each in layouts.values() for e in each] + said.constants
    values = iter(evaluate(asked, headers_source() + MEMBER_SIZE, plain_flags(), cc))
    lines += sorted(f"type {name}: {next(values)}" for name in said.types)
    structs = []
    for name, members in said.structs.items():
        size = next(values)
        structs.append(f"layout {name}: {size};" + "".join(f" {m}@{next(values)}:{next(values)}" for m in members))
    lines += sorted(structs)
    lines += [f"constant {name}: {next(values)}" for name in said.constants]
    return _HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """Write, or check, the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say what would change")
    given = parser.parse_args()
    new, old = abi_text(), TEXT.read_text() if TEXT.exists() else ""
    if not given.check:
        TEXT.write_text(new)
        return 0
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "abi.txt", "the sources"))
    return int(old != new)


if __name__ == "__main__":
    sys.exit(main())
