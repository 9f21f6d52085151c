# SPDX-License-Identifier: Apache-2.0
"""What the compiler makes of each path of a hostcall for a GPU: read from its output, no GPU needed.

A call that was optimised away, a store at the wrong scope, a fence on the fast path or a variable in local memory would
all still look right in the source. Every rule is a function that returns complaints; it is held against each path, and
against headers that were changed so that it must complain.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from hostcall.backends.base import include_dir

ARCH = "90"
_HEAD = "#include <hostcall.h>\n"
SOURCES = {
    "noop": """HC_KERNEL void kernel(hc_i64 *out, hc_i64 a) {
        out[hc_thread_id()] = hc_call_words(HC_OP_NOP, 2, a, 1, 0, 0);
    }""",
    "lanes": """HC_KERNEL void kernel(hc_i64 *out) {
        out[hc_thread_id()] = hc_call_words(HC_OP_NOP, 2, hc_thread_id(), 1, 0, 0);
    }""",
    "write": """#include <unistd.h>
    HC_KERNEL void kernel(hc_i64 *out, const char *p, hc_u64 n) { out[hc_thread_id()] = write(5, p, n); }""",
    "read": """#include <unistd.h>
    HC_KERNEL void kernel(hc_i64 *out, char *p, hc_u64 n) { out[hc_thread_id()] = read(5, p, n); }""",
    "post": """HC_KERNEL void kernel(int *out) {
        hc_post_txn p;
        hc_post_begin(&p, 1);
        if (!p.err) hc_post_header(&p, HC_POST_NOP, 1, 7);
        out[hc_thread_id()] = p.err;
    }""",
    "printf": r"""#include <stdio.h>
    HC_KERNEL void kernel(int a, double x) { printf("%d %u %f\n", a, (unsigned)a, x); }""",
    "clock": """#include <time.h>
    HC_KERNEL void kernel(hc_i64 *out) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        out[hc_thread_id()] = t.tv_sec * 1000000000 + t.tv_nsec;
    }""",
    "malloc": """#include <stdlib.h>
    HC_KERNEL void kernel(void **out, hc_u64 n) { out[hc_thread_id()] = malloc(n); }""",
    "free": """#include <stdlib.h>
    HC_KERNEL void kernel(void **out) { free(out[hc_thread_id()]); }""",
    "getenv": """#include <stdlib.h>
    HC_KERNEL void kernel(const char **out, const char *name) { out[hc_thread_id()] = getenv(name); }""",
    "snprintf": """#include <stdio.h>
    HC_KERNEL void kernel(char *out, int n, double x) { snprintf(out, 64, "%d %f", n, x); }""",
}
WORDS = ("noop", "lanes")  # calls without payload: all in one function, the transaction in registers
STAGED = ("write", "read")
CALLS = (*WORDS, *STAGED)
POSTS = ("post", "printf")
DEVICE_ONLY = ("clock", "malloc", "free", "getenv", "snprintf")

# Reached once in 2^30 calls of a slot, after a deadline, when a slot is taken, or by a lane that was parked: not the
# usual way of a call.
COLD = (
    "hc_slot_refresh",
    "hc_reap",
    "hc_limbo_add",
    "hc_await_parked",
    "hc_slot_search",
    "hc_home_take",
    "hc_call_words_rest",
)

LOAD = r"\bld\.relaxed\.sys\.global\.v2\.u64"
STORE = r"\bst\.relaxed\.sys\.global\.v2\.u64"
BELL = r"\bst\.relaxed\.sys\.global\.u8"
FENCE = r"\b(?:fence\.\w+\.sys|membar\.sys)"


def nvrtc() -> Any:
    """Give the compiler's bindings, or skip."""
    bindings = pytest.importorskip("cuda.bindings.nvrtc", reason="cuda-bindings is not installed")
    try:
        bindings.nvrtcVersion()
    except Exception as error:  # noqa: BLE001 - the bindings have a type of their own for a missing library
        pytest.skip(f"NVRTC cannot be loaded: {error}")
    return bindings


