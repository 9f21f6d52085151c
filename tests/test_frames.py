# SPDX-License-Identifier: Apache-2.0
"""Locals of functions that start threads: on the heap, given back on return, and all else as it was."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hostcall.errors import HostcallError
from hostcall.programs import frames
from hostcall.programs.device_library import find_clang

SECONDS = 60
PROGRAM = r"""
typedef unsigned long pthread_t;
int pthread_create(pthread_t *, const void *, void *(*)(void *), void *);
int pthread_join(pthread_t, void **);
int printf(const char *, ...);
struct work { int from, to; long sum; _Alignas(64) char wide[3]; };
extern int on_heap(const void *);

static void *add(void *argument) {
    struct work *w = argument;
    int i; /* of a function that starts none */
    for (i = w->from; i <= w->to; i++) w->sum += i;
    return &w->sum;
}
static long all(int n) {
    pthread_t threads[4];
    struct work works[4] = {{0, 0, 0, ""}};
    long sum = 0;
    int i, local = n, *pointer = &local;
    if (n < 0) return -1;
    for (i = 0; i < 4; i++) {
        works[i].from = i * n + 1;
        works[i].to = (i + 1) * *pointer;
        if (pthread_create(&threads[i], 0, add, &works[i])) return -2;
    }
    for (i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += *(long *)result;
    }
    if (!on_heap(works) || !on_heap(threads) || !on_heap(&local)) return -3;
    if ((unsigned long)works % 64) return -4;
    return sum;
}
int main(void) {
    char text[8] = "still";
    printf("%ld %ld %ld %s %d\n", all(10), all(-1), all(100), text, on_heap(text));
    return 0;
}
"""
STANDIN = r"""
#include <stdio.h>
#include <stdlib.h>
static char *places[256];
static size_t sizes[256];
static int count, given;
void *__hc_locals_take(size_t bytes, size_t align) {
    void *p = NULL;
    if (posix_memalign(&p, align < 8 ? 8 : align, bytes)) abort();
    places[count] = p;
    sizes[count++] = bytes;
    return p;
}
void __hc_locals_give(void *p) { given++; free(p); }
int on_heap(const void *p) {
    for (int i = 0; i < count; i++)
        if ((const char *)p >= places[i] && (const char *)p < places[i] + sizes[i]) return 1;
    return 0;
}
__attribute__((destructor)) static void end(void) { printf("%d left\n", count - given); }
"""


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_threads_get_at_their_starters_locals(level: str, tmp_path: Path) -> None:
    try:
        clang = list(find_clang())
    except HostcallError as error:
        pytest.skip(str(error))
    cc = shutil.which("cc") or shutil.which("gcc")
    if cc is None:
        pytest.skip("no C compiler")
    made = tmp_path / "made.ll"
    (tmp_path / "main.c").write_text(PROGRAM)
    (tmp_path / "standin.c").write_text(STANDIN)

    def called(*words: str | Path) -> str:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        return done.stdout

    unoptimised = ["-Xclang", "-disable-llvm-passes", "-emit-llvm", "-S"]
    called(*clang, level, "-g", "-fPIC", "-fno-builtin", *unoptimised, tmp_path / "main.c", "-o", made)
    made.write_text(frames.share(made.read_text()))
    called(*clang, level, "-fPIC", "-c", "-x", "ir", made, "-o", tmp_path / "main.o")
    called(cc, "-pthread", tmp_path / "main.o", tmp_path / "standin.c", "-o", tmp_path / "program")
    assert called(tmp_path / "program") == "820 -1 80200 still 0\n0 left\n"


def test_a_module_that_starts_no_thread_stays_as_it_is() -> None:
    text = "define void @f() {\n  %1 = alloca i32, align 4\n  call void @g(ptr %1)\n  ret void\n}\n"
    assert frames.share(text) is text
    assert re.search("locals_take", frames.share(text.replace("void @g(ptr %1)", "i32 @thrd_create(ptr %1)")))
