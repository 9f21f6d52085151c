# SPDX-License-Identifier: Apache-2.0
"""Runtimes beside each other, kernels of other libraries, and a kernel that dies after it has printed."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hostcall
from hostcall.backends.base import include_dir

SECONDS = 60.0
NOOP = r"""
#include <stdio.h>
HC_KERNEL void noop(hc_i64 *wrong, int rounds) {
    int i = hc_thread_id(), r;
    for (r = 0; r < rounds; r++)
        if (hc_call_words(HC_OP_NOP, 2, i, r, 0, 0) != i + r) wrong[i]++;
    if (i == 0) printf("bound\n");
}
"""
FOREIGN = '#include "hostcall.h"\n' + NOOP


def test_two_runtimes_at_once_mix_their_calls(transport: str) -> None:
    with (
        hostcall.open(transport=transport, stdout="null") as one,
        hostcall.open(transport=transport, stdout="null") as two,
    ):
        arrays = []
        for rt in (one, two, one, two):
            wrong = np.zeros(8 * 256, np.int64)
            rt.compile(NOOP, "noop").launch(8, 256, (wrong, 200))
            arrays.append(wrong)
        for rt in (one, two):
            rt.synchronize(SECONDS)
        assert [int(wrong.sum()) for wrong in arrays] == [0, 0, 0, 0]


FAULT = r"""
import sys, hostcall
with_transport, path = sys.argv[1:]
rt = hostcall.open(transport=with_transport, stdout={"file": path})
kernel = rt.compile('''
#include <stdio.h>
HC_KERNEL void dies(int *nowhere) {
    printf("last words of %d\\n", hc_thread_id());
    hc_fence_to_host();
    __syncthreads();
    *nowhere = 1;
}
''', "dies")
kernel.launch(2, 64, (8,))
try:
    rt.synchronize(60)
except hostcall.DeviceFault as error:
    print("DeviceFault:", error)
else:
    print("no error")
try:
    rt.close()
except hostcall.HostcallError as error:
    print("close:", error)
"""


def test_what_was_printed_before_a_fault_is_lost(transport: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", FAULT, transport, str(path)], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "DeviceFault: " in done.stdout, done.stdout + done.stderr
    assert sorted(path.read_text().splitlines()) == sorted(f"last words of {lane}" for lane in range(128))


def test_a_kernel_of_cuda_core_cannot_be_bound(rt: hostcall.Runtime, tmp_path: Path) -> None:
    try:
        from cuda.core import Program, ProgramOptions
    except ImportError:
        from cuda.core.experimental import Program, ProgramOptions
    native = rt.transport.native
    native.activate()
    options = ProgramOptions(arch=native.arch, std="c++17", include_path=[include_dir()])
    code = Program(FOREIGN, "c++", options).compile("cubin").code
    module = native.call("cuModuleLoadData", bytes(code))
    function = native.call("cuModuleGetFunction", module, b"noop")
    rt.bind(module)
    wrong = rt.shared(256, np.int64)
    values = (ctypes.c_void_p(wrong.ctypes.data), ctypes.c_int(20))
    table = (ctypes.c_void_p * 2)(*(ctypes.addressof(value) for value in values))
    native.call("cuLaunchKernel", function, 2, 1, 1, 128, 1, 1, 0, native.stream, ctypes.addressof(table), 0)
    native.call("cuStreamSynchronize", native.stream)
    rt.synchronize(SECONDS)
    assert int(wrong.sum()) == 0
    assert (tmp_path / "stdout").read_text() == "bound\n"


@pytest.mark.filterwarnings("default")
def test_a_kernel_of_cupy_cannot_be_bound(rt: hostcall.Runtime, tmp_path: Path) -> None:
    cupy = pytest.importorskip("cupy")
    module = cupy.RawModule(code=FOREIGN, backend="nvrtc", options=(f"-I{include_dir()}", "-std=c++17"))
    kernel = module.get_function("noop")
    rt.bind(module)
    wrong = cupy.zeros(256, dtype=cupy.int64)
    kernel((2,), (128,), (wrong, np.int32(20)))
    cupy.cuda.get_current_stream().synchronize()
    rt.synchronize(SECONDS)
    assert int(wrong.sum()) == 0
    assert (tmp_path / "stdout").read_text() == "bound\n"


@pytest.mark.filterwarnings("default")
def test_arrays_of_cupy_and_torch_are_refused(rt: hostcall.Runtime) -> None:
    kernel = rt.compile(NOOP, "noop")
    tried = 0
    for name in ("cupy", "torch"):
        try:
            library = __import__(name)
        except ImportError:
            continue
        tried += 1
        device = {"device": "cuda"} if name == "torch" else {}
        wrong = library.zeros(256, dtype=library.int64, **device)
        kernel.launch(2, 128, (wrong, 20))
        rt.synchronize(SECONDS)
        assert int(wrong.sum()) == 0
    if not tried:
        pytest.skip("neither cupy nor torch is installed")


@pytest.mark.filterwarnings("default")
def test_a_kernel_of_torch_cannot_be_bound(rt: hostcall.Runtime, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    make = getattr(torch.cuda, "_compile_kernel", None)
    if make is None:
        pytest.skip("this torch has no torch.cuda._compile_kernel")
    torch.zeros(1, device="cuda")
    kernel = make(FOREIGN, "noop", cuda_include_dirs=[include_dir()])
    handle = getattr(kernel, "func", None) or getattr(kernel, "kernel", None)
    if handle is None:
        pytest.skip("this torch does not show the function that it compiled")
    rt.bind(rt.transport.native.driver.CUfunction(int(getattr(handle, "value", handle))))
    wrong = torch.zeros(256, dtype=torch.int64, device="cuda")
    kernel((2, 1, 1), (128, 1, 1), (wrong, 20))
    torch.cuda.synchronize()
    rt.synchronize(SECONDS)
    assert int(wrong.sum()) == 0
    assert (tmp_path / "stdout").read_text() == "bound\n"


def test_a_gpu_is_left_busy_after_ctrl_c(transport: str, tmp_path: Path) -> None:
    code = f"""
import hostcall, threading, _thread
rt = hostcall.open(transport={transport!r})
kernel = rt.compile('''
#include <unistd.h>
HC_KERNEL void waits(hc_i64 *out) {{
    hc_i64 ends = hc_call_words(HC_OP_PIPE, 1, 0, 0, 0, 0);
    char byte[8];
    out[hc_thread_id()] = read((int)ends, byte, 1);
}}
''', "waits")
import numpy
out = numpy.zeros(64, numpy.int64)
kernel.launch(1, 64, (out,))
threading.Timer(1.0, _thread.interrupt_main).start()
try:
    rt.synchronize(60)
except KeyboardInterrupt:
    print("interrupted")
rt.close()
print("closed")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=200, cwd=tmp_path, check=False
    )
    assert done.stdout.split() == ["interrupted", "closed"], done.stdout + done.stderr
