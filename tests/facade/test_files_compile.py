# SPDX-License-Identifier: Apache-2.0
"""Files, the system and commands: every function by its header alone, in kernels and in programs, without a warning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FACADE = Path(__file__).parents[2] / "libc_facade"
INCLUDE, PLAIN = FACADE / "include", FACADE / "libc"
_SECONDS = 280

# By header: what every backend has, and behind the bar what OpenCL C can't express.
HEADERS = {
    "dirent.h": "seekdir telldir",
    "fcntl.h": "fcntl posix_fadvise posix_fallocate fallocate",
    "grp.h": "| getgrgid getgrnam getgrgid_r getgrnam_r",
    "pwd.h": "| getpwuid getpwnam getpwuid_r getpwnam_r",
    "stdlib.h": "mkstemp mkostemp mkstemps mkostemps mkdtemp realpath system | getloadavg",
    "sys/file.h": "| flock",
    "sys/ioctl.h": "| ioctl",
    "sys/resource.h": "| getrusage getrlimit setrlimit",
    "sys/sendfile.h": "sendfile",
    "sys/stat.h": "mkfifo mkfifoat mknod mknodat chmod fchmod fchmodat umask utimensat futimens",
    "sys/statvfs.h": "statvfs fstatvfs",
    "sys/sysinfo.h": "| sysinfo",
    "sys/time.h": "| utimes lutimes futimes",
    "sys/uio.h": "preadv pwritev",
    "sys/utsname.h": "uname",
    "sys/wait.h": "WIFEXITED WEXITSTATUS WIFSIGNALED WTERMSIG",
    "unistd.h": "link linkat symlink symlinkat readlink readlinkat chown fchown lchown fchownat sync syncfs "
    "copy_file_range pathconf fpathconf getppid getuid geteuid getgid getegid getpgrp gethostid gethostname "
    "getdomainname getlogin_r sysconf | lockf ttyname_r getlogin confstr",
    "utime.h": "| utime",
}
KERNEL = r"""
HC_KERNEL void everything(HC_GLOBAL long *out, HC_GLOBAL char *buffer, int fd) {
    long sum = 0, at = 0, to_at = 0;
    char small[64];
    struct iovec v[2];
    struct timespec times[2];
    struct statvfs fs;
    struct utsname names;
    DIR *dir = opendir(".");
    if (dir) {
        seekdir(dir, telldir(dir));
        closedir(dir);
    }
    times[0].tv_sec = times[1].tv_sec = 1;
    times[0].tv_nsec = times[1].tv_nsec = UTIME_OMIT;
    fs.f_bsize = 0;
    v[0].iov_base = v[1].iov_base = buffer;
    v[0].iov_len = v[1].iov_len = 8;
    sum += fcntl(fd, F_GETFL) + fcntl(fd, F_SETFL, O_NONBLOCK) + fcntl(fd, F_DUPFD_CLOEXEC, 3);
    sum += posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL) + posix_fallocate(fd, 0, 1) + fallocate(fd, 0, 0, 1);
    sum += mkstemp(small) + mkostemp(buffer, O_APPEND) + mkstemps(small, 2) + mkostemps(buffer, 1, 0);
    sum += (mkdtemp(small) != 0) + (realpath("a", buffer) != 0) + system("true") + sendfile(fd, fd, &at, 8);
    sum += mkfifo("f", 0600) + mkfifoat(fd, "f", 0600) + mknod("n", S_IFREG | 0600, 0) + mknodat(fd, "n", 0600, 0);
    sum += chmod("a", 0600) + fchmod(fd, 0600) + fchmodat(fd, "a", 0600, 0) + (long)umask(022);
    sum += utimensat(AT_FDCWD, "a", times, 0) + futimens(fd, times) + statvfs(".", &fs) + fstatvfs(fd, &fs);
    sum += preadv(fd, v, 2, 0) + pwritev(fd, v, 2, 0) + uname(&names) + (long)fs.f_bsize;
    sum += link("a", "b") + linkat(fd, "a", AT_FDCWD, "b", AT_SYMLINK_FOLLOW) + symlink("a", "b");
    sum += symlinkat("a", fd, "b") + readlink("b", small, 8) + readlinkat(fd, "b", buffer, 8);
    sum += chown("a", 0, 0) + fchown(fd, 0, 0) + lchown("a", 0, 0) + fchownat(fd, "a", 0, 0, AT_SYMLINK_NOFOLLOW);
    sync();
    sum += syncfs(fd) + copy_file_range(fd, &at, fd, &to_at, 8, 0) + pathconf(".", _PC_NAME_MAX) +
        fpathconf(fd, _PC_PIPE_BUF);
    sum += getppid() + (long)getuid() + (long)geteuid() + (long)getgid() + (long)getegid() + getpgrp() + gethostid();
    sum += gethostname(small, sizeof small) + getdomainname(buffer, 64) + getlogin_r(small, sizeof small);
    sum += sysconf(_SC_OPEN_MAX) + WIFEXITED(0) + WEXITSTATUS(256) + WIFSIGNALED(9) + WTERMSIG(9);
    out[hc_thread_id()] = sum;
}
"""
HOSTED = r"""
HC_KERNEL void hosted(long *out, char *buffer, int fd) {
    long sum = 0;
    double loads[3];
    struct flock lock;
    struct winsize size;
    struct rusage use;
    struct rlimit limit;
    struct sysinfo info;
    struct utimbuf when;
    struct timeval tv[2];
    struct passwd user, *u;
    struct group group, *g;
    memset(&use, 0, sizeof use);
    memset(&limit, 0, sizeof limit);
    memset(&info, 0, sizeof info);
    memset(&size, 0, sizeof size);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = lock.l_len = 0;
    when.actime = when.modtime = 1;
    tv[0].tv_sec = tv[1].tv_sec = tv[0].tv_usec = tv[1].tv_usec = 0;
    sum += fcntl(fd, F_SETLKW, &lock) + flock(fd, LOCK_EX | LOCK_NB) + lockf(fd, F_TLOCK, 8);
    sum += ioctl(fd, TIOCGWINSZ, &size) + ttyname_r(fd, buffer, 32) + (getlogin() != 0);
    sum += (long)confstr(_CS_PATH, buffer, 32);
    sum += getrusage(RUSAGE_SELF, &use) + getrlimit(RLIMIT_NOFILE, &limit) + setrlimit(RLIMIT_NOFILE, &limit);
    sum += sysinfo(&info) + getloadavg(loads, 3) + utime("a", &when) + utimes("a", tv) + lutimes("a", tv) + futimes(fd,
        tv);
    sum += (getpwuid(0) != 0) + (getpwnam("a") != 0) + getpwuid_r(0, &user, buffer, 1024, &u) +
        getpwnam_r("a", &user, buffer, 1024, &u);
    sum += (getgrgid(0) != 0) + (getgrnam("a") != 0) + getgrgid_r(0, &group, buffer, 2048, &g) +
        getgrnam_r("a", &group, buffer, 2048, &g);
    out[0] = sum + size.ws_row + (long)use.ru_maxrss + (long)limit.rlim_cur + info.uptime;
}
"""
# Under nvcc the same names serve the host half of the file.
HOST = r"""
int main() {
    struct statvfs fs;
    struct utsname names;
    struct rusage use;
    struct flock lock = {};
    char target[16];
    if (statvfs("/", &fs) || uname(&names) || getrusage(RUSAGE_SELF, &use) || fcntl(0, F_GETFL) < -1) return 1;
    if (readlink("/proc/self/exe", target, 1) != 1 || getuid() != geteuid() || lock.l_type) return 1;
    printf("host half\n");
    return fflush(stdout);
}
"""
PRELUDE = '#include "hostcall.h"\n#include <stdio.h>\n#include <string.h>\n' + "".join(
    f"#include <{name}>\n" for name in HEADERS
)
# Programs see the same functions under their plain names; these are macros there too.
MACROS = {"WIFEXITED", "WEXITSTATUS", "WIFSIGNALED", "WTERMSIG"}


def names_of(header: str) -> list[str]:
    return HEADERS[header].replace("|", " ").split()


def c_compiler(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_kernels_use_every_function() -> None:
    everywhere = {name for names in HEADERS.values() for name in names.split("|")[0].split()}
    hosted = {name for names in HEADERS.values() for name in names.partition("|")[2].split()}
    assert everywhere - set(re.findall(r"\w+", KERNEL)) == set()
    assert hosted - set(re.findall(r"\w+", HOSTED)) == set()


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_alone_declares_its_functions(header: str, tmp_path: Path) -> None:
    source = tmp_path / "one.c"
    names = names_of(header)
    uses = "".join(f"    here[{i}] = (unsigned long)&{name};\n" for i, name in enumerate(names) if name not in MACROS)
    source.write_text(
        f"#include <{header}>\nvoid use(unsigned long *here);\n"
        f"void use(unsigned long *here) {{\n{uses}    here[99] = 0;\n}}\n"
    )
    for folder, standards in ((INCLUDE, ("gnu11",)), (PLAIN, ("gnu99", "gnu17"))):
        for standard in standards:
            flags = [f"-std={standard}", "-nostdinc", "-isystem", str(folder), "-Wall", "-Wextra", "-Werror"]
            run(c_compiler("gcc"), *flags, "-fsyntax-only", str(source))


@pytest.mark.parametrize("header", sorted(str(path.relative_to(PLAIN)) for path in PLAIN.rglob("*.h")))
def test_a_plain_header_compiles_on_its_own(header: str, tmp_path: Path) -> None:
    source = tmp_path / "one.c"
    source.write_text(f"#include <{header}>\n#include <{header}>\nextern int something;\n")
    flags = ["-nostdinc", "-I", str(PLAIN), "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    for compiler in ("gcc", "clang"):
        for standard in ("c99", "gnu17"):
            run(c_compiler(compiler), f"-std={standard}", *flags, str(source))
    run(c_compiler("g++"), "-std=c++17", *flags, "-x", "c++", str(source))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_c11_compiles_without_a_warning(compiler: str, level: str, tmp_path: Path) -> None:
    source = tmp_path / "all.c"
    source.write_text(PRELUDE + KERNEL + HOSTED)
    flags = ["-std=gnu11", level, "-nostdinc", "-I", str(INCLUDE), "-Wall", "-Wextra", "-Werror"]
    run(c_compiler(compiler), *flags, "-c", str(source), "-o", os.devnull)


@pytest.mark.slow
def test_nvrtc_compiles_without_a_warning() -> None:
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason="NVRTC is not installed")
    _, program = nvrtc.nvrtcCreateProgram((PRELUDE + KERNEL + HOSTED).encode(), b"all.cu", 0, [], [])
    options = [f"-I{INCLUDE}".encode(), b"-std=c++17", b"-arch=sm_90"]
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    _, size = nvrtc.nvrtcGetProgramLogSize(program)
    log = bytearray(size)
    nvrtc.nvrtcGetProgramLog(program, log)
    assert log.strip(b"\0 \n").decode() == ""
    assert status == nvrtc.nvrtcResult.NVRTC_SUCCESS


@pytest.mark.slow
def test_nvcc_compiles_both_halves_without_a_warning(tmp_path: Path) -> None:
    nvcc = c_compiler("nvcc")
    source, program = tmp_path / "all.cu", tmp_path / "all"
    source.write_text(PRELUDE + KERNEL + HOSTED + HOST)
    options = ["-arch=sm_90", "-std=c++17", "-Werror", "all-warnings", "-I", str(INCLUDE)]
    assert run(nvcc, *options, "-c", str(source), "-o", f"{program}.o") == ""
    run(nvcc, "-arch=sm_90", f"{program}.o", "-o", str(program))
    assert run(str(program)) == "host half\n"


@pytest.mark.opencl
def test_opencl_c_builds_without_a_warning() -> None:
    import pyopencl as cl

    device = cl.get_platforms()[0].get_devices()[0]
    context = cl.Context([device])
    defines = ["-D__opencl_c_atomic_scope_all_devices=1", "-DHC_CLIENT_ADDRESS=4096ul"]
    options = ["-cl-std=CL3.0", "-I", str(INCLUDE), *defines]
    program = cl.Program(context, PRELUDE + KERNEL).build(options)  # a warning would be raised
    assert program.get_build_info(device, cl.program_build_info.LOG).strip("\0 \n") == ""
