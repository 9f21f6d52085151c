# SPDX-License-Identifier: Apache-2.0
"""What the compiler makes of a hostcall for a GPU: read from its output, no GPU needed.

A call that was optimised away, a store at the wrong scope or a fence on the fast path would all still look right in the
source.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hostcall.backends.base import include_dir

ARCH = "90"
NOOP = """
#include <hostcall.h>
HC_KERNEL void kernel(hc_i64 *out) {
    out[hc_thread_id()] = hc_call_words(HC_OP_NOP, 2, hc_thread_id(), 1, 0, 0);
}
"""
WRITE = """
#include <hostcall.h>
#include <unistd.h>
HC_KERNEL void kernel(hc_i64 *out, const char *p, hc_u64 n) { out[hc_thread_id()] = write(5, p, n); }
"""
POST = """
#include <hostcall.h>
HC_KERNEL void kernel(int *out) {
    hc_post_txn p;
    hc_post_begin(&p, 1);
    if (!p.err) hc_post_header(&p, HC_POST_NOP, 1, 7);
    out[hc_thread_id()] = p.err;
}
"""
# Reached once in 2^30 calls of a slot, after a deadline, or by a lane that was parked: not the fast path.
COLD = ("hc_slot_refresh", "hc_reap", "hc_limbo_add", "hc_await_parked")


def nvrtc() -> Any:
    """Give the compiler's bindings, or skip."""
    bindings = pytest.importorskip("cuda.bindings.nvrtc", reason="cuda-bindings is not installed")
    try:
        bindings.nvrtcVersion()
    except Exception as error:  # noqa: BLE001 - the bindings have a type of their own for a missing library
        pytest.skip(f"NVRTC cannot be loaded: {error}")
    return bindings


def build(source: str, *, machine: bool = False) -> bytes:
    """Compile to PTX, or to machine code."""
    api = nvrtc()

    def call(function: str, *arguments: object) -> Any:
        status, *rest = getattr(api, function)(*arguments)
        assert int(status) == 0, (function, status)
        return rest[0] if rest else None

    program = call("nvrtcCreateProgram", source.encode(), b"kernel.cu", 0, [], [])
    target = f"sm_{ARCH}" if machine else f"compute_{ARCH}"
    options = [f"--gpu-architecture={target}".encode(), b"--std=c++17", f"-I{include_dir()}".encode()]
    (status,) = api.nvrtcCompileProgram(program, len(options), options)
    if int(status) != 0:
        log = b" " * call("nvrtcGetProgramLogSize", program)
        api.nvrtcGetProgramLog(program, log)
        raise AssertionError(log.decode())
    kind = "CUBIN" if machine else "PTX"
    code = b" " * call(f"nvrtcGet{kind}Size", program)
    call(f"nvrtcGet{kind}", program, code)
    return code


def functions(ptx: str) -> dict[str, str]:
    """Split PTX into its functions, by name."""
    found = {}
    for part in re.split(r"(?m)^(?=(?:\.visible |\.weak |\.extern )*\.(?:entry|func)\b)", ptx)[1:]:
        head = part.split("\n", 1)[0]
        name = re.search(r"([A-Za-z_$][\w$]*)\s*\($", head) or re.search(r"([A-Za-z_$][\w$]*)\s*\(", head)
        assert name, head
        found[name[1]] = part
    return found


def hot(ptx: str) -> str:
    """Give the functions that a call runs through in the normal case."""
    return "".join(body for name, body in functions(ptx).items() if not any(cold in name for cold in COLD))


LOAD = r"ld\.relaxed\.sys\.global\.v2\.u64"
STORE = r"st\.relaxed\.sys\.global\.v2\.u64"
FENCE = r"\b(?:fence\.\w+\.sys|membar\.sys)"


@pytest.fixture(scope="module")
def noop() -> str:
    return build(NOOP).decode(errors="replace")


@pytest.fixture(scope="module")
def write() -> str:
    return build(WRITE).decode(errors="replace")


