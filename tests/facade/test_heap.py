"""The device's malloc: the same header as host threads, as OpenCL items, and as CUDA machine code."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parents[1] / "libc_facade" / "include"
DRIVER = HERE / "_heap_stress.c"
WARPS = HERE / "_heap_warps.c"
HEADERS = sorted((INCLUDE / "hc").glob("heap*.h"))

# The facade's own stdio.h and the like must not shadow the system's in a program for the host.
FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-pthread", "-idirafter", str(INCLUDE)]
BUILDS = {
    "gcc": ["gcc", "-O2"],
    "clang-tsan": ["clang", "-O1", "-fsanitize=thread"],
    "clang-asan": ["clang", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
}

KIB, MIB = 1 << 10, 1 << 20


def _build(out: Path, command: list[str], first_include: Path | None = None, source: Path = DRIVER) -> Path:
    own = [] if first_include is None else ["-idirafter", str(first_include)]
    flags = FLAGS[:-2] + own + FLAGS[-2:]
    done = subprocess.run([*command, *flags, str(source), "-o", str(out)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return out


def _drive(
    binary: Path, test: str, seed: int, size: int, count: int, threads: int, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    arguments = [str(binary), test, str(seed), str(size), str(count), str(threads)]
    print(" ".join(arguments[1:]))
    return subprocess.run(arguments, capture_output=True, text=True, timeout=timeout, check=False)


def _must_hold(binary: Path, *what: Any) -> None:
    done = _drive(binary, *what)
    print(done.stdout)
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.fixture(scope="module", params=list(BUILDS))
def driver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    command = BUILDS[request.param]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} on PATH")
    return _build(tmp_path_factory.mktemp("heap") / request.param, command)


@pytest.mark.parametrize("size", [64 * KIB, 100_000, 1 * MIB, 5 * MIB, 64 * MIB])
def test_blocks_overlap_or_lose_their_contents(driver: Path, size: int) -> None:
    _must_hold(driver, "model", random.randrange(1 << 30), size, 20_000, 1)


@pytest.mark.parametrize("size", [64 * KIB, 300_000, 4 * MIB, 64 * MIB])
def test_double_or_wild_free_goes_unnoticed(driver: Path, size: int) -> None:
    _must_hold(driver, "bad", 5, size, 0, 1)


def test_libc_names_keep_their_corner_cases(driver: Path) -> None:
    _must_hold(driver, "libc", 0, 1 * MIB, 0, 1)


@pytest.mark.parametrize("size", [64 * KIB, 8 * MIB])
def test_slots_asked_for_in_vain_damage_a_run(driver: Path, size: int) -> None:
    _must_hold(driver, "vain", 0, size, 0, 1)


@pytest.mark.parametrize("size", [64 * KIB, 1 * MIB, 16 * MIB])
def test_lanes_that_free_each_others_blocks_get_one_block_twice(driver: Path, size: int) -> None:
    _must_hold(driver, "trade", random.randrange(1 << 30), size, 10_000, 4)


@pytest.mark.parametrize("size", [64 * KIB, 2 * MIB])
def test_used_up_too_early_or_slots_lost(driver: Path, size: int) -> None:
    _must_hold(driver, "exhaust", 0, size, 6, 8)


def test_two_lanes_free_one_block(driver: Path) -> None:
    _must_hold(driver, "contend", 0, 4 * MIB, 40, 4)


@pytest.mark.parametrize("build", list(BUILDS))
def test_lanes_of_a_warp_get_in_each_others_way(build: str, tmp_path: Path) -> None:
    command = BUILDS[build]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} on PATH")
    binary = _build(tmp_path / "warps", command, source=WARPS)
    for size, rounds, warps in ((64 * KIB, 500, 3), (1 * MIB, 500, 2)):
        seed = random.randrange(1 << 30)
        arguments = [str(binary), str(seed), str(size), str(rounds), str(warps)]
        print(" ".join(arguments[1:]))
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.parametrize(("size", "floor"), [(64 * KIB, 250), (1 * MIB, 450), (8 * MIB, 450)])
def test_fragmentation_eats_the_arena(driver: Path, size: int, floor: int) -> None:
    _must_hold(driver, "turnover", random.randrange(1 << 30), size, 100 if size <= MIB else 20, floor)


# Each of these breaks one thing that the algorithm rests on: the tests above must notice.
MUTATIONS = {
    "a bit that was taken already is accepted": (
        "bits &= ~hc_dev_or32(row + 4u * w, bits);",
        "hc_dev_or32(row + 4u * w, bits);",
        [("trade", 1 * MIB, 20_000, 4)],
    ),
    "a chunk gets its class by a store": (
        "old = hc_dev_cas64(at, s, (hc_u64)want << 32 | HC_HEAP_STATE(c, want));",
        "old = s; hc_dev_store64(at, (hc_u64)want << 32 | HC_HEAP_STATE(c, want));",
        [("exhaust", 64 * KIB, 60, 8), ("trade", 64 * KIB, 40_000, 8)],
    ),
    "a chunk in use is given to another class": (
        "if (!hc_heap_empty(s)) return HC_HEAP_KIND(s) == HC_HEAP_BUILD ? HC_HEAP_BUILDING : 0;",
        "if (HC_HEAP_KIND(s) >= HC_HEAP_CLASSES) return 0;",
        [("model", 64 * KIB, 20_000, 1)],
    ),
    "slots asked for in vain are not taken back": (
        "if (n < want) hc_heap_put_back(heap, packed, i, want - n);",
        "",
        [("exhaust", 64 * KIB, 60, 8), ("trade", 64 * KIB, 40_000, 8)],
    ),
    "slots of a chunk that changed its class meanwhile are accepted": (
        "if ((ours || kind == c) && count < slots) n =",
        "if (count < slots) n =",
        [("trade", 64 * KIB, 40_000, 8)],
    ),
    "more slots are accepted than there are": (
        "if ((ours || kind == c) && count < slots) n =",
        "if (ours || kind == c) n =",
        [("exhaust", 64 * KIB, 60, 8), ("trade", 64 * KIB, 40_000, 8)],
    ),
    "a cleared bit is freed again": (
        "(hc_dev_and32(hc_heap_bits_at(m, i) + 4u * (slot >> 5), ~bit) & bit)",
        "(hc_dev_and32(hc_heap_bits_at(m, i) + 4u * (slot >> 5), ~bit) | bit)",
        [("bad", 64 * KIB, 0, 1)],
    ),
    "a run is freed by everybody who tries": (
        "old = hc_dev_cas64(at, s, s - HC_HEAP_STATE(HC_HEAP_LARGE - HC_HEAP_BUILD, 0u));",
        "old = s; hc_dev_store64(at, s - HC_HEAP_STATE(HC_HEAP_LARGE - HC_HEAP_BUILD, 0u));",
        [("contend", 4 * MIB, 400, 8)],
    ),
    "a run that met an obstacle keeps what it had": (
        "if (n < need) hc_heap_let_go(m, hc_heap_drop(m, first, n, HC_HEAP_BUILD));",
        "",
        [("trade", 1 * MIB, 40_000, 8)],
    ),
    "the length of a run stays in the bitmap": (
        "n = hc_dev_exch32(hc_heap_bits_at(m, i), 0);",
        "n = hc_dev_load32(hc_heap_bits_at(m, i));",
        [("model", 64 * KIB, 20_000, 1)],
    ),
    "giving back a run overwrites what others added in vain": (
        "dropped += HC_HEAP_COUNT(hc_dev_add64(hc_heap_state_at(m, first + j), 0u - HC_HEAP_STATE(kind, 1u))) == 1u;",
        "(void)kind; hc_dev_store64(hc_heap_state_at(m, first + j), 0); dropped++;",
        [("vain", 64 * KIB, 0, 1)],
    ),
    "completing a run overwrites what others added in vain": (
        "hc_dev_add64(hc_heap_state_at(m, i), HC_HEAP_STATE(to, 0u) - HC_HEAP_STATE(from, 0u));",
        "(void)from; hc_dev_store64(hc_heap_state_at(m, i), HC_HEAP_STATE(to, 1u));",
        [("vain", 64 * KIB, 0, 1)],
    ),
    "alignment of odd classes is taken for their size": (
        "if ((c & 1u) && (8u << (c >> 1)) < align) c++;",
        "(void)0;",
        [("model", 1 * MIB, 20_000, 1)],
    ),
}


@pytest.mark.parametrize("name", list(MUTATIONS))
def test_a_broken_heap_would_be_caught(name: str, tmp_path: Path) -> None:
    good, bad, attempts = MUTATIONS[name]
    homes = [header for header in HEADERS if good in header.read_text()]
    assert len(homes) == 1, "the mutation no longer fits the headers"
    text = homes[0].read_text()
    assert text.count(good) == 1, "the mutation no longer fits the header"
    (tmp_path / "hc").mkdir()
    for header in HEADERS:
        shutil.copy(header, tmp_path / "hc")
    (tmp_path / "hc" / homes[0].name).write_text(text.replace(good, bad))
    binary = _build(tmp_path / "broken", ["gcc", "-O1", "-Wno-unused"], tmp_path)
    for seed in range(20):
        for test, size, count, threads in attempts:
            try:
                # A whole run takes well below a second: one that hangs has been noticed.
                done = _drive(binary, test, seed, size, count, threads, timeout=8)
            except subprocess.TimeoutExpired:
                return
            if done.returncode != 0:
                return
    pytest.fail(f"nobody noticed that {name}")


# ------------------------------------------------------------------------------------------------------------- OpenCL
KERNELS = r"""
#include "hc/platform.h"
static void hc_errno_set(int code) { (void)code; }
/* Helpers have no kernel arguments: the address of the arena is a build constant, as with the runtime. */
static void hc_heap_where(hc_u64 *base, hc_u64 *bytes) { *base = HEAP_BASE; *bytes = HEAP_BYTES; }
#include "hc/heap.h"

