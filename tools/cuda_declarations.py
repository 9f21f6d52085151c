#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes libc_facade/src/hostcall/libc.h: the library's functions as CUDA C++ declares what it links against.

tools/cuda_declarations.py            writes the header
tools/cuda_declarations.py --check    says what would change, and ends with status 1 if anything would
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import abi

TEXT = abi.ROOT / "src" / "hostcall" / "libc.h"
_HEAD = """\
/* SPDX-License-Identifier: Apache-2.0
 *
 * The linkable library for CUDA C++, in namespace hostcall: for objects (nvcc -rdc=true, NVRTC) that are linked with
 * hostcall.fatbin or hostcall.ltoir instead of compiling the facade's headers, which must not be found beside this one.
 * Written by tools/cuda_declarations.py.
 *
 * printf, vprintf, malloc and free of CUDA C++ itself, new and delete go to the library too, once it is linked. Structs
 * that are only named here (stat, timespec, ...) are Linux's on x86-64: the host's own, where there is one.
 */
#ifndef HOSTCALL_LIBC_H
#define HOSTCALL_LIBC_H

/* Linkage matters in device code alone; the host's pass would take these for redeclarations of the host's libc. */
#if defined(__CUDA_ARCH__) || defined(__CUDACC_RTC__)
#define HC_LIBC extern "C" __device__
#else
#define HC_LIBC __device__
#endif
#pragma nv_diagnostic push
#pragma nv_diag_suppress 338 /* the host's libc has the same names */

"""
_PACKING = """\
namespace detail {
/* What C passes for `...`: every argument at its natural alignment, promoted. */
template <class T> __device__ inline auto promoted(T value) -> decltype(+value) { return +value; }
__device__ inline double promoted(float value) { return value; }
template <unsigned Count> struct packed {
    alignas(8) unsigned char bytes[8 * Count + 8];
    unsigned end = 0;
    template <class T> __device__ void add(T value) {
        end = (end + unsigned(sizeof value) - 1u) / unsigned(sizeof value) * unsigned(sizeof value);
        *reinterpret_cast<T *>(bytes + end) = value;
        end += unsigned(sizeof value);
    }
};
template <class... Arguments> __device__ inline packed<sizeof...(Arguments)> pack(Arguments... arguments) {
    packed<sizeof...(Arguments)> all;
    (all.add(promoted(arguments)), ...);
    return all;
}
} // namespace detail

"""


def _plain_type(text: str, aliases: dict[str, str]) -> str | None:
    """A declaration in C's own types and struct tags; None where that is not enough."""
    for _ in range(8):
        text = re.sub(r"(?<!struct )(?<!union )\b[A-Za-z_]\w*", lambda m: aliases.get(m[0], m[0]), text)
    text = text.replace("__builtin_va_list", "const void *").replace("_Bool", "bool")
    names = re.findall(r"(?<!struct )(?<!union )\b[A-Za-z_]\w*", text)
    return abi._strip(text) if set(names) <= abi._WORDS | {"struct", "union", "bool"} else None


def _aliases(cc: str) -> dict[str, str]:
    text = abi._drop_attributes(
        " ".join(abi._run([cc, *abi.plain_flags(), "-E", "-P", "-x", "c", "-"], abi.headers_source()).split())
    )
    found = re.findall(r"typedef ([^(){};\[\]]*?[\s*])(\w+);", text)
    return {name: body.strip() for body, name in found} | {"va_list": "const void *"}


def header(cc: str = "cc") -> str:
    """Write the header."""
    said, exported, aliases = abi.read_headers(cc), abi.exported_definitions(cc), _aliases(cc)
    plain, variadic, tags = [], [], set()
    for name in sorted(set(said.functions) & set(exported)):
        declaration = said.functions[name]
        at = declaration.index(f"{name}(")
        returned, rest = declaration[:at].strip(), declaration[at + len(name) :]
        if name == "printf" or rest[-1] != ")" or not rest.startswith("(") or "(*" in returned:
            continue
        parameters = [] if rest == "(void)" else abi._parameters(rest[1:-1])
        dots = parameters[-1:] == ["..."]
        types = [_plain_type(each, aliases) for each in [returned, *parameters[: len(parameters) - dots]]]
        if None in types or re.match(r"(?:struct|union) \w+$", types[0] or ""):
            continue
        line = ", ".join(str(each) for each in types[1:])
        tags |= set(re.findall(r"(?:struct|union) \w+", " ".join(map(str, types))))
        if not dots:
            plain.append(f"HC_LIBC {types[0]} ({name})({line});")
            continue
        forms = [f"v{name}", re.sub(r"^(\w?)(?=(?:print|scan)f)", r"v\1", name)]
        v_form = next((form for form in forms if form in exported and form != name), None)
        if v_form is None:
            plain.append(f"namespace detail {{\nHC_LIBC {types[0]} ({name})({line}, const void *);\n}}")
        names = [f"hc_{index}" for index in range(len(types) - 1)]
        given = ", ".join(f"{kind} {each}" for kind, each in zip(types[1:], names, strict=True))
        variadic.append(
            f"template <class... Arguments> __device__ inline {types[0]} {name}({given}, Arguments... arguments) {{\n"
            f"    return {v_form or f'detail::{name}'}({', '.join(names)}, detail::pack(arguments...).bytes);\n}}"
        )
    forward = "".join(f"{tag};\n" for tag in sorted(tags))
    body = "\n".join([*plain, "", _PACKING + "\n".join(variadic)])
    space = f"namespace hostcall {{\n{body}\n}} // namespace hostcall\n"
    return f"{_HEAD}{forward}\n{space}\n#pragma nv_diagnostic pop\n#endif\n"


def main() -> int:
    """Write, or check, the header."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say what would change")
    given = parser.parse_args()
    new, old = header(), TEXT.read_text() if TEXT.exists() else ""
    if not given.check:
        TEXT.parent.mkdir(exist_ok=True)
        TEXT.write_text(new)
        return 0
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "libc.h", "the sources"))
    return int(old != new)


if __name__ == "__main__":
    sys.exit(main())