def test_the_channels_address_is_folded_to_zero(noop: str) -> None:
    assert re.search(r"\.global \.align 8 \.(u64|b64|b8) hostcall_client_v1", noop)
    assert re.search(r"ld(\.volatile)?(\.global)?\.u64\s+%rd\d+, \[hostcall_client_v1\]", hot(noop))
    text = Path(include_dir(), "hc")
    sources = "".join(path.read_text() for path in text.glob("*.h"))
    # A plain C read of the global would be folded by link-time optimisation.
    assert re.search(r"asm volatile\(\"ld[^\"]*\[hostcall_client_v1\]|volatile hc_u64 \*\)&hostcall_client_v1", sources)


def test_words_do_not_cross_the_bus_in_16_bytes(noop: str) -> None:
    body = hot(noop)
    assert re.search(LOAD, body)
    assert re.search(STORE, body)


def test_a_word_is_stored_below_system_scope(noop: str) -> None:
    # The only other relaxed scope is the GPU's own memory; the doorbell is a byte at system scope.
    assert re.search(r"st\.relaxed\.sys\.global\.u8", hot(noop))
    assert not re.search(r"st\.relaxed\.(cta|gpu)\.global\.v2", noop)


def test_the_fast_path_has_a_fence(noop: str) -> None:
    body = hot(noop)
    assert re.findall(FENCE, body) == []
    assert re.findall(r"\bfence\.|\bmembar\.", body) == []


def test_a_staged_write_has_no_fence_or_too_many(write: str) -> None:
    # One before the packet is handed over; two are on the way back, for payload that the host filled: after the reply,
    # and after the completion word of a lane that was parked. The fourth stands in the branch of a buffer that crosses
    # by its address.
    assert len(re.findall(FENCE, hot(write))) in (2, 3, 4)


def test_a_post_has_a_fence() -> None:
    body = hot(build(POST).decode(errors="replace"))
    assert re.findall(FENCE, body) == []
    assert re.search(STORE, body)


@pytest.mark.parametrize("source", [NOOP, WRITE, POST], ids=["noop", "write", "post"])
def test_a_read_modify_write_crosses_the_bus(source: str) -> None:
    ptx = build(source).decode(errors="replace")
    assert re.findall(r"\b(?:atom|red)\.[\w.]*sys[\w.]*", ptx) == []
    # Atomics with no scope mean the GPU, which is what device memory wants.
    assert re.search(r"\batom\.", ptx)


def disassemble(source: str, tmp_path: Path) -> str:
    tool = shutil.which("nvdisasm")
    if tool is None:
        pytest.skip("nvdisasm is not installed")
    path = tmp_path / "kernel.cubin"
    path.write_bytes(build(source, machine=True))
    return subprocess.run([tool, "-c", str(path)], capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_machine_code_loses_scope_or_width(tmp_path: Path) -> None:
    code = disassemble(NOOP, tmp_path)
    assert re.search(r"\bLDG?\.E\.128\.STRONG\.SYS", code), "no 16-byte load at system scope"
    assert re.search(r"\bSTG?\.E\.128\.STRONG\.SYS", code), "no 16-byte store at system scope"
    assert re.search(r"\bSTG?\.E\.U8\.STRONG\.SYS", code), "no doorbell"
    assert not re.search(r"\b(?:ATOM|ATOMG|RED)\.[\w.]*SYS", code)


def test_the_machine_code_has_more_fences_than_the_source(tmp_path: Path, noop: str, write: str) -> None:
    for source, ptx in ((NOOP, noop), (WRITE, write)):
        code = disassemble(source, tmp_path)
        assert len(re.findall(r"\bMEMBAR\.[\w.]*SYS", code)) <= len(re.findall(FENCE, ptx))


def test_the_channels_symbol_is_not_in_the_machine_code() -> None:
    code = build(NOOP, machine=True)
    assert b"hostcall_client_v1\0" in code
