# SPDX-License-Identifier: Apache-2.0
"""Object code from several compilers is linked with the library, without a GPU: nothing may be left undefined."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hostcall.errors import CompileError, TransportUnavailable
from hostcall.programs import device_library
from hostcall.programs.cache import cache_folder, cached, facade_folder
from hostcall.programs.library import build_artefacts, host_library, host_link_flags, host_link_inputs, main

ARCH = 90
# The driver's own, in every linked file.
OF_THE_DRIVER = re.compile(r"\.nv\.reservedSmem\.\w+|__U[DF]T\w*|$")


def run(*command: object) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def tool(name: str) -> str:
    try:
        return device_library.find_cuda_tool(name)
    except CompileError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def clang() -> list[str]:
    try:
        return device_library.find_clang()
    except CompileError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def library(clang: list[str]) -> Path:
    tool("ptxas"), tool("nvlink")
    return device_library.device_object(ARCH)


def undefined(path: Path) -> set[str]:
    """Names that a linked cubin still waits for."""
    listing = run("readelf", "-sW", path)
    names = {line.split()[-1] for line in listing.splitlines() if re.search(r"\bUND\b", line)}
    return {name for name in names if name != "UND" and not OF_THE_DRIVER.fullmatch(name)}


def functions(path: Path) -> set[str]:
    listing = run("readelf", "-sW", path)
    return {line.split()[-1] for line in listing.splitlines() if " FUNC " in line}


def assemble(ptx: Path, arch: int = ARCH) -> Path:
    made = ptx.with_suffix(".cubin")
    run(tool("ptxas"), "-c", f"-arch=sm_{arch}", ptx, "-o", made)
    return made


def link(inputs: list[Path], made: Path, *more: object, arch: int = ARCH) -> Path:
    run(tool("nvlink"), f"-arch=sm_{arch}", *more, *inputs, "-o", made)
    return made


C_PROGRAM = """
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(OWN_MALLOC)
__attribute__((noinline)) void *malloc(size_t n) { static char room[4096]; return n <= sizeof room ? room : NULL; }
#endif
__attribute__((device_kernel)) void start(int n) {
    char *text = malloc(64);
    int fd = open("x", O_RDWR | O_CREAT, 0644);
    if (fd < 0) printf("%d %s\\n", errno, strerror(errno));
    snprintf(text, 64, "%d %f %s\\n", n, (double)clock(), "abc");
    write(fd, text, strlen(text));
    close(fd);
    free(text);
}
"""


def compile_c(clang: list[str], folder: Path, source: str, *more: str) -> Path:
    text, ptx = folder / "program.c", folder / "program.ptx"
    text.write_text(source)
    flags = [*device_library.clang_flags(ARCH), "-std=gnu17", "-O2", "-isystem", facade_folder() / "libc"]
    run(*clang, *flags, *more, "-S", text, "-o", ptx)
    return ptx


def test_a_program_of_clang_has_names_left(clang: list[str], library: Path, tmp_path: Path) -> None:
    made = link([assemble(compile_c(clang, tmp_path, C_PROGRAM)), library], tmp_path / "out.cubin")
    assert not undefined(made)


def test_a_small_program_carries_the_whole_library(clang: list[str], library: Path, tmp_path: Path) -> None:
    source = "long write(int, const void *, unsigned long);\n"
    source += '__attribute__((device_kernel)) void start(void) { write(1, "x", 1); }\n'
    made = link([assemble(compile_c(clang, tmp_path, source)), library], tmp_path / "out.cubin")
    there = functions(made)
    assert "write" in there
    assert not there & {"printf", "qsort", "strtod", "opendir", "pthread_create"}
    assert made.stat().st_size < library.stat().st_size / 4


def test_the_library_wins_over_a_function_of_the_program(clang: list[str], library: Path, tmp_path: Path) -> None:
    program = assemble(compile_c(clang, tmp_path, C_PROGRAM, "-DOWN_MALLOC"))
    # Either order of the linker's command line.
    for inputs in ([program, library], [library, program]):
        made = link(inputs, tmp_path / "out.cubin")
        listing = run("readelf", "-sW", made)
        assert re.search(r"FUNC\s+GLOBAL.* malloc$", listing, re.MULTILINE), "the program's malloc is strong"
        assert not re.search(r"FUNC\s+WEAK.* malloc$", listing, re.MULTILINE)


def test_a_call_with_three_dots_passes_no_single_pointer(clang: list[str], tmp_path: Path) -> None:
    """What Rust's bitcode and clang's C mean by `...`, and what the library's definitions take."""
    calls = "int open(const char *, int, ...); int fcntl(int, int, ...); long syscall(long, ...);\n"
    calls += "long use(void) { return open(0, 64, 0644) + fcntl(1, 2, 3L) + syscall(202, 1L, 2L); }\n"
    caller = compile_c(clang, tmp_path, calls).read_text()
    library = device_library.device_ptx().read_text()
    fixed = {"open": ["b64", "b32"], "fcntl": ["b32", "b32"], "syscall": ["b64"]}
    for name, kinds in fixed.items():
        for text in (caller, library):
            found = re.search(rf"\.func\s*\([^)]*\) {name}\s*\(([^)]*)\)", text)
            assert found, f"{name} is not there"
            assert re.findall(r"\.param \.(b\d+)", found[1]) == [*kinds, "b64"]
            assert "[]" not in found[1]


