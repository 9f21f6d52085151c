# SPDX-License-Identifier: Apache-2.0
"""The benchmark: a wrong answer must be seen, a figure must be what it is called, a hung mailbox must end."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostcall.transports import Facts
from hostcall.transports.base import Region
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from hostcall.bench import bare, bare_sources, cli, floor, floor_sources, kernels, measure, report
from hostcall.bench.bare import bare_points, measure_bare, spread, sweeping
from hostcall.bench.floor import Bare, BarePoint, Floor, FloorHost, Variant, cpu_pairs, measure_floor, summarise
from hostcall.bench.floor_cuda import chain
from hostcall.bench.machine import describe_machine, is_quiet
from hostcall.bench.measure import ROW_KEYS, Bench, Failure, Row, choose_shape, run_cases
from hostcall.bench.usage import CpuUse
from hostcall.bench.workloads import WORKLOADS, Case, Evidence, check_lines, choose_cases, pattern
from hostcall.config import load_config

H100 = Facts("H100", warps=8448, warps_per_unit=64, lanes_per_warp=32, has_clock=True)
CPU = Facts("CPU", warps=1024, warps_per_unit=1024, lanes_per_warp=1, has_clock=True)
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]


@pytest.fixture(scope="module")
def host() -> FloorHost:
    return FloorHost()


def a_row(**changes: Any) -> Row:
    row = Row(
        transport="loopback",
        backend="host",
        device="a CPU",
        workload="noop",
        warps=1,
        lanes=1,
        payload_bytes=0,
        server_threads=1,
        calls=1000,
        errors=0,
        lost=0,
        p50_ns=300.0,
        p99_ns=400.0,
        max_ns=500.0,
        calls_per_s=3e6,
        packets_per_s=3e6,
        bytes_per_s=0.0,
        floor_ns=150.0,
        ratio_to_floor=2.0,
    )
    return dataclasses.replace(row, **changes)


# -- sources


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_floor_does_not_compile_cleanly(compiler: str, tmp_path: Path) -> None:
    (tmp_path / "floor.c").write_text(floor_sources.HOST + bare_sources.BARE_HOST)
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-pthread"]
    command = [compiler, *flags, str(tmp_path / "floor.c"), "-o", str(tmp_path / "floor.so")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_cuda_floor_does_not_compile() -> None:
    core = pytest.importorskip("cuda.core", reason="cuda-core is not installed")
    if not hasattr(core, "Program"):
        core = pytest.importorskip("cuda.core.experimental")
    for source in (floor_sources.CUDA, floor_sources.CUDA + bare_sources.BARE_CUDA):
        program = core.Program(source, "c++", core.ProgramOptions(arch="sm_90", std="c++17"))
        assert len(program.compile("cubin").code) > 1000


@pytest.mark.parametrize("name", list(WORKLOADS))
def test_a_workload_does_not_compile_for_a_gpu_at_full_residency(name: str) -> None:
    pytest.importorskip("cuda.core", reason="cuda-core is not installed")
    from hostcall.backends.cuda import compile_cubin

    shape = choose_shape("cuda", 8448, H100)
    text = WORKLOADS[name].source.text(32, shape.block, shape.resident)
    assert len(compile_cubin(text, "bench", "sm_90")) > 1000


def test_the_files_of_a_workload_cannot_be_opened_by_a_gpu() -> None:
    pytest.importorskip("cuda.core", reason="cuda-core is not installed")
    from hostcall.backends.cuda import compile_cubin

    assert len(compile_cubin(kernels.FILES, "bench_open", "sm_90")) > 1000


# -- the floor


def test_wrong_replies_of_the_mailbox_pass_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "a + b + c + d" in floor_sources.HOST
    monkeypatch.setattr(floor, "HOST", floor_sources.HOST.replace("a + b + c + d", "a + b + c"))
    variant = FloorHost().pingpong((0, 0) if len(cpus()) < 2 else (cpus()[0], cpus()[1]), 10, 100)
    assert variant.wrong >= 100
    assert Floor("x", (variant,)).checked().problem
    assert Floor("x", (variant,)).floor_ns is None


def cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def test_a_torn_request_is_answered(host: FloorHost) -> None:
    memory = np.zeros(8192, np.uint8)
    start = (-memory.ctypes.data) % 4096
    words = memory[start : start + 64].view(np.uint64)
    reply = memory[start + 1024 : start + 1040].view(np.uint64)
    words[:] = 1 << 32
    words[7] = 0  # the last half has not landed yet
    with host.serving(words.ctypes.data, reply.ctypes.data, 1, 30.0) as done:
        time.sleep(0.1)
        assert reply[0] == 0
        assert not done()
        words[7] = 5 | 1 << 32
        end = time.monotonic() + 30
        while not done() and time.monotonic() < end:
            time.sleep(0.001)
        assert list(reply) == [1 << 32, 5 | 1 << 32]


def test_a_mailbox_whose_other_side_is_gone_hangs(host: FloorHost) -> None:
    memory = np.zeros(8192, np.uint8)
    at = memory.ctypes.data + (-memory.ctypes.data) % 4096
    begin = time.monotonic()
    with host.serving(at, at + 1024, 10, 0.2) as done:
        while not done():
            assert time.monotonic() - begin < 30, "the server's side goes on after its deadline"
            time.sleep(0.01)
    begin = time.monotonic()
    with host.serving(at, at + 1024, 10, 30.0):
        pass
    assert time.monotonic() - begin < 20, "leaving does not stop the server's side"


@pytest.mark.parametrize("name", ["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl)])
def test_the_floor_of_a_cpu_transport_is_not_plausible(name: str, host: FloorHost) -> None:
    found = measure_floor(name, load_config(), host=host)
    assert not found.problem
    assert found.floor_ns is not None
    assert found.floor_ns > 5
    for variant in found.variants:
        assert variant.wrong == 0
        assert variant.rounds > 0
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.opencl
def test_a_device_without_a_live_memory_gets_a_floor(host: FloorHost) -> None:
    found = measure_floor("opencl-svm-deferred", load_config(), host=host)
    assert found.floor_ns is None
    assert "before it ends" in found.problem


def test_an_unknown_transport_raises_from_the_floor(host: FloorHost) -> None:
    assert measure_floor("no-such", load_config(), host=host).problem


def a_variant(p50: float | None, wrong: int = 0, rounds: int = 10) -> Variant:
    return Variant("v", rounds, wrong, p50, p50, p50, p50 or 100.0)


def test_a_badly_written_mailbox_passes_as_floor() -> None:
    assert Floor("t", (a_variant(2100.0),), load_ns=1000.0).checked().problem == ""
    assert "2.11" in Floor("t", (a_variant(2110.0),), load_ns=1000.0).checked().problem
    assert Floor("t", (a_variant(1600.0),), load_ns=1000.0, replies="device").checked().problem == ""
    assert "1.61" in Floor("t", (a_variant(1610.0),), load_ns=1000.0, replies="device").checked().problem
    assert "wrong" in Floor("t", (a_variant(100.0, wrong=1), a_variant(200.0))).checked().problem
    assert Floor("t", ()).checked().problem
    assert Floor("t", (a_variant(None, rounds=0),)).checked().problem


# -- the bare mailbox of many warps


@pytest.mark.parametrize("point", [BarePoint(1), BarePoint(3), BarePoint(4, threads=2)])
def test_the_bare_mailbox_of_threads_is_wrong_or_not_plausible(point: BarePoint, host: FloorHost) -> None:
    (found,), problem = measure_bare("loopback", load_config(), [point], host, 0.01)
    assert not problem
    assert found.valid
    assert found.packets_per_s > 0
    assert 0 < found.p50_ns <= found.p99_ns
    assert (found.fairness is None) == (point.warps == 1)
    assert found.fairness is None or 0 < found.fairness <= 1
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("change", "words"), [(("a + b + c + d, tag", "a + b + c, tag"), "wrong"), (("rounds * (last", "0 * (last"), "end")]
)
def test_a_bare_mailbox_that_errs_or_stops_passes(
    change: tuple[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert change[0] in bare_sources.BARE_HOST
    monkeypatch.setattr(floor, "BARE_HOST", bare_sources.BARE_HOST.replace(*change))
    monkeypatch.setattr(bare, "_LIMIT_S", 0.2)
    found, problem = measure_bare("loopback", load_config(), [BarePoint(2)], FloorHost(), 0.01)
    assert words in problem
    assert not found[0].valid
    assert Floor("loopback", bare=found).bare_at(BarePoint(2)) is None


def test_a_long_packet_that_is_not_whole_is_answered(host: FloorHost) -> None:
    memory = np.zeros(1 << 16, np.uint8)
    start = (-memory.ctypes.data) % 4096
    heads, tails, replies = (memory[start + at :] for at in (0, 4096, 16384))
    point = BarePoint(3, 32)
    regions = {"requests": Region(heads.ctypes.data, 0, 16384), "replies": Region(replies.ctypes.data, 0, 16384)}
    tail, reply = (at[512 : 2 * 512].view(np.uint64) for at in (tails, replies))
    with sweeping(host, regions, point, 4096, 1, False):
        heads[64:128].view(np.uint64)[:] = [1 | 1 << 32, 1 << 32] * 4
        tail[:-1] = 1 << 32
        time.sleep(0.05)
        assert not reply.any()
        tail[-1] = 7 | 1 << 32  # the upper half of lane 31's value
        end = time.monotonic() + 30
        while not reply[-1] and time.monotonic() < end:
            time.sleep(0.001)
        assert list(reply[:4]) == [4 | 1 << 32, 1 << 32] * 2
        assert list(reply[-2:]) == [4 | 1 << 32, 7 | 1 << 32]
    assert not replies[:512].any(), "a slot without a packet was answered"


def test_fairness_is_not_the_rate_of_the_slowest_by_that_of_the_fastest() -> None:
    assert spread(np.array([10.0, 20.0, 40.0])) == 0.25
    assert spread(np.array([10.0])) is None


def test_rows_and_bare_mailboxes_do_not_meet() -> None:
    cases = [Case("noop", warps, lanes, 0) for warps in (1, 132) for lanes in (1, 32)]
    cases += [Case("noop-lanes", 132, 32, 0), Case("echo", 132, 32, 64)]
    assert bare_points(cases, 4, 32) == [BarePoint(132, 1, 4), BarePoint(132, 32, 4)]
    assert bare_points([Case("noop-lanes", 4, 1, 0)], 1, 1) == [BarePoint(4)]
    short = Bare(BarePoint(132, 1, 4), "", 10, 0, True, 4e6, 100.0, 200.0, 0.5)
    found = Floor("t", (a_variant(100.0),), bare=(short,))
    row = a_row(warps=132, lanes=32, server_threads=4, fairness=0.4, packets_per_s=3e6).with_floor(found)
    assert (row.bare_packets_per_s, row.bare_p99_to_p50, row.bare_fairness) == (4e6, 2.0, 0.5)
    assert (row.rate_to_bare, row.fairness_to_bare) == (0.75, 0.8)
    for other in (a_row(warps=132), a_row(workload="noop-lanes", warps=132, lanes=32, server_threads=4)):
        assert other.with_floor(found).rate_to_bare is None


def test_the_floor_is_not_the_fastest_right_variant() -> None:
    found = Floor("t", (a_variant(300.0), a_variant(200.0), a_variant(50.0, wrong=1), a_variant(None, rounds=0)))
    assert found.floor_ns == 200.0


def test_a_second_floor_hides_wrong_values_or_loses_the_faster_figure() -> None:
    slow, fast = Floor("t", (a_variant(300.0),)), Floor("t", (a_variant(200.0),))
    wrong, broken = Floor("t", (a_variant(50.0, wrong=1),)).checked(), Floor("t", problem="no device")
    assert slow.faster(fast) == fast
    assert fast.faster(slow) == fast
    assert fast.faster(broken) == fast
    assert broken.faster(fast) == fast
    assert fast.faster(wrong) is wrong
    bare = (Bare(BarePoint(2), "", 10, 0, True, 4e6, 100.0, 200.0, 0.5),)
    assert dataclasses.replace(slow, bare=bare).faster(fast) == dataclasses.replace(fast, bare=bare)


def test_percentiles_count_rounds_that_were_never_made() -> None:
    samples = np.array([10, 20, 30, 9999, 9999], np.uint32)
    variant = summarise("v", samples, 3, 0, 2.0, 30.0)
    assert (variant.p50_ns, variant.max_ns, variant.mean_ns) == (10.0, 15.0, 10.0)
    assert summarise("v", samples, 0, 0, 2.0, 0.0).p50_ns is None
    assert summarise("v", samples, 3, 0, None, 30.0).p50_ns is None


def test_two_threads_are_tied_to_one_core() -> None:
    def pairs_of_two(cpu: int) -> set[int]:
        return {cpu & ~1, cpu | 1}

    assert cpu_pairs([0, 1, 2, 3], pairs_of_two) == [(0, 2)]
    assert cpu_pairs([0, 1, 2, 3, 4, 5], pairs_of_two) == [(0, 2), (2, 4), (0, 4)]
    assert cpu_pairs([0, 1], pairs_of_two) == [(0, 1)]
    assert cpu_pairs([3], lambda cpu: {cpu}) == [(3, 3)]


@given(st.integers(2, 300), st.sampled_from([8, 64, 128]), st.integers(0, 5))
def test_the_chain_of_loads_skips_a_line(count: int, line: int, seed: int) -> None:
    base = 0x7000_0000_0000
    words = chain(count, base, line, seed)
    at, seen = base, set()
    for _ in range(count):
        seen.add(at)
        at = int(words.reshape(-1)[(at - base) // 8])
    assert at == base
    assert len(seen) == count


# -- what the host checks


def lines_of(callers: int, first: int, rounds: int) -> list[bytes]:
    return [
        b"%d %d %f\n" % (lane, n, 0.5 * (lane % 1000) + 0.015625 * (n % 64))
        for n in range(first, first + rounds)
        for lane in range(callers)
    ]


def test_sound_lines_count_as_lost_or_torn() -> None:
    lines = lines_of(1200, 95, 12)
    verdict = check_lines(b"".join(reversed(lines)), 1200, 95, 12)
    assert (verdict.lost, verdict.wrong) == (0, 0)
    assert verdict.bytes == sum(map(len, lines))


@given(st.data())
def test_damaged_output_passes(data: st.DataObject) -> None:
    callers, rounds = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    first = data.draw(st.integers(0, 200))
    text = b"".join(lines_of(callers, first, rounds))
    at = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(at + 1, len(text)))
    put = data.draw(st.binary(max_size=4))
    damaged = text[:at] + put + text[stop:]
    verdict = check_lines(damaged, callers, first, rounds)
    if sorted(damaged.splitlines()) == sorted(text.splitlines()) and damaged[-1:] == b"\n":
        return
    assert verdict.lost + verdict.wrong > 0


def test_a_lost_a_doubled_and_a_mixed_line_are_told_apart_wrongly() -> None:
    lines = lines_of(4, 0, 4)
    assert check_lines(b"".join(lines[1:]), 4, 0, 4).lost == 1
    doubled = check_lines(b"".join([*lines, lines[3]]), 4, 0, 4)
    assert (doubled.lost, doubled.wrong) == (0, 1)
    swapped = b"".join(lines).replace(b"0 0 0.000000\n1 0 0.500000\n", b"0 0 1 0.000000\n0 0.500000\n")
    assert check_lines(swapped, 4, 0, 4).wrong
    assert check_lines(b"", 4, 0, 4).lost == 16


def posted(posts: int, total: int) -> tuple[int, int]:
    verdict = WORKLOADS["posted"].check(Evidence(Case("posted", 1, 3, 0), 5, 2, posts, total))
    return verdict.lost, verdict.wrong


def test_lost_or_changed_posts_pass() -> None:
    right = sum(lane + number for lane in range(3) for number in (5, 6))
    assert posted(6, right) == (0, 0)
    assert posted(5, right) == (1, 0)
    assert posted(6, right + 1) == (0, 1)
    assert posted(7, right) == (0, 1)


def test_words_of_a_long_post_are_lost() -> None:
    right = 7 * sum(lane + number for lane in range(3) for number in (5, 6))
    for total, wrong in ((right, 0), (right - 3, 1)):
        verdict = WORKLOADS["posted-64"].check(Evidence(Case("posted-64", 1, 3, 0), 5, 2, 6, total))
        assert (verdict.lost, verdict.wrong) == (0, wrong)


def test_posts_of_the_mixed_workload_are_miscounted() -> None:
    case = Case("mixed", 1, 2, 256)
    total = sum(lane + number for lane in range(2) for number in (11, 15))
    check = WORKLOADS["mixed"].check
    assert check(Evidence(case, 10, 8, 4, total)) == check(Evidence(case, 10, 6, 4, total))
    assert check(Evidence(case, 10, 8, 4, total)).lost == 0
    assert check(Evidence(case, 10, 8, 3, total)).lost == 1


def test_a_damaged_file_passes() -> None:
    case = Case("write-file", 1, 4, 16)
    lanes = np.repeat(pattern(np.arange(4)), 16)
    whole = np.concatenate([lanes, lanes])
    check = WORKLOADS["write-file"].check
    sound = check(Evidence(case, 0, 2, file=whole))
    assert (sound.lost, sound.wrong, sound.bytes) == (0, 0, 128)
    assert check(Evidence(case, 0, 2, file=whole[:-16])).lost == 1
    torn = whole.copy()
    torn[8:24] = torn[24:40]
    assert check(Evidence(case, 0, 2, file=torn)).wrong
    twice = whole.copy()
    twice[:16] = twice[16:32]
    assert check(Evidence(case, 0, 2, file=twice)).wrong == 1
    assert check(Evidence(case, 0, 2, file=np.concatenate([whole, whole[:3]]))).wrong


def test_a_changed_echo_passes() -> None:
    case = Case("echo", 1, 2, 16)
    buffer = np.tile(np.arange(16, dtype=np.uint8), 4)
    check = WORKLOADS["echo"].check
    assert check(Evidence(case, 0, 1, buffer=buffer)).wrong == 0
    buffer[-5] ^= 1
    assert check(Evidence(case, 0, 1, buffer=buffer)).wrong == 1


def test_a_leak_or_a_damaged_block_passes() -> None:
    case = Case("malloc", 1, 4, 0)
    words = np.zeros(kernels.SHELF_WORDS + 4 + 1, np.uint64)

    def found(**changes: int) -> tuple[int, int]:
        changed = words.copy()
        for name, value in changes.items():
            changed[int(name[1:])] = value
        verdict = WORKLOADS["malloc"].check(Evidence(case, 0, 1, buffer=changed.view(np.uint8)))
        return verdict.lost, verdict.wrong

    assert found(w4=4096, w5=65536) == (0, 0)
    assert found(w1=2, w2=1) == (0, 3)
    assert found(w3=64) == (1, 0)
    assert found(w8=0x1000, w11=0x2000) == (2, 0)


def test_the_rival_of_the_heap_is_measured_where_there_is_none() -> None:
    assert choose_cases(["malloc-cuda"], "host", CPU, 2) == []
    assert {case.warps for case in choose_cases(["malloc-cuda"], "cuda", H100, 16)} == {1, 132, 8448}


# -- shapes


@given(st.integers(1, 8448))
def test_a_launch_has_other_warps_than_asked_for_or_cannot_be_resident(warps: int) -> None:
    shape = choose_shape("cuda", warps, H100)
    assert shape.grid * shape.block == warps * 32
    assert shape.block <= 256
    assert shape.resident * (shape.block // 32) <= 64
    assert shape.resident * 132 >= shape.grid


@pytest.mark.parametrize(("warps", "grid", "block"), [(1, 1, 32), (132, 132, 32), (2112, 264, 256), (8448, 1056, 256)])
def test_warps_are_not_spread_over_the_multiprocessors(warps: int, grid: int, block: int) -> None:
    shape = choose_shape("cuda", warps, H100)
    assert (shape.grid, shape.block) == (grid, block)


def test_lanes_of_the_cpu_run_one_after_another() -> None:
    assert choose_shape("host", 7, CPU) == measure.Shape(1, 7, 1)
    assert choose_shape("opencl", 7, CPU) == measure.Shape(7, 1, 1)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(("backend", "facts"), [("cuda", H100), ("host", CPU)])
def test_a_suite_has_a_case_that_the_device_cannot_run(backend: str, facts: Facts, quick: bool) -> None:
    cases = choose_cases(list(WORKLOADS), backend, facts, 2, quick=quick)
    able = {name for name, workload in WORKLOADS.items() if backend in (workload.backends or (backend,))}
    assert {case.workload for case in cases} == able
    assert len(set(cases)) == len(cases)
    for case in cases:
        assert 1 <= case.warps <= facts.warps
        assert 1 <= case.lanes <= facts.lanes_per_warp
        assert case.payload % 8 == 0
        assert WORKLOADS[case.workload].buffers(case) <= 1 << 30
    assert any(case.warps == 1 for case in cases if case.workload == "noop")
    if backend == "cuda":
        assert {1, 132, 2112, 8448} <= {case.warps for case in cases if case.workload == "noop"}


def test_what_was_asked_for_is_not_measured() -> None:
    cases = choose_cases(["noop", "read"], "cuda", H100, 2, warps=(3, 99999), lanes=(7,), payloads=(0, 64))
    assert Case("noop", 3, 7, 0) in cases
    assert Case("noop", 8448, 7, 0) in cases
    assert Case("read", 3, 7, 64) in cases
    assert Case("read", 3, 7, 8) in cases, "a read of nothing measures nothing"
    assert all(case.payload == 0 for case in cases if case.workload == "noop")


# -- runs


@pytest.mark.parametrize("name", ["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl)])
@pytest.mark.parametrize("workload", list(WORKLOADS))
def test_a_workload_fails_or_reports_nonsense(name: str, workload: str, host: FloorHost) -> None:
    if WORKLOADS[workload].backends:
        pytest.skip(f"{workload} runs on {', '.join(WORKLOADS[workload].backends)} only")
    payload = WORKLOADS[workload].payloads[-1] if workload != "echo" else 4096
    if WORKLOADS[workload].paced:
        pytest.skip("silences are long: they have a test of their own")
    cases = [Case(workload, warps, 1, payload) for warps in (1, 3)]
    rows, failures = run_cases(name, cases, pollers=1, seconds=0.02, quick=True, ticks_per_us=host.ticks_per_us())
    assert not failures, failures[0].reason
    for row, case in zip(rows, cases, strict=True):
        assert (row.errors, row.lost) == (0, 0)
        assert (row.workload, row.warps, row.transport) == (workload, case.warps, name)
        assert row.calls > 0
        assert row.calls % case.callers == 0
        assert row.calls_per_s is not None
        assert row.calls_per_s > 0
        assert row.packets_per_s is not None
        assert row.packets_per_s > 0 or not WORKLOADS[workload].crosses
        blocking = case.warps > 1 and not WORKLOADS[workload].posted
        assert (row.fairness is not None) == blocking
        assert row.fairness is None or 0 < row.fairness <= 1
        if row.p50_ns is not None:
            assert row.p99_ns is not None
            assert row.p99_to_p50 == pytest.approx(row.p99_ns / row.p50_ns, rel=0.01)
            assert row.max_ns is not None
            assert 0 < row.p50_ns <= row.p99_ns <= row.max_ns * 1.001
            # A lane makes its calls one after another, so that many short calls cannot take long.
            assert row.p50_ns / 2 * row.calls / case.warps <= 1e9 * 60
        if WORKLOADS[workload].moves:
            assert row.bytes_per_s == pytest.approx(row.calls_per_s * payload, rel=1e-3)
    assert (rows[0].p50_ns is not None) or name != "loopback"


@pytest.mark.parametrize("name", ["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl)])
def test_a_silence_is_shorter_than_it_says_or_its_cpu_use_is_missing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = dataclasses.replace(WORKLOADS["idle-1s"], silence_s=0.05, most=lambda case, quick: 4)
    monkeypatch.setitem(WORKLOADS, "idle-1s", short)
    cases = [Case("idle-1s", 1, 1, 0, "park"), Case("idle-launch", 1, 1, 0), Case("idle-1s", 1, 1, 0, "spin")]
    rows, failures = run_cases(name, cases, pollers=1, seconds=0.01, quick=True)
    assert not failures, failures[0].reason
    parked, between, spinning = rows
    assert [(row.idle, row.errors, row.calls) for row in rows] == [("park", 0, 4), ("park", 0, 1), ("spin", 0, 4)]
    assert parked.calls_per_s is not None
    assert parked.calls_per_s < 1 / 0.045, "the lane did not keep silent"
    assert parked.cpu_percent is not None
    assert between.cpu_percent is not None
    assert spinning.cpu_percent is not None
    # Whoever spins works; between launches nobody has anything to do.
    assert spinning.cpu_percent > between.cpu_percent


def test_a_thread_that_works_does_not_count_or_a_lane_does() -> None:
    use = CpuUse(lanes_are_threads=True)
    end = time.thread_time() + 0.2
    while time.thread_time() < end:
        pass
    assert use.percent(silent_lanes=0) > 2 * use.percent(silent_lanes=1)


@pytest.mark.opencl
def test_posted_calls_fail_where_the_host_answers_between_launches() -> None:
    cases = [Case("posted", 2, 1, 0), Case("posted-64", 2, 1, 0), Case("printf", 1, 1, 0)]
    rows, failures = run_cases("opencl-svm-deferred", cases, pollers=1, seconds=0.02, quick=True)
    assert not failures, failures[0].reason
    assert [(row.errors, row.lost) for row in rows] == [(0, 0)] * 3


def test_packets_are_not_those_that_crossed() -> None:
    with Bench("loopback", "null", 1) as bench:
        row = bench.run(Case("noop", 1, 1, 0), 1, 0.01, True)
        clock = bench.run(Case("clock", 1, 1, 0), 1, 0.01, True)
    assert row.packets_per_s == pytest.approx(row.calls_per_s)
    assert clock.packets_per_s == 0


def test_a_wrong_answer_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "sums", lambda data, lanes: [12345] * lanes)
    rows, failures = run_cases("loopback", [Case("pyservice", 1, 1, 8)], pollers=1, seconds=0.01, quick=True)
    assert not failures
    assert rows[0].errors >= rows[0].calls


def test_one_broken_case_takes_the_others_along(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = dataclasses.replace(WORKLOADS["clock"], source=kernels.Source(call="this does not compile"))
    monkeypatch.setitem(WORKLOADS, "clock", broken)
    cases = [Case("noop", 1, 1, 0), Case("clock", 1, 1, 0), Case("noop", 2, 1, 0)]
    seen: list[object] = []
    rows, failures = run_cases(
        "loopback", cases, pollers=1, seconds=0.01, quick=True, done=lambda case, outcome: seen.append(outcome)
    )
    assert [row.warps for row in rows] == [1, 2]
    assert [failure.case for failure in failures] == [cases[1]]
    assert "CompileError" in failures[0].reason
    assert len(seen) == 3


def test_buffers_that_do_not_fit_take_the_machine_down() -> None:
    case = Case("echo", 1024, 1, 1 << 30)
    rows, failures = run_cases("loopback", [case], pollers=1, seconds=0.01, quick=True)
    assert not rows
    assert "buffers" in failures[0].reason


# -- reports


def test_the_json_has_other_keys_than_the_schema(tmp_path: Path) -> None:
    keys = (
        "transport backend device workload warps lanes payload_bytes server_threads calls errors lost p50_ns p99_ns "
        "max_ns calls_per_s packets_per_s bytes_per_s floor_ns ratio_to_floor workers idle replies "
        "p99_to_p50 fairness bare_packets_per_s bare_p99_to_p50 bare_fairness rate_to_bare fairness_to_bare cpu_percent"
    ).split()
    assert list(ROW_KEYS) == keys
    content = report.document(describe_machine(), [a_row()], {"loopback": Floor("loopback", (a_variant(150.0),))})
    report.write_json(tmp_path / "out.json", content)
    read = json.loads((tmp_path / "out.json").read_text())
    assert list(read) == ["schema", "machine", "rows"]
    assert read["schema"] == 1
    assert list(read["rows"][0]) == keys
    wanted = {"cpu", "cores", "kernel", "gpu", "driver", "cuda", "python", "hostcall", "date", "load", "quiet"}
    assert wanted <= set(read["machine"])
    assert read["machine"]["floors"]["loopback"]["floor_ns"] == 150.0


def test_a_figure_that_is_no_number_gets_into_the_json(tmp_path: Path) -> None:
    content = report.document({}, [a_row(p50_ns=float("nan"))], {})
    with pytest.raises(ValueError, match="JSON compliant"):
        report.write_json(tmp_path / "out.json", content)


def test_the_csv_cannot_be_read_back(tmp_path: Path) -> None:
    report.write_csv(tmp_path / "out.csv", [a_row(), a_row(p50_ns=None, device='a "CPU", really')])
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["p50_ns"] for row in rows] == ["300.0", ""]
    assert rows[1]["device"] == 'a "CPU", really'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (1.0, "1 ns"),
        (999.4, "999 ns"),
        (999.9, "1 µs"),
        (1234.0, "1.23 µs"),
        (2.5e6, "2.5 ms"),
        (3e9, "3 s"),
    ],
)
def test_a_duration_gets_the_wrong_unit(value: float | None, text: str) -> None:
    assert report.format_ns(value) == text


def shown(*things: Any) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200)
    for thing in things:
        console.print(thing)
    return out.getvalue()


def test_transports_do_not_stand_side_by_side() -> None:
    rows = [a_row(), a_row(transport="opencl-svm", p50_ns=None, ratio_to_floor=None), a_row(workload="printf", lost=3)]
    failure = Failure("opencl-svm", Case("write", 1, 1, 1024), "reason")
    text = shown(report.comparison(rows, [failure]))
    assert "pollers" not in text
    assert "workers" not in text
    both = shown(report.comparison([*rows, a_row(workers=8), a_row(server_threads=2)], [failure]))
    assert "pollers" in both
    assert "workers" in both
    assert len([line for line in both.splitlines() if "2.00" in line]) == 4, "rows stand on each other"
    (line,) = [line for line in text.splitlines() if "noop" in line]
    assert line.count("packets/s") == 2
    assert "x2.00" in line
    assert "3 lost" in text
    assert "failed" in text
    assert "opencl-svm" in text


def test_an_invalid_floor_looks_valid() -> None:
    bad = Floor("pinned-ring", (a_variant(9000.0),), load_ns=1000.0).checked()
    (line,) = report.floor_lines({"pinned-ring": bad})
    assert "NOT VALID" in line
    assert "9.00 loads" in line
    assert "pinned-ring" in shown(report.floor_table({"pinned-ring": bad}))


def test_a_row_is_compared_with_another_floor() -> None:
    row = a_row().with_floor(Floor("loopback", (a_variant(200.0),)))
    assert (row.floor_ns, row.ratio_to_floor) == (200.0, 1.5)
    assert a_row(p50_ns=None).with_floor(Floor("loopback", (a_variant(200.0),))).ratio_to_floor is None
    assert a_row().with_floor(Floor("loopback")).floor_ns is None


def test_a_busy_machine_counts_as_quiet() -> None:
    assert is_quiet(0.3, 2)
    assert not is_quiet(1.0, 2)
    assert is_quiet(3.9, 16)
    assert not is_quiet(4.1, 16)


# -- the command


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(cli, "_QUICK_SECONDS", 0.01)
    return CliRunner()


def compact(text: str) -> str:
    """Output of typer without its frame and its line breaks."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "-t", "no-such"], ["'no-such' is no transport", "loopback"]),
        (["compare", "-w", "no-such"], ["'no-such' is no workload", "pyservice"]),
        (["compare", "--payload", "12"], ["no multiple of 8"]),
        (["compare", "--warps", "0"], ["equal to 1"]),
        (["compare", "--lanes", "33"], ["equal to 32"]),
        (["compare", "--replies", "moon"], ["'moon' is no place for replies", "device"]),
        (["compare", "--pollers", "0"], ["equal to 1"]),
        (["compare", "--json", "/no/such/folder/out.json"], ["does not exist"]),
        (["compare", "--csv", "/"], ["is a directory"]),
        (["floor", "-t", "no-such"], ["no-such"]),
        (["no-such-command"], ["no-such-command"]),
    ],
)
def test_wrong_usage_is_accepted(command: CliRunner, arguments: list[str], words: list[str]) -> None:
    result = command.invoke(cli.app, arguments)
    assert result.exit_code == 2
    for word in words:
        assert word in compact(result.output)


