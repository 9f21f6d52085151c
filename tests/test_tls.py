# SPDX-License-Identifier: Apache-2.0
"""Thread-local variables lowered: the module assembles for GPUs, and behaves here as it does with real ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hostcall.errors import CompileError, HostcallError
from hostcall.programs import tls
from hostcall.programs.device_library import find_clang, find_cuda_tool

SECONDS = 60
PROGRAM = r"""
#define NULL ((void *)0)
typedef unsigned long pthread_t;
int pthread_create(pthread_t *, const void *, void *(*)(void *), void *);
int pthread_join(pthread_t, void **);
int printf(const char *, ...);

extern _Thread_local int elsewhere;
_Thread_local int number = 5;
static _Thread_local struct { int a; char b[9]; } pair = {1, "abc"};
static __thread int row[4] = {1, 2, 3, 4};
_Thread_local int weak __attribute__((weak)) = 8;
_Thread_local char wide[100] __attribute__((aligned(64)));
static const char *const names[] = {"x", "yes"};
static _Thread_local const char *const *where = names;
static _Thread_local double last = 0.5;

static int count(int i) {
    static _Thread_local long calls = 3;
    elsewhere += number;
    return pair.b[i] + (int)++calls + pair.a++;
}
static int *choose(int c) { return c ? &row[2] : &pair.a; }
static long apart(void) { return (char *)&row[3] - (char *)row + ((unsigned long)wide & 63); }
static void *run(void *argument) {
    int i, sum = 0;
    int *p = &row[1];
    for (i = 0; i < 3; i++) sum += count(i) + *choose(i & 1);
    *p += (int)(long)argument;
    number += row[1];
    wide[99] = 7;
    last *= 3;
    printf("%d %d %d %d ", sum, elsewhere, number, row[1]);
    printf("%ld %s %d %g\n", apart(), where[1], weak + wide[99] + wide[0], last);
    return &number;
}
int main(void) {
    void *others, *mine;
    pthread_t thread;
    for (long i = 0; i < 3; i++) {
        if (pthread_create(&thread, NULL, run, (void *)i)) return 1;
        if (pthread_join(thread, &others)) return 1;
    }
    mine = run((void *)10);
    mine = run((void *)10);
    return mine != &number;
}
"""
ELSEWHERE = "_Thread_local int elsewhere = 100;\n"
# What the library does, in the least that a C library has: one copy for each thread and variable.
STANDIN = r"""
#include <stdlib.h>
#include <string.h>
struct variable { const void *image; unsigned long bytes, align, index; };
static unsigned long count;
void *__hc_tls_address(struct variable *v) {
    static __thread void *copies[64];
    if (!v->index) v->index = ++count;
    if (!copies[v->index]) {
        size_t room = (v->bytes + v->align - 1) / v->align * v->align;
        copies[v->index] = memcpy(aligned_alloc(v->align < 8 ? 8 : v->align, room < 8 ? 8 : room), v->image, v->bytes);
    }
    return copies[v->index];
}
"""


@pytest.fixture(scope="module")
def clang() -> list[str]:
    try:
        return list(find_clang())
    except HostcallError as error:
        pytest.skip(str(error))


def called(words: list[str | Path]) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr


def module(clang: list[str], source: str, folder: Path, *options: str) -> str:
    """The text of a module, not optimised."""
    (folder / "source.c").write_text(source)
    unoptimised = ["-Xclang", "-disable-llvm-passes", "-emit-llvm", "-S"]
    called([*clang, *options, *unoptimised, folder / "source.c", "-o", folder / "source.ll"])
    return (folder / "source.ll").read_text()


@pytest.mark.parametrize("level", ["-O0", "-O2"])
@pytest.mark.parametrize("real", [False, True], ids=["marked", "thread_local"])
def test_lowered_variables_behave_as_real_ones(clang: list[str], level: str, real: bool, tmp_path: Path) -> None:
    cc = shutil.which("cc") or shutil.which("gcc")
    if cc is None:
        pytest.skip("no C compiler")
    objects: list[str | Path] = []
    for name, text in (("main", PROGRAM), ("elsewhere", ELSEWHERE)):
        marked = [] if real else tls.defines([])
        lowered = tls.lower(module(clang, text, tmp_path, level, "-fPIC", "-fno-builtin", *marked))
        assert "thread_local" not in lowered and tls.SECTION not in lowered
        (tmp_path / f"{name}.ll").write_text(lowered)
        called([*clang, level, "-fPIC", "-c", "-x", "ir", tmp_path / f"{name}.ll", "-o", tmp_path / f"{name}.o"])
        (tmp_path / f"{name}.c").write_text(text)
        objects.append(tmp_path / f"{name}.o")
    (tmp_path / "standin.c").write_text(STANDIN)
    called([cc, "-pthread", *objects, tmp_path / "standin.c", "-o", tmp_path / "lowered"])
    called([cc, "-w", "-pthread", tmp_path / "main.c", tmp_path / "elsewhere.c", "-o", tmp_path / "real"])
    ran = [subprocess.run([str(tmp_path / name)], capture_output=True, timeout=SECONDS) for name in ("real", "lowered")]
    assert ran[0].returncode == 0
    assert (ran[1].returncode, ran[1].stdout) == (ran[0].returncode, ran[0].stdout)


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_the_lowered_module_assembles_for_a_gpu(clang: list[str], level: str, tmp_path: Path) -> None:
    try:
        ptxas = find_cuda_tool("ptxas")
    except HostcallError as error:
        pytest.skip(str(error))
    gpu = ["--target=nvptx64-nvidia-cuda", "-march=sm_90", "-nogpulib", "-Wno-unknown-cuda-version", level]
    text = tls.lower(module(clang, PROGRAM, tmp_path, *gpu, "-ffreestanding", *tls.defines([])))
    (tmp_path / "made.ll").write_text(text)
    called([*clang, *gpu, "-S", "-x", "ir", tmp_path / "made.ll", "-o", tmp_path / "made.ptx"])
    ptx = (tmp_path / "made.ptx").read_text()
    assert "__hc_tls_elsewhere" in ptx and ".extern .func  (.param .b64 func_retval0) __hc_tls_address" in ptx
    called([ptxas, "-c", "-arch=sm_90", tmp_path / "made.ptx", "-o", tmp_path / "made.cubin"])


def test_a_module_without_thread_locals_stays_as_it_is(clang: list[str], tmp_path: Path) -> None:
    text = module(clang, "int a = 1; int f(void) { return a; }\n", tmp_path, *tls.defines([]))
    assert tls.lower(text) is text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("_Thread_local int a; int *p = &a;", "thread-local variable a is in the initialiser of p"),
        ("_Thread_local int a[3]; _Thread_local int *p = a + 1;", "thread-local variable a is in the initialiser of p"),
        (
            "_Thread_local int a, b; int **f(int i) { int *both[] = {&a, &b}; return &both[i]; }",
            "initialiser of a local variable of f",
        ),
    ],
)
def test_an_address_where_only_constants_can_be_is_named(
    clang: list[str], source: str, said: str, tmp_path: Path
) -> None:
    text = module(clang, source, tmp_path, *tls.defines([]))
    with pytest.raises(CompileError, match=said):
        tls.lower(text)


def test_thread_local_is_a_word_of_newer_c_only() -> None:
    assert not any("-Dthread_local" in option for option in tls.defines(["-std=gnu17"]))
    assert any("-Dthread_local" in option for option in tls.defines(["-O2", "-std=gnu23"]))
