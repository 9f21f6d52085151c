# SPDX-License-Identifier: Apache-2.0
"""Every function of the POSIX slice is there by its header alone, and compiles everywhere without a warning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

INCLUDE = Path(__file__).parents[2] / "libc_facade" / "include"
_SECONDS = 280

# Which header declares what: the rows of the facade's table that this slice serves.
HEADERS = {
    "assert.h": "assert",
    "dirent.h": "opendir fdopendir dirfd readdir rewinddir closedir",
    "errno.h": "errno",
    "fcntl.h": "open openat creat",
    "stdio.h": "printf fprintf dprintf vprintf vfprintf vdprintf puts fputs putchar putc fputc fflush perror "
    "snprintf sprintf vsnprintf vsprintf remove rename renameat "
    "fopen fdopen freopen fclose tmpfile popen pclose setvbuf setbuf setlinebuf fread fwrite fgetc getc getchar ungetc "
    "fgets fseek fseeko ftell ftello rewind fgetpos fsetpos feof ferror clearerr fileno flockfile ftrylockfile "
    "funlockfile getc_unlocked getchar_unlocked putc_unlocked putchar_unlocked fgetc_unlocked fputc_unlocked "
    "fread_unlocked fwrite_unlocked fgets_unlocked fputs_unlocked fflush_unlocked feof_unlocked ferror_unlocked "
    "clearerr_unlocked fileno_unlocked "
    "fmemopen open_memstream "
    "getline getdelim asprintf vasprintf tmpnam setbuffer scanf fscanf sscanf vscanf vfscanf vsscanf",
    "stdlib.h": "getenv exit _Exit abort abs labs llabs div ldiv lldiv malloc calloc realloc free "
    "aligned_alloc posix_memalign",
    "sys/mman.h": "mmap munmap msync",
    "sys/random.h": "getrandom getentropy",
    "sys/stat.h": "stat lstat fstat fstatat mkdir mkdirat",
    "sys/time.h": "gettimeofday",
    "sys/uio.h": "readv writev",
    "time.h": "clock clock_gettime clock_getres time difftime nanosleep",
    "unistd.h": "close read write pread pwrite lseek fsync fdatasync truncate ftruncate dup dup2 dup3 pipe pipe2 "
    "isatty access faccessat rmdir unlink unlinkat getcwd chdir fchdir usleep sleep getpid gettid "
    "sysconf getpagesize getentropy _exit",
}
# What OpenCL C can't express (va_list), or has itself (abs).
NOT_IN_OPENCL = {"vprintf", "vfprintf", "vdprintf", "vsnprintf", "vsprintf", "abs", "getline", "scanf", "asprintf"}

KERNEL = r"""
HC_KERNEL void everything(HC_GLOBAL long *out, HC_GLOBAL char *buffer, int fd) {
    long sum = 0;
    int ends[2];
    char small[64];
    struct stat st = {0};
    struct iovec v[2];
    struct timespec ts, rest;
    struct timeval tv;
    time_t now = 0;
    DIR *dir;
    HC_GLOBAL struct dirent *entry;
    errno = 0;
    sum += open("a", O_RDONLY) + open("b", O_RDWR | O_CREAT | O_TRUNC, 0644) + openat(AT_FDCWD, "c", O_WRONLY);
    sum += openat(fd, "c", O_WRONLY | O_CREAT, 0600) + creat("d", 0600) + close(fd);
    sum += read(fd, small, sizeof small) + write(fd, "literal", 7) + pread(fd, buffer, 8192, 0) + pwrite(fd, buffer,
        8192, 16);
    v[0].iov_base = buffer;
    v[0].iov_len = 3;
    v[1].iov_base = buffer + 100;
    v[1].iov_len = 5;
    sum += readv(fd, v, 2) + writev(fd, v, 2) + lseek(fd, 0, SEEK_END) + fsync(fd) + fdatasync(fd);
    sum += truncate("a", 5) + ftruncate(fd, 5) + dup(fd) + dup2(fd, 9) + dup3(fd, 10, O_CLOEXEC);
    sum += pipe(ends) + pipe2(ends, O_NONBLOCK) + isatty(1);
    sum += stat("a", &st) + lstat("a", &st) + fstat(fd, &st) + fstatat(AT_FDCWD, "a", &st, AT_SYMLINK_NOFOLLOW);
    sum += (long)st.st_size + (long)st.st_mtime + (long)st.st_atim.tv_nsec + S_ISDIR(st.st_mode);
    sum += access("a", R_OK) + faccessat(fd, "a", R_OK | W_OK, AT_EACCESS);
    sum += mkdir("m", 0755) + mkdirat(fd, "n", 0755) + rmdir("m") + unlink("a") + unlinkat(fd, "n", AT_REMOVEDIR);
    sum += rename("a", "b") + renameat(fd, "a", AT_FDCWD, "b") + remove("b");
    dir = opendir(".");
    while (dir && (entry = readdir(dir)) != 0) sum += entry->d_type + (long)strlen(entry->d_name) + (long)entry->d_ino;
    if (dir) {
        rewinddir(dir);
        sum += dirfd(dir) + closedir(dir);
    }
    dir = fdopendir(fd);
    sum += getcwd(small, sizeof small) != 0;
    sum += chdir("m") + fchdir(fd);
    sum += printf("%d %s %f\n", 1, "two", 3.0) + fprintf(stderr, "none\n") + dprintf(fd, "%d %5.3s\n", fd, small);
    sum += puts("line") + fputs("text", stdout) + putchar('c') + putc('d', stderr) + fputc('e', stdout) +
        fflush(stdout) + fflush(stderr);
    perror("perror");
    {
        FILE *f = fopen("a", "r+"), *g = fdopen(fd, "w"), *p = popen("true", "r");
        fpos_t at;
        if (f == NULL || g == stdout) f = tmpfile();
        sum += setvbuf(f, NULL, _IOFBF, BUFSIZ) + setvbuf(g, buffer, _IOLBF, 100);
        setbuf(g, buffer);
        setlinebuf(g);
        sum += (long)fread(buffer, 1, 100, f) + (long)fwrite(buffer, 1, 100, g) + (long)fread(small, 2, 3, f);
        sum += (long)fwrite("literal", 1, 7, stdout) + fgetc(f) + getc(f) + getchar() + ungetc('x', f);
        sum += (fgets(small, 10, f) != NULL) + (fgets(buffer, 10, stdin) != NULL) + fputs("x", g) + fputc('y', g);
        sum += fprintf(g, "%d %s\n", 1, small) + fseek(f, 3L, SEEK_SET) + fseeko(f, 3, SEEK_END) + ftell(f);
        sum += ftello(f);
        rewind(f);
        if (!fgetpos(f, &at)) sum += fsetpos(f, &at);
        sum += feof(f) + ferror(f) + fileno(f) + fileno(stderr) + ftrylockfile(f);
        clearerr(f);
        flockfile(f);
        sum += getc_unlocked(f) + getchar_unlocked() + putc_unlocked('a', g) + putchar_unlocked('b');
        sum += fgetc_unlocked(f) + fputc_unlocked('c', g);
        sum += (long)fread_unlocked(buffer, 1, 1, f) + (long)fwrite_unlocked("d", 1, 1, g);
        sum += (fgets_unlocked(buffer, 5, f) != NULL) + fputs_unlocked("e", g) + fflush_unlocked(g) + feof_unlocked(f);
        sum += ferror_unlocked(f) + fileno_unlocked(f);
        clearerr_unlocked(f);
        funlockfile(f);
        sum += (freopen("b", "w", g) != NULL) + fclose(f) + fclose(g) + pclose(p) + fflush(NULL);
    }
    sum += snprintf(small, sizeof small, "%ld", sum) + sprintf(small, "%c", 'x');
    sum += clock() + clock_gettime(CLOCK_MONOTONIC, &ts) + clock_gettime(CLOCK_REALTIME, &ts) +
        clock_getres(CLOCK_MONOTONIC, &ts);
    sum += time(&now) + time(NULL) + gettimeofday(&tv, NULL) + (long)difftime(now, 0);
    ts.tv_sec = 0;
    ts.tv_nsec = 100;
    sum += nanosleep(&ts, &rest) + nanosleep(&ts, NULL) + usleep(1) + (long)sleep(0);
    {
        HC_GLOBAL void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p != MAP_FAILED) sum += msync(p, 4096, MS_SYNC | MS_INVALIDATE) + munmap(p, 4096);
        p = mmap(NULL, 10, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    sum += getenv("HOME") != 0;
    sum += getrandom(small, 8, 0) + getentropy(buffer, 16);
    sum += getpid() + gettid() + sysconf(_SC_PAGESIZE) + getpagesize();
    sum += abs(-3) + labs(-3L) + (long)llabs(-4L) + div(7, 2).rem + ldiv(7L, 2L).quot + (long)lldiv(7L, 2L).quot;
    {
        HC_GLOBAL void *p = malloc(10);
        p = realloc(p, 100);
        free(p);
        p = calloc(2, 3);
        free(p);
        p = aligned_alloc(64, 64);
        free(p);
        sum += posix_memalign(&p, 64, 64);
    }
    assert(sum != 42);
    if (sum == 1) exit(EXIT_FAILURE);
    if (sum == 2) _Exit(3);
    if (sum == 3) abort();
    if (sum == 4) _exit(4);
    out[hc_thread_id()] = sum + errno + (dir != NULL);
}
"""
VARIADIC = r"""
#if defined(__CUDACC__) || defined(__CUDACC_RTC__)
#define FORWARDS static __device__
#else
#define FORWARDS static
#endif
FORWARDS int forward(int how, char *to, const char *fmt, ...) {
    va_list list;
    int n = 0;
    va_start(list, fmt);
    if (how == 0) n = vprintf(fmt, list);
    if (how == 1) n = vfprintf(stderr, fmt, list);
    if (how == 2) n = vdprintf(1, fmt, list);
    if (how == 3) n = vsnprintf(to, 8, fmt, list);
    if (how == 4) n = vsprintf(to, fmt, list);
    if (how == 5) n = vscanf(fmt, list);
    if (how == 6) n = vfscanf(stdin, fmt, list);
    if (how == 7) n = vsscanf("1 x", fmt, list);
    if (how == 8) n = vasprintf(&to, fmt, list);
    va_end(list);
    return n;
}
HC_KERNEL void variadic(HC_GLOBAL long *out, HC_GLOBAL char *buffer, int how) {
    char *line = NULL;
    size_t room = 0;
    out[0] = forward(how, buffer, "%d %s", 1, "x");
    out[0] += scanf("%d", &how) + fscanf(stdin, "%d", &how) + sscanf(buffer, "%d", &how) + asprintf(&line, "%d", how);
    out[0] += getline(&line, &room, stdin) + getdelim(&line, &room, ';', stdin) + (tmpnam(buffer) != NULL);
    out[0] += fclose(fmemopen(buffer, 10, "r")) + fclose(open_memstream(&line, &room));
    setbuffer(stdin, NULL, 0);
}
"""
# Under nvcc the same names serve the host half of the file.
HOST = r"""
int main() {
    struct stat st;
    struct timespec ts;
    int fd = open("/dev/null", O_RDONLY);
    void *p = malloc(3);
    FILE *f = fopen("/dev/null", "w");
    assert(p != (void *)1);
    free(p);
    errno = 3;
    if (stat("/", &st) || clock_gettime(CLOCK_MONOTONIC, &ts) || !S_ISDIR(st.st_mode)) return 1;
    if (errno != 3 || close(fd)) return 1;
    fprintf(f, "x");
    fclose(f);
    printf("host half\n");
    return fflush(stdout);
}
"""
PRELUDE = '#include "hostcall.h"\n#include <string.h>\n' + "".join(f"#include <{name}>\n" for name in HEADERS)


def words(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


def test_the_kernels_use_every_function() -> None:
    declared = {name for names in HEADERS.values() for name in names.split()}
    assert declared - words(KERNEL) - words(VARIADIC) == set()
    assert {"vprintf", "vfprintf", "vdprintf", "vsnprintf", "vsprintf"} <= NOT_IN_OPENCL


def c_compiler(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str, **options: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout + done.stderr)


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_alone_declares_its_functions(header: str, tmp_path: Path) -> None:
    cc = c_compiler("gcc")
    source = tmp_path / "one.c"
    source.write_text(f"#include <{header}>\n")
    macros = run(cc, "-std=gnu11", "-nostdinc", "-isystem", str(INCLUDE), "-dM", "-E", str(source))
    defined = set(re.findall(r"^#define (\w+)(?:\(| |$)", macros, re.MULTILINE))
    assert set(HEADERS[header].split()) - defined == set()
    # The macros name functions that are there too: taking an address, or using it, is enough.
    callable_names = [name for name in HEADERS[header].split() if name not in ("assert", "errno")]
    uses = "".join(f"    here[{index}] = (unsigned long)&{name};\n" for index, name in enumerate(callable_names))
    source.write_text(
        f"#include <{header}>\nvoid use(unsigned long *here);\n"
        f"void use(unsigned long *here) {{\n{uses}    here[99] = 0;\n}}\n"
    )
    run(
        cc,
        "-std=gnu11",
        "-nostdinc",
        "-isystem",
        str(INCLUDE),
        "-Wall",
        "-Wextra",
        "-Werror",
        "-c",
        str(source),
        "-o",
        os.devnull,
    )


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_c11_compiles_without_a_warning(compiler: str, level: str, tmp_path: Path) -> None:
    cc = c_compiler(compiler)
    source = tmp_path / "all.c"
    source.write_text(PRELUDE + KERNEL + "#include <stdarg.h>\n" + VARIADIC)
    for include in ("-isystem", "-I"):  # as a user has it, and with warnings for the headers themselves
        run(
            cc,
            "-std=gnu11",
            level,
            "-nostdinc",
            include,
            str(INCLUDE),
            "-Wall",
            "-Wextra",
            "-Werror",
            "-c",
            str(source),
            "-o",
            os.devnull,
        )


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["sm_75", "sm_90"])
def test_nvrtc_compiles_without_a_warning(arch: str) -> None:
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason="NVRTC is not installed")
    _, program = nvrtc.nvrtcCreateProgram((PRELUDE + KERNEL + VARIADIC).encode(), b"all.cu", 0, [], [])
    options = [f"-I{INCLUDE}".encode(), b"-std=c++17", f"-arch={arch}".encode()]
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    _, size = nvrtc.nvrtcGetProgramLogSize(program)
    log = bytearray(size)  # never bytes: of one byte there is one object in the process, and this is written to
    nvrtc.nvrtcGetProgramLog(program, log)
    assert log.strip(b"\0 \n").decode() == ""
    assert status == nvrtc.nvrtcResult.NVRTC_SUCCESS


def ptx(body: str) -> str:
    """Give what NVRTC makes of a kernel."""
    nvrtc = pytest.importorskip("cuda.bindings.nvrtc", reason="NVRTC is not installed")
    source = f'#include "hostcall.h"\n#include <stdio.h>\nHC_KERNEL void k(int *out) {{ {body} }}\n'
    _, program = nvrtc.nvrtcCreateProgram(source.encode(), b"k.cu", 0, [], [])
    options = [f"-I{INCLUDE}".encode(), b"-std=c++17", b"-arch=compute_90"]
    (status,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    assert status == nvrtc.nvrtcResult.NVRTC_SUCCESS
    _, size = nvrtc.nvrtcGetPTXSize(program)
    text = bytearray(size)
    nvrtc.nvrtcGetPTX(program, text)
    return str(text.decode())


@pytest.mark.slow
def test_an_unused_length_of_a_printf_costs_nothing() -> None:
    assert "hc_print_count" in ptx('out[0] = printf("%d", 1);')
    assert "hc_print_count" not in ptx('printf("%d", 1);')


@pytest.mark.slow
def test_what_prints_to_a_stream_brings_neither_engine_nor_heap_along() -> None:
    engine, heap = "hc_fmt_emit", "hc_heap_alloc"
    file = ptx('dprintf(out[0], "%d", 1);')
    assert engine in file and heap in file, "the names to look for have changed"
    stream = ptx('printf("%d %s %f", 1, "two", 3.0); fprintf(stderr, "%d", 1); puts("text"); perror("why");')
    assert engine not in stream and heap not in stream


@pytest.mark.slow
def test_nvcc_compiles_both_halves_without_a_warning(tmp_path: Path) -> None:
    nvcc = c_compiler("nvcc")
    source, program = tmp_path / "all.cu", tmp_path / "all"
    source.write_text(PRELUDE + "#include <stdarg.h>\n" + KERNEL + VARIADIC + HOST)
    options = ["-arch=sm_90", "-std=c++17", "-Werror", "all-warnings", "-I", str(INCLUDE)]
    assert run(nvcc, *options, "-c", str(source), "-o", f"{program}.o") == ""
    run(nvcc, "-arch=sm_90", f"{program}.o", "-o", str(program))
    assert run(str(program)) == "host half\n"


@pytest.mark.opencl
def test_opencl_c_builds_without_a_warning() -> None:
    import pyopencl as cl

    device = cl.get_platforms()[0].get_devices()[0]
    context = cl.Context([device])
    options = [
        "-cl-std=CL3.0",
        "-I",
        str(INCLUDE),
        "-D__opencl_c_atomic_scope_all_devices=1",
        "-DHC_CLIENT_ADDRESS=4096ul",
    ]
    program = cl.Program(context, PRELUDE + KERNEL).build(options)  # a warning would be raised
    assert program.get_build_info(device, cl.program_build_info.LOG).strip("\0 \n") == ""