__kernel void take(__global hc_u64 *kept, uint rounds) {
    hc_u32 id = (hc_u32)hc_thread_id(), r, i;
    for (r = 0; r < rounds; r++) {
        hc_u32 n = 4 + (id * 37 + r * 101) % 1000;
        __global uint *p = (__global uint *)hc_malloc(n * 4);
        __global uint *q = (__global uint *)hc_calloc(n, 4);
        if (p) for (i = 0; i < n; i++) p[i] = id + i;
        if (q) for (i = 0; i < n; i++) if (q[i] != 0) { kept[id] = 1; return; }
        if (p) {
            __global uint *grown = (__global uint *)hc_realloc(p, n * 8);
            if (grown) p = grown;
            for (i = 0; i < n; i++) if (p[i] != id + i) { kept[id] = 2; return; }
        }
        hc_free(q);
        hc_free(p);
    }
    __global void *last = 0;
    kept[id] = hc_posix_memalign(&last, 64, 100) == 0 ? (hc_u64)last : 0;
    if (last) ((__global hc_u64 *)last)[0] = id;
}

__kernel void give(__global hc_u64 *kept) {
    hc_u32 id = (hc_u32)hc_thread_id(), other = (id * 5 + 3) % (hc_u32)hc_thread_count();
    __global hc_u64 *p = (__global hc_u64 *)kept[other];
    if (!p) return;
    kept[other] = p[0] == other ? 0 : 3;
    hc_free(p);
}

