# SPDX-License-Identifier: Apache-2.0
"""Programs with threads: each prints and returns on a pool of lanes what it does on Linux."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hostcall import programs
from hostcall.programs.library import host_library

HERE = Path(__file__).resolve().parent / "threads"
SECONDS = 60
WAYS = {
    "mutexes": [[]],
    "conditions": [[]],
    "meeting": [[]],
    "own": [[]],
    "lives": [[]],
    "eleven": [[]],
    "futexes": [[]],
    "calls": [[]],
    "ends": [["return"], ["thread"], ["leave"]],
}
FLAGS = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"]


def native(source: Path, program: Path) -> None:
    """Build for Linux, with its own libc."""
    cc = shutil.which("gcc") or shutil.which("cc")
    if cc is None:
        pytest.skip("no C compiler")
    built = subprocess.run(
        [cc, *FLAGS, "-pthread", str(source), "-o", str(program)], capture_output=True, text=True, timeout=SECONDS
    )
    assert built.returncode == 0, built.stderr


def ran(program: Path, words: list[str], folder: Path, **more: int) -> tuple[int, bytes]:
    """Status and output of a program on lanes."""
    folder.mkdir()
    done = programs.run(
        program, words, cwd=folder, stdout=subprocess.PIPE, transport="loopback", timeout=SECONDS, **more
    )
    return done.returncode, done.stdout or b""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that starts as many threads as it is told, all at once, and tells how many it got."""
    folder = tmp_path_factory.mktemp("small")
    source = folder / "small.c"
    source.write_text(r"""
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
static sem_t go;
static void *hold(void *argument) { sem_wait(&go); return argument; }
int main(int argc, char **argv) {
    static pthread_t threads[200];
    int wanted = atoi(argv[1]), n = 0, r = 0, i;
    size_t stack = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
    pthread_attr_t attr;
    sem_init(&go, 0, 0);
    pthread_attr_init(&attr);
    if (stack) printf("stack %d\n", pthread_attr_setstacksize(&attr, stack));
    while (n < wanted && (r = pthread_create(&threads[n], &attr, hold, NULL)) == 0) n++;
    for (i = 0; i < n; i++) sem_post(&go);
    for (i = 0; i < n; i++) pthread_join(threads[i], NULL);
    printf("%d, then %d\n", n, r);
    return 0;
}
""")
    made = folder / "small"
    programs.build(source, made, target="host")
    return made


# What Rust's std for Linux asks of a libc, when it starts, spawns, locks, and uses files, time and sockets.
RUST = """
__cxa_thread_atexit_impl __dso_handle __errno_location __xpg_strerror_r abort accept4 bind calloc clock_gettime
clock_nanosleep close closedir connect dirfd dup exit fcntl free freeaddrinfo fstat gai_strerror getaddrinfo getauxval
getenv getrandom gettid listen lseek malloc mkdir mmap mprotect munmap open opendir pause poll posix_memalign
pthread_attr_destroy pthread_attr_getguardsize pthread_attr_getstack pthread_attr_init pthread_attr_setstacksize
pthread_create pthread_detach pthread_getattr_np pthread_join pthread_key_create pthread_key_delete pthread_self
pthread_setname_np pthread_setspecific read readdir realloc recv rmdir sched_getaffinity sched_yield send sendto
setsockopt sigaction sigaltstack signal socket stat syscall sysconf unlink write
"""


def test_the_library_has_every_name_that_rusts_std_needs() -> None:
    listed = subprocess.run(["nm", str(host_library())], capture_output=True, text=True, check=True, timeout=SECONDS)
    defined = {row.split()[-1] for row in listed.stdout.splitlines() if row.split()[-2] in "TWVDB"}
    assert sorted(set(RUST.split()) - defined) == []


@pytest.mark.parametrize("name", WAYS)
def test_a_program_prints_and_returns_what_it_does_on_linux(name: str, tmp_path: Path) -> None:
    source, on_linux, on_lanes = HERE / f"{name}.c", tmp_path / "linux", tmp_path / "lanes"
    native(source, on_linux)
    programs.build(source, on_lanes, target="host", options=FLAGS)
    for number, words in enumerate(WAYS[name]):
        folder = tmp_path / f"linux-{number}"
        folder.mkdir()
        wanted = subprocess.run([str(on_linux), *words], cwd=folder, stdout=subprocess.PIPE, timeout=SECONDS)
        got = ran(on_lanes, words, tmp_path / f"lanes-{number}")
        assert got == (wanted.returncode, wanted.stdout)
        assert sorted(os.listdir(tmp_path / f"lanes-{number}")) == sorted(os.listdir(folder))


def test_no_free_lane_is_eagain_and_no_lane_is_missed(small: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        full = pool.submit(ran, small, ["9"], tmp_path / "full", pool=5)
        enough = pool.submit(ran, small, ["5"], tmp_path / "enough", pool=5)
        none = pool.submit(ran, small, ["3"], tmp_path / "none", pool=0)
        assert full.result() == (0, b"5, then 11\n")
        assert enough.result() == (0, b"5, then 0\n")
        assert none.result() == (0, b"0, then 11\n")


def test_a_stack_larger_than_the_lanes_have_is_refused(small: Path, tmp_path: Path) -> None:
    assert ran(small, ["1", "0x10000"], tmp_path / "fits")[1] == b"stack 0\n1, then 0\n"
    assert ran(small, ["1", "0x7f000000"], tmp_path / "large")[1] == b"stack 22\n1, then 0\n"


def test_thread_locals_of_every_main_begin_with_their_values(tmp_path: Path) -> None:
    source = tmp_path / "mains.c"
    source.write_text(r"""
#include <pthread.h>
static _Thread_local int number = 3;
static _Thread_local int *self = 0;
static pthread_barrier_t all;
static int first = 1, one[8], count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int main(void) {
    int fresh = number == 3 && self == 0;
    pthread_mutex_lock(&lock);
    number = ++count;
    self = &number;
    if (first) first = 0, pthread_barrier_init(&all, 0, 4);
    pthread_mutex_unlock(&lock);
    pthread_barrier_wait(&all);
    one[number] = 1;
    pthread_barrier_wait(&all);
    return !(fresh && self == &number && one[1] + one[2] + one[3] + one[4] == 4);
}
""")
    made = tmp_path / "mains"
    programs.build(source, made, target="host")
    assert ran(made, [], tmp_path / "run", threads=4)[0] == 0
