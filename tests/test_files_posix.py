# SPDX-License-Identifier: Apache-2.0
"""Sequences of file calls on loopback against the same calls on the host: results, errno and what is left behind."""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hostcall
from hostcall.backends.host import find_compiler
from hostcall.kernel import Kernel
from hostcall.runtime import Runtime

_SECONDS = 120.0
_SLOTS, _BUFFER, _STRIDE = 4, 1 << 16, 320

# One record is a call: what, a slot for descriptors, two paths, three numbers. Five numbers come back.
SOURCE = r"""
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
static hc_u64 mix(hc_u64 h, const void *p, size_t n) {
    size_t i;
    for (i = 0; i < n; i++) h = (h ^ ((const unsigned char *)p)[i]) * 0x100000001b3ull;
    return h;
}
static void fill(char *p, long n, long seed) {
    long i;
    for (i = 0; i < n; i++) p[i] = (char)(seed + i * 7);
}
static long about(const struct stat *st, long *more) {
    more[0] = st->st_mode;
    more[1] = (st->st_mode & S_IFMT) == S_IFDIR ? 0 : st->st_size;
    more[2] = st->st_nlink;
    return 0;
}
/* Names in no order: a sum. */
static long list(const char *path, long *more) {
    DIR *d = opendir(path);
    struct dirent *e;
    long n = 0;
    if (!d) return -1;
    while ((e = readdir(d)) != 0) {
        more[0] += (long)(mix(0xcbf29ce484222325ull, e->d_name, strlen(e->d_name)) >> 8);
        n++;
    }
    closedir(d);
    return n;
}
static long call(const long *r, int *fds, const char *paths, char *buffer, long *more) {
    const char *p = paths + r[2] * STRIDE, *q = paths + r[3] * STRIDE;
    long a = r[4], b = r[5], c = r[6], n;
    int *fd = &fds[r[1]];
    struct stat st;
    struct timespec times[2];
    switch (r[0]) {
    case 0:
        if (*fd >= 0) close(*fd);
        *fd = open(p, (int)a | O_NONBLOCK, (mode_t)b);
        return *fd < 0 ? -1 : 0;
    case 1: n = close(*fd); *fd = -1; return n;
    case 2: n = read(*fd, buffer, (size_t)a); if (n > 0) more[0] = (long)(mix(1, buffer, (size_t)n) >> 8); return n;
    case 3: fill(buffer, a, b); return write(*fd, buffer, (size_t)a);
    case 4: n = pread(*fd, buffer, (size_t)a, b); if (n > 0) more[0] = (long)(mix(1, buffer, (size_t)n) >> 8); return n;
    case 5: fill(buffer, a, b); return pwrite(*fd, buffer, (size_t)a, c);
    case 6: return lseek(*fd, a, (int)b);
    case 7: return ftruncate(*fd, a);
    case 8: return fstat(*fd, &st) < 0 ? -1 : about(&st, more);
    case 9: return stat(p, &st) < 0 ? -1 : about(&st, more);
    case 10: return lstat(p, &st) < 0 ? -1 : about(&st, more);
    case 11: return mkdir(p, (mode_t)a);
    case 12: return rmdir(p);
    case 13: return unlink(p);
    case 14: return rename(p, q);
    case 15: return link(p, q);
    case 16: return symlink(p, q);
    case 17: n = readlink(p, buffer, (size_t)a); if (n > 0) more[0] = (long)(mix(1, buffer, (size_t)n) >> 8); return n;
    case 18: return chmod(p, (mode_t)a);
    case 19: return truncate(p, a);
    case 20: return access(p, (int)a);
    case 21:
        if (&fds[a] != fd && fds[a] >= 0) close(fds[a]);
        if (&fds[a] != fd) fds[a] = dup(*fd);
        return fds[a] < 0 ? -1 : 0;
    case 22: return fcntl(*fd, F_GETFL);
    case 23: return fcntl(*fd, F_SETFL, (int)a);
    case 24:
        times[0].tv_sec = a;
        times[1].tv_sec = b;
        times[0].tv_nsec = times[1].tv_nsec = c;
        n = utimensat(AT_FDCWD, p, times, r[1] ? AT_SYMLINK_NOFOLLOW : 0);
        if (n == 0 && lstat(p, &st) == 0) more[0] = st.st_mtim.tv_sec, more[1] = st.st_mtim.tv_nsec;
        return n;
    case 25: return list(p, more);
    case 26: return mkfifo(p, (mode_t)a);
    case 27: return fchmod(*fd, (mode_t)a);
    case 28: return fcntl(*fd, F_SETFD, (int)a) < 0 ? -1 : fcntl(*fd, F_GETFD);
    case 29: return chdir(p);
    case 30: return linkat(AT_FDCWD, p, AT_FDCWD, q, AT_SYMLINK_FOLLOW);
    case 31: return flock(*fd, (int)a | LOCK_NB);
    case 32: return fsync(*fd);
    }
    return -99;
}
HC_KERNEL void sequence(long *records, int count, const char *paths, char *buffer, long *out) {
    int fds[4] = {-1, -1, -1, -1}, i;
    for (i = 0; i < count; i++) {
        long *at = out + 5 * i;
        at[2] = at[3] = at[4] = 0;
        errno = 0;
        at[0] = call(records + 7 * i, fds, paths, buffer, at + 2);
        at[1] = at[0] == -1 ? errno : 0;
    }
    for (i = 0; i < 4; i++)
        if (fds[i] >= 0) close(fds[i]);
}
"""

