# SPDX-License-Identifier: Apache-2.0
"""Objects that were linked with the library, in each of its forms, run and make their calls."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

import hostcall
from hostcall.errors import CompileError, TransportUnavailable
from hostcall.programs import device_library
from hostcall.programs.cache import facade_folder

SECONDS = 60.0
BODY = r"""
    char text[96];
    int i = lane(), fd = OPEN("lines", O_WRONLY | O_CREAT | O_APPEND, 0644), n;
    char *word = (char *)CALL(malloc)(16);
    CALL(memcpy)(word, "linked", 7);
    n = CALL(snprintf)(text, sizeof text, "%s %d %.2f %c\n", word, i, i / 4.0f, 'x');
    if (fd < 0 || CALL(write)(fd, text, n) != n || CALL(strlen)(text) != n) out[i] = *CALL(__errno_location)() + 1;
    CALL(close)(fd);
    CALL(free)(word);
    if (i == 0) printf("done %d %s\n", 7, "of C");
"""
C_SOURCE = f"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define CALL(name) name
#define OPEN open
static int lane(void) {{ return (int)(__nvvm_read_ptx_sreg_ctaid_x() * 64 + __nvvm_read_ptx_sreg_tid_x()); }}
__attribute__((device_kernel)) void start(long *out) {{ {BODY} }}
"""
CUDA_SOURCE = f"""
#include <cstdio>
#include <fcntl.h>
#include <hostcall/libc.h>
#define CALL(name) hostcall::name
#define OPEN hostcall::open
static __device__ int lane() {{ return blockIdx.x * 64 + threadIdx.x; }}
extern "C" __global__ void start(long *out) {{ {BODY} }}
"""


def run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"


def build(form: str, arch: int, folder: Path) -> bytes:
    """A linked cubin whose kernel calls the library."""
    tool, made = device_library.find_cuda_tool, folder / "linked.cubin"
    source, ptx, program = folder / "program.c", folder / "program.ptx", folder / "program.o"
    flags = [*device_library.clang_flags(arch), "-std=gnu17", "-O2", "-isystem", facade_folder() / "libc"]
    source.write_text(C_SOURCE)
    if form == "bitcode":
        more = ("-Xclang", "-mlink-builtin-bitcode", "-Xclang", device_library.device_bitcode())
        run(*device_library.find_clang(), *flags, *more, "-S", source, "-o", ptx)
        run(tool("ptxas"), f"-arch=sm_{arch}", ptx, "-o", made)
        return made.read_bytes()
    if form == "fatbin":
        run(*device_library.find_clang(), *flags, "-S", source, "-o", ptx)
        run(tool("ptxas"), "-c", f"-arch=sm_{arch}", ptx, "-o", program)
    else:
        source = folder / "program.cu"
        source.write_text(CUDA_SOURCE)
        include = facade_folder() / "src"
        run(tool("nvcc"), "-rdc=true", f"-arch=sm_{arch}", "-std=c++17", "-I", include, "-dc", source, "-o", program)
    library = device_library.device_fatbin([arch], lto=False)
    run(tool("nvlink"), f"-arch=sm_{arch}", program, library, "-o", made)
    return made.read_bytes()


@pytest.mark.parametrize("form", ["fatbin", "nvcc", "bitcode"])
def test_a_linked_object_makes_no_calls(form: str, rt: hostcall.Runtime, tmp_path: Path) -> None:
    native = rt.transport.native
    native.activate()
    folder = tmp_path / "build"
    folder.mkdir()
    try:
        code = build(form, int(str(native.arch).removeprefix("sm_")), folder)
    except (CompileError, TransportUnavailable) as error:
        if "needs" not in str(error) and "is not there" not in str(error):
            raise
        pytest.skip(str(error))
    module = native.call("cuModuleLoadData", code)
    function = native.call("cuModuleGetFunction", module, b"start")
    rt.bind(module)
    wrong = rt.shared(128, "int64")
    value = ctypes.c_void_p(wrong.ctypes.data)
    table = (ctypes.c_void_p * 1)(ctypes.addressof(value))
    native.call("cuLaunchKernel", function, 2, 1, 1, 64, 1, 1, 0, native.stream, ctypes.addressof(table), 0)
    native.call("cuStreamSynchronize", native.stream)
    rt.synchronize(SECONDS)
    assert int(wrong.sum()) == 0
    lines = {f"linked {lane} {lane / 4:.2f} x" for lane in range(128)}
    assert set((tmp_path / "lines").read_text().splitlines()) == lines
    assert (tmp_path / "stdout").read_text() == "done 7 of C\n"
