# SPDX-License-Identifier: Apache-2.0
"""The ABI of the linkable library: against its text, against the machine's libc, and between the targets."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hostcall.errors import CompileError
from hostcall.programs.cache import facade_folder
from hostcall.programs.device_library import clang_flags, device_ptx, find_clang, find_libdevice
from hostcall.programs.library import host_library

ROOT = Path(__file__).parents[2]
# The machine's libc asks the running kernel for these.
ASKED_AT_RUN_TIME = {"MINSIGSTKSZ", "PTHREAD_STACK_MIN", "SIGRTMAX", "SIGRTMIN", "SIGSTKSZ"}
# Numbers that each C library chooses for itself.
OWN_CHOICE = {
    "BUFSIZ": "a stream's buffer lies in the device's heap",
    "FOPEN_MAX": "as many as the descriptor table has",
    "ONCE_FLAG_INIT": "an initialiser, of a type of the library's own",
    "PTHREAD_KEYS_MAX": "as many as a lane's table has",
}
# Types whose insides nobody but their library looks at.
OPAQUE = {
    "siginfo_t": "no signal is ever delivered",
    "struct _pthread_cleanup_buffer": "between pthread_cleanup_push and pthread_cleanup_pop of one header",
    "sigjmp_buf": "what setjmp saves is the library's own",
}


def load_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostcall_abi_tool", ROOT / "tools" / "abi.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


abi = load_tool()


@pytest.fixture(scope="module")
def said():
    return abi.read_headers()


@pytest.fixture(scope="module")
def clang() -> list[str]:
    try:
        return find_clang()
    except CompileError as error:
        pytest.skip(str(error))


def machine_source() -> str:
    """The machine's headers of the same names."""
    if platform.machine() != "x86_64" or sys.platform != "linux":
        pytest.skip("the plain headers are those of Linux on x86-64; this machine is another")
    names = abi.headers()
    return "#define _GNU_SOURCE 1\n" + "".join(
        f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in names
    )


def test_the_abi_changed_and_its_text_did_not() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "tools" / "abi.py", "--check"], capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, f"run tools/abi.py if this is meant:\n{ran.stdout}{ran.stderr}"


