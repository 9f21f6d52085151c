# SPDX-License-Identifier: Apache-2.0
"""``hostcall cc`` stands where a C compiler stands: in makefiles, in its options, and in what it says."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from hostcall import programs
from hostcall.backends.host import find_compiler
from hostcall.errors import ArgumentError, CompileError, TransportUnavailable
from hostcall.programs.device_library import find_clang, find_cuda_tool
from hostcall.programs.elf import EM_CUDA, machine, symbols
from hostcall.programs.image import read_image
from hostcall.programs.nvptx import _kept
from hostcall.programs.options import CommandLine, Input, parse_command_line

try:
    find_compiler()
except TransportUnavailable as error:
    pytest.skip(str(error), allow_module_level=True)

pytestmark = pytest.mark.usefixtures("machine_target")

TIMEOUT = 200
COMMAND = [sys.executable, "-c", "from hostcall.programs.cli import main; main()"]


def cc(*words: object, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "cc", *map(os.fspath, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env},
    )


def made(*words: object, folder: Path, **env: str) -> str:
    """Run the compiler, which must succeed; what it said."""
    ran = cc(*words, folder=folder, **env)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def status(folder: Path, *args: str, program: str = "prog") -> int:
    return programs.run(folder / program, args, timeout=TIMEOUT).returncode


# -- command lines


def test_options_are_sorted_by_what_becomes_of_them() -> None:
    line = parse_command_line(
        "-c -O2 -Wall -I inc -Iother -DX=1 -D Y -UZ -isystem sys -include pre.h -MMD".split()
        + "-MF d.d -std=c99 -g -o out.o a.c".split()
    )
    assert (line.mode, line.output, line.debug) == ("compile", "out.o", True)
    assert line.inputs == [Input("a.c", "c")]
    assert line.compile == [
        *("-O2", "-Wall", "-Iinc", "-Iother", "-DX=1", "-DY", "-UZ", "-isystem", "sys", "-include", "pre.h"),
        *("-MMD", "-MF", "d.d", "-std=c99", "-g"),
    ]
    line = parse_command_line("a.o -x c odd -x none b.cpp -Lx -L y -lm -lfoo lib.a -pthread -static -Wl,-z,now".split())
    assert [item.path for item in line.inputs] == ["a.o", "odd", "b.cpp", "-lm", "-lfoo", "lib.a"]
    assert [item.language for item in line.inputs] == ["", "c", "c++", "", "", ""]
    assert (line.mode, line.library_paths, line.link) == ("link", ["x", "y"], ["-Wl,-z,now"])
    assert line.compile == ["-D_REENTRANT"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "no input files"),
        ("-o", "-o: a value must follow"),
        ("-shared a.c", "-shared: a program for a device is one file"),
        ("-c -o x.o a.c b.c", "-o x.o: one file cannot take what becomes of 2 sources"),
        ("-", "-: say by -x c what language the standard input has"),
        ("--target", "--target: a value must follow"),
    ],
)
def test_command_lines_that_cannot_be_meant_are_refused(words: str, sentence: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_command_line(words.split())
    assert sentence in str(caught.value)


def test_options_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "more").write_text(f"-DA='b c' @{tmp_path}/rest")
    (tmp_path / "rest").write_text("x.c")
    line = parse_command_line([f"@{tmp_path}/more"])
    assert (line.compile, line.inputs) == (["-DA=b c"], [Input("x.c", "c")])
    (tmp_path / "rest").write_text(f"@{tmp_path}/more")
    with pytest.raises(ArgumentError, match="in a circle"):
        parse_command_line([f"@{tmp_path}/more"])


def test_debug_is_what_the_last_g_says() -> None:
    assert CommandLine(compile=["-g"]).debug
    assert CommandLine(compile=["-g0", "-ggdb3"]).debug
    assert not CommandLine(compile=["-g", "-g0"]).debug
    assert not CommandLine(compile=[]).debug


# -- making programs


MAIN = '#include "part.h"\nint main(int argc, char **argv) { return part(argc) + OFFSET; }\n'
PART = '#include "part.h"\nint part(int n) { return n * FACTOR; }\n'


def test_several_files_folders_and_defines(tmp_path: Path) -> None:
    write(tmp_path, main_dot_c=MAIN, src__part_dot_c=PART, inc__part_dot_h="int part(int n);\n")
    made("-I", "inc", "-DOFFSET=2", "-DFACTOR=10", "main.c", "src/part.c", "-o", "prog", folder=tmp_path)
    assert status(tmp_path, "one") == 22
    made("-Iinc", "-DFACTOR=3", "-c", "src/part.c", folder=tmp_path)
    made("-Iinc", "-DOFFSET=1", "-c", "main.c", "-o", "m.o", folder=tmp_path)
    made("m.o", "part.o", folder=tmp_path)
    assert status(tmp_path, program="a.out") == 4
    ran = subprocess.run(
        [*COMMAND, "run", "-Iinc", "-DOFFSET=0", "-DFACTOR=7", "main.c", "src/part.c", "--", "a", "b"],
        cwd=tmp_path,
        check=False,
        timeout=TIMEOUT,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 21


@pytest.mark.skipif(shutil.which("make") is None or shutil.which("ar") is None, reason="make or ar is not installed")
def test_an_ordinary_makefile_works_with_cc_alone(tmp_path: Path) -> None:
    command = tmp_path / "hostcall"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from hostcall.programs.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    write(
        tmp_path,
        main_dot_c=MAIN,
        part_dot_c=PART,
        part_dot_h="int part(int n);\n",
        Makefile="""