def build(source: str, include: Path, kind: str, *options: str) -> tuple[bytes, str]:
    """Compile to ``PTX`` or ``CUBIN``; the log has what the assembler says about registers and memory."""
    api = nvrtc()

    def call(function: str, *arguments: object) -> Any:
        status, *rest = getattr(api, function)(*arguments)
        assert int(status) == 0, (function, status)
        return rest[0] if rest else None

    program = call("nvrtcCreateProgram", (_HEAD + source).encode(), b"kernel.cu", 0, [], [])
    target = f"sm_{ARCH}" if kind == "CUBIN" else f"compute_{ARCH}"
    given = [f"--gpu-architecture={target}", "--std=c++17", f"-I{include}", "--ptxas-options=-v", *options]
    (status,) = api.nvrtcCompileProgram(program, len(given), [option.encode() for option in given])
    # Not bytes: of one byte there is one object in the process, and these are written to.
    log = bytearray(call("nvrtcGetProgramLogSize", program))
    api.nvrtcGetProgramLog(program, log)
    assert int(status) == 0, log.decode()
    code = bytearray(call(f"nvrtcGet{kind}Size", program))
    call(f"nvrtcGet{kind}", program, code)
    return code, log.decode(errors="replace")


@dataclass(frozen=True)
class Code:
    """One path, compiled."""

    source: str
    include: Path
    options: tuple[str, ...] = ()

    @cached_property
    def ptx(self) -> str:
        return build(self.source, self.include, "PTX", *self.options)[0].decode(errors="replace")

    @cached_property
    def _machine(self) -> tuple[bytes, str]:
        return build(self.source, self.include, "CUBIN", *self.options)

    @property
    def cubin(self) -> bytes:
        return self._machine[0]

    @cached_property
    def functions(self) -> dict[str, str]:
        """PTX by function."""
        found = {}
        for part in re.split(r"(?m)^(?=(?:\.visible |\.weak |\.extern )*\.(?:entry|func)\b)", self.ptx)[1:]:
            head = part.split("\n", 1)[0]
            name = re.search(r"([A-Za-z_$][\w$]*)\s*\($", head) or re.search(r"([A-Za-z_$][\w$]*)\s*\(\)?$", head)
            assert name, head
            found[name[1]] = part
        return found

    @property
    def hot(self) -> dict[str, str]:
        """Those that a call runs through in the normal case."""
        return {name: body for name, body in self.functions.items() if not any(cold in name for cold in COLD)}

    @property
    def text(self) -> str:
        return "".join(self.hot.values())

    @cached_property
    def memory(self) -> dict[str, tuple[int, int, int]]:
        """Bytes of stack frame, spill stores and spill loads by function, as the assembler says."""
        pattern = (
            r"Function properties for (\S+)\nptxas\s*[^\n]*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
            r"(\d+) bytes spill loads"
        )
        found = {name: (int(a), int(b), int(c)) for name, a, b, c in re.findall(pattern, self._machine[1])}
        assert "kernel" in found, self._machine[1]
        return found

    def machine(self, folder: Path) -> str:
        """Machine code of the kernel's own function, without those that it calls; skips without a disassembler."""
        tool = shutil.which("nvdisasm")
        if tool is None:
            pytest.skip("nvdisasm is not installed")
        path = folder / "kernel.cubin"
        path.write_bytes(self.cubin)
        text = subprocess.run([tool, "-c", str(path)], capture_output=True, text=True, timeout=120, check=True).stdout
        return re.split(r"\.type\s+\$kernel\$", text.split(".text.kernel:", 1)[1])[0]


# -- the rules: each returns what is wrong


def folded(code: Code) -> list[str]:
    """Link-time optimisation folds a never-written global to zero: only an opaque instruction may read it."""
    opaque = re.sub(r"// begin inline asm.*?// end inline asm", "", code.ptx, flags=re.DOTALL)
    wrong = [f"plain access: {line.strip()}" for line in opaque.splitlines() if "[hostcall_client_v1" in line]
    wrong += [] if "[hostcall_client_v1]" in code.ptx else ["the client pointer is never read"]
    return wrong + ([] if b"hostcall_client_v1\0" in code.cubin else ["the symbol is not in the machine code"])


def narrow_or_near(code: Code) -> list[str]:
    """What crosses the bus: words of 16 bytes and the doorbell's byte one way, words and control words the other."""
    allowed = {LOAD, r"\bld\.relaxed\.sys\.global\.u32", r"\bld\.relaxed\.sys\.global\.u64", STORE, BELL}
    crossing = re.findall(r"\b(?:ld|st)\.[\w.]*sys[\w.]*", code.text)
    wrong = [f"access {access}" for access in crossing if not any(re.fullmatch(fit, access) for fit in allowed)]
    near = re.findall(r"\bst\.relaxed\.(?:cta|gpu)\.global\.v2\S*", code.text)
    wrong += [f"below system scope: {access}" for access in near]
    return wrong + ([] if re.search(STORE, code.text) else ["no 16-byte store at system scope"])