PATHS = [
    "",
    ".",
    "..",
    "/",
    "a",
    "b",
    "a/",
    "./a",
    "d",
    "d/",
    "d/.",
    "d/..",
    "d/x",
    "d/x/",
    "d/../a",
    "d/e",
    "d/e/y",
    "d//e//y",
    "d/../../a",
    "missing/x",
    "a/x",
    "s",
    "s/",
    "s/x",
    "t",
    "t/x",
    "d/up",
    "é\n \x01",
    "n" * 255,
    "n" * 256,
]
# Of the host's own directory, and above the root, other things are true than of the root.
OUTSIDE = {"..", "/", "d/../../a"}
INSIDE = [index for index, path in enumerate(PATHS) if path not in OUTSIDE]


class Record(NamedTuple):
    """One call."""

    what: int
    slot: int = 0
    path: int = 0
    other: int = 0
    a: int = 0
    b: int = 0
    c: int = 0


def record(*values: int) -> Record:
    return Record(*values)


def records() -> st.SearchStrategy[list[Record]]:
    slot = st.integers(0, _SLOTS - 1)
    path = st.sampled_from(INSIDE)
    common = st.sampled_from([PATHS.index(name) for name in ("a", "b", "d", "d/x", "d/e", "s", "t")])
    name = st.one_of(common, path)
    size = st.sampled_from([0, 1, 7, 100, 4096, 5000, 20000])
    offset = st.sampled_from([-1, 0, 1, 10, 4095, 9000, 100000])
    mode = st.sampled_from([0o644, 0o600, 0o755, 0o7777, 0o444, 0])
    flags = st.builds(
        lambda access, *more: access | sum(set(more)),
        st.sampled_from([os.O_RDONLY, os.O_WRONLY, os.O_RDWR]),
        *[
            st.sampled_from([0, flag])
            for flag in (os.O_CREAT, os.O_EXCL, os.O_TRUNC, os.O_APPEND, os.O_DIRECTORY, os.O_NOFOLLOW)
        ],
    )
    make = st.just(os.O_RDWR | os.O_CREAT)
    calls = [
        st.builds(record, st.just(0), slot, common, st.just(0), make, mode),
        st.builds(record, st.just(0), slot, name, st.just(0), flags, mode),
        st.builds(record, st.sampled_from([1, 8, 22, 32]), slot),
        st.builds(record, st.just(2), slot, st.just(0), st.just(0), size),
        st.builds(record, st.just(3), slot, st.just(0), st.just(0), size, st.integers(0, 255)),
        st.builds(record, st.just(4), slot, st.just(0), st.just(0), size, offset),
        st.builds(record, st.just(5), slot, st.just(0), st.just(0), size, st.integers(0, 255), offset),
        st.builds(record, st.just(6), slot, st.just(0), st.just(0), offset, st.integers(-1, 5)),
        st.builds(record, st.just(7), slot, st.just(0), st.just(0), offset),
        st.builds(record, st.sampled_from([9, 10, 12, 13, 25, 29]), slot, name),
        st.builds(record, st.just(11), slot, name, st.just(0), mode),
        st.builds(record, st.sampled_from([14, 15, 30]), slot, name, name),
        st.builds(record, st.just(16), slot, name, name),
        st.builds(record, st.just(17), slot, name, st.just(0), st.sampled_from([0, 1, 100])),
        st.builds(record, st.sampled_from([18, 26]), slot, name, st.just(0), mode),
        st.builds(record, st.just(19), slot, name, st.just(0), offset),
        st.builds(record, st.just(20), slot, name, st.just(0), st.integers(0, 8)),
        st.builds(record, st.just(21), slot, st.just(0), st.just(0), slot),
        st.builds(record, st.just(23), slot, st.just(0), st.just(0), st.sampled_from([0, os.O_APPEND, os.O_NONBLOCK])),
        st.builds(
            record,
            st.just(24),
            st.integers(0, 1),
            name,
            st.just(0),
            st.sampled_from([0, 1, 2**31]),
            st.sampled_from([1, 10**9]),
            st.sampled_from([0, 999999999, 10**9, -1]),
        ),
        st.builds(record, st.just(27), slot, st.just(0), st.just(0), mode),
        st.builds(record, st.just(28), slot, st.just(0), st.just(0), st.integers(0, 3)),
        st.builds(record, st.just(31), slot, st.just(0), st.just(0), st.sampled_from([1, 2, 8])),
    ]
    return st.lists(st.one_of(calls), min_size=1, max_size=25)