CFLAGS = -O2 -Wall -Wextra -MMD -DOFFSET=1 -DFACTOR=5 -Wno-unused-parameter
prog: main.o libpart.a
\t$(CC) $(LDFLAGS) -o $@ main.o -L. -lpart -lm
libpart.a: part.o
\t$(AR) rcs $@ $^
check: prog
\t./prog 1 2; test $$? = 16
-include main.d part.d
""",
    )
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    words = ["make", "check", "CC=hostcall cc"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "part.h" in (tmp_path / "part.d").read_text()
    os.utime(tmp_path / "part.h", (2**31, 2**31))
    ran = subprocess.run(
        [*words, "-n"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=env
    )
    assert "-c -o main.o" in ran.stdout


def test_a_compiler_that_leads_back_here_is_refused_at_once(tmp_path: Path) -> None:
    command = tmp_path / "my-cc"
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from hostcall.programs.cli import main; main()" cc "$@"\n'
    )
    command.chmod(0o755)
    write(tmp_path, a_dot_c="int main(void) { return 0; }\n")
    ran = cc("-c", "a.c", folder=tmp_path, CC=str(command))
    assert ran.returncode == 1
    assert "this command leads back to hostcall cc; unset CC" in ran.stderr


def test_a_linked_program_is_one_executable_file(tmp_path: Path) -> None:
    write(tmp_path, a_dot_c="int main(int argc, char **argv) { return argc; }\n")
    made("--stack", "1MiB", "--heap=2MiB", "a.c", "-o", "prog", folder=tmp_path)
    image = read_image(tmp_path / "prog")
    assert image is not None
    assert (image.target, image.stack, image.heap, image.pool) == ("host", 1 << 20, 2 << 20, False)
    assert os.access(tmp_path / "prog", os.X_OK)
    (tmp_path / "moved").mkdir()
    os.rename(tmp_path / "prog", tmp_path / "moved" / "p")
    (tmp_path / "hostcall").write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from hostcall.programs.cli import main; main()" "$@"\n'
    )
    (tmp_path / "hostcall").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    ran = subprocess.run([tmp_path / "moved" / "p", "a b", "c"], env=env, check=False, timeout=TIMEOUT)
    assert ran.returncode == 3
    cut = (tmp_path / "moved" / "p").read_bytes()
    (tmp_path / "cut").write_bytes(cut[-200:])
    with pytest.raises(ArgumentError, match="this program was cut; link it again"):
        read_image(tmp_path / "cut")


def test_the_programs_own_function_wins_over_the_facades(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_dot_c="#include <string.h>\nunsigned long strlen(const char *s) { return 42 + (s == 0); }\n"
        "int main(int argc, char **argv) { unsigned long (*volatile f)(const char *) = strlen; return f(*argv); }\n",
    )
    made("-fno-builtin", "a.c", "-o", "prog", folder=tmp_path)
    assert status(tmp_path) == 42


def test_the_compiler_answers_as_compilers_do(tmp_path: Path) -> None:
    write(tmp_path, a_dot_c="#define X 17\nint a = X;\n")
    assert made("--version", folder=tmp_path).startswith("hostcall cc ")
    assert "-" in made("-dumpmachine", folder=tmp_path)
    assert "int a = 17;" in made("-E", "a.c", folder=tmp_path)
    made("-S", "a.c", folder=tmp_path)
    assert "a:" in (tmp_path / "a.s").read_text()
    assert made("-M", "a.c", folder=tmp_path).startswith("a.o: a.c")
    assert "-nostdinc" in made("-v", "-c", "a.c", folder=tmp_path)
    assert made("--help", folder=tmp_path).startswith("usage: hostcall cc")


def test_only_the_facades_headers_are_seen(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_dot_c="#include <ncurses.h>\n",
        b_dot_c="#include <stdatomic.h>\n#include <stdarg.h>\n_Atomic int n;\n",
    )
    ran = cc("-c", "a.c", folder=tmp_path, CPATH="/usr/include")
    assert ran.returncode == 1
    assert "ncurses.h" in ran.stderr
    made("-c", "b.c", folder=tmp_path)


# -- what can be wrong


def test_wrong_inputs_are_told_in_a_sentence(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_dot_c="int nowhere(int);\nint main(void) { return nowhere(1); }\n",
        empty_dot_c="int f(void) { return 1; }\n",
        wrong_dot_c="int main(void) {\n  return 0\n}\n",
        ok_dot_c="int main(void) { return 0; }\n",
        text="not code",
        s_dot_s="nop\n",
    )
    (tmp_path / "folder.c").mkdir()
    for words, sentence in [
        (["a.c"], "nowhere is neither in the program nor in the facade"),
        (["empty.c"], "no function main: a program begins there"),
        (["wrong.c"], "wrong.c:2:11: error: expected"),
        (["none.c"], "none.c: no such file"),
        (["none.o"], "none.o: No such file or directory"),
        (["folder.c"], "folder.c: this is a directory"),
        (["ok.c", "text"], "text: neither a source (by its suffix), nor an object, nor a static library"),
        (["ok.c", "-lnothing", "-L", "folder.c"], "-lnothing: there is no libnothing.a in folder.c"),
        (["ok.c", "-o", "none/prog"], "-o none/prog: the directory none is not there"),
        (["ok.c", "-o", "folder.c"], "-o folder.c: this is a directory"),
        (["ok.c", "--target", "vax"], '--target \'vax\': a target is "host", "cuda" or an architecture'),
        (["ok.c", "--stack", "big"], "--stack 'big': a size is"),
        (["s.s"], "s.s: assembler knows one machine only"),
    ]:
        ran = cc(*words, folder=tmp_path)
        assert ran.returncode == 1, words
        assert sentence in ran.stderr, (words, ran.stderr)
        assert not (tmp_path / "a.out").exists()
    ran = cc("ok.c", folder=tmp_path, HOSTCALL_TARGET="vax")
    assert "$HOSTCALL_TARGET 'vax': a target is" in ran.stderr


# -- for a GPU; nothing runs here


def _no_cuda_compilers() -> str:
    try:
        find_clang()
        for name in ("ptxas", "nvlink"):
            find_cuda_tool(name)
    except CompileError as error:
        return str(error)
    return ""


WITHOUT = _no_cuda_compilers()
needs_cuda_compilers = pytest.mark.skipif(bool(WITHOUT), reason=WITHOUT or "there are all")


@needs_cuda_compilers
def test_a_program_for_a_gpu_links_without_open_ends(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_dot_c="""
#include <string.h>
#include <unistd.h>
int other(int n);
static _Thread_local int mine = 4;
static int (*const table[])(int) = {other, other};
static int ready;
__attribute__((constructor)) static void before(void) { ready = getpid(); }
__attribute__((destructor)) static void after(void) { write(1, "bye\\n", 4); }
static int count(int n) { return n ? 1 + count(n - 1) : 0; }
int main(int argc, char **argv) {
    write(1, argv[0], strlen(argv[0]));
    return table[argc & 1](count(argc)) + ready + mine++;
}
""",
        other_dot_c="#include <unistd.h>\nint other(int n) { return n + (int)lseek(n, 0, 1); }\n",
        never_dot_c="int missing(void);\nint never(void) { return missing(); }\n",
    )
    made("--target", "sm_90", "-c", "-g", "main.c", folder=tmp_path)
    made("--target", "sm_90", "-c", "other.c", "never.c", folder=tmp_path)
    assert machine((tmp_path / "main.o").read_bytes()) == EM_CUDA
    words = ["main.o", "other.o"]
    if shutil.which("ar"):
        subprocess.run(["ar", "rcs", "libother.a", "other.o", "never.o"], cwd=tmp_path, check=True, capture_output=True)
        words = ["main.o", "-L.", "-lother"]
    made("--target", "sm_90", *words, "-o", "prog", folder=tmp_path)
    image = read_image(tmp_path / "prog")
    assert image is not None
    assert (image.target, image.constructors.init_count, image.constructors.fini_count) == ("sm_90", 1, 1)
    table = {symbol.name: symbol for symbol in symbols(image.code)}
    assert {"hc_start", "main", "hostcall_client_v1"} <= table.keys()
    open_ends = [name for name, symbol in table.items() if not symbol.defined]
    assert [name for name in open_ends if not name.startswith(".nv.")] == []


@needs_cuda_compilers
@pytest.mark.parametrize(
    "head", ["int main(void)", "int main(int argc, char **argv)", "int main(int c, char **v, char **e)"]
)
def test_main_is_called_as_it_is_written(tmp_path: Path, head: str) -> None:
    write(tmp_path, a_dot_c=f"{head} {{ return 3; }}\n")
    made("--target=sm_90", "a.c", "-o", "prog", folder=tmp_path)


@needs_cuda_compilers
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("int use(int *);\nint f(int n) { int a[n]; return use(a); }", "a.c:2:21: error: variable length arrays"),
        ("int f(int n) {\nvoid *t[] = {&&a, &&b};\ngoto *t[n];\na: return 1;\nb: return 2; }", "a.c:3:"),
        ("int f(int n) {\nvoid *t[] = {&&a, &&b};\ngoto *t[n];\na: return 1;\nb: return 2; }", "computed goto"),
        (
            "_Thread_local int x;\nint *p = &x;",
            "a.c: the address of the thread-local variable x is in the initialiser of p",
        ),
        ("struct s { struct s *n; };\nextern struct s b;\nstruct s a = {&b};\nstruct s b = {&a};", "in a circle ("),
        ('int f(int n) { __asm__("nonsense %0" : "=r"(n)); return n; }', "a.c:1: "),
        ("double f(__int128 n) { return (double)n; }", "a.c: in function f: clang cannot compile this"),
        ("int f(void) {\n  return nothing;\n}", "a.c:2:10: error: use of undeclared identifier"),
    ],
    ids=["vla", "goto-line", "goto-words", "thread-local", "circle", "asm", "int128", "syntax"],
)
def test_what_a_gpu_cannot_do_is_named_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    write(tmp_path, a_dot_c=f"{text}\n")
    ran = cc("--target", "sm_90", "-c", "a.c", folder=tmp_path)
    assert ran.returncode == 1
    assert sentence in ran.stderr, ran.stderr
    assert "Stack dump" not in ran.stderr
    assert not (tmp_path / "a.o").exists()


@needs_cuda_compilers
def test_objects_of_two_targets_are_not_mixed(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_dot_c="int main(void) { return 0; }\n",
        b_dot_c="int nowhere(void);\nint main(void) { return nowhere(); }\n",
    )
    made("--target", "sm_90", "-c", "a.c", "-o", "gpu.o", folder=tmp_path)
    made("-c", "a.c", "-o", "here.o", folder=tmp_path)
    ran = cc("gpu.o", folder=tmp_path)
    assert "gpu.o: an object for a GPU cannot be linked into a program for the machine" in ran.stderr
    ran = cc("--target", "sm_90", "here.o", folder=tmp_path)
    assert "here.o: an object for the machine cannot be linked into a program for sm_90" in ran.stderr
    ran = cc("--target", "sm_90", "b.c", folder=tmp_path)
    assert "nowhere is neither in the program nor in the facade" in ran.stderr
    made("--target", "sm_90", "gpu.o", "-o", "prog", folder=tmp_path)
    with pytest.raises(TransportUnavailable, match="linked for a GPU"):
        _opened(tmp_path / "prog", "loopback")


def _opened(program: Path, transport: str) -> None:
    from hostcall.programs.launch import Settings, open_runtime

    image = read_image(program)
    assert image is not None
    open_runtime(Settings(transport=transport), image).close()


def test_without_clang_the_sentence_says_what_to_install_and_what_runs(tmp_path: Path) -> None:
    write(tmp_path, a_dot_c="int main(void) { return 0; }\n")
    ran = cc("--target", "sm_90", "-c", "a.c", folder=tmp_path, HOSTCALL_CLANG="no-such-clang")
    assert ran.returncode == 1
    assert "needs clang" in ran.stderr
    assert "'loopback' need only the machine's C compiler" in ran.stderr


def test_flags_of_the_machines_processor_are_left_out_for_a_gpu() -> None:
    given = [
        "-O2",
        "-march=native",
        "-mavx2",
        "-fPIC",
        "-g",
        "-fno-strict-aliasing",
        "-Wall",
        "-DX",
        "-fstack-protector-strong",
    ]
    assert _kept(given) == ["-O2", "-fno-strict-aliasing", "-Wall", "-DX"]


def test_start_and_launcher_agree_on_the_block() -> None:
    from hostcall.programs.elf import Constructors
    from hostcall.programs.image import Image
    from hostcall.programs.launch import start_block

    block = start_block(Image("host", b"", Constructors(1, 2, 3, 4)), [b"p", b""], [b"A=1"], b"/x", (5, 6))
    words = struct.unpack_from("<14Q", block)
    assert words[0] == len(block)
    assert words[1:4] == (5, 6, 2)
    assert words[7:] == (1, 2, 3, 4, 0, 0, 0)
    tables = struct.unpack_from("<5Q", block, words[4])
    texts = [block[at : block.index(0, at)] for at in (tables[0], tables[1], tables[3], words[6])]
    assert (tables[2], tables[4], texts) == (0, 0, [b"p", b"", b"A=1", b"/x"])
    assert words[5] == words[4] + 24