CUDA_PROGRAM = """
#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <hostcall/libc.h>
extern "C" __global__ void start(char *out, int n) {
    struct stat st;
    int fd = hostcall::open("x", 0102, 0644);
    hostcall::dprintf(fd, "%d %s %f %c\\n", n, "abc", 1.5f, 'x');
    if (hostcall::fstat(fd, &st) == 0) printf("%ld\\n", (long)st.st_size); // CUDA's own printf
    out[0] = (char)hostcall::read(fd, out, 1);
    int *numbers = new int[n]; // CUDA's own heap
    delete[] numbers;
    free(malloc(8));
    out[1] = (char)hostcall::strlen(out);
    hostcall::close(fd);
}
"""


@pytest.fixture(scope="module")
def cuda_object(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nvcc, folder = tool("nvcc"), tmp_path_factory.mktemp("cuda")
    text, made = folder / "program.cu", folder / "program.o"
    text.write_text(CUDA_PROGRAM)
    flags = ["-rdc=true", f"-arch=sm_{ARCH}", "-std=c++17", "-Werror=all-warnings", "-I", facade_folder() / "src"]
    run(nvcc, *flags, "-dc", text, "-o", made)
    return made


def test_an_object_of_nvcc_has_names_left(cuda_object: Path, library: Path, tmp_path: Path) -> None:
    made = link([cuda_object, library], tmp_path / "out.cubin")
    assert not undefined(made)
    # Calls of CUDA's printf, malloc and delete go to the library.
    assert {"vprintf", "malloc", "free", "open", "vdprintf"} <= functions(made)


def test_the_declarations_for_cuda_are_not_those_of_the_library() -> None:
    ran = subprocess.run(
        [sys.executable, Path(__file__).parents[2] / "tools" / "cuda_declarations.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, f"run tools/cuda_declarations.py if this is meant:\n{ran.stdout}{ran.stderr}"


@pytest.mark.parametrize("arch", [ARCH, pytest.param(120, marks=pytest.mark.slow)])
def test_the_fatbin_has_nothing_for_a_gpu(arch: int, clang: list[str], tmp_path: Path) -> None:
    """The last one has no code in it, and takes the PTX."""
    tool("nvlink"), tool("fatbinary")
    program = compile_c(clang, tmp_path, C_PROGRAM)
    program.write_text(re.sub(r"^\.target sm_\d+", ".target sm_75", program.read_text(), flags=re.MULTILINE))
    made = link(
        [assemble(program, arch), device_library.device_fatbin([ARCH], lto=False)], tmp_path / "out.cubin", arch=arch
    )
    assert not undefined(made)


# What Rust's std for Linux needs, over a suite of 19 kernels: printing, files, time, maps, sockets, threads, locks.
RUST_STD = """
__cxa_thread_atexit_impl __errno_location __xpg_strerror_r abort accept4 bind calloc clock_gettime clock_nanosleep
close closedir connect dirfd dup exit fcntl free freeaddrinfo fstat gai_strerror getaddrinfo getauxval getenv getrandom
gettid listen lseek malloc mkdir mmap mprotect munmap open opendir pause poll posix_memalign pthread_attr_destroy
pthread_attr_getguardsize pthread_attr_getstack pthread_attr_init pthread_attr_setstacksize pthread_create
pthread_detach pthread_getattr_np pthread_join pthread_key_create pthread_key_delete pthread_self pthread_setname_np
pthread_setspecific read readdir realloc recv rmdir sched_getaffinity sched_yield send sendto setsockopt sigaction
sigaltstack signal socket stat syscall sysconf unlink write
""".split()


def test_bitcode_of_another_compiler_has_names_left(clang: list[str], tmp_path: Path) -> None:
    assert len(RUST_STD) == 70
    declared = "".join(f"declare void @{name}(...)\n" for name in RUST_STD)
    uses = ", ".join(f"ptr @{name}" for name in RUST_STD)
    text, made = tmp_path / "program.ll", tmp_path / "program.ptx"
    text.write_text(
        f'target triple = "nvptx64-nvidia-cuda"\n{declared}@uses = constant [{len(RUST_STD)} x ptr] [{uses}]\n'
    )
    library = device_library.device_bitcode()
    run(
        *(*clang, "--target=nvptx64-nvidia-cuda", "-nogpulib", "-march=sm_90", "-Wno-everything", "-O1", "-S"),
        *("-Xclang", "-mlink-builtin-bitcode", "-Xclang", library, text, "-o", made),
    )
    left = set(re.findall(r"^\.extern \.func\s*(?:\([^)]*\))?\s*(\w+)", made.read_text(), re.MULTILINE))
    assert not left


def test_bitcode_names_a_processor_that_other_modules_do_not_have(clang: list[str], tmp_path: Path) -> None:
    text = tmp_path / "library.ll"
    flags = ("--target=nvptx64-nvidia-cuda", "-nogpulib", "-Wno-everything", "-Xclang", "-disable-llvm-passes")
    run(*clang, *flags, "-emit-llvm", "-S", device_library.device_bitcode(), "-o", text)
    there = text.read_text()
    defined = re.search(r"^define weak .*@write\(.*#(\d+)", there, re.MULTILINE)
    assert defined and "convergent" in re.search(rf"^attributes #{defined[1]} = .*", there, re.MULTILINE)[0]
    # Triton's linker refuses flags that its own modules have otherwise.
    flags_there = set(re.findall(r'!\{i32 \d, !"([^"]+)"', there))
    assert flags_there <= {"wchar_size", "frame-pointer", "uwtable", "PIC Level"}, flags_there


def lto_tools(folder: Path) -> list[object]:
    """nvlink's flags for link-time optimisation, wherever the toolkit keeps libnvvm."""
    root = Path(tool("nvcc")).resolve().parents[1]
    roots = [root, *Path("/usr/local").glob("cuda*")]
    found = next((path for each in roots for path in each.glob("**/libnvvm.so")), None)
    support = next((path for each in roots for path in each.glob("**/libcudadevrt.a")), None)
    if found is None or support is None:
        pytest.skip("the toolkit has no libnvvm or no libcudadevrt: nvlink cannot optimise")
    (folder / "nvvm" / "lib64").mkdir(parents=True)
    for path in found.parent.glob("libnvvm.so*"):
        (folder / "nvvm" / "lib64" / path.name).symlink_to(path)
    device = next((path for each in roots for path in each.glob("**/nvvm/libdevice")), None)
    if device is not None:
        (folder / "nvvm" / "libdevice").symlink_to(device)
    return ["-dlto", f"-nvvmpath={folder / 'nvvm'}", f"-L{support.parent}", "-lcudadevrt"]


def test_link_time_optimisation_leaves_names_or_drops_the_client(tmp_path: Path) -> None:
    try:
        library = device_library.device_ltoir()
    except TransportUnavailable as error:
        pytest.skip(str(error))
    text, program, made = tmp_path / "program.cu", tmp_path / "program.o", tmp_path / "out.cubin"
    text.write_text(CUDA_PROGRAM)
    flags = ["-std=c++17", "-gencode", "arch=compute_75,code=lto_75", "-I", facade_folder() / "src"]
    run(tool("nvcc"), "-dc", *flags, text, "-o", program)
    command = [tool("nvlink"), f"-arch=sm_{ARCH}", program, library, *lto_tools(tmp_path), "-o", made]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=280)
    if "nvvm error" in done.stderr:
        pytest.skip(f"nvlink is older than NVRTC, whose LTO-IR it does not read: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert not undefined(made)
    assert re.search(r"OBJECT\s+GLOBAL.* hostcall_client_v1$", run("readelf", "-sW", made), re.MULTILINE)


# ------------------------------------------------------------------------------------------------------------- the host
def host_program(folder: Path, source: str) -> Path:
    text, made = folder / "program.c", folder / "program.so"
    text.write_text(source)
    flags = ["-std=gnu17", "-O2", "-fPIC", "-nostdinc", "-ffunction-sections", "-isystem", facade_folder() / "libc"]
    run("cc", *flags, "-c", text, "-o", folder / "program.o")
    run("cc", *host_link_flags(), folder / "program.o", *host_link_inputs(), "-o", made)
    return made


def test_a_program_of_the_host_shows_names_or_takes_them_from_the_process(tmp_path: Path) -> None:
    source = C_PROGRAM.replace("__attribute__((device_kernel)) void start", "void hc_entry_start")
    made = host_program(tmp_path, source)
    shown = {line.split()[-1] for line in run("nm", "-D", "--defined-only", made).splitlines()}
    assert shown == {"hc_entry_start", "hc_self", "hostcall_client_v1"}
    taken = {line.split()[-1].partition("@")[0] for line in run("nm", "-D", "--undefined-only", made).splitlines()}
    assert taken <= {"__tls_get_addr"}


def test_a_function_that_is_nowhere_is_taken_from_the_process(tmp_path: Path) -> None:
    source = "int mblen_of_nobody(int); int hc_entry_start(void) { return mblen_of_nobody(1); }\n"
    with pytest.raises(AssertionError, match="undefined reference to `mblen_of_nobody'"):
        host_program(tmp_path, source)


def test_a_small_program_of_the_host_carries_the_whole_library(tmp_path: Path) -> None:
    source = '#include <unistd.h>\nvoid hc_entry_start(void) { write(1, "x", 1); }\n'
    made = host_program(tmp_path, source)
    assert " printf" not in run("nm", made)
    assert made.stat().st_size < host_library().stat().st_size / 4


# ------------------------------------------------------------------------------------------------------------ the cache
ASK_FOR_A_SLOW_FILE = """
from hostcall.programs.cache import cached

def make(path):
    with (path.parents[1] / "made").open("a") as log:
        log.write("x")
    for _ in range(200):
        with path.open("a") as file:
            file.write("some of it ")

print(len(cached("slow.txt", ["key"], make, sources="").read_text()))
"""


def test_processes_that_build_at_once_see_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTCALL_CACHE", str(tmp_path))
    command = [sys.executable, "-c", ASK_FOR_A_SLOW_FILE]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert {process.communicate(timeout=60)[0].strip() for process in processes} == {"2200"}
    assert (tmp_path / "made").read_text() == "x", "one of them builds, the others wait"


def test_a_changed_flag_gets_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTCALL_CACHE", str(tmp_path))

    def make(text: str) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            path.write_text(text)

        return write

    first = cached("a.txt", ["-O1"], make("first"), sources="")
    assert cached("a.txt", ["-O1"], make("other"), sources="") == first
    assert cached("a.txt", ["-O2"], make("second"), sources="").read_text() == "second"
    assert first.read_text() == "first"


def test_a_cache_that_cannot_be_written_gives_no_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOSTCALL_CACHE", str(tmp_path / "file"))
    with pytest.raises(CompileError, match=r"the cache folder .*/file cannot be used: .*; set HOSTCALL_CACHE"):
        cache_folder()


# ------------------------------------------------------------------------------------------------------------- messages
def test_a_missing_clang_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTCALL_CLANG", "/nowhere/clang")
    with pytest.raises(
        CompileError, match=r"needs clang 19 or newer: '/nowhere/clang', which HOSTCALL_CLANG names, is"
    ):
        device_library.find_clang()
    monkeypatch.setenv("HOSTCALL_CLANG", shutil.which("cc") or "cc")
    with pytest.raises(CompileError, match=r"is (no clang|clang version 1[0-8]).*'loopback' need only"):
        device_library.find_clang()


def test_an_unknown_form_is_built_as_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "wasm"])
    assert "'wasm' is no form of the library; there are host, bitcode" in capsys.readouterr().err
    (made,) = build_artefacts(tmp_path, ["host"])
    assert made.name == "libhostcall.o"
    assert made.stat().st_size > 10_000
