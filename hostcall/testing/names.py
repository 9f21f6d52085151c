# SPDX-License-Identifier: Apache-2.0
"""Checks of calls that name files, change what they are, or ask about the system."""

from __future__ import annotations

import os
import stat
from errno import EACCES, EBADF, EEXIST, EINVAL, ENOENT

import numpy as np

from .bench import Bench, Checks, pack_names

CHECKS = Checks()

# Four names for each lane: a file, a hard link, a symbolic link, a FIFO.
_NAMES = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#define CASE(k, call) errno = 0; at[2 * (k)] = (hc_i64)(call); at[2 * (k) + 1] = errno
HC_KERNEL void conform(HC_GLOBAL const char *paths, int stride, HC_GLOBAL char *room, HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id(), fd, other;
    long from = 2;
    HC_GLOBAL const char *file = paths + 4 * i * stride, *hard = file + stride, *soft = hard + stride;
    HC_GLOBAL char *text = room + i * 512;
    HC_GLOBAL hc_i64 *at = out + 40 * i;
    struct timespec times[2];
    struct statvfs fs;
    struct stat st;
    times[0].tv_sec = 1000 + i;
    times[1].tv_sec = 2000 + i;
    times[0].tv_nsec = times[1].tv_nsec = 5;
    fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(fd, "0123456789", 10);
    CASE(0, link(file, hard));
    CASE(1, link(file, hard));
    CASE(2, symlink(file, soft));
    CASE(3, readlink(soft, text, 512));
    CASE(4, readlink(file, text + 256, 256));
    CASE(5, chmod(soft, 0640 | (i & 7)));
    CASE(6, utimensat(AT_FDCWD, hard, times, 0));
    CASE(7, mkfifo(soft + stride, 0600));
    CASE(8, fcntl(fd, F_SETFL, O_APPEND));
    CASE(9, (fcntl(fd, F_GETFL) & (O_APPEND | O_ACCMODE)) == (O_APPEND | O_RDWR));
    CASE(10, fcntl(-1, F_GETFL));
    CASE(11, statvfs(file, &fs) == 0 && fs.f_bsize > 0);
    CASE(12, fchmod(999999, 0600));
    CASE(13, chmod("/no such root", 0600));
    other = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    CASE(14, other >= 100 && fcntl(other, F_GETFD) == FD_CLOEXEC);
    close(other);
    other = open(hard, O_WRONLY);
    CASE(15, sendfile(other, fd, &from, 5));
    CASE(16, fstat(fd, &st) == 0 && st.st_nlink == 2);
    CASE(17, posix_fallocate(fd, 0, 100));
    CASE(18, realpath(file, text + 256) != 0);
    CASE(19, close(other) + close(fd));
}
"""


@CHECKS.add("a_call_on_a_name_changes_another_lanes_file")
def _names(bench: Bench) -> None:
    lanes = bench.shape[1] if bench.quick else 256
    names = [f"{kind}-{lane}" for lane in range(lanes) for kind in ("name", "name-hard", "name-soft", "name-fifo")]
    for name in names:
        bench.path(name).unlink(missing_ok=True)
    paths, stride = pack_names(names)
    room, out = np.zeros((lanes, 512), np.uint8), np.full((lanes, 20, 2), -99, np.int64)
    bench.run(_NAMES, (paths, stride, room, out), (lanes // bench.shape[1], bench.shape[1]))
    for lane in range(lanes):
        file, hard, soft, fifo = (bench.path(name) for name in names[4 * lane : 4 * lane + 4])
        target = os.fsencode(names[4 * lane])
        expected = [
            *[(0, 0), (-1, EEXIST), (0, 0), (len(target), 0), (-1, EINVAL)],
            *[(0, 0), (0, 0), (0, 0), (0, 0), (1, 0), (-1, EBADF), (1, 0), (-1, EBADF), (-1, EACCES), (1, 0)],
            *[(5, 0), (1, 0), (0, 0), (1, 0), (0, 0)],
        ]
        bench.arrays(f"results and errno of lane {lane}", np.array(expected), out[lane])
        bench.equal(f"lane {lane}: text of the link", target, bytes(room[lane, : len(target)]))
        real = bytes(room[lane, 256:]).split(b"\0")[0]
        bench.equal(f"lane {lane}: the path that realpath gives", os.fsencode(file.resolve()), real)
        seen = hard.stat()
        bench.equal(f"lane {lane}: mode", 0o640 | lane & 7, stat.S_IMODE(seen.st_mode))
        bench.equal(f"lane {lane}: size", 100, seen.st_size)
        bench.true(f"lane {lane}: bytes", file.read_bytes()[:10] == b"2345656789", file.read_bytes()[:10])
        bench.true(f"lane {lane}: FIFO", stat.S_ISFIFO(fifo.stat().st_mode))
        bench.true(f"lane {lane}: symbolic link", soft.is_symlink())


_SYSTEM = r"""
#include <errno.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL char *room, HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    HC_GLOBAL char *text = room + i * 512;
    struct utsname names;
    out += 10 * i;
    errno = 0;
    out[0] = getppid();
    out[1] = (hc_i64)getuid();
    out[2] = sysconf(_SC_OPEN_MAX);
    out[3] = gethostname(text, 512);
    out[4] = uname(&names) == 0 && names.sysname[0] == 'L';
    out[5] = system("true");
    out[6] = errno;
    errno = 0;
    out[7] = mkstemp(text + 256);
    out[8] = errno;
    out[9] = out[7] >= 0 ? close((int)out[7]) : -1;
}
"""


@CHECKS.add("lanes_are_told_of_another_system_or_start_programs_unasked")
def _system(bench: Bench) -> None:
    lanes = bench.shape[1]
    room, out = np.zeros((lanes, 512), np.uint8), np.full((lanes, 10), -99, np.int64)
    template = np.frombuffer(os.fsencode("temporary-XXXXXX"), np.uint8)
    room[:, 256 : 256 + len(template)] = template
    bench.run(_SYSTEM, (room, out), (1, lanes))
    same = [os.getppid(), os.getuid(), bench.rt.config.services.fs.max_open, 0, 1, -1, EACCES]
    bench.arrays("who, where and what may not be started", np.array(same), out[:, :7])
    bench.arrays("temporary files", np.array([0, 0]), out[:, 8:])
    hosts = {bytes(row[:256]).split(b"\0")[0] for row in room}
    bench.equal("names of the host", {os.fsencode(os.uname().nodename)}, hosts)
    files = {os.fsdecode(bytes(row[256:]).split(b"\0")[0]) for row in room}
    bench.equal("temporary names", lanes, len(files))
    bench.true("temporary files are there", all(bench.path(os.path.basename(name)).is_file() for name in files), files)
    bench.true("their letters", all(not name.endswith("X" * 6) for name in files), files)


_MISSING = r"""
#include <errno.h>
#include <unistd.h>
HC_KERNEL void conform(HC_GLOBAL const char *path, HC_GLOBAL hc_i64 *out) {
    int i = hc_thread_id();
    /* Lanes part before the call: they make it alone or in other company. */
    if (i % 3 == 0) {
        out[2 * i] = symlink("nowhere", path);
    } else if (i % 3 == 1) {
        out[2 * i] = link(path, path);
    } else {
        out[2 * i] = chown(path, 0, 0);
    }
    out[2 * i + 1] = errno;
}
"""


@CHECKS.add("lanes_that_part_before_a_call_on_a_name_get_each_others_errors")
def _missing(bench: Bench) -> None:
    lanes = bench.shape[1]
    path, _ = pack_names(["no-folder/no-name"])
    out = np.full((lanes, 2), -99, np.int64)
    bench.run(_MISSING, (path, out), (1, lanes))
    bench.arrays("result and errno", np.array([-1, ENOENT]), out)