def atomics_cross(code: Code) -> list[str]:
    """Atomics without a scope mean the GPU, which is what device memory wants; none may reach the host."""
    return re.findall(r"\b(?:atom|red)\.[\w.]*sys[\w.]*", code.ptx)


def spills(code: Code) -> list[str]:
    """Registers that did not fit."""
    hot = {name: found for name, found in code.memory.items() if not any(cold in name for cold in COLD)}
    return [f"{name}: {found[1]} + {found[2]} bytes" for name, found in hot.items() if found[1] or found[2]]


def local_memory(code: Code) -> list[str]:
    """A stack frame, or an access to it, in the kernel's own function."""
    wrong = [f"{code.memory['kernel'][0]} bytes of stack"] if code.memory["kernel"][0] else []
    return wrong + re.findall(r"\b(?:ld|st)\.local\S*", code.functions["kernel"])


def fences(code: Code) -> list[int]:
    """Fences at system scope of the function that stores the doorbell: before it, and after it."""
    (body,) = (body for body in code.hot.values() if re.search(BELL, body))
    before, after = re.split(BELL, body, maxsplit=1)
    return [len(re.findall(FENCE, part)) for part in (before, after)]


def waits(code: Code) -> list[str]:
    """Who fences or looks across the bus on the way of a post."""
    posting = {name: body for name, body in code.hot.items() if "hc_send" not in name}
    # Only a claim looks across, when the ring seems full; and who waits for room for a line too long for it.
    may = ("hc_posted_claim", "hc_posted_await", "hc_txn_reserve")
    looking = [name for name, body in posting.items() if re.search(r"\bld\.relaxed\.sys", body)]
    wrong = [name for name in looking if not any(one in name for one in may)]
    return wrong + [name for name, body in posting.items() if re.search(FENCE, body)]


def leaves_the_device(code: Code) -> list[str]:
    """Anything at system scope."""
    return re.findall(r"\b(?:ld|st|atom|red|fence|membar)\.[\w.]*sys[\w.]*", code.ptx)


@pytest.fixture(scope="module")
def paths() -> dict[str, Code]:
    nvrtc()
    return {name: Code(source, include_dir()) for name, source in SOURCES.items()}


def changed(tmp_path: Path, header: str, old: str, new: str) -> Path:
    """A copy of the headers with one text replaced everywhere in one of them."""
    folder = tmp_path / "include"
    shutil.copytree(include_dir(), folder)
    path = folder / header
    text = path.read_text()
    assert old in text, f"{header} has changed: the control must change with it"
    path.write_text(text.replace(old, new))
    return folder


# -- every path


@pytest.mark.parametrize("name", list(SOURCES))
def test_the_channels_address_is_folded_to_zero(name: str, paths: dict[str, Code]) -> None:
    assert folded(paths[name]) == []


def test_a_plain_read_of_the_channels_address_passes(tmp_path: Path) -> None:
    opaque = 'asm volatile("ld.global.u64 %0, [hostcall_client_v1];" : "=l"(v));'
    code = Code(SOURCES["noop"], changed(tmp_path, "hc/bind.h", opaque, "v = hostcall_client_v1;"))
    assert folded(code)


@pytest.mark.parametrize("name", [*CALLS, *POSTS])
def test_words_cross_the_bus_in_pieces_or_below_system_scope(name: str, paths: dict[str, Code]) -> None:
    code = paths[name]
    assert narrow_or_near(code) == []
    # A call of a few words has two ways, the straight line and the general one; each rings once.
    assert len(re.findall(BELL, code.text)) == (2 if name in WORDS else name in STAGED or name == "printf")
    if name in CALLS:
        assert re.search(LOAD, code.text), "no 16-byte load of the reply"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "st.relaxed.sys.global.v2.u64 [%0], {%1,%2};",
            "st.relaxed.sys.global.u64 [%0], %1; st.relaxed.sys.global.u64 [%0+8], %2;",
        ),
        ("st.relaxed.sys.global.v2.u64", "st.relaxed.gpu.global.v2.u64"),
        ("st.relaxed.sys.global.u8", "st.relaxed.sys.global.u16"),
    ],
    ids=["pieces", "scope", "bell"],
)
def test_pieces_or_the_wrong_scope_pass(old: str, new: str, tmp_path: Path) -> None:
    assert narrow_or_near(Code(SOURCES["noop"], changed(tmp_path, "hc/platform.h", old, new)))


@pytest.mark.parametrize("name", list(SOURCES))
def test_a_read_modify_write_crosses_the_bus(name: str, paths: dict[str, Code]) -> None:
    assert atomics_cross(paths[name]) == []
    if name in WORDS:
        assert re.search(r"\batom\.or\b", paths[name].text), "no slot is claimed"