def host_function(folder: Path) -> Callable[..., None]:
    """Build the same source against the machine's libc."""
    source, library = folder / "twin.c", folder / "twin.so"
    source.write_text(
        f"#define STRIDE {_STRIDE}\n#define HC_KERNEL\ntypedef unsigned long long hc_u64;\n"
        f"#define _GNU_SOURCE 1\n{SOURCE}"
    )
    command = [*find_compiler(), "-std=gnu11", "-O1", "-fPIC", "-shared", str(source), "-o", str(library)]
    subprocess.run(command, check=True, timeout=_SECONDS)
    function = ctypes.CDLL(str(library)).sequence
    function.restype = None
    return cast("Callable[..., None]", function)


def tree(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a directory: kind, mode, and contents."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            seen = path.lstat()
            what: object = ""
            if stat.S_ISLNK(seen.st_mode):
                what = os.readlink(path)
            elif stat.S_ISREG(seen.st_mode):
                path.chmod(0o600)
                what = path.read_bytes()
            found[str(path.relative_to(root))] = (oct(seen.st_mode), what, seen.st_nlink)
    return found


def empty(root: Path) -> None:
    """Remove what is below a directory, whatever its modes."""
    for folder, folders, _ in os.walk(root):
        for name in folders:
            if not Path(folder, name).is_symlink():
                Path(folder, name).chmod(0o700)
    for entry in list(os.scandir(root)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            Path(entry.path).unlink()


class Rig:
    """A loopback runtime with one root, a kernel that runs sequences, and the same on the host beneath another root."""

    def __init__(self, root: Path, twin: Path, scratch: Path) -> None:
        self.root, self.twin = root, twin
        self.rt: Runtime = hostcall.open(
            transport={"kind": "loopback", "payload": "4MiB"},
            heap="4MiB",
            services={"fs": {"roots": [{"path": str(root), "mode": "rw"}]}, "stdio": {"stdin": "null"}},
        )
        self.kernel: Kernel = self.rt.compile(SOURCE, "sequence", defines={"STRIDE": _STRIDE})
        self.host = host_function(scratch)

    def arguments(self, sequence: list[Record], top: Path) -> list[Any]:
        """Give a sequence as both take it; its last call returns to the top."""
        rows = np.array([*sequence, Record(29, path=len(PATHS))], np.int64)
        paths = np.zeros((len(PATHS) + 1, _STRIDE), np.uint8)
        for row, path in zip(paths, [*PATHS, str(top)], strict=True):
            row[: len(os.fsencode(path))] = np.frombuffer(os.fsencode(path), np.uint8)
        return [rows, len(rows), paths, np.zeros(_BUFFER, np.uint8), np.full((len(rows), 5), -99, np.int64)]

    def run(self, sequence: list[Record]) -> npt.NDArray[np.int64]:
        args = self.arguments(sequence, self.root)
        self.kernel.launch(grid=1, block=1, args=args)
        self.rt.synchronize(timeout=_SECONDS)
        assert args[-1][-1, 0] == 0, "the way back to the root"
        return cast("npt.NDArray[np.int64]", args[-1][:-1])

    def run_on_host(self, sequence: list[Record]) -> npt.NDArray[np.int64]:
        args = self.arguments(sequence, self.twin)
        here = Path.cwd()
        os.chdir(self.twin)
        try:
            self.host(
                *(value.ctypes.data_as(ctypes.c_void_p) if isinstance(value, np.ndarray) else value for value in args)
            )
        finally:
            os.chdir(here)
        return cast("npt.NDArray[np.int64]", args[-1][:-1])


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(*(tmp_path_factory.mktemp(name) for name in ("root", "twin", "scratch")))
    yield made
    made.rt.close()


def check(rig: Rig, sequence: list[Record]) -> None:
    empty(rig.root)
    empty(rig.twin)
    expected, got = rig.run_on_host(sequence), rig.run(sequence)
    for index, (call, want, have) in enumerate(zip(sequence, expected.tolist(), got.tolist(), strict=True)):
        assert have == want, f"call {index}: {call} of {PATHS[call.path]!r}, {PATHS[call.other]!r}"
    assert tree(rig.root) == tree(rig.twin)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records())
def test_a_sequence_of_calls_ends_otherwise_than_on_the_host(rig: Rig, sequence: list[Record]) -> None:
    check(rig, sequence)


def test_every_open_flag_with_every_kind_of_name(rig: Rig) -> None:
    names = [PATHS.index(name) for name in ("a", "b", "d", "d/", "a/", "s", "t", "s/", "a/x", "missing/x", "", "d/.")]
    start = [
        Record(0, 0, PATHS.index("a"), 0, os.O_RDWR | os.O_CREAT, 0o644),
        Record(11, path=PATHS.index("d"), a=0o755),
        Record(16, path=PATHS.index("a"), other=PATHS.index("s")),
        Record(16, path=PATHS.index("t"), other=PATHS.index("t")),
    ]
    extra = (
        0,
        os.O_CREAT,
        os.O_CREAT | os.O_EXCL,
        os.O_DIRECTORY,
        os.O_NOFOLLOW,
        os.O_CREAT | os.O_DIRECTORY,
        os.O_TRUNC,
    )
    for access, more in itertools.product((os.O_RDONLY, os.O_WRONLY, os.O_RDWR), extra):
        check(rig, start + [Record(0, 1, name, 0, access | more, 0o640) for name in names])
