# SPDX-License-Identifier: Apache-2.0
"""What host threads reach on the same file system in the same run: the yardstick of ``write-file`` and ``read``.

Native threads call write(2) and pread(2) on files in the page cache, in pieces of a packet's size, from memory that is
larger than the nearest caches, as the payload arena is. ``python -m hostcall.bench.files`` prints the table.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from hostcall.errors import BackendError

__all__ = ["OPERATIONS", "FileFigure", "measure_files"]

OPERATIONS = ("write-one", "write-own", "read")
"""All threads append to one descriptor; each to a file of its own; all read at random places of one cached file."""

PIECE = 32768
"""Bytes of one system call: what 32 lanes with 1 KiB each send in a packet."""

READ_PIECE = 131072
"""The same for reads: 32 lanes with 4 KiB each."""

_READ_BYTES = 16 << 20
_MOST_WRITTEN = 512 << 20

SOURCE = r"""
#define _GNU_SOURCE 1
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MEMORY (8u << 20) /* of each thread */
#define MOST_THREADS 256

typedef struct task {
    pthread_t thread;
    int fd, reads, error;
    uint64_t piece, most, extent, until, moved, state;
    uint8_t *memory;
} task;
static _Atomic int go; /* 0: wait, 1: begin, -1: not all threads are there */

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void *work(void *arg) {
    task *t = arg;
    while (!go) sched_yield();
    for (uint64_t at = 0; go > 0 && t->moved < t->most && now() < t->until; at += t->piece) {
        if (at + t->piece > MEMORY) at = 0;
        t->state = t->state * 6364136223846793005u + 1442695040888963407u;
        off_t where = (off_t)((t->state >> 20) % (t->extent / t->piece) * t->piece);
        ssize_t n = t->reads ? pread(t->fd, t->memory + at, t->piece, where) : write(t->fd, t->memory + at, t->piece);
        if (n != (ssize_t)t->piece) {
            t->error = n < 0 ? errno : EIO;
            break;
        }
        t->moved += (uint64_t)n;
    }
    return NULL;
}

/* 0 or an errno. fds: one for each thread. */
int files_move(const int *fds, int threads, int reads, uint64_t piece, uint64_t extent, uint64_t most, uint64_t ns,
               uint64_t *moved, uint64_t *took_ns) {
    static task tasks[MOST_THREADS];
    int error = 0, running = 0;
    uint64_t began = 0;
    if (threads < 1 || threads > MOST_THREADS) return EINVAL;
    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < threads; i++) {
        task *t = &tasks[i];
        *t = (task){.fd = fds[i], .reads = reads, .piece = piece, .extent = extent, .most = most / (uint64_t)threads,
                    .state = (uint64_t)i + 1, .memory = malloc(MEMORY)};
        if (!t->memory) error = ENOMEM;
        else memset(t->memory, 'h', MEMORY);
    }
    if (!error) {
        go = 0;
        while (running < threads && !pthread_create(&tasks[running].thread, NULL, work, &tasks[running])) running++;
        if (running < threads) error = EAGAIN;
        began = now();
        for (int i = 0; i < threads; i++) tasks[i].until = began + ns;
        go = error ? -1 : 1;
        for (int i = 0; i < running; i++) pthread_join(tasks[i].thread, NULL);
        if (!error) *took_ns = now() - began;
    }
    *moved = 0;
    for (int i = 0; i < threads; i++) {
        *moved += tasks[i].moved;
        if (tasks[i].error) error = tasks[i].error;
        free(tasks[i].memory);
    }
    return error;
}
"""


@dataclass(frozen=True)
class FileFigure:
    """One figure.

    Attributes
    ----------
    operation : str
        One of `OPERATIONS`.
    threads : int
        How many at the same time.
    piece : int
        Bytes of one system call.
    bytes_per_s : float
        Of all threads together.
    """

    operation: str
    threads: int
    piece: int
    bytes_per_s: float


def _compile(folder: Path) -> Any:
    from hostcall.backends.host import find_compiler

    text, made = folder / "files.c", folder / "files.so"
    text.write_text(SOURCE)
    command = [*find_compiler(), "-std=gnu11", "-O2", "-fPIC", "-shared", "-pthread", str(text), "-o", str(made)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendError(f"the C compiler {command[0]!r} cannot be run: {error}") from error
    if ran.returncode:
        raise BackendError(f"the yardstick of files does not compile: {ran.stderr.strip()}", code=ran.returncode)
    return ctypes.CDLL(str(made)).files_move


def _measure(move: Any, folder: Path, operation: str, threads: int, piece: int, seconds: float) -> FileFigure:
    reads = operation == "read"
    count = threads if operation == "write-own" else 1
    flags = os.O_RDONLY if reads else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    opened = [os.open(folder / ("read" if reads else f"written-{index}"), flags, 0o600) for index in range(count)]
    try:
        handles = (ctypes.c_int * threads)(*(opened[index % count] for index in range(threads)))
        moved, took = ctypes.c_uint64(), ctypes.c_uint64()
        limits = [ctypes.c_uint64(value) for value in (piece, _READ_BYTES, _MOST_WRITTEN, int(seconds * 1e9))]
        if reads:
            limits[2].value = 1 << 62
        status = move(handles, threads, int(reads), *limits, ctypes.byref(moved), ctypes.byref(took))
    finally:
        for handle in opened:
            os.close(handle)
        for index in range(0 if reads else count):
            (folder / f"written-{index}").unlink()
    if status:
        raise BackendError(f"{operation} by {threads} host threads in {folder}: {os.strerror(status)}", code=status)
    return FileFigure(operation, threads, piece, moved.value / max(took.value, 1) * 1e9)


def measure_files(
    folder: Path | None = None, threads: Iterable[int] = (1, 2, 4, 8), seconds: float = 0.15
) -> list[FileFigure]:
    """Measure what host threads reach.

    Parameters
    ----------
    folder : Path, optional
        On the file system in question; where temporary files go if it is not given.
    threads : iterable of int
        How many threads, one after the other.
    seconds : float
        For each figure; writing ends sooner after 512 MiB.

    Returns
    -------
    list of FileFigure
        For each of `OPERATIONS` and each number of threads.

    Raises
    ------
    TransportUnavailable
        If there is no C compiler.
    BackendError
        If the library does not compile, or a call fails.
    """
    with tempfile.TemporaryDirectory(prefix="hostcall-files-", dir=folder) as name:
        path = Path(name)
        move = _compile(path)
        (path / "read").write_bytes(bytes(_READ_BYTES))
        return [
            _measure(move, path, operation, count, READ_PIECE if operation == "read" else PIECE, seconds)
            for operation in OPERATIONS
            for count in threads
        ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m hostcall.bench.files", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the files go")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    figures = measure_files(options.folder, options.threads)
    if options.json:
        console.print_json(json.dumps([asdict(figure) for figure in figures]))
        return
    for operation in OPERATIONS:
        shown = [
            f"{figure.threads}: {figure.bytes_per_s / 1e9:.2f}" for figure in figures if figure.operation == operation
        ]
        console.print(f"{operation:10} GB/s by threads  {'  '.join(shown)}")


if __name__ == "__main__":
    main()
