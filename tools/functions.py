#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of functions: libc_facade/functions.toml as a page of the docs.

    tools/functions.py            writes docs/functions.md
    tools/functions.py --check    says what would change, and ends with status 1 if anything would

The rest of this file reads what there is, so that tests can hold the table against it: the plain headers, the macros of
the kernel headers, the names that the library exports, and the promise in docs/facade.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
FACADE = ROOT / "libc_facade"
TABLE = FACADE / "functions.toml"
PAGE = ROOT / "docs" / "functions.md"
PROMISE = ROOT / "docs" / "facade.md"
SIDES = {
    "D": "the device answers alone",
    "H": "a hostcall",
    "D/H": "the device, and a hostcall when that runs out",
    "P": "posted: nobody waits",
}
PLACES = {
    "kernels": "kernels in CUDA C++ and in C on the host",
    "opencl": "kernels in OpenCL C",
    "programs": "linked programs",
}
MISSING = {"hc_deadline": "`hc_call_within` takes a deadline for one call"}
LLVM_ALL, LLVM_HOST = 252, 36  # as docs/facade.md says


@dataclass(frozen=True)
class Function:
    """A row: `where` holds words of PLACES, `cost` is in words."""

    name: str
    header: str
    side: str
    where: tuple[str, ...]
    cost: str
    note: str = ""