__kernel void live(__global hc_u64 *out) { out[0] = hc_heap_live(HEAP_BASE, HEAP_BYTES); }
"""


@pytest.mark.opencl
@pytest.mark.parametrize("size", [64 * KIB, 8 * MIB])
def test_opencl_items_share_the_heap(size: int) -> None:
    os.environ.setdefault("POCL_MAX_PTHREAD_COUNT", "1")
    try:
        import numpy as np
        import pyopencl as cl

        platforms = cl.get_platforms()
    except Exception as why:  # noqa: BLE001 - whatever the loader raises means that there is none
        pytest.skip(f"no OpenCL platform: {why}")
    device = platforms[0].get_devices()[0]
    context = cl.Context([device])
    queue = cl.CommandQueue(context)
    flags = cl.svm_mem_flags
    arena = cl.SVMAllocation(context, size, 128, flags.READ_WRITE | flags.SVM_FINE_GRAIN_BUFFER | flags.SVM_ATOMICS)
    with tempfile.TemporaryDirectory() as folder:
        # PoCL can't take a folder with a space in its name.
        (Path(folder) / "hc").mkdir()
        for header in (INCLUDE / "hc" / "platform.h", *HEADERS):
            shutil.copy(header, Path(folder) / "hc")
        where = [f"-DHEAP_BASE={arena.svm_ptr:#x}UL", f"-DHEAP_BYTES={size}UL"]
        program = cl.Program(context, KERNELS).build(options=["-cl-std=CL3.0", f"-I{folder}", *where])
    items = 8192
    cl.enqueue_svm_memfill(queue, arena, np.zeros(1, np.uint8))
    kept = cl.Buffer(context, cl.mem_flags.READ_WRITE, items * 8)
    result = np.empty(items, np.uint64)

    take, give = cl.Kernel(program, "take"), cl.Kernel(program, "give")
    take(queue, (items,), (64,), kept, np.uint32(20))
    cl.enqueue_copy(queue, result, kept)
    blocks = result[result != 0]
    assert blocks.min() > 2, "contents of a block changed"
    assert len(np.unique(blocks)) == len(blocks), "a block with two owners"
    assert (blocks % 64 == 0).all()
    assert len(blocks) == items or size < MIB
    # All blocks, and nothing else: 100 bytes at an alignment of 64 come from the class of 128.
    assert _statistics(queue, arena, program)["live"] == 128 * len(blocks)

    give(queue, (items,), (64,), kept)
    cl.enqueue_copy(queue, result, kept)
    assert (result == 0).all(), "contents of a block changed"
    after = _statistics(queue, arena, program)
    assert (after["live"], after["held"], after["bad_frees"]) == (0, 0, 0)
    assert (after["failures"] == 0) == (size > MIB)
    assert 0 < after["peak"] <= size


def _statistics(queue: Any, arena: Any, program: Any) -> dict[str, int]:
    """Read the heap's statistics by the documented offsets, as the host does; what is live is the device's to say."""
    import numpy as np
    import pyopencl as cl

    words = np.empty(4, np.uint64)
    cl.enqueue_copy(queue, words, arena, byte_count=words.nbytes)
    live = np.empty(1, np.uint64)
    out = cl.Buffer(queue.context, cl.mem_flags.READ_WRITE, live.nbytes)
    cl.Kernel(program, "live")(queue, (1,), (1,), out)
    cl.enqueue_copy(queue, live, out)
    names = ("failures", "bad_frees", "held", "peak")
    return dict(zip(names, words.tolist(), strict=True)) | {"live": int(live[0])}


# --------------------------------------------------------------------------------------------------------------- CUDA
CUDA = r"""
#include "hc/platform.h"
__device__ hc_u64 heap_base, heap_bytes;
__device__ int last_error;
HC_FN void hc_heap_where(hc_u64 *base, hc_u64 *bytes) {
    *base = *(volatile hc_u64 *)&heap_base;
    *bytes = *(volatile hc_u64 *)&heap_bytes;
}
HC_FN void hc_errno_set(int code) { last_error = code; }
#include "hc/heap.h"