def test_compare_does_not_write_what_it_measured(command: CliRunner, tmp_path: Path) -> None:
    out, table = tmp_path / "out.json", tmp_path / "out.csv"
    arguments = ["compare", "-t", "loopback", "-w", "noop", "-w", "posted", "--json", str(out), "--csv", str(table)]
    result = command.invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    read = json.loads(out.read_text())
    assert {row["workload"] for row in read["rows"]} == {"noop", "posted"}
    assert all(row["floor_ns"] and row["ratio_to_floor"] for row in read["rows"])
    assert len(table.read_text().splitlines()) == len(read["rows"]) + 1
    assert "noop" in result.output
    assert "0 errors, 0 lost" in result.output


def test_pollers_and_workers_that_were_asked_for_are_not_measured(command: CliRunner, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ["compare", "-t", "loopback", "-w", "noop", "--warps", "2", "--json", str(out)]
    result = command.invoke(cli.app, [*arguments, "--pollers", "1", "--pollers", "2", "--workers", "3"])
    assert result.exit_code == 0, result.output
    rows = json.loads(out.read_text())["rows"]
    assert [(row["server_threads"], row["workers"]) for row in rows] == [(1, 3), (2, 3)]
    assert all(row["rate_to_bare"] and row["fairness_to_bare"] for row in rows)


def test_replies_that_cannot_lie_in_vram_are_left_out_in_silence(command: CliRunner, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ["compare", "-t", "loopback", "-w", "noop", "--replies", "host", "--replies", "device"]
    result = command.invoke(cli.app, [*arguments, "--json", str(out)])
    assert "no memory of a device" in compact(result.output)
    assert list(json.loads(out.read_text())["machine"]["unavailable"]) == ["loopback, replies in VRAM"]


def test_errors_end_in_success(command: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "sums", lambda data, lanes: [12345] * lanes)
    result = command.invoke(cli.app, ["compare", "-t", "loopback", "-w", "pyservice"])
    assert result.exit_code == 1
    assert "errors" in result.output


def test_a_transport_that_does_not_work_ends_in_success(
    command: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CC", "/no/such/compiler")
    out = tmp_path / "out.json"
    result = command.invoke(cli.app, ["compare", "-t", "loopback", "--json", str(out)])
    assert result.exit_code == 1
    assert "/no/such/compiler" in compact(result.output)
    assert "loopback" in json.loads(out.read_text())["machine"]["unavailable"]


def test_the_floor_command_reports_nothing(command: CliRunner, tmp_path: Path) -> None:
    out = tmp_path / "floor.json"
    result = command.invoke(cli.app, ["floor", "-t", "loopback", "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert json.loads(out.read_text())["machine"]["floors"]["loopback"]["valid"] is True


def test_the_doctor_does_not_say_why_a_transport_is_missing(command: CliRunner) -> None:
    result = command.invoke(cli.app, ["doctor", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["auto"] in found["facts"]
    assert found["facts"]["loopback"]["lanes_per_warp"] == 1
    for probe in found["probes"].values():
        assert probe["works"] or probe["reason"]
    assert "loopback" in command.invoke(cli.app, ["doctor"]).output