def test_an_exported_name_is_missing_from_the_object_of_a_host() -> None:
    listing = subprocess.run(
        ["nm", "--defined-only", "--extern-only", host_library()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    defined = {line.split()[-1] for line in listing.splitlines()}
    meant = set(abi.exported_definitions()) | {"hc_self", "hostcall_client_v1", "__dso_handle"}
    assert defined == meant, f"only in the object: {defined - meant}; only in the sources: {meant - defined}"


def test_the_object_of_a_host_takes_anything_from_the_libc_of_the_process() -> None:
    listing = subprocess.run(
        ["nm", "--undefined-only", host_library()], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    wanted = {line.split()[-1] for line in listing.splitlines()}
    support = {"_GLOBAL_OFFSET_TABLE_", "__tls_get_addr"}
    support |= {name for name in wanted if re.fullmatch(r"__(?:popcount|clz|ctz|u?div|u?mod|mul)\w*[sdt]i[234]", name)}
    assert wanted - support <= math_names(), f"{wanted - support - math_names()} would come from the process"


def math_names() -> set[str]:
    """What libm has; for a GPU, which has none, the library has them."""
    return abi.math_names()


def test_a_gpu_has_other_names_than_a_host(clang: list[str]) -> None:
    ptx = device_ptx().read_text()
    there = set(re.findall(r"^\.(?:visible|weak) \.func (?:\s*\([^)]*\))?\s*(\w+)", ptx, re.MULTILINE))
    there |= set(re.findall(r"^\.(?:visible|weak) \.global .*?(\w+)(?:\[\d*\])?(?: =.*)?;", ptx, re.MULTILINE))
    meant = set(abi.exported_definitions()) | {"hostcall_client_v1", "__dso_handle"}
    assert there - meant <= math_names(), f"only on a GPU: {there - meant - math_names()}"
    assert meant <= there, f"only on a host: {meant - there}"
    if find_libdevice() is not None:  # without it there is no mathematics on a GPU, and a call is the linker's error
        math = set(re.findall(r"^math (\w+):", abi.TEXT.read_text(), re.MULTILINE))
        assert len(math) > 100
        assert math <= there, f"declared, and on no GPU: {math - there}"


@pytest.mark.parametrize("compiler", ["gcc", "clang", "gpu"])
def test_the_engine_and_the_plain_headers_disagree_on_a_layout(compiler: str) -> None:
    root = facade_folder()
    if compiler == "gpu":
        try:
            command = [*find_clang(), *clang_flags()]
        except CompileError as error:
            pytest.skip(str(error))
    elif shutil.which(compiler):
        command = [compiler, "-nostdinc"]
    else:
        pytest.skip(f"{compiler} is not installed")
    more = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", root / "libc", "-I", root / "include"]
    ran = subprocess.run(
        [*command, *more, root / "src" / "layout.c"], capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr


def test_a_plain_header_gives_a_constant_another_value_than_linux(said) -> None:
    source = machine_source()
    probe = source + "".join(f'#ifdef {name}\n"@{name}@"\n#endif\n' for name in said.constants)
    known = re.findall(r'"@(\w+)@"', abi._run(["cc", "-E", "-P", "-x", "c", "-"], probe))
    names = [name for name in known if name not in ASKED_AT_RUN_TIME and name not in OWN_CHOICE]
    assert len(names) > 300
    theirs = abi.evaluate(names, source, [])
    ours = abi.evaluate(names, abi.headers_source(), abi.plain_flags())
    wrong = {name: (mine, its) for name, mine, its in zip(names, ours, theirs, strict=True) if mine != its}
    assert not wrong, f"name: (plain headers, this machine): {wrong}"


def engine_source() -> tuple[str, list[str]]:
    """The engine's headers, and the compiler's flags for them."""
    names = [path.name for path in sorted((facade_folder() / "include" / "hc").glob("*.h")) if path.name != "nvptx.h"]
    source = '#include "library.h"\n' + "".join(f'#include "hc/{name}"\n' for name in names)
    return source, ["-std=gnu11", "-nostdinc", *(f"-I{facade_folder() / name}" for name in ("include", "src"))]


def test_the_engine_writes_a_struct_that_a_program_reads_otherwise(said) -> None:
    source, flags = engine_source()
    text = " ".join(abi._run(["cc", *flags, "-E", "-P", "-x", "c", "-"], source).split())
    asked: list[tuple[str, str]] = []
    for name, members in said.structs.items():
        tag = name.split()[-1].removesuffix("_t")
        kinds = (f"hc_{tag}_t", f"struct hc_{tag}") if name not in OPAQUE else ()
        engine = next((kind for kind in kinds if re.search(rf"\}} {kind};|\b{kind} \{{", text)), None)
        if engine is None:
            continue
        body = re.search(rf"\b(?:struct|union) (?:hc_{tag}|hc_{tag}_t) \{{(.*?)\}} ?(?:hc_{tag}_t)? ?;", text)
        own = set(abi._members(body[1])) if body else set()
        for member in own & set(members):
            asked.append((f"__builtin_offsetof({engine}, {member})", f"__builtin_offsetof({name}, {member})"))
            asked.append((f"hc_sizeof_member({engine}, {member})", f"hc_sizeof_member({name}, {member})"))
    assert len(asked) > 100
    engine_says = abi.evaluate([mine for mine, _ in asked], source + abi.MEMBER_SIZE, flags)
    headers_say = abi.evaluate([its for _, its in asked], abi.headers_source() + abi.MEMBER_SIZE, abi.plain_flags())
    both = zip(asked, engine_says, headers_say, strict=True)
    wrong = {its: (a, b) for (_, its), a, b in both if a != b}
    assert not wrong, f"what: (engine, plain headers): {wrong}"


def test_the_engine_gives_a_constant_another_value_than_the_plain_headers(said) -> None:
    source, flags = engine_source()
    macros = set(
        re.findall(r"^#define HC_(\w+) ", abi._run(["cc", *flags, "-dM", "-E", "-x", "c", "-"], source), re.MULTILINE)
    )
    names = sorted(macros & set(said.constants))
    assert len(names) > 20
    engine = abi.evaluate([f"HC_{name}" for name in names], source, flags)
    plain = abi.evaluate(names, abi.headers_source(), abi.plain_flags())
    both = zip(names, engine, plain, strict=True)
    wrong = {name: (mine, its) for name, mine, its in both if (mine - its) % 2**32}  # a flag may be an int or unsigned
    assert not wrong, f"name: (engine, plain headers): {wrong}"


def test_a_struct_of_the_plain_headers_differs_from_linux(said) -> None:
    source = machine_source() + abi.MEMBER_SIZE
    layouts = {k: v for k, v in abi.layout_expressions(said).items() if k not in OPAQUE}
    asked = [one for each in layouts.values() for one in each]
    asked += [f"sizeof({name})" for name in said.types if name not in OPAQUE]
    theirs = abi.evaluate(asked, source, [])
    ours = abi.evaluate(asked, abi.headers_source() + abi.MEMBER_SIZE, abi.plain_flags())
    wrong = {what: (mine, its) for what, mine, its in zip(asked, ours, theirs, strict=True) if mine != its}
    assert not wrong, f"what: (plain headers, this machine): {wrong}"


def lowered(text: str) -> dict[str, str]:
    """Signatures of functions in LLVM's textual form: types alone."""
    found = {}
    structs = dict(re.findall(r"^(%[\w.]+) = type (\{.*\})$", text, re.MULTILINE))
    for line in re.findall(r"^(?:define|declare) .*$", text, re.MULTILINE):
        match = re.match(
            r"(?:define|declare) (.*?)@([\w.]+)\((.*?)\)(?: local_unnamed_addr| unnamed_addr| #\d|\s*\{|$)", line
        )
        assert match, line
        kinds = r"\b(?:void|i\d+|float|double|ptr)\b|%[\w.]+|\[\d+ x \w+\]|\{[^}]*\}|\.\.\."
        returned = re.findall(kinds, match[1])[-1:]
        parameters = [re.findall(kinds, each)[:1] for each in match[3].split(", ")]
        found[match[2]] = f"{parameters} -> {returned}"
        for name, body in structs.items():
            found[match[2]] = found[match[2]].replace(f"'{name}'", f"'{body}'")
    return found


def test_a_declaration_passes_arguments_otherwise_than_its_definition(said, clang: list[str], tmp_path: Path) -> None:
    """Compared as the compiler lowers them for a GPU, where nobody converts what was passed wrongly."""
    root, names = facade_folder(), sorted(set(said.functions) & set(abi.exported_definitions()))
    assert len(names) > 200
    uses = "".join(f"    (void *){name},\n" for name in names)
    text = tmp_path / "uses.c"
    text.write_text(f"{abi.headers_source()}void *const hc_uses[] = {{\n{uses}}};\n")
    flags = [*clang_flags(), "-std=gnu11", "-O0", "-emit-llvm", "-S", "-o", "-", "-w"]

    def compile_(*more: object) -> dict[str, str]:
        command = [*clang, *flags, *map(str, more)]
        return lowered(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)

    declared = compile_("-isystem", root / "libc", text)
    defined = compile_("-I", root / "include", root / "src" / "library.c")
    wrong = {n: (declared[n], defined[n]) for n in names if declared[n] != defined[n]}
    assert not wrong, f"name: (header, library): {wrong}"