HC_KERNEL void churn(int rounds) {
    for (int i = 0; i < rounds; i++) {
        int *p = (int *)hc_malloc(16 + (threadIdx.x * i) % 4080);
        if (p) *p = i;
        hc_free(p);
    }
}

#if !defined(CHURN_ONLY)
HC_KERNEL void names(void **out) {
    void *aligned = 0;
    if (hc_posix_memalign(&aligned, 64, 100) != 0) return;
    out[0] = hc_realloc(hc_calloc(3, 5), 100);
    out[1] = aligned;
    out[2] = hc_aligned_alloc(64, 64);
}
#endif
"""


@pytest.mark.parametrize("arch", ["sm_75", "sm_90"])
def test_nvrtc_compiles_it_to_machine_code(arch: str) -> None:
    core = pytest.importorskip("cuda.core", reason="cuda.core can't be imported")
    if not hasattr(core, "Program"):
        core = pytest.importorskip("cuda.core.experimental", reason="cuda.core can't be imported")
    options = core.ProgramOptions(arch=arch, std="c++17", include_path=[str(INCLUDE)])
    code = bytes(core.Program(CUDA, "c++", options).compile("cubin").code)
    assert code[:4] == b"\x7fELF"


@pytest.mark.parametrize("arch", ["sm_75", "sm_90"])
@pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc on PATH")
@pytest.mark.parametrize("limit", [255, 64])
def test_registers_spill(arch: str, limit: int, tmp_path: Path) -> None:
    """A kernel that allocates and frees gets by with 64 registers: a multiprocessor then holds half of its warps."""
    source = tmp_path / "heap.cu"
    source.write_text(CUDA)
    command = ["nvcc", f"-arch={arch}", f"-maxrregcount={limit}", "-std=c++17", "-cubin", "-Xptxas", "-v"]
    command += ["-I", str(INCLUDE), *(["-DCHURN_ONLY"] if limit == 64 else []), str(source)]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "heap.cubin")], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    print(*[line for line in done.stderr.splitlines() if "Used" in line or "Function" in line], sep="\n")
    found = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", done.stderr)
    assert found
    assert set(found) == {("0", "0", "0")}, done.stderr
