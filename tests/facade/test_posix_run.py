# SPDX-License-Identifier: Apache-2.0
"""The POSIX facade as kernels see it: what they are told about files, errors, time and the end, and what they print."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import hostcall
from hostcall.errors import DeviceAbort
from hostcall.runtime import Runtime
from hostcall.testing.bench import Collector

_SECONDS = 120.0
_TRANSPORTS = ["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl)]


class Bench:
    """A runtime with one root, and its output."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.folder = folder
        self.kind = kind
        self.out, self.err = Collector(), Collector()
        self.rt: Runtime = hostcall.open(
            transport={"kind": kind, "payload": "4MiB"},
            heap="8MiB",
            services={
                "fs": {"roots": [{"path": str(folder), "mode": "rw"}]},
                "env": {"allow": ["HOSTCALL_TEST_WORD", "HOSTCALL_TEST_WORDY"]},
            },
            stdout=self.out,
            stderr=self.err,
        )

    def run(self, source: str, name: str, size: int = 64, *args: object, lanes: int = 1) -> list[int]:
        """Run a kernel whose first argument is an array of results, and return them."""
        results: npt.NDArray[np.int64] = np.full(size, -999, dtype=np.int64)
        self.rt.compile(source, name).launch(grid=1, block=lanes, args=(results, *args))
        self.rt.synchronize(timeout=_SECONDS)
        return [int(value) for value in results]


