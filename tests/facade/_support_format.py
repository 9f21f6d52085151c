# SPDX-License-Identifier: Apache-2.0
"""Builds the device headers in every way there is: host C with each compiler, OpenCL C, NVRTC and nvcc."""

from __future__ import annotations

import ctypes
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INCLUDE = HERE.parent.parent / "libc_facade" / "include"
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
WARNINGS = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror"]
ARCHITECTURES = ("sm_75", "sm_90")


def build(compiler: str, source: Path, out: Path, *flags: str) -> Path:
    """Compile one C file, with warnings as errors; the compiler's text is the assertion's text."""
    command = [compiler, *WARNINGS, *flags, str(source), "-o", str(out), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return out


def library(compiler: str, source: Path, folder: Path, *flags: str) -> ctypes.CDLL:
    """Compile one C file against nothing but the facade's headers, as kernels of the host backend are."""
    out = folder / f"{source.stem}-{compiler}.so"
    return ctypes.CDLL(
        str(build(compiler, source, out, "-O2", "-shared", "-fPIC", "-nostdinc", f"-I{INCLUDE}", *flags))
    )


def run(program: Path, *arguments: object) -> str:
    """Run a compiled test; what it prints is what went wrong."""
    command = [str(program), *map(str, arguments)]
    environment = {**os.environ, "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environment)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


@functools.cache
def opencl() -> tuple[Any, Any]:
    """Context and queue of the first OpenCL device. The marker `opencl` has made sure that there is one."""
    import pyopencl as cl

    context = cl.Context([cl.get_platforms()[0].get_devices()[0]])
    return context, cl.CommandQueue(context)


def run_opencl(source: str, size: int = 4096, kernel: str = "hc_test_entry") -> bytes:
    """Run a kernel of one work-item that gets one zeroed __global buffer, and give back the buffer."""
    import numpy
    import pyopencl as cl

    context, queue = opencl()
    program = cl.Program(context, source).build(["-cl-std=CL3.0", f"-I{INCLUDE}"])
    data = numpy.zeros(size, numpy.uint8)
    buffer = cl.Buffer(context, cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR, hostbuf=data)
    getattr(program, kernel)(queue, (1,), None, buffer)
    cl.enqueue_copy(queue, data, buffer)
    queue.finish()
    return bytes(data.tobytes())


def strings(data: bytes, width: int = 64) -> list[bytes]:
    """Split a buffer into NUL-terminated texts that start every `width` bytes, without the empty ones at its end."""
    parts = [data[at : at + width].split(b"\0")[0] for at in range(0, len(data), width)]
    while parts and not parts[-1]:
        parts.pop()
    return parts


def nvrtc(source: str, arch: str) -> bytes:
    """Compile to machine code with NVRTC, which needs no GPU."""
    from cuda.core import Program, ProgramOptions

    options = ProgramOptions(arch=arch, include_path=[str(INCLUDE)])
    return bytes(Program(source, "c++", options).compile("cubin").code)


def nvcc(source: str, arch: str, folder: Path, flags: Sequence[str] = ()) -> str:
    """Compile both halves of a translation unit with nvcc and give back what it said."""
    path = folder / "unit.cu"
    path.write_text(source)
    command = ["nvcc", f"-arch={arch}", "-std=c++17", f"-I{INCLUDE}", *flags, "-c", str(path), "-o", str(path) + ".o"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def warnings_of_ours(said: str) -> list[str]:
    """Pick the warnings about the headers that are tested here from what nvcc said."""
    ours = re.compile(r"/hc/(string|string_body|ctype|format|numbers|pure)\.h.*warning")
    return [line for line in said.splitlines() if ours.search(line)]
