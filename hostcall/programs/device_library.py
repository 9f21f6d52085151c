# SPDX-License-Identifier: Apache-2.0
"""The linkable library for NVIDIA GPUs, in the forms that object code from elsewhere links against.

clang compiles it as C: to LLVM bitcode, and to PTX, from which ptxas makes relocatable code for each kind of GPU. nvcc
or NVRTC compiles the same sources as CUDA C++ to LTO-IR, which clang cannot write. Nothing here needs a GPU.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import CompileError, TransportUnavailable
from .cache import cached, facade_folder, run_tool, tool_version

__all__ = [
    "ARCHITECTURES",
    "CLANG_NEEDED",
    "clang_flags",
    "device_bitcode",
    "device_fatbin",
    "device_ltoir",
    "device_object",
    "device_ptx",
    "find_clang",
    "find_cuda_tool",
    "find_libdevice",
]

CLANG_NEEDED = 19  #: before it, clang has no variadic functions for this target
_NEWEST = 22
ARCHITECTURES = (75, 80, 86, 89, 90, 100)  #: compute capabilities that the fatbin has code for
_BASE = 75  #: what bitcode, PTX and LTO-IR are compiled for: newer devices take them too


@functools.cache
def _clang(named: str, path: str) -> tuple[str, ...] | str:
    """The command, or what was found instead."""
    del path  # the answer depends on PATH
    candidates = [shlex.split(named)] if named else [[f"clang-{n}"] for n in range(_NEWEST, CLANG_NEEDED - 1, -1)]
    if not named:
        candidates.append(["clang"])
    seen = ""
    for command in candidates:
        if shutil.which(command[0]) is None:
            seen = seen or (f"{command[0]!r}, which HOSTCALL_CLANG names, is not there" if named else "")
            continue
        found = re.search(r"clang version (\d+)[\w.]*", tool_version(command))
        if found and int(found[1]) >= CLANG_NEEDED:
            return tuple(command)
        seen = f"{command[0]!r} is {found[0] if found else 'no clang'}"
    return seen or f"none of {', '.join(c[0] for c in candidates)} is on PATH"


def find_clang() -> list[str]:
    """Find the clang that compiles C for NVIDIA GPUs.

    Returns
    -------
    list of str
        The command: ``$HOSTCALL_CLANG`` if set, else the newest of clang-22 … clang-19, or clang.

    Raises
    ------
    CompileError
        If there is none that is new enough.
    """
    found = _clang(os.environ.get("HOSTCALL_CLANG", "").strip(), os.environ.get("PATH", ""))
    if isinstance(found, str):
        raise CompileError(
            f"C for NVIDIA GPUs needs clang {CLANG_NEEDED} or newer: {found}; install clang-{CLANG_NEEDED} or newer "
            f"(or set HOSTCALL_CLANG). Programs for the transport 'loopback' need only the machine's C compiler"
        )
    return list(found)


def find_cuda_tool(name: str) -> str:
    """Find a tool of the CUDA toolkit: on PATH, in ``$CUDA_HOME``, ``/usr/local/cuda``, or a wheel of this Python.

    Raises
    ------
    CompileError
        If it is nowhere.
    """
    found = shutil.which(name)
    roots = [os.environ[key] for key in ("CUDA_HOME", "CUDA_PATH") if os.environ.get(key)] + ["/usr/local/cuda"]
    for root in roots:
        found = found or shutil.which(name, path=str(Path(root) / "bin"))
    for site in dict.fromkeys([sysconfig.get_paths()["purelib"], *sys.path]):
        for folder in sorted(Path(site).glob("nvidia/*/bin")) if site and not found else ():
            found = found or shutil.which(name, path=str(folder))
    if not found:
        raise CompileError(
            f"{name} of the CUDA toolkit is not there: neither on PATH nor in CUDA_HOME, /usr/local/cuda or a wheel; "
            f"install the toolkit (12.8 or newer), or `pip install nvidia-cuda-nvcc`"
        )
    return found


def find_libdevice() -> Path | None:
    """Find NVIDIA's library of mathematics, bitcode that is linked into the device's library; None: there is none."""
    roots = [os.environ[key] for key in ("CUDA_HOME", "CUDA_PATH") if os.environ.get(key)] + ["/usr/local/cuda"]
    folders = [Path(root) / "nvvm" for root in roots]
    for site in dict.fromkeys([sysconfig.get_paths()["purelib"], *sys.path]):
        folders += sorted(Path(site).glob("nvidia/*/nvvm")) if site else []
    found = (folder / "libdevice" / "libdevice.10.bc" for folder in folders)
    return next((path for path in found if path.is_file()), None)


def _math_flags() -> list[str]:
    libdevice = find_libdevice()
    if libdevice is None:
        return ["-DHC_NO_LIBDEVICE"]
    return ["-Xclang", "-mlink-builtin-bitcode", "-Xclang", str(libdevice)]


def clang_flags(arch: int = _BASE) -> list[str]:
    """Flags with which clang compiles C for a GPU.

    -fconvergent-functions: lane operations are not moved to where fewer lanes pass; clang assumes that of CUDA C++
    only.

    Parameters
    ----------
    arch : int
        Compute capability times ten, such as 90.
    """
    return [
        *("-x", "c", "--target=nvptx64-nvidia-cuda", f"-march=sm_{arch}", "-nogpulib", "-Wno-unknown-cuda-version"),
        *("-ffreestanding", "-nostdinc", "-fno-builtin", "-fno-math-errno", "-fconvergent-functions"),
    ]


def _compile(path: Path, *more: str) -> None:
    root = facade_folder()
    call: list[str | Path] = [
        *find_clang(),
        *clang_flags(),
        "-std=gnu11",
        "-O2",
        "-fno-strict-aliasing",
        "-I",
        root / "include",
    ]
    call += [*_math_flags(), *more]
    run_tool([*call, root / "src" / "library.c", "-o", path], "the library for NVIDIA GPUs")


def _key(*more: str) -> list[str]:
    command = find_clang()
    return [*command, tool_version(command), *clang_flags(), *_math_flags(), *more]


def device_bitcode() -> Path:
    """LLVM bitcode of the library, for linkers of LLVM modules (clang, Rust, Triton).

    It names no processor and no features, so that it can be inlined into modules for any of them.
    """

    def make(path: Path) -> None:
        text = path.with_suffix(".ll")
        _compile(text, "-emit-llvm", "-S")
        plain = re.sub(r' "(?:target-cpu|target-features)"="[^"]*"', "", text.read_text())
        text.write_text(plain)
        run_tool(
            [*find_clang(), "--target=nvptx64-nvidia-cuda", "-O0", "-emit-llvm", "-c", text, "-o", path], "bitcode"
        )

    return cached("library-nvptx.bc", _key("bitcode"), make)


def device_ptx() -> Path:
    """PTX of the library for compute capability 7.5 and newer."""
    return cached("library-nvptx.ptx", _key("ptx"), lambda path: _compile(path, "-S"))


def device_object(arch: int) -> Path:
    """Relocatable code of the library for one kind of GPU, as nvlink takes it.

    Parameters
    ----------
    arch : int
        Compute capability times ten, such as 90.
    """
    ptxas, ptx = find_cuda_tool("ptxas"), device_ptx()
    flags = ["-c", f"-arch=sm_{arch}"]

    def make(path: Path) -> None:
        run_tool([ptxas, *flags, ptx, "-o", path], f"the library for sm_{arch}")

    return cached(f"library-sm_{arch}.cubin", [ptx.name, ptxas, tool_version([ptxas]), *flags], make, sources="")


def _cuda_source() -> str:
    """The library as one CUDA C++ translation unit.

    The exported names stand in a namespace: outside of one, CUDA C++ takes memcpy, clock and others for its own and
    refuses their definition. Engine headers come first, so that what they declare stays outside of it.
    """
    sources = facade_folder() / "src"
    parts = re.findall(r'^#include "(\w+\.c)"', (sources / "library.c").read_text(), re.MULTILINE)
    headers: dict[str, None] = {}
    for part in parts:
        headers.update(
            dict.fromkeys(re.findall(r'^#include "(hc/[\w/]+\.h)"', (sources / part).read_text(), re.MULTILINE))
        )
    lines = ['#include "library.h"', *(f'#include "{name}"' for name in headers)]
    return "\n".join([*lines, "namespace hostcall_library {", '#include "library.c"', "}", ""])


def device_ltoir() -> Path:
    """LTO-IR of the library, for link-time optimisation by nvlink or nvJitLink of NVRTC's version or a newer one.

    Raises
    ------
    CompileError
        With NVRTC's log.
    TransportUnavailable
        If NVRTC or cuda-core is missing.
    """
    from ..backends.cuda import load_compiler

    program_type, options_type = load_compiler()
    root = facade_folder()
    source = _cuda_source()
    settings: dict[str, Any] = {
        "arch": f"sm_{_BASE}",
        "std": "c++17",
        "include_path": [str(root / "include"), str(root / "src")],
        "relocatable_device_code": True,
        "link_time_optimization": True,
        "name": "library.cu",
    }

    def make(path: Path) -> None:
        try:
            code = program_type(source, "c++", options_type(**settings)).compile("ltoir").code
        except Exception as error:
            if type(error).__name__ != "NVRTCError":  # the class has lived in several places
                raise
            raise CompileError(f"the library as LTO-IR: NVRTC says:\n{error}", log=str(error)) from None
        path.write_bytes(bytes(code))

    return cached("library-nvptx.ltoir", ["ltoir", _nvrtc_version(), source], make)


def _nvrtc_version() -> str:
    try:
        from cuda.bindings import nvrtc

        _, major, minor = nvrtc.nvrtcVersion()
    except (ImportError, RuntimeError) as error:  # the latter: no libnvrtc
        raise TransportUnavailable(
            f"the library as LTO-IR needs NVRTC, which cannot be loaded ({str(error).splitlines()[0]}); "
            f"install hostcall[cuda] and nvidia-cuda-nvrtc, or build the fatbin without it (--no-lto)"
        ) from None
    return f"{major}.{minor}"


def device_fatbin(architectures: Sequence[int] = ARCHITECTURES, *, lto: bool = True) -> Path:
    """One file with relocatable code for each kind of GPU, PTX for newer ones, and LTO-IR.

    Parameters
    ----------
    architectures : sequence of int
        Compute capabilities times ten.
    lto : bool
        Put LTO-IR in; it needs NVRTC.
    """
    tool = find_cuda_tool("fatbinary")
    images = [("elf", arch, device_object(arch)) for arch in architectures] + [("ptx", _BASE, device_ptx())]
    if lto:
        images.append(("nvvm", _BASE, device_ltoir()))
    flags = ["-64", "--device-c", *(f"--image3=kind={kind},sm={arch},file={path}" for kind, arch, path in images)]

    def make(path: Path) -> None:
        run_tool([tool, f"--create={path}", *flags], "the library as a fatbin")

    names = [f"{kind} {arch} {path.name}" for kind, arch, path in images]
    return cached("library-nvptx.fatbin", [tool, tool_version([tool]), *names], make, sources="")