@pytest.fixture(scope="module", params=_TRANSPORTS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    os.environ["HOSTCALL_TEST_WORD"] = "a=b c"
    os.environ["HOSTCALL_TEST_WORDY"] = "longer"
    try:
        made = Bench(request.param, tmp_path_factory.mktemp("root"))
    finally:
        del os.environ["HOSTCALL_TEST_WORD"], os.environ["HOSTCALL_TEST_WORDY"]
    yield made
    made.rt.close()


@pytest.fixture
def folder(bench: Bench) -> Iterator[Path]:
    yield bench.folder
    for path in sorted(bench.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def labelled(names: str, values: Sequence[int]) -> dict[str, int]:
    """Results by name, so that a difference says what differs."""
    words = names.split()
    assert values[len(words)] == -999, "the kernel stored more results than the test names"
    return dict(zip(words, values, strict=False))


FILES = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
HC_KERNEL void files(HC_GLOBAL long *out, HC_GLOBAL char *big) {
    int n = 0, fd, copy, k, ends[2];
    char text[32];
    struct stat st;
    struct iovec v[3];
    out[n++] = mkdir("dir", 0750);
    fd = open("dir/file", O_RDWR | O_CREAT | O_EXCL, 0640);
    out[n++] = fd >= 3;
    out[n++] = write(fd, "hello world", 11);
    out[n++] = pwrite(fd, "W", 1, 6);
    out[n++] = lseek(fd, 0, SEEK_CUR);
    out[n++] = pread(fd, text, 5, 6);
    out[n++] = text[0] == 'W' && text[4] == 'd';
    out[n++] = lseek(fd, 2, SEEK_SET);
    out[n++] = read(fd, text, 100 < (int)sizeof text ? 100 : (int)sizeof text);
    out[n++] = text[0] == 'l' && text[8] == 'd';
    out[n++] = read(fd, text, 4);
    out[n++] = write(fd, text, 0);
    for (k = 0; k < 10000; k++) big[k] = (char)('a' + k % 26);
    v[0].iov_base = big;
    v[0].iov_len = 3;
    v[1].iov_base = big + 100;
    v[1].iov_len = 0;
    v[2].iov_base = big + 1;
    v[2].iov_len = 9000;
    out[n++] = writev(fd, v, 3);
    out[n++] = pwrite(fd, big, 10000, 20000);
    for (k = 0; k < 10000; k++) big[k] = 0;
    lseek(fd, 11, SEEK_SET);
    v[0].iov_len = 5;
    v[2].iov_base = big + 5000;
    v[2].iov_len = 20;
    out[n++] = readv(fd, v, 3);
    out[n++] = big[0] == 'a' && big[3] == 'b' && big[4] == 'c' && big[5] == 0 && big[5000] == 'd' &&
        big[5019] == 'w' && big[5020] == 0;
    out[n++] = pread(fd, big, 10000, 20000);
    for (k = 0; k < 10000 && big[k] == (char)('a' + k % 26); k++) {
    }
    out[n++] = k;
    out[n++] = fsync(fd) + fdatasync(fd);
    out[n++] = ftruncate(fd, 40);
    out[n++] = fstat(fd, &st);
    out[n++] = st.st_size;
    out[n++] = st.st_mode;
    copy = dup(fd);
    out[n++] = copy > fd;
    out[n++] = dup2(fd, 20);
    out[n++] = dup2(fd, fd) == fd;
    out[n++] = dup3(fd, 21, O_CLOEXEC);
    out[n++] = close(copy) + close(20) + close(21);
    out[n++] = close(fd);
    out[n++] = truncate("dir/file", 30);
    out[n++] = rename("dir/file", "dir/other name that is longer than sixteen");
    out[n++] = access("dir/other name that is longer than sixteen", R_OK | W_OK);
    fd = open("dir", O_RDONLY | O_DIRECTORY);
    out[n++] = renameat(fd, "other name that is longer than sixteen", AT_FDCWD, "kept");
    out[n++] = mkdirat(fd, "sub", 0700);
    out[n++] = unlinkat(fd, "sub", AT_REMOVEDIR);
    out[n++] = faccessat(fd, "sub", F_OK, 0);
    out[n++] = creat("dir/created", 0600) >= 3;
    out[n++] = remove("dir/created");
    out[n++] = mkdir("empty", 0700) + remove("empty");
    out[n++] = fchdir(fd);
    out[n++] = open("../kept", O_RDONLY) >= 3;
    out[n++] = chdir("..");
    out[n++] = close(fd);
    out[n++] = rmdir("dir");
    out[n++] = pipe(ends);
    out[n++] = write(ends[1], "pipe", 4);
    out[n++] = read(ends[0], text, sizeof text);
    out[n++] = close(ends[1]);
    out[n++] = read(ends[0], text, sizeof text);
    out[n++] = close(ends[0]);
}
"""


def test_files_round_trip_and_leave_what_the_kernel_wrote(bench: Bench, folder: Path) -> None:
    big: npt.NDArray[np.uint8] = np.zeros(16384, dtype=np.uint8)
    got = bench.run(FILES, "files", 64, big)
    expected = {
        "mkdir": 0,
        "opened": 1,
        "write": 11,
        "pwrite": 1,
        "position": 11,
        "pread": 5,
        "pread_text": 1,
        "lseek": 2,
        "read": 9,
        "read_text": 1,
        "end": 0,
        "write_nothing": 0,
        "writev": 9003,
        "pwrite_big": 10000,
        "readv": 25,
        "readv_text": 1,
        "pread_big": 10000,
        "pread_big_text": 10000,
        "fsync": 0,
        "ftruncate": 0,
        "fstat": 0,
        "size": 40,
        "mode": stat.S_IFREG | 0o640,
        "dup": 1,
        "dup2": 20,
        "dup2_same": 1,
        "dup3": 21,
        "close_copies": 0,
        "close": 0,
        "truncate": 0,
        "rename": 0,
        "access": 0,
        "renameat": 0,
        "mkdirat": 0,
        "unlinkat": 0,
        "faccessat": -1,
        "creat": 1,
        "remove": 0,
        "remove_dir": 0,
        "fchdir": 0,
        "open_up": 1,
        "chdir": 0,
        "close_dir": 0,
        "rmdir": 0,
        "pipe": 0,
        "pipe_write": 4,
        "pipe_read": 4,
        "close_writer": 0,
        "pipe_end": 0,
        "close_reader": 0,
    }
    assert labelled(" ".join(expected), got) == expected
    letters = bytes(ord("a") + k % 26 for k in range(40))
    assert (folder / "kept").read_bytes() == (b"hello World" + letters[:3] + letters[1:])[:30]
    assert not (folder / "dir").exists()


ERRORS = r"""
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#define TRY(call) errno = 0, out[n++] = (call) < 0 ? errno : -1
HC_KERNEL void errors(HC_GLOBAL long *out, HC_GLOBAL char *path) {
    int n = 0, k, fd, ends[2];
    char text[300];
    struct stat st;
    struct iovec v[1];
    struct timespec ts;
    for (k = 0; k < 4096; k++) path[k] = 'p';
    path[4096] = 0;
    fd = open("file", O_RDWR | O_CREAT, 0600);
    TRY(open("none", O_RDONLY));
    TRY(open("", O_RDONLY));
    TRY(open(path, O_RDONLY));
    TRY(open("file", O_RDWR | O_CREAT | O_EXCL, 0600));
    TRY(open("file", O_RDONLY | O_DIRECTORY));
    TRY(open("file/below", O_RDONLY));
    TRY(open("../outside", O_RDONLY));
    TRY(close(77));
    TRY(read(77, text, 1));
    TRY(read(77, text, 0));
    TRY(read(fd, text, (size_t)1 << 63));
    TRY(write(fd, text, ~(size_t)0));
    TRY(lseek(fd, -1, SEEK_SET));
    TRY(lseek(fd, 0, 99));
    TRY(dup2(fd, -1));
    TRY(dup3(fd, fd, 0));
    TRY(dup(99));
    TRY(stat("none", &st));
    TRY(rmdir("file"));
    TRY(unlink("none"));
    TRY(rename("none", "other"));
    TRY(mkdir("file", 0700));
    TRY(chdir("file"));
    TRY(chdir(""));
    TRY(fchdir(fd));
    TRY(fchdir(-100));
    TRY(readv(fd, v, -1));
    TRY(writev(fd, v, 1025));
    TRY(ftruncate(fd, -1));
    TRY(access("file", X_OK));
    TRY(isatty(fd) - 1);
    TRY(fdopendir(fd) ? 0 : -1);
    TRY(opendir("none") ? 0 : -1);
    TRY(pipe2(ends, O_DIRECTORY));
    TRY(getentropy(text, 257));
    TRY(clock_gettime(12345, &ts));
    ts.tv_sec = 0;
    ts.tv_nsec = 1000000000;
    TRY(nanosleep(&ts, NULL));
    ts.tv_sec = -1;
    ts.tv_nsec = 0;
    TRY(nanosleep(&ts, NULL));
    TRY(sysconf(99999));
    TRY(fputs("x", stdin));
    TRY(dprintf(77, "%d", 1));
    TRY(getcwd(text, 1) ? 0 : -1);
    errno = 5;
    out[n++] = close(fd) == 0 && errno == 5;
}
HC_KERNEL void per_lane(HC_GLOBAL long *out) {
    int me = hc_thread_id();
    errno = 100 + me;
    if (me % 3 == 0) close(1000 + me);
    if (me % 3 == 1) open("none", O_RDONLY);
    out[me] = errno;
}
"""


def test_errno_says_what_posix_says(bench: Bench, folder: Path) -> None:
    path: npt.NDArray[np.uint8] = np.zeros(5000, dtype=np.uint8)
    got = bench.run(ERRORS, "errors", 64, path)
    expected = {
        "open none": errno.ENOENT,
        "open empty": errno.ENOENT,
        "open long": errno.ENAMETOOLONG,
        "open excl": errno.EEXIST,
        "open directory": errno.ENOTDIR,
        "open below file": errno.ENOTDIR,
        "open outside": errno.EACCES,
        "close": errno.EBADF,
        "read": errno.EBADF,
        "read nothing": errno.EBADF,
        "read too much": errno.EINVAL,
        "write too much": errno.EINVAL,
        "lseek before": errno.EINVAL,
        "lseek whence": errno.EINVAL,
        "dup2 negative": errno.EBADF,
        "dup3 same": errno.EINVAL,
        "dup": errno.EBADF,
        "stat": errno.ENOENT,
        "rmdir file": errno.ENOTDIR,
        "unlink": errno.ENOENT,
        "rename": errno.ENOENT,
        "mkdir": errno.EEXIST,
        "chdir file": errno.ENOTDIR,
        "chdir empty": errno.ENOENT,
        "fchdir file": errno.ENOTDIR,
        "fchdir fdcwd": errno.EBADF,
        "readv": errno.EINVAL,
        "writev": errno.EINVAL,
        "ftruncate": errno.EINVAL,
        "access": errno.EACCES,
        "isatty": errno.ENOTTY,
        "fdopendir": errno.ENOTDIR,
        "opendir": errno.ENOENT,
        "pipe2": errno.EINVAL,
        "getentropy": errno.EIO,
        "clock_gettime": errno.EINVAL,
        "nanosleep ns": errno.EINVAL,
        "nanosleep s": errno.EINVAL,
        "sysconf": errno.EINVAL,
        "fputs stdin": errno.EBADF,
        "dprintf": errno.EBADF,
        "getcwd": errno.ERANGE,
        "success leaves errno alone": 1,
    }
    names = [name.replace(" ", "_") for name in expected]
    assert labelled(" ".join(names), got) == dict(zip(names, expected.values(), strict=True))


def test_errno_of_one_lane_is_not_that_of_another(bench: Bench, folder: Path) -> None:
    got = bench.run(ERRORS, "per_lane", 24, lanes=24)
    assert got == [(errno.EBADF, errno.ENOENT, 100 + lane)[lane % 3] for lane in range(24)]


TREE = r"""
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
HC_KERNEL void tree(HC_GLOBAL long *out, HC_GLOBAL char *cwd) {
    int n = 0, pass;
    HC_GLOBAL struct dirent *e;
    DIR *d = opendir("many");
    if (!d) return;
    for (pass = 0; pass < 2; pass++) {
        long count = 0;
        errno = 0;
        while ((e = readdir(d)) != NULL) {
            count++;
            if (pass == 0) printf("%d %lu %s\n", e->d_type, (unsigned long)e->d_ino, e->d_name);
        }
        out[n++] = count;
        out[n++] = errno;
        rewinddir(d);
    }
    out[n++] = dirfd(d) >= 3;
    out[n++] = closedir(d);
    d = fdopendir(open("many", O_RDONLY | O_DIRECTORY));
    out[n++] = d != NULL && readdir(d) != NULL;
    out[n++] = closedir(d);
    out[n++] = getcwd(cwd, 4096) == cwd;
}
HC_KERNEL void stats(HC_GLOBAL long *out, HC_GLOBAL struct stat *st) {
    out[0] = stat("link", st);
    out[1] = lstat("link", st + 1);
    out[2] = fstatat(AT_FDCWD, "many", st + 2, 0);
    out[3] = (long)st->st_mtime == (long)st->st_mtim.tv_sec && S_ISREG(st->st_mode) && S_ISLNK(st[1].st_mode) &&
        S_ISDIR(st[2].st_mode);
}
"""


def test_readdir_lists_every_entry_once(bench: Bench, folder: Path) -> None:
    (folder / "many" / "below").mkdir(parents=True)
    names = [f"{index:03}" + "n" * (index % 200) for index in range(300)]
    for name in names:
        (folder / "many" / name).touch()
    cwd: npt.NDArray[np.uint8] = np.zeros(4096, dtype=np.uint8)
    bench.out.take()
    got = bench.run(TREE, "tree", 16, cwd)
    assert got[:9] == [303, 0, 303, 0, 1, 0, 1, 0, 1]
    lines = [line.split(" ", 2) for line in bench.out.take().decode().splitlines()]
    listed = {name: (int(kind), int(inode)) for kind, inode, name in lines}
    assert len(lines) == 303 and set(listed) == {*names, "below", ".", ".."}
    assert listed["below"] == (4, (folder / "many" / "below").stat().st_ino)
    assert all(listed[name] == (8, (folder / "many" / name).stat().st_ino) for name in names)
    assert bytes(cwd).split(b"\0")[0] == os.fsencode(folder.resolve())


def test_stat_has_the_fields_of_the_hosts(bench: Bench, folder: Path) -> None:
    (folder / "many").mkdir()
    (folder / "many" / "file").write_bytes(b"x" * 12345)
    (folder / "link").symlink_to("many/file")
    fields: npt.NDArray[np.uint64] = np.zeros((3, 15), dtype=np.uint64)
    assert bench.run(TREE, "stats", 4, fields) == [0, 0, 0, 1]
    for raw, path, follow in ((fields[0], "link", True), (fields[1], "link", False), (fields[2], "many", True)):
        st = os.stat(folder / path, follow_symlinks=follow)
        words = [int(word) for word in raw]
        times = [part for ns in (st.st_atime_ns, st.st_mtime_ns, st.st_ctime_ns) for part in divmod(ns, 10**9)]
        assert words[:3] == [st.st_dev, st.st_ino, st.st_nlink]
        assert [words[3] & 0xFFFFFFFF, words[3] >> 32, words[4] & 0xFFFFFFFF] == [st.st_mode, st.st_uid, st.st_gid]
        assert words[5:9] == [st.st_rdev, st.st_size, st.st_blksize, st.st_blocks]
        assert words[9:15] == times, path


PRINT = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
HC_KERNEL void formats(HC_GLOBAL long *out, HC_GLOBAL char *text) {
    int n = 0;
    char local_text[8];
    local_text[0] = 'l';
    local_text[1] = 0;
    out[n++] = printf("plain\n");
    out[n++] = printf("%d|%5d|%-5d|%05d|%+d|%x|%#o|%u\n", -1, 42, 42, 42, 42, 255, 8, 4000000000u);
    out[n++] = printf("%hhd|%hd|%ld|%lld|%zu|%c|%%\n", 300, 70000, -5000000000l, 5000000000ll, sizeof(long), 'z');
    out[n++] = printf("%f|%.2e|%g|%a|%10.3f|%-8.1f|\n", 3.14159, 12345.678, 0.0001, 1.0, 2.0, 2.5);
    out[n++] = printf("%s|%10s|%-6s|%.2s|%.*s|%*d\n", text, "right", "left", "cut", 3, "abcdef", 6, 77);
    out[n++] = printf("[%s]%s\n", local_text, "");
    out[n++] = printf("%p|%p\n", (HC_GLOBAL char *)0x1234, (HC_GLOBAL char *)0);
    out[n++] = printf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
        14, 15);
    out[n++] = printf("");
    errno = 0;
    out[n++] = printf("refused %n\n", 1);
    out[n++] = errno;
    out[n++] = puts("puts");
    out[n++] = fputs("fputs ", stdout);
    out[n++] = putchar('c');
    out[n++] = putc('d', stdout);
    out[n++] = fputc('\n', stdout);
    out[n++] = fprintf(stderr, "error %s\n", "line");
    errno = 2;
    perror("what");
    out[n++] = dprintf(1, "dprintf %d\n", 1);
    {
        int fd = open("printed", O_WRONLY | O_CREAT, 0600);
        out[n++] = dprintf(fd, "%s=%d\n", "file", 5);
        close(fd);
    }
    out[n++] = snprintf(local_text, 4, "%s", "longer");
    out[n++] = local_text[2] == 'n' && local_text[3] == 0;
    out[n++] = fflush(stdout);
}
HC_KERNEL void lengths(HC_GLOBAL long *out, HC_GLOBAL char *text, int n) {
    int k, me = hc_thread_id();
    HC_GLOBAL char *mine = text + (long)me * (n + 1);
    for (k = 0; k < n; k++) mine[k] = (char)('A' + me);
    mine[me * 7 < n ? me * 7 : n] = 0;
    out[me] = printf("<%d:%s>\n", me, mine);
    if (me % 2) out[me] += printf("odd %d\n", me);
    else out[me] += printf("even %s %d\n", mine, me);
}
HC_KERNEL void longest(HC_GLOBAL long *out, HC_GLOBAL char *text, int n) {
    int k;
    for (k = 0; k < n; k++) text[k] = (char)('a' + k % 26);
    text[n] = 0;
    out[0] = printf("first\n");
    out[1] = printf("<%s>%d\n", text, 7);
    out[2] = printf("middle\n");
    out[3] = puts(text);
    out[4] = printf("%*d\n", 1500000, 1);
    out[5] = fputs(text, stdout);
    out[6] = printf("\nlast\n");
}
"""


def test_printf_prints_what_c_prints_and_returns_its_length(bench: Bench, folder: Path) -> None:
    text: npt.NDArray[np.uint8] = np.frombuffer(b"given\0", dtype=np.uint8).copy()
    bench.out.take()
    bench.err.take()
    got = bench.run(PRINT, "formats", 32, text)
    lines = [
        "plain",
        "-1|   42|42   |00042|+42|ff|010|4000000000",
        "44|4464|-5000000000|5000000000|8|z|%",
        f"{3.14159:f}|{12345.678:.2e}|{0.0001:g}|0x1p+0|{2.0:10.3f}|{2.5:<8.1f}|",
        "given|     right|left  |cu|abc|    77",
        "[l]",
        "0x1234|(nil)",
        " ".join(map(str, range(1, 16))),
    ]
    assert bench.out.take().decode() == "\n".join([*lines, "puts", "fputs cd", "dprintf 1", ""])
    assert bench.err.take().decode() == "error line\nwhat: No such file or directory\n"
    lengths = [len(line) + 1 for line in lines]
    assert got[:8] == lengths
    assert got[8:11] == [0, -1, errno.EINVAL]
    assert got[11] >= 0 and got[12] >= 0
    assert got[13:16] == [ord("c"), ord("d"), ord("\n")]
    assert got[16:22] == [11, 10, 7, 6, 1, 0]
    assert got[22] == -999
    assert (folder / "printed").read_bytes() == b"file=5\n"


def test_lines_of_many_lanes_are_whole_and_counted(bench: Bench) -> None:
    lanes, n = 48, 200
    text: npt.NDArray[np.uint8] = np.zeros(lanes * (n + 1), dtype=np.uint8)
    bench.out.take()
    got = bench.run(PRINT, "lengths", lanes, text, np.int32(n), lanes=lanes)
    expected = []
    for lane in range(lanes):
        mine = chr(ord("A") + lane) * min(lane * 7, n)
        first = f"<{lane}:{mine}>\n"
        second = f"odd {lane}\n" if lane % 2 else f"even {mine} {lane}\n"
        expected += [first, second]
        assert got[lane] == len(first) + len(second), lane
    assert sorted(bench.out.take().decode().splitlines(keepends=True)) == sorted(expected)


def test_text_too_long_for_a_record_is_printed_whole_and_in_order(bench: Bench) -> None:
    n = 100_000
    text: npt.NDArray[np.uint8] = np.zeros(n + 1, dtype=np.uint8)
    bench.out.take()
    got = bench.run(PRINT, "longest", 8, text, np.int32(n))
    long = "".join(chr(ord("a") + k % 26) for k in range(n))
    parts = ["first\n", f"<{long}>7\n", "middle\n", long + "\n", "1".rjust(1500000) + "\n", long, "\nlast\n"]
    printed = bench.out.take().decode()
    assert printed == "".join(parts)
    assert [got[k] for k in (0, 1, 2, 4, 6)] == [len(parts[k]) for k in (0, 1, 2, 4, 6)]
    assert got[3] >= 0 and got[5] >= 0


LONG_PRINT = r"""
#include <errno.h>
#include <stdio.h>
HC_KERNEL void fields(HC_GLOBAL long *out, HC_GLOBAL char *text) {
    int n = 0;
    out[n++] = printf("before\n");
    out[n++] = printf("[%s]%c%s\n", text, 'x', text + 99990);
    out[n++] = printf("between\n");
    out[n++] = printf("[%5000d|%-5000s|%+.*e]\n", -7, "left", 5000, 0.1);
    out[n++] = printf("[%1100000s|%p|%.3s|%ld|%hhu|%%]\n", "far", (HC_GLOBAL char *)0x1234, text, -5000000000l, 300);
    out[n++] = printf("[%.40000s]%s\n", text, (HC_GLOBAL char *)0);
    out[n++] = fprintf(stderr, "%5000s|%s\n", "err", text);
    out[n++] = printf("after\n");
}
HC_KERNEL void million(HC_GLOBAL long *out, HC_GLOBAL char *text, int bytes) {
    out[0] = printf("<%s>%d\n", text, bytes);
    errno = 0;
    out[1] = printf("%s|%s|%s|%s|%s\n", text, text, text, text, text); /* more than the payload memory */
    out[2] = errno;
    errno = 0;
    out[3] = printf("%300000000d\n", 1); /* more than a call prints */
    out[4] = errno;
    out[5] = printf("still\n");
}
HC_KERNEL void together(HC_GLOBAL long *out, HC_GLOBAL char *text, int n) {
    int me = hc_thread_id(), k;
    HC_GLOBAL char *mine = text + (long)me * (n + 1);
    for (k = 0; k < n; k++) mine[k] = (char)('A' + me % 26);
    mine[me % 3 ? n : n - me] = 0; /* a third of the lanes prints less than the others */
    out[me] = printf("first %d\n", me);
    out[me] += printf("<%d:%s>\n", me, mine);
    out[me] += printf("%d%*d\n", me, me % 5 ? 3 : 1200000, me); /* some of a warp as a record, some as a call */
}
"""


def letters(n: int) -> npt.NDArray[np.uint8]:
    """Give a string of n letters with its NUL."""
    text: npt.NDArray[np.uint8] = (np.arange(n + 1) % 26 + ord("a")).astype(np.uint8)
    text[n] = 0
    return text


def test_long_fields_and_strings_are_printed_whole_between_what_is_posted(bench: Bench) -> None:
    text = letters(100_000)
    long = text[:-1].tobytes().decode()
    bench.out.take()
    bench.err.take()
    got = bench.run(LONG_PRINT, "fields", 16, text)
    parts = [
        "before\n",
        f"[{long}]x{long[99990:]}\n",
        "between\n",
        f"[{-7:5000d}|{'left':<5000s}|{0.1:+.5000e}]\n",
        f"[{'far':>1100000s}|0x1234|abc|-5000000000|44|%]\n",
        f"[{long[:40000]}](null)\n",
        "after\n",
    ]
    assert bench.out.take().decode() == "".join(parts)
    error = f"{'err':>5000s}|{long}\n"
    assert bench.err.take().decode() == error
    assert got[:8] == [*map(len, parts[:6]), len(error), len(parts[6])]


def test_a_string_of_a_megabyte_is_printed_and_what_fits_nowhere_is_refused(bench: Bench) -> None:
    text = letters(1 << 20)
    bench.out.take()
    got = bench.run(LONG_PRINT, "million", 16, text, np.int32(1 << 20))
    line = f"<{text[:-1].tobytes().decode()}>{1 << 20}\n"
    assert bench.out.take().decode() == line + "still\n"
    assert got[:6] == [len(line), -1, errno.EMSGSIZE, -1, errno.EOVERFLOW, 6]


def test_as_many_arguments_as_can_be_are_printed(bench: Bench) -> None:
    numbers = range(1, 16 if bench.kind.startswith("opencl") else 40)  # OpenCL C has no variadic functions
    arguments = ", ".join(map(str, numbers))
    formats = " ".join("%d" for _ in numbers)
    source = f"""
#include <stdio.h>
HC_KERNEL void many(HC_GLOBAL long *out, HC_GLOBAL char *text) {{
    out[0] = printf("%s:{formats}\\n", text + 99999, {arguments});
    out[1] = printf("%s:{formats}\\n", text, {arguments});
}}
"""
    text = letters(100_000)
    long = text[:-1].tobytes().decode()
    bench.out.take()
    got = bench.run(source, "many", 8, text)
    rest = ":" + " ".join(map(str, numbers)) + "\n"
    assert bench.out.take().decode() == long[-1] + rest + long + rest
    assert got[:2] == [1 + len(rest), len(long) + len(rest)]


def test_long_prints_of_many_lanes_are_whole_and_in_the_order_of_each_lane(bench: Bench) -> None:
    lanes, n = 40, 60_000
    text: npt.NDArray[np.uint8] = np.zeros(lanes * (n + 1), dtype=np.uint8)
    bench.out.take()
    got = bench.run(LONG_PRINT, "together", lanes, text, np.int32(n), lanes=lanes)
    lines = bench.out.take().decode().splitlines(keepends=True)
    expected = []
    for lane in range(lanes):
        own = [
            f"first {lane}\n",
            f"<{lane}:{chr(ord('A') + lane % 26) * (n if lane % 3 else n - lane)}>\n",
            f"{lane}{lane:{3 if lane % 5 else 1200000}d}\n",
        ]
        places = [lines.index(line) for line in own]
        assert places == sorted(places), lane
        assert got[lane] == sum(map(len, own)), lane
        expected += own
    assert sorted(lines) == sorted(expected)


TIME = r"""
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#define NS(ts) ((long)(ts).tv_sec * 1000000000l + (long)(ts).tv_nsec)
HC_KERNEL void read_clocks(HC_GLOBAL long *out, HC_GLOBAL char *random) {
    struct timespec before, after, rest;
    struct timeval tv;
    time_t seconds;
    long c;
    int n = 0;
    out[n++] = clock_gettime(CLOCK_MONOTONIC, &before);
    out[n++] = NS(before);
    out[n++] = clock_gettime(CLOCK_REALTIME, &after);
    out[n++] = NS(after);
    out[n++] = gettimeofday(&tv, NULL);
    out[n++] = (long)tv.tv_sec * 1000000l + (long)tv.tv_usec;
    out[n++] = time(&seconds) == seconds;
    out[n++] = time(NULL);
    out[n++] = clock_gettime(CLOCK_BOOTTIME, &after);
    out[n++] = NS(after);
    out[n++] = clock_getres(CLOCK_MONOTONIC, &after) == 0 && NS(after) > 0 && clock_getres(CLOCK_REALTIME, NULL) == 0;
    out[n++] = (long)difftime(seconds, seconds - 5);
    c = clock();
    after.tv_sec = 0;
    after.tv_nsec = 30000000;
    rest.tv_sec = 77;
    out[n++] = nanosleep(&after, &rest);
    out[n++] = rest.tv_sec;
    out[n++] = usleep(10000) + (int)sleep(0);
    out[n++] = clock() - c;
    clock_gettime(CLOCK_MONOTONIC, &after);
    out[n++] = NS(after);
    out[n++] = getenv("HOSTCALL_TEST_WORD") && strcmp(getenv("HOSTCALL_TEST_WORD"), "a=b c") == 0;
    out[n++] = getenv("HOSTCALL_TEST_WORDY") && strcmp(getenv("HOSTCALL_TEST_WORDY"), "longer") == 0;
    out[n++] = getenv("HOSTCALL_TEST_WOR") == NULL && getenv("HOSTCALL_TEST_WORD=a") == NULL && getenv("") == NULL;
    out[n++] = getrandom(random, 1000, 0);
    out[n++] = getentropy(random + 1000, 256);
    out[n++] = getpid();
    out[n++] = gettid() == hc_thread_id();
    out[n++] = sysconf(_SC_PAGESIZE) == 4096 && getpagesize() == 4096;
}
HC_KERNEL void ends(HC_GLOBAL long *out, int how) {
    int me = hc_thread_id();
    out[me] = 1;
    if (me == 2) {
        if (how == 0) abort();
        if (how == 1) exit(7);
        if (how == 2) _Exit(0);
    }
    out[me] = 2;
}
"""


def test_clocks_and_waits_agree_with_the_hosts(bench: Bench) -> None:
    random: npt.NDArray[np.uint8] = np.zeros(1256, dtype=np.uint8)
    mono, real, boot = time.monotonic_ns(), time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    got = bench.run(TIME, "read_clocks", 32, random)
    spent = time.monotonic_ns() - mono
    slack = 50_000_000
    assert [got[k] for k in (0, 2, 4, 6, 8, 10, 11, 12, 13, 14)] == [0, 0, 0, 1, 0, 1, 5, 0, 77, 0]
    assert mono - slack <= got[1] <= mono + spent + slack
    assert real - slack <= got[3] <= real + spent + slack
    assert (real - slack) // 1000 <= got[5] <= (real + spent + slack) // 1000
    assert (real - slack) // 10**9 <= got[7] <= (real + spent + slack) // 10**9
    assert boot - slack <= got[9] <= boot + spent + slack
    assert 40_000 <= got[15] <= spent // 1000
    assert 40_000_000 <= got[16] - got[1] <= spent
    assert got[17:20] == [1, 1, 1]
    assert got[20:22] == [1000, 0]
    assert got[22:25] == [os.getpid(), 1, 1]
    assert len(set(random[:1000].tolist())) > 200 and len(set(random[1000:].tolist())) > 100


ASSERTS = r"""#include <assert.h>
HC_KERNEL void asserts(HC_GLOBAL long *out, int limit) {
    int me = hc_thread_id();
    out[me] = 1;
    assert(me < limit && "the message");
    out[me] = 2;
}
"""


def test_assert_names_the_place_and_the_expression(bench: Bench) -> None:
    assert bench.run(ASSERTS, "asserts", 4, np.int32(4), lanes=4) == [2, 2, 2, 2]
    with pytest.raises(DeviceAbort) as caught:
        bench.run(ASSERTS, "asserts", 4, np.int32(3), lanes=4)
    assert caught.value.kind == "assert"
    assert (caught.value.block, caught.value.lane) == (0, 3)
    assert re.search(r""":5: asserts: Assertion `me < limit && "the message"' failed\.""", caught.value.message)


@pytest.mark.parametrize(("how", "kind", "status"), [(0, "abort", None), (1, "exit", 7)])
def test_abort_and_exit_end_the_kernel_and_say_who(bench: Bench, how: int, kind: str, status: int | None) -> None:
    with pytest.raises(DeviceAbort) as caught:
        bench.run(TIME, "ends", 4, np.int32(how), lanes=4)
    assert (caught.value.kind, caught.value.block, caught.value.lane) == (kind, 0, 2)
    if status is not None:
        assert caught.value.status == status


def test_exit_with_zero_is_no_error(bench: Bench) -> None:
    bench.run(TIME, "ends", 4, np.int32(2), lanes=4)