def test_an_atomic_doorbell_passes(tmp_path: Path) -> None:
    bell = "if (t->rank == 0) hc_bus_store8(t->bells + t->slot, (hc_u8)t->seq);"
    more = 'if (t->rank == 0) asm volatile("red.relaxed.sys.global.add.u32 [%0], 1;" ::"l"(t->bells) : "memory");'
    assert atomics_cross(Code(SOURCES["noop"], changed(tmp_path, "hc/client.h", bell, bell + more)))


# The formatting functions are not inlined and save registers of their callers, which the assembler counts as spills.
@pytest.mark.parametrize("name", [name for name in SOURCES if not name.endswith("printf")])
def test_a_path_spills_registers(name: str, paths: dict[str, Code]) -> None:
    assert spills(paths[name]) == []


def test_spills_pass() -> None:
    assert spills(Code(SOURCES["noop"], include_dir(), ("--maxrregcount=24",)))


# -- calls


@pytest.mark.parametrize("name", [*WORDS, "post"])
def test_a_call_without_payload_touches_local_memory(name: str, paths: dict[str, Code]) -> None:
    assert local_memory(paths[name]) == []


def test_a_variable_on_the_stack_passes(tmp_path: Path) -> None:
    # An address that a function which is not inlined gets: the variable must lie in memory.
    new = "hc_slot_refresh(hc_u64 c, hc_u32 slot, hc_u32 *at) { *at = slot;"
    folder = changed(tmp_path, "hc/txn.h", "hc_slot_refresh(hc_u64 c, hc_u32 slot) {", new)
    path = folder / "hc" / "txn.h"
    text = path.read_text().replace("hc_slot_refresh(t->c, t->slot);", "hc_slot_refresh(t->c, t->slot, &slot);")
    path.write_text(text.replace("hc_slot_refresh(t->c, slot);", "hc_slot_refresh(t->c, slot, &seq);"))
    client = folder / "hc" / "client.h"
    text = client.read_text().replace("HC_NOINLINE hc_i64 hc_call_words_any(", "HC_FN hc_i64 hc_call_words_any(")
    client.write_text(text)
    assert local_memory(Code(SOURCES["noop"], folder))


def straight_line(code: Code) -> list[str]:
    """Atomics, fences and values passed between lanes in the kernel's own function: the usual call needs none."""
    return re.findall(r"\b(?:atom|red|fence|membar|shfl)\.\S*", code.functions["kernel"])


@pytest.mark.parametrize("name", WORDS)
def test_the_usual_call_has_an_atomic_or_a_shuffle(name: str, paths: dict[str, Code]) -> None:
    code = paths[name]
    assert straight_line(code) == []
    # Four pairs of fields of the client and the entry of the kept slot, each by one load; the entry is written twice.
    body = code.functions["kernel"]
    assert len(re.findall(r"\bld\.global\.v2\.u64", body)) == 4
    assert len(re.findall(r"\bld\.relaxed\.cta\.global\.v2\.u64", body)) == 1
    assert len(re.findall(r"\bst\.relaxed\.cta\.global\.u64", body)) == 2


def test_a_claim_on_the_straight_line_passes(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "hc/client.h", "HC_NOINLINE hc_i64 hc_call_words_any(", "HC_FN hc_i64 hc_call_words_any("
    )
    assert straight_line(Code(SOURCES["noop"], folder))


@pytest.mark.parametrize("name", WORDS)
def test_the_fast_path_has_a_fence(name: str, paths: dict[str, Code]) -> None:
    assert re.findall(FENCE, paths[name].text) == []
    assert re.findall(r"\bfence\.|\bmembar\.", paths[name].text) == []


@pytest.mark.parametrize("name", STAGED)
def test_a_staged_call_has_no_fence_or_too_many(name: str, paths: dict[str, Code]) -> None:
    before, after = fences(paths[name])
    assert before == 1, "the bytes are ordered before the packet that announces them, once"
    # One after the reply and before the bytes that it announces; the other one for a lane that was parked, whose
    # completion word took the reply's place. A call passes one of them.
    assert after == 2
    elsewhere = {function for function, body in paths[name].hot.items() if re.search(FENCE, body)}
    assert all("hc_send" in function or "_ref" in function for function in elsewhere), elsewhere