def read_table(text: str) -> list[Function]:
    """Read functions.toml; every mistake is reported by its place.

    Raises
    ------
    ValueError
        With all mistakes.
    """
    rows: list[Function] = []
    mistakes: list[str] = []
    for header, functions in tomllib.loads(text).items():
        for name, row in functions.items():
            place = f'"{header}".{name}'
            unknown = set(row) - {"side", "in", "cost", "note"}
            where = tuple(str(row.get("in", "")).split())
            if unknown:
                mistakes.append(f"{place}: no such key: {', '.join(sorted(unknown))}")
            if row.get("side") not in SIDES:
                mistakes.append(f"{place}.side: {row.get('side')!r} is none of {', '.join(SIDES)}")
            if not where or not set(where) <= set(PLACES):
                mistakes.append(f"{place}.in: {row.get('in')!r} is not made of {', '.join(PLACES)}")
            if not row.get("cost"):
                mistakes.append(f"{place}.cost: it is missing")
            rows.append(Function(name, header, row.get("side", ""), where, row.get("cost", ""), row.get("note", "")))
    names = [row.name for row in rows]
    mistakes += [
        f"{name}: it stands in two headers" for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return rows


# -- what there is


def _preprocessed(text: str, *options: str, or_nothing: bool = False) -> str:
    command = ["cc", "-E", "-nostdinc", "-x", "c", *options, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode and or_nothing:
        return ""
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


_ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def prototypes() -> dict[str, set[str]]:
    """Give the functions that the plain headers declare, each with the headers that declare it themselves."""
    folder = FACADE / "libc"
    found: dict[str, set[str]] = {}
    paths = sorted(path for path in folder.rglob("*.h"))
    text = "#define _GNU_SOURCE 1\n" + "".join(f"#include <{path.relative_to(folder)}>\n" for path in paths)
    current, pieces = "", {}
    for line in _preprocessed(text, "-isystem", str(folder)).split("\n"):
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            current = marker[1]
        else:
            pieces[current] = pieces.get(current, "") + line + "\n"
    for path, piece in pieces.items():
        if not path.startswith(str(folder)):
            continue
        header = str(Path(path).relative_to(folder))
        code = _without_bodies(_ATTRIBUTE.sub(" ", piece))
        for statement in code.split(";"):
            name = _declared(" ".join(statement.split()))
            if name:
                found.setdefault(name, set()).add(header)
    return found


def _without_bodies(code: str) -> str:
    """Drop what stands in braces: structures, enumerations, bodies of inline functions."""
    out, depth = [], 0
    for char in code:
        depth -= char == "}"
        if depth == 0:
            out.append(";" if char == "}" and _ends_function(out) else char)
        depth += char == "{"
    return "".join(out)


def _ends_function(out: list[str]) -> bool:
    return "".join(out[-200:]).rstrip(" \n{").endswith(")")


def _declared(statement: str) -> str | None:
    """The name of the function that a statement declares, if it declares one."""
    if "(" not in statement or statement.startswith(("typedef", "_Static_assert", "#")):
        return None
    match = re.match(r"[\w\s*]*?\b(\w+)\s*\(", statement)
    returns_function = re.match(r"[\w\s*]+\(\s*\*\s*(\w+)\s*\(", statement)
    if returns_function:
        return returns_function[1]
    if match is None or match[1] in ("__attribute__", "sizeof", "__typeof__", "void", "int", "char", "long"):
        return None
    return match[1]


def kernel_macros(*, opencl: bool = False) -> dict[str, set[str]]:
    """Give the standard names that the kernel headers turn into functions, each with its headers."""
    folder = FACADE / "include"
    skip = ("hc/", "hostcall.h")
    headers = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.h"))
    defines = ["-D__OPENCL_VERSION__=300", "-D__OPENCL_C_VERSION__=300"] if opencl else []
    code = ""
    for name in headers:
        if name.startswith(skip):
            continue
        text = f'#include "hostcall.h"\n#include <{name}>\n'
        # A header that kernels cannot have says so by an error.
        code += _preprocessed(text, "-dD", "-I", str(folder), *defines, or_nothing=True)
    known = set(re.findall(r"\b(hc_\w+)\s*\(", code))
    found: dict[str, set[str]] = {}
    current = ""
    for line in code.split("\n"):
        marker = re.match(r'# \d+ "([^"]*)"', line)
        macro = re.match(r"#define (\w+)(?:\([^)]*\))? +\(*(hc_\w+|HC_HEAP_NAME\(\w+)", line)
        if marker:
            current = marker[1]
        elif (
            macro
            and macro[2].replace("HC_HEAP_NAME(", "hc_") in known
            and current.startswith(str(folder))
            and not macro[1].startswith(("hc_", "HC_"))
        ):
            header = str(Path(current).relative_to(folder))
            if not header.startswith("hc/"):
                found.setdefault(macro[1], set()).add(header)
    return found


_FAMILIES = {
    "all": "memcpy memmove memccpy memset memcmp memchr strcpy strncpy strcat strncat strcmp strncmp "
    "strcoll strxfrm strchr strrchr strspn strcspn strpbrk strstr strtok strlen stpcpy stpncpy "
    "strsignal strncasecmp ffs isalnum isalpha isblank "
    "iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit tolower toupper",
    "abs…": "abs labs llabs",
    "div…": "div ldiv lldiv",
    "ato*": "atoi atol atoll atof",
    "strto*": "strtol strtoul strtoll strtoull strtod strtof",
    "fseek": "fseek fseeko",
    "ftell": "ftell ftello",
    "htons…": "htons htonl ntohs ntohl",
    "pthread_create/join/detach/self/equal/exit": "pthread_create pthread_join pthread_detach "
    "pthread_self pthread_equal pthread_exit",
    "mutex": "pthread_mutex_init pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock "
    "pthread_mutex_unlock pthread_mutex_destroy",
    "cond": "pthread_cond_init pthread_cond_wait pthread_cond_timedwait pthread_cond_signal "
    "pthread_cond_broadcast pthread_cond_destroy",
    "rwlock": "pthread_rwlock_rdlock pthread_rwlock_wrlock pthread_rwlock_tryrdlock "
    "pthread_rwlock_trywrlock pthread_rwlock_unlock",
    "once": "pthread_once",
    "barrier": "pthread_barrier_init pthread_barrier_wait pthread_barrier_destroy",
    "key": "pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific",
    "spin": "pthread_spin_init pthread_spin_lock pthread_spin_trylock pthread_spin_unlock pthread_spin_destroy",
    "hc_block_*": "hc_block_read hc_block_write hc_block_pread hc_block_pwrite",
    "never": "",
    "thread_local": "",
}


def promised() -> dict[str, str]:
    """Give the functions that docs/facade.md names, its families member by member, each with the side it promises."""
    found: dict[str, str] = {}
    for line in PROMISE.read_text().split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 3 or not re.search(r"\w+\.h|linkable", cells[0]):
            continue
        text = re.sub(r"\([^)]*\)", " ", cells[1])
        if "linkable" not in cells[0] and "hostcall.h" not in cells[0]:
            text = text.split(":")[0]
        for part in re.split(r"[,;]| and (?=\w+ (?:families|batches)|sigaction)|(?<=`) / (?=`)", text):
            word = part.replace("`", "").strip().split(" ")[0]
            names = _FAMILIES[word].split() if word in _FAMILIES else [word]
            for name in names:
                if re.fullmatch(r"[a-z_]\w*", name):
                    found.setdefault(name, re.split(r"[ :(;]", cells[2])[0])
    return found


# -- the page


def _count(rows: list[Function], side: str, place: str) -> int:
    return sum(row.side == side and place in row.where for row in rows)


def page(rows: list[Function]) -> str:
    """Write docs/functions.md."""
    lines = [
        "# Every function, and which side answers it",
        "",
        "Written by `tools/functions.py` from `libc_facade/functions.toml`; a test holds it against the headers, "
        "the library and [facade.md](facade.md).",
        "",
        "Side: " + "; ".join(f"**{side}** {text}" for side, text in SIDES.items()) + ".",
        "",
        "Where: "
        + "; ".join(f"*{place}* are {text}" for place, text in PLACES.items())
        + ". Kernels in CUDA C++ run on `pinned-ring` and `cuda-managed`, those in OpenCL C on `opencl-svm`, those in C"
        " on `loopback`;"
        " programs run on `loopback`, and are built for `pinned-ring` and `cuda-managed` ([run](libc/run.md)).",
        "",
        "Cost: hostcalls that a lane makes and waits for. Lanes that make the same call together share the packet.",
        "",
        "| | functions | " + " | ".join(f"side {side}" for side in SIDES) + " |",
        "| --- | --- | " + " | ".join("---" for _ in SIDES) + " |",
    ]
    for place in PLACES:
        counts = [_count(rows, side, place) for side in SIDES]
        lines.append(f"| {place} | {sum(counts)} | {' | '.join(map(str, counts))} |")
    served = sum(row.side != "D" for row in rows)
    lines += [
        f"| in all | {len(rows)} | " + " | ".join(str(sum(row.side == side for row in rows)) for side in SIDES) + " |",
        "",
        f"LLVM's libc for GPUs has about {LLVM_ALL} functions on NVIDIA cards, {LLVM_HOST} of them served by the host. "
        f"Here it is {len(rows)}, {served} of them with the host's help.",
    ]
    lines += ["", *(f"Promised in facade.md and not there: `{name}`: {why}." for name, why in MISSING.items())]
    for header in sorted({row.header for row in rows}):
        lines += [
            "",
            f"## {header}",
            "",
            "| function | side | where | hostcalls | note |",
            "| --- | --- | --- | --- | --- |",
        ]
        for row in sorted((row for row in rows if row.header == header), key=lambda row: row.name):
            lines.append(f"| `{row.name}` | {row.side} | {', '.join(row.where)} | {row.cost} | {row.note} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description="Write docs/functions.md from libc_facade/functions.toml.")
    parser.add_argument("--check", action="store_true", help="only say whether it would change")
    given = parser.parse_args(arguments)
    text = page(read_table(TABLE.read_text()))
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    if given.check:
        print(f"{PAGE.relative_to(ROOT)} is not what {TABLE.relative_to(ROOT)} says")
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
