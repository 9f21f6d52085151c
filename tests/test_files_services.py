# SPDX-License-Identifier: Apache-2.0
"""Calls on files, the system and programs of the host as a program on loopback makes them: policy, flags, locks."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hostcall
from hostcall.errors import ConfigError
from hostcall.runtime import Runtime
from hostcall.testing.bench import Collector

_SECONDS = 120.0
HEADERS = "".join(
    f"#include <{name}.h>\n"
    for name in "dirent errno fcntl grp pwd stdio stdlib string sys/file sys/ioctl sys/resource sys/sendfile sys/stat "
    "sys/statvfs sys/sysinfo sys/uio sys/utsname sys/wait time unistd".split()
)
Run = Callable[..., dict[str, int]]


def opened(folder: Path, out: Collector, err: Collector, **services: Any) -> Runtime:
    fs = services.pop("fs", {"roots": [{"path": str(folder), "mode": "rw"}]})
    return hostcall.open(
        transport={"kind": "loopback", "payload": "4MiB"},
        heap="4MiB",
        services={"fs": fs, **services},
        stdout=out,
        stderr=err,
    )


class Bench:
    """A runtime, what it prints, and a way to ask: each line of `body` is ``name = expression``."""

    def __init__(self, folder: Path, **services: Any) -> None:
        self.folder = folder
        self.out, self.err = Collector(), Collector()
        self.rt = opened(folder, self.out, self.err, **services)

    def ask(self, setup: str, expressions: str, *, lanes: int = 1) -> dict[str, list[int]]:
        """Give for each named expression its value, and its errno as ``name.errno``, of each lane."""
        names, lines = [], []
        for line in expressions.strip().splitlines():
            name, _, expression = line.strip().partition(" = ")
            lines.append(f"errno = 0; at[{2 * len(names)}] = (long)({expression}); at[{2 * len(names) + 1}] = errno;")
            names.append(name)
        width = 2 * len(names)
        source = (
            f"{HEADERS}HC_KERNEL void ask(long *out) {{ long *at = out + hc_thread_id() * {width}; char b[8192];\n"
            f"memset(b, 0, sizeof b);\n{setup}\n" + "\n".join(lines) + "}\n"
        )
        out = np.full((lanes, width), -99, np.int64)
        self.rt.compile(source, "ask", options=("-O0",)).launch(grid=1, block=lanes, args=(out,))
        self.rt.synchronize(timeout=_SECONDS)
        answer: dict[str, list[int]] = {}
        for index, name in enumerate(names):
            answer[name] = out[:, 2 * index].tolist()
            answer[f"{name}.errno"] = out[:, 2 * index + 1].tolist()
        return answer

    def one(self, setup: str, expressions: str) -> dict[str, int]:
        return {name: values[0] for name, values in self.ask(setup, expressions).items()}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("root"))
    yield made
    made.rt.close()


# -- policy


@pytest.fixture
def walled(tmp_path: Path) -> Iterator[Bench]:
    """A root that may be written, one that may be read, and a place outside of both."""
    for name in ("rw", "ro", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    (tmp_path / "ro/kept").write_text("kept")
    (tmp_path / "rw/out").symlink_to("../outside/secret")
    (tmp_path / "rw/absolute").symlink_to(tmp_path / "outside/secret")
    (tmp_path / "rw/door").symlink_to("../outside")
    (tmp_path / "rw/mine").write_text("mine")
    roots = [{"path": str(tmp_path / "rw"), "mode": "rw"}, {"path": str(tmp_path / "ro"), "mode": "ro"}]
    made = Bench(tmp_path / "rw", fs={"roots": roots})
    yield made
    made.rt.close()


CHANGES = {
    "chmod": "chmod({p}, 0600)",
    "chown": "chown({p}, getuid(), getgid())",
    "utimens": "utimensat(AT_FDCWD, {p}, NULL, 0)",
    "link": 'linkat(AT_FDCWD, {p}, AT_FDCWD, "copy", AT_SYMLINK_FOLLOW)',
    "truncate": "truncate({p}, 1)",
    "open": "open({p}, O_RDWR)",
}
LOOKS = {
    "stat": "statvfs({p}, (struct statvfs *)b)",
    "realpath": "-(realpath({p}, b) == NULL)",
    "pathconf": "pathconf({p}, 3)",
}


def test_a_call_follows_a_path_out_of_the_roots(walled: Bench) -> None:
    paths = ["out", "absolute", "door/secret", f"{walled.folder.parent}/outside/secret", "../outside/secret"]
    calls = {
        f"{name}_{number}": call.format(p=f'"{path}"')
        for number, path in enumerate(paths)
        for name, call in {**CHANGES, **LOOKS}.items()
    }
    got = walled.one("", "\n".join(f"{name} = {call}" for name, call in calls.items()))
    for name, call in calls.items():
        assert (got[name], got[f"{name}.errno"]) == (-1, errno.EACCES), call
    secret = walled.folder.parent / "outside/secret"
    assert secret.read_text() == "secret"
    assert not (walled.folder / "copy").exists()


def test_a_name_is_made_out_of_the_roots(walled: Bench) -> None:
    calls = [
        'symlink("x", "door/made")',
        'mkfifo("door/made", 0600)',
        'mknod("../made", S_IFREG | 0600, 0)',
        'link("mine", "door/made")',
        'link("door/secret", "made")',
        'chdir("door")',
    ]
    got = walled.one("", "\n".join(f"call{number} = {call}" for number, call in enumerate(calls)))
    for number, call in enumerate(calls):
        assert (got[f"call{number}"], got[f"call{number}.errno"]) == (-1, errno.EACCES), call
    assert sorted(os.listdir(walled.folder.parent / "outside")) == ["secret"]
    assert sorted(os.listdir(walled.folder.parent)) == ["outside", "ro", "rw"]


def test_a_root_that_may_only_be_read_is_changed(walled: Bench) -> None:
    kept = walled.folder.parent / "ro/kept"
    before = kept.stat()
    lines = "\n".join(f"{name} = {call.format(p=f'{chr(34)}{kept}{chr(34)}')}" for name, call in CHANGES.items())
    got = walled.one(
        f'int fd = open("{kept}", O_RDONLY);',
        f"""{lines}
        symlink = symlink("x", "{kept.parent}/made")
        fifo = mkfifo("{kept.parent}/made", 0600)
        into = link("mine", "{kept.parent}/made")
        plain = link("{kept}", "made")
        fchmod = fchmod(fd, 0600)
        fchown = fchown(fd, getuid(), getgid())
        futimens = futimens(fd, NULL)
        mkstemp = mkstemp(strcpy(b, "{kept.parent}/XXXXXX"))
        restored = strcmp(b, "{kept.parent}/XXXXXX")""",
    )
    for name in (*CHANGES, "symlink", "fifo", "into", "plain", "fchmod", "fchown", "futimens", "mkstemp"):
        assert (got[name], got[f"{name}.errno"]) == (-1, errno.EROFS), name
    assert got["restored"] == 0
    assert kept.read_text() == "kept"
    assert (kept.stat().st_mode, kept.stat().st_nlink, kept.stat().st_mtime_ns) == (
        before.st_mode,
        before.st_nlink,
        before.st_mtime_ns,
    )
    assert os.listdir(kept.parent) == ["kept"]


def test_a_link_out_of_the_roots_is_read_but_not_followed(walled: Bench) -> None:
    got = walled.one(
        "",
        """read = readlink("out", b, sizeof b)
        same = strcmp(b, "../outside/secret")
        made = symlink("/etc/passwd", "mine2")
        open = open("mine2", O_RDONLY)
        device = mknod("dev", S_IFCHR | 0600, 259)""",
    )
    assert (got["read"], got["same"], got["made"]) == (len("../outside/secret"), 0, 0)
    assert (got["open"], got["open.errno"]) == (-1, errno.EACCES)
    assert (got["device"], got["device.errno"]) == (-1, errno.EPERM)


# -- descriptors and their flags


def test_numbers_that_dup_made_disagree_on_flags(shared: Bench) -> None:
    got = shared.one(
        'int fd = open("flags", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), two = dup(fd), ends[2], r; '
        'write(fd, "0123456789", 10); pipe2(ends, O_NONBLOCK | O_CLOEXEC);',
        """cloexec = fcntl(fd, F_GETFD)
        copied = fcntl(two, F_GETFD)
        dup3 = fcntl(dup3(fd, 40, O_CLOEXEC), F_GETFD)
        dupfd = fcntl(fd, F_DUPFD, 40)
        dupfd_cloexec = fcntl(fcntl(fd, F_DUPFD_CLOEXEC, 60), F_GETFD)
        set = fcntl(two, F_SETFL, O_APPEND)
        append = (fcntl(fd, F_GETFL) & O_APPEND) != 0
        sought = lseek(fd, 0, SEEK_SET)
        appended = write(fd, "end", 3)
        size = lseek(two, 0, SEEK_END)
        empty = read(ends[0], b, 1)
        blocking = fcntl(dup(ends[0]), F_SETFL, 0)
        now = fcntl(ends[0], F_GETFL) & O_NONBLOCK
        pipe_cloexec = fcntl(ends[1], F_GETFD)
        capacity = fcntl(ends[1], F_GETPIPE_SZ)
        negative = fcntl(fd, F_DUPFD, -1)
        unknown = fcntl(fd, 999)
        bad = fcntl(999, F_GETFL)
        path = fcntl(open("flags", O_PATH), F_SETFL, 0)""",
    )
    assert (got["cloexec"], got["copied"], got["dup3"], got["dupfd"], got["dupfd_cloexec"]) == (1, 0, 1, 41, 1)
    assert (got["set"], got["append"], got["appended"], got["size"]) == (0, 1, 3, 13)
    assert (got["empty"], got["empty.errno"], got["blocking"], got["now"]) == (-1, errno.EAGAIN, 0, 0)
    assert (got["pipe_cloexec"], got["capacity"]) == (1, 65536)
    assert [got[f"{name}.errno"] for name in ("negative", "unknown", "bad", "path")] == [
        errno.EINVAL,
        errno.EINVAL,
        errno.EBADF,
        errno.EBADF,
    ]
    assert (shared.folder / "flags").read_bytes() == b"0123456789end"


def test_a_pipe_without_a_reader_or_without_room_is_silent(shared: Bench) -> None:
    got = shared.one(
        "int ends[2], n = 0; pipe2(ends, O_NONBLOCK); while (write(ends[1], b, 4096) == 4096) n++;",
        """full = write(ends[1], b, 1)
        pages = n
        partial = (read(ends[0], b, 4096), write(ends[1], b, 8192))
        closed = close(ends[0])
        broken = write(ends[1], b, 1)""",
    )
    assert (got["full"], got["full.errno"], got["pages"], got["partial"]) == (-1, errno.EAGAIN, 16, 4096)
    assert (got["broken"], got["broken.errno"]) == (-1, errno.EPIPE)


def test_locks_hold_where_they_should_not_or_the_other_way_round(shared: Bench) -> None:
    path = shared.folder / "locked"
    path.write_bytes(b"x" * 100)
    with path.open("r+b") as host:
        fcntl.flock(host, fcntl.LOCK_EX)
        got = shared.one(
            'int fd = open("locked", O_RDWR), other = open("locked", O_RDWR); '
            "struct flock l = {F_WRLCK, SEEK_SET, 10, 20, 0}, o = {F_WRLCK, SEEK_SET, 10, 20, 0};",
            """taken = flock(fd, LOCK_EX | LOCK_NB)
            wrong = flock(fd, 77)
            record = fcntl(fd, F_SETLK, &l)
            again = fcntl(other, F_SETLK, &l)
            description = fcntl(fd, F_OFD_SETLK, &o)
            read_only = fcntl(open("locked", O_RDONLY), F_SETLK, &l)
            lockf = (lseek(fd, 50, SEEK_SET), lockf(fd, F_TLOCK, 5))
            test = lockf(fd, F_TEST, 5)
            type = (l.l_type = 9, fcntl(fd, F_SETLK, &l))
            null = fcntl(fd, F_GETLK, NULL)
            bad = flock(-1, LOCK_EX)""",
        )
    assert (got["taken"], got["taken.errno"], got["wrong.errno"]) == (-1, errno.EAGAIN, errno.EINVAL)
    assert (got["record"], got["again"], got["description.errno"]) == (0, 0, errno.EAGAIN)
    assert (got["read_only.errno"], got["lockf"], got["test"]) == (errno.EBADF, 0, 0)
    assert (got["type.errno"], got["null.errno"], got["bad.errno"]) == (errno.EINVAL, errno.EFAULT, errno.EBADF)


def test_lanes_that_wait_for_a_lock_get_it_together_or_never(shared: Bench) -> None:
    """Each lane adds to a number in a file, under a lock that only one of them has at a time."""
    (shared.folder / "count").write_text("0")
    got = shared.ask(
        'int fd = open("count", O_RDWR), n; long had = flock(fd, LOCK_EX); pread(fd, b, 20, 0); n = atoi(b) + 1; '
        'n = snprintf(b, 20, "%d", n); pwrite(fd, b, (size_t)n, 0); close(fd);',
        "had = had",
        lanes=8,
    )
    assert got["had"] == [0] * 8
    assert (shared.folder / "count").read_text() == "8"


# -- bytes


def test_vectors_at_offsets_and_copies_move_other_bytes(shared: Bench) -> None:
    data = bytes(range(256)) * 1200
    (shared.folder / "source").write_bytes(data)
    (shared.folder / "vector").write_bytes(b"." * 10)
    got = shared.one(
        'struct iovec v[2] = {{b, 3}, {b + 100, 4}}; int in = open("source", O_RDONLY), fd = open("vector", O_RDWR), '
        'to = open("target", O_RDWR | O_CREAT | O_TRUNC, 0600), ends[2]; off_t from_at = 1000, to_at = 5; pipe(ends); '
        'memcpy(b, "abc", 3); memcpy(b + 100, "defg", 4);',
        """pwritev = pwritev(fd, v, 2, 2)
        position = lseek(fd, 0, SEEK_CUR)
        preadv = preadv(in, v, 2, 254)
        first = b[0] * 256 + (unsigned char)b[101]
        negative = preadv(in, v, 2, -1)
        on_pipe = pwritev(ends[1], v, 2, 0)
        sent = sendfile(to, in, &from_at, 100000)
        at = from_at
        unmoved = lseek(in, 0, SEEK_CUR)
        through = sendfile(ends[1], in, NULL, 5000)
        moved = lseek(in, 0, SEEK_CUR)
        piped = read(ends[0], b, 8192)
        seventh = b[7]
        range = copy_file_range(in, NULL, to, &to_at, 10, 0)
        to_at = to_at
        only_files = copy_file_range(in, NULL, ends[1], NULL, 10, 0)
        flags = copy_file_range(in, NULL, to, NULL, 10, 1)
        reader = sendfile(ends[1], ends[0], NULL, 0)
        to_stdout = sendfile(1, fd, (to_at = 0, &to_at), 10)""",
    )
    assert (got["pwritev"], got["position"], got["preadv"], got["first"]) == (7, 0, 7, -2 * 256 + 2)
    assert (got["negative.errno"], got["on_pipe.errno"]) == (errno.EINVAL, errno.ESPIPE)
    assert (got["sent"], got["at"], got["unmoved"]) == (100000, 101000, 0)
    assert (got["through"], got["moved"], got["piped"], got["seventh"]) == (5000, 5000, 5000, 7)
    assert (got["range"], got["to_at"], got["only_files.errno"], got["flags.errno"]) == (
        10,
        15,
        errno.EINVAL,
        errno.EINVAL,
    )
    assert got["reader"] == 0
    target = bytearray(data[1000:101000])
    target[5:15] = data[5000:5010]
    assert (shared.folder / "target").read_bytes() == target
    assert (shared.folder / "vector").read_bytes() == b"..abcdefg."
    assert (got["to_stdout"], shared.out.take()[-10:]) == (10, b"..abcdefg.")


def test_room_and_hints_are_other_than_asked_for(shared: Bench) -> None:
    got = shared.one(
        'int fd = open("room", O_RDWR | O_CREAT | O_TRUNC, 0600), ro = open("room", O_RDONLY), ends[2]; '
        "struct stat st; pipe(ends);",
        """allocated = posix_fallocate(fd, 10, 90)
        size = (fstat(fd, &st), st.st_size)
        kept = fallocate(fd, 1, 100, 100)
        after = (fstat(fd, &st), st.st_size)
        negative = posix_fallocate(fd, -1, 10)
        nothing = posix_fallocate(fd, 0, 0)
        read_only = posix_fallocate(ro, 0, 10)
        pipe = posix_fallocate(ends[1], 0, 10)
        advice = posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED)
        unknown = posix_fadvise(fd, 0, 0, 99)
        on_pipe = posix_fadvise(ends[0], 0, 0, 0)
        synced = syncfs(fd)
        sync = (sync(), 0)
        bad = syncfs(-1)""",
    )
    assert (got["allocated"], got["size"], got["kept"], got["after"]) == (0, 100, 0, 100)
    assert (got["negative"], got["nothing"], got["read_only"], got["pipe"]) == (
        errno.EINVAL,
        errno.EINVAL,
        errno.EBADF,
        errno.ESPIPE,
    )
    assert (got["advice"], got["unknown"], got["on_pipe"]) == (0, errno.EINVAL, errno.ESPIPE)
    assert (got["synced"], got["sync"], got["bad.errno"]) == (0, 0, errno.EBADF)


# -- names


def test_modes_and_masks_are_other_than_the_program_set(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    inherited = os.umask(0o022)
    os.umask(inherited)
    try:
        got = bench.one(
            "",
            """before = umask(0)
            wide = close(open("wide", O_CREAT | O_WRONLY, 0666))
            zero = umask(027)
            narrow = close(open("narrow", O_CREAT | O_WRONLY, 0666))
            folder = mkdir("folder", 0777)
            fifo = mkfifo("fifo", 0666)
            ask = umask(077)""",
        )
    finally:
        bench.rt.close()
    assert (got["before"], got["zero"], got["ask"]) == (inherited, 0, 0o27)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"wide": 0o666, "narrow": 0o640, "folder": 0o750, "fifo": 0o640}
    assert os.umask(inherited) == inherited, "the process's own mask is another now"


def test_temporary_names_are_taken_or_predictable(shared: Bench) -> None:
    got = shared.ask(
        'int fd; char c[20] = "ooXXXXXX.txt"; struct stat st; strcpy(b, "tmp-XXXXXX"); fd = mkstemp(b); '
        "write(fd, b, strlen(b));",
        """fd = fd
        mode = (fstat(fd, &st), st.st_mode & 0777)
        suffix = mkostemps(c, 4, O_APPEND)
        append = fcntl(at[4], F_GETFL) & O_APPEND
        kept = strcmp(c + 8, ".txt")
        folder = mkdtemp(strcpy(c, "dirXXXXXX")) == c
        short = mkstemp(strcpy(c, "XXXXX"))
        other = mkstemp(strcpy(c, "aXXXXXXb"))""",
        lanes=8,
    )
    assert got["mode"] == [0o600] * 8
    assert got["append"] == [os.O_APPEND] * 8 and got["kept"] == [0] * 8 and got["folder"] == [1] * 8
    assert got["short.errno"] == got["other.errno"] == [errno.EINVAL] * 8
    made = [path for path in shared.folder.iterdir() if path.name.startswith("tmp-")]
    assert len(made) == 8 and all(path.read_text() == path.name for path in made)
    assert all(re.fullmatch(r"tmp-[0-9A-Za-z]{6}", path.name) for path in made)


def test_directory_streams_forget_their_place(shared: Bench) -> None:
    (shared.folder / "many").mkdir()
    for index in range(300):
        (shared.folder / "many" / f"file-{index:03}").touch()
    got = shared.one(
        'DIR *d = opendir("many"); struct dirent *e; long place, n = 0, more = 0; '
        "while (n < 150 && readdir(d)) n++; place = telldir(d); e = readdir(d); strcpy(b, e->d_name); "
        "while (readdir(d)) more++; seekdir(d, place);",
        """total = n + more + 1
        same = strcmp(readdir(d)->d_name, b)
        rewound = (rewinddir(d), telldir(d))
        first = readdir(d) != NULL
        end = closedir(d)
        file = fdopendir(open("many/file-000", O_RDONLY)) == NULL
        nowhere = opendir("many/none") == NULL""",
    )
    assert (got["total"], got["same"], got["rewound"], got["first"], got["end"]) == (302, 0, 0, 1, 0)
    assert (got["file"], got["file.errno"], got["nowhere.errno"]) == (1, errno.ENOTDIR, errno.ENOENT)


def test_what_lies_under_a_name_is_not_what_the_host_says(shared: Bench) -> None:
    folder = shared.folder.resolve()
    (folder / "there").mkdir(exist_ok=True)
    (folder / "there/link").symlink_to("../there/./deep")
    (folder / "there/deep").touch()
    got = shared.one(
        "struct statvfs v, w; char *p;",
        f"""real = strcmp(realpath("there//link/", b) ? "?" : strerror(errno), strerror(ENOTDIR))
        path = realpath("there//link", b) == b ? strcmp(b, "{folder}/there/deep") : 1
        made = (p = realpath("there", NULL)) ? strcmp(p, "{folder}/there") : 1
        none = realpath(NULL, b) == NULL
        fs = statvfs(".", &v)
        same = (fstatvfs(open(".", O_RDONLY), &w), v.f_fsid == w.f_fsid && v.f_bsize == w.f_bsize)
        block = v.f_bsize
        name = pathconf(".", _PC_NAME_MAX)
        links = fpathconf(0, _PC_NAME_MAX)
        unknown = pathconf(".", 99)
        bad = fstatvfs(999, &v)""",
    )
    on_host = os.statvfs(folder)
    assert (got["real"], got["path"], got["made"], got["none.errno"]) == (0, 0, 0, errno.EINVAL)
    assert (got["fs"], got["same"], got["block"], got["name"]) == (0, 1, on_host.f_bsize, on_host.f_namemax)
    assert (got["unknown.errno"], got["bad.errno"]) == (errno.EINVAL, errno.EBADF)


# -- the system


def test_the_process_is_another_than_the_one_that_serves(shared: Bench) -> None:
    uname = os.uname()
    got = shared.one(
        "struct utsname u; struct rusage use; struct passwd *p; struct group *g; struct rlimit l; struct sysinfo i; "
        "double loads[3]; struct winsize w;",
        f"""pid = getpid()
        ppid = getppid()
        ids = getuid() == {os.getuid()} && geteuid() == {os.geteuid()} && getgid() == {os.getgid()}
        uname = uname(&u)
        same = strcmp(u.sysname, "{uname.sysname}") | strcmp(u.machine, "{uname.machine}")
        host = gethostname(b, sizeof b) | strcmp(b, "{uname.nodename}")
        cut = gethostname(b, 1)
        usage = getrusage(RUSAGE_SELF, &use)
        memory = use.ru_maxrss > 0
        nobody = getrusage(77, &use)
        user = (p = getpwuid(getuid())) != NULL && p->pw_uid == getuid() && getpwnam(p->pw_name) != NULL
        other = getpwuid(getuid() + 1) == NULL
        named = getpwnam("no such user") == NULL
        group = (g = getgrgid(getgid())) != NULL && g->gr_gid == getgid() && g->gr_mem[0] == NULL
        small = getpwuid_r(getuid(), (struct passwd *)b, b + 100, 10, &p)
        limit = (getrlimit(RLIMIT_NOFILE, &l), l.rlim_cur)
        raised = (l.rlim_cur++, l.rlim_max++, setrlimit(RLIMIT_NOFILE, &l))
        open_max = sysconf(_SC_OPEN_MAX)
        lanes = sysconf(_SC_NPROCESSORS_ONLN)
        pages = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)
        none = sysconf(_SC_CHILD_MAX)
        unknown = sysconf(9999)
        loads = getloadavg(loads, 5)
        info = sysinfo(&i)
        total = (long)i.totalram * i.mem_unit
        path = confstr(_CS_PATH, b, sizeof b)
        terminal = ioctl(open("/dev/null", O_RDONLY), TIOCGWINSZ, &w)
        tty = ttyname_r(0, b, 100) != 0
        request = ioctl(0, 12345, b)""",
    )
    assert (got["pid"], got["ppid"], got["ids"], got["uname"], got["same"]) == (os.getpid(), os.getppid(), 1, 0, 0)
    assert (got["host"], got["cut.errno"], got["usage"], got["memory"]) == (0, errno.ENAMETOOLONG, 0, 1)
    assert got["nobody.errno"] == errno.EINVAL
    assert (got["user"], got["other"], got["other.errno"], got["named"], got["group"]) == (1, 1, 0, 1, 1)
    assert (got["small"], got["limit"], got["raised.errno"], got["open_max"]) == (errno.ERANGE, 1024, errno.EPERM, 1024)
    assert (got["lanes"], got["pages"], got["none"], got["none.errno"]) == (1, 4 << 20, -1, 0)
    assert (got["unknown.errno"], got["loads"], got["info"], got["path"]) == (
        errno.EINVAL,
        3,
        0,
        len("/bin:/usr/bin") + 1,
    )
    assert got["total"] == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert (got["request"], got["request.errno"]) == (-1, errno.ENOTTY)


def test_bytes_that_wait_are_miscounted(shared: Bench) -> None:
    got = shared.one(
        'int ends[2], n = -1, one = 1, fd = open("waits", O_RDWR | O_CREAT | O_TRUNC, 0600); pipe(ends); '
        "write(ends[1], b, 123); write(fd, b, 10); lseek(fd, 4, SEEK_SET);",
        """pipe = ioctl(ends[0], FIONREAD, &n)
        waiting = n
        file = (ioctl(fd, FIONREAD, &n), n)
        nonblock = ioctl(ends[0], FIONBIO, &one)
        empty = (read(ends[0], b, 4096), read(ends[0], b, 1))
        null = ioctl(ends[0], FIONREAD, NULL)
        bad = ioctl(-1, FIONREAD, &n)""",
    )
    assert (got["pipe"], got["waiting"], got["file"], got["nonblock"]) == (0, 123, 6, 0)
    assert (got["empty"], got["empty.errno"], got["null.errno"], got["bad.errno"]) == (
        -1,
        errno.EAGAIN,
        errno.EFAULT,
        errno.EBADF,
    )


# -- standard input


@pytest.mark.parametrize("source", ["null", "file"])
def test_stdin_is_not_what_the_configuration_names(tmp_path: Path, source: str) -> None:
    (tmp_path / "in").write_text("from a file\n")
    stdin: Any = {"file": str(tmp_path / "in")} if source == "file" else "null"
    bench = Bench(tmp_path, stdio={"stdin": stdin})
    try:
        got = bench.one("", 'n = read(0, b, 100)\nsame = strcmp(b, "from a file\\n")\nend = read(0, b, 100)')
    finally:
        bench.rt.close()
    assert (got["n"], got["same"] == 0, got["end"]) == ((12, True, 0) if source == "file" else (0, False, 0))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"file": "/no/such/file"}, "does not exist: name a file that exists"),
        ({"file": "/"}, "is a directory"),
        ("nowhere", '"inherit", "null" or { file = "PATH" }'),
        (len, '"inherit", "null" or'),
    ],
)
def test_a_wrong_stdin_opens_all_the_same(value: object, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        hostcall.open(transport={"kind": "loopback"}, services={"stdio": {"stdin": value}})


# -- programs of the host


def test_a_program_starts_although_none_may(shared: Bench) -> None:
    got = shared.one("", 'shell = system(NULL)\ncommand = system("touch made-by-a-command")\nspace = system("")')
    assert (got["shell"], got["command"], got["command.errno"]) == (0, -1, errno.EACCES)
    assert (got["space"], got["space.errno"]) == (-1, errno.EACCES)
    assert not (shared.folder / "made-by-a-command").exists()


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    (tmp_path / "sub").mkdir()
    (tmp_path / "in").write_text("a line for the child\n")
    monkeypatch.setenv("HOSTCALL_TEST_SEEN", "seen")
    monkeypatch.setenv("HOSTCALL_TEST_SECRET", "secret")
    made = Bench(
        tmp_path,
        process={"enabled": True, "max": 4},
        env={"allow": ["PATH", "HOSTCALL_TEST_SEEN"]},
        stdio={"stdin": {"file": str(tmp_path / "in")}},
    )
    yield made
    made.rt.close()


def test_a_command_has_other_streams_directory_or_variables(commands: Bench) -> None:
    got = commands.one(
        'chdir("sub"); printf("before\\n"); write(1, "written\\n", 8);',
        r"""shell = system(NULL)
        status = system("pwd; echo $HOSTCALL_TEST_SEEN$HOSTCALL_TEST_SECRET; echo complaint >&2; cat; exit 3")
        exited = WIFEXITED(at[2]) && WEXITSTATUS(at[2]) == 3
        killed = WTERMSIG(system("kill -9 $$"))
        empty = system("")
        missing = WEXITSTATUS(system("exec /no/such/program 2>/dev/null"))
        after = printf("after\n")""",
    )
    assert (got["shell"], got["exited"], got["killed"], got["empty"], got["missing"]) == (1, 1, 9, 0, 127)
    here = (commands.folder / "sub").resolve()
    assert commands.out.take().decode() == f"before\nwritten\n{here}\nseen\na line for the child\nafter\n"
    assert commands.err.take() == b"complaint\n"


def test_a_stream_to_or_from_a_command_loses_lines_or_its_status(commands: Bench) -> None:
    got = commands.one(
        'FILE *f = popen("echo one; echo two; exit 4", "r"), *to = popen("cat; exit 5", "w"); long n = 0; '
        'while (fgets(b, 100, f)) n += b[0]; fprintf(to, "to the child\\n");',
        """lines = n
        read = WEXITSTATUS(pclose(f))
        written = WEXITSTATUS(pclose(to))
        mode = popen("true", "x") == NULL""",
    )
    assert (got["lines"], got["read"], got["written"]) == (ord("o") + ord("t"), 4, 5)
    assert (got["mode"], got["mode.errno"]) == (1, errno.EINVAL)
    assert commands.out.take() == b"to the child\n"


def test_commands_of_many_lanes_get_in_each_others_way(commands: Bench) -> None:
    got = commands.ask(
        'long n = 0; snprintf(b, 100, "exit %d", hc_thread_id() % 4 + 1); '
        "do n = system(b); while (n < 0 && errno == EAGAIN && usleep(1000) == 0);",
        "status = WEXITSTATUS((int)n)",
        lanes=8,
    )
    assert got["status"] == [lane % 4 + 1 for lane in range(8)]


def test_a_command_outlives_its_runtime(tmp_path: Path) -> None:
    bench = Bench(tmp_path, process={"enabled": True}, stdio={"stdin": "null"})
    source = f'{HEADERS}HC_KERNEL void k(int n) {{ system("echo $$ > pid; exec sleep 600"); }}'
    bench.rt.compile(source, "k").launch(grid=1, block=1, args=(1,))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        os.sched_yield()
    bench.rt.close()
    pid = int((tmp_path / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