@pytest.mark.parametrize(
    ("header", "old", "new"),
    [
        ("hc/client.h", "if (t->rank == 0) hc_fence_to_host();", ";"),
        (
            "hc/client.h",
            "    if (t->rank == 0) hc_bus_store8(",
            "    hc_fence_to_host();\n    if (t->rank == 0) hc_bus_store8(",
        ),
        ("hc/client.h", "hc_fence_from_host(); /* the reply", ";  /* the reply"),
    ],
    ids=["none-before", "two-before", "one-less-after"],
)
def test_a_missing_or_another_fence_passes(header: str, old: str, new: str, tmp_path: Path) -> None:
    folder = changed(tmp_path, header, old, new)
    assert fences(Code(SOURCES["write"], folder)) != [1, 2]
    if "\n" in new:
        assert re.findall(FENCE, Code(SOURCES["noop"], folder).text)


def test_payload_is_copied_in_pieces(paths: dict[str, Code]) -> None:
    (put,) = (body for name, body in paths["write"].hot.items() if "hc_put" in name)
    (get,) = (body for name, body in paths["read"].hot.items() if "hc_get" in name)
    assert re.search(STORE, put)
    assert re.search(LOAD, get)


# -- posts, and what the device answers


@pytest.mark.parametrize("name", POSTS)
def test_a_post_waits_for_the_bus(name: str, paths: dict[str, Code]) -> None:
    assert waits(paths[name]) == []


def test_a_print_has_a_fence_or_more_atomics_and_stores_than_it_needs(paths: dict[str, Code]) -> None:
    (body,) = (text for name, text in paths["printf"].functions.items() if "hc_print_post" in name)
    assert re.findall(r"\bfence\.|\bmembar\.", body) == []
    assert sorted(re.findall(r"\batom\.(\w+)", body)) == ["add", "max"]  # the claim, and the order of the warp's calls
    # Header with format, a uniform, a narrow and a wide column, a string: each in one place, whatever the format says.
    assert len(re.findall(STORE, body)) == 5
    assert not re.search(r"\brem\.|\bdiv\.", body)


@pytest.mark.parametrize("more", ["out[1] = (int)hc_bus_load32((hc_u64)out);", "hc_fence_to_host();"])
def test_a_post_that_looks_or_fences_passes(more: str) -> None:
    source = SOURCES["post"].replace("out[hc_thread_id()] = p.err;", f"out[hc_thread_id()] = p.err; {more}")
    assert waits(Code(source, include_dir()))


@pytest.mark.parametrize("name", DEVICE_ONLY)
def test_what_the_device_answers_leaves_it(name: str, paths: dict[str, Code]) -> None:
    assert leaves_the_device(paths[name]) == []


def test_a_hostcall_passes_as_the_devices_own_answer(paths: dict[str, Code]) -> None:
    assert leaves_the_device(paths["noop"])


# -- machine code


@pytest.mark.parametrize("name", WORDS)
def test_the_machine_code_loses_scope_or_width(name: str, paths: dict[str, Code], tmp_path: Path) -> None:
    code = paths[name].machine(tmp_path)
    assert re.search(r"\bLDG?\.E\.128\.STRONG\.SYS", code), "no 16-byte load at system scope"
    assert re.search(r"\bSTG?\.E\.128\.STRONG\.SYS", code), "no 16-byte store at system scope"
    assert len(re.findall(r"\bSTG?\.E\.U8\.STRONG\.SYS", code)) == 1, "no doorbell, or two"
    assert not re.search(r"\bSTG?\.E\.(?:64\.)?STRONG\.SYS", code), "a narrow store crosses the bus"
    assert not re.search(r"\b(?:ATOM|ATOMG|RED|REDG)\.[\w.]*SYS", code)
    assert not re.search(r"\b(?:MEMBAR|FENCE)\b", code), "a fence"
    assert not re.search(r"\b(?:LDL|STL)\b", code), "local memory"


@pytest.mark.parametrize("name", [*DEVICE_ONLY, "post"])
def test_the_machine_code_has_what_the_source_has_not(name: str, paths: dict[str, Code], tmp_path: Path) -> None:
    code = paths[name].machine(tmp_path)
    assert not re.search(r"\b(?:MEMBAR|FENCE)\b[\w.]*SYS", code)
    assert not re.search(r"\b(?:ATOM|ATOMG|RED|REDG)\.[\w.]*SYS", code)
    assert name == "post" or not re.search(r"\.STRONG\.SYS", code)


def test_spills_in_the_machine_code_pass(tmp_path: Path) -> None:
    code = Code(SOURCES["noop"], include_dir(), ("--maxrregcount=24",))
    assert re.search(r"\b(?:LDL|STL)\b", code.machine(tmp_path))
