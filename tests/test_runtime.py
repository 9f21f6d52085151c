"""The runtime: compile, launch, arguments, services, sinks, waiting, and what is raised when."""

from __future__ import annotations

import ctypes
import errno
import gc
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hostcall
from hostcall import services, transports
from hostcall.config import load_config

PROBES = transports.probe_all(load_config(environ={}))
LIVE = ("loopback", "opencl-svm", "pinned-ring", "cuda-managed")
SMALL = {"heap": "1MiB", "services": {"fs": {"roots": []}}}
LIMIT = 60.0


def open_small(kind: str, **more: Any) -> hostcall.Runtime:
    if not PROBES[kind].works:
        pytest.skip(f"{kind}: {PROBES[kind].reason}")
    return hostcall.open(transport={"kind": kind, "payload": "2MiB", "posted": "1MiB"}, **{**SMALL, **more})


@pytest.fixture(params=LIVE)
def live_runtime(request: pytest.FixtureRequest) -> Iterator[hostcall.Runtime]:
    runtime = open_small(request.param)
    yield runtime
    runtime.close()


@pytest.fixture
def loopback() -> Iterator[hostcall.Runtime]:
    runtime = open_small("loopback")
    yield runtime
    runtime.close()


CALL = r"""
HC_KERNEL void call(HC_GLOBAL hc_i64 *out, int value) {
    int i = hc_thread_id(), in = value + i, back = 0;
    hc_i64 r = hc_call("service", &in, 4, &back, 4);
    out[2 * i] = r;
    out[2 * i + 1] = back;
}
"""


# -- launching


def test_every_lane_runs_once_and_knows_its_place(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(
        """
        HC_KERNEL void places(HC_GLOBAL int *id, HC_GLOBAL int *inner, HC_GLOBAL int *block) {
            int i = hc_thread_id();
            id[i] += i + 1;
            inner[i] = (int)hc_local_id();
            block[i] = (int)hc_block_id();
        }
        """,
        "places",
    )
    ids, local, block = (np.zeros(60, np.int32) for _ in range(3))
    kernel.launch((5, 1, 2), (3, 2), (ids, local, block))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(ids, np.arange(1, 61))
    np.testing.assert_array_equal(local, np.arange(60) % 6)
    np.testing.assert_array_equal(block, np.arange(60) // 6)


def test_scalars_of_every_type_arrive(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(
        """
        HC_KERNEL void scalars(HC_GLOBAL double *out, char a, unsigned char b, short c, unsigned short d, int e,
                               unsigned int f, long g, unsigned long h, float i, hc_u64 j) {
            out[0] = a; out[1] = b; out[2] = c; out[3] = d; out[4] = e; out[5] = f; out[6] = g; out[7] = h; out[8] = i;
            out[9] = (double)j;
        }
        """,
        "scalars",
    )
    out = np.zeros(10)
    given = (-5, 250, -300, 60000, -70000, np.uint32(4_000_000_000), -(1 << 40), 1 << 50, 0.5, np.uint64(7))
    kernel.launch(1, 1, (out, *given))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(out, np.array(given, np.float64))


def test_a_kernel_without_parameters_runs(live_runtime: hostcall.Runtime) -> None:
    seen = []
    live_runtime.service("service")(lambda data, lanes: seen.append(lanes))
    kernel = live_runtime.compile(
        'HC_KERNEL void none(void) { hc_call("service", (HC_PRIVATE char *)0, 0, (HC_PRIVATE char *)0, 0); }', "none"
    )
    kernel.launch(2, 1)
    live_runtime.synchronize(LIMIT)
    assert sum(seen) == 2


def test_a_struct_by_value_is_checked_for_its_size(loopback: hostcall.Runtime) -> None:
    source = """
        typedef struct pair { int a; double b; } pair;
        HC_KERNEL void sum(double *out, pair p) { out[0] = p.a + p.b; }
    """
    kernel = loopback.compile(source, "sum")
    out = np.zeros(1)
    pair = np.zeros((), np.dtype([("a", "i4"), ("b", "f8")], align=True))
    pair["a"], pair["b"] = 2, 0.5
    kernel.launch(1, 1, (out, pair))
    loopback.synchronize(LIMIT)
    assert out[0] == 2.5
    with pytest.raises(hostcall.ArgumentError, match=r"'p'.*12 bytes given, the type has 16"):
        kernel.launch(1, 1, (out, bytes(12)))


def test_defines_and_options_reach_the_compiler(live_runtime: hostcall.Runtime) -> None:
    source = "#ifdef FLAG\nHC_KERNEL void k(HC_GLOBAL int *p) { p[0] = VALUE + OTHER; }\n#endif"
    kernel = live_runtime.compile(source, "k", options=["-DOTHER=2"], defines={"VALUE": 40, "FLAG": None})
    out = np.zeros(1, np.int32)
    kernel.launch(1, 1, (out,))
    live_runtime.synchronize(LIMIT)
    assert out[0] == 42


def test_launches_that_follow_each_other_see_each_others_arrays(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile("HC_KERNEL void inc(HC_GLOBAL int *p) { p[hc_thread_id()] += 1; }", "inc")
    array = np.zeros(8, np.int32)
    for _ in range(5):
        kernel.launch(2, 4, (array,))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(array, 5)


def test_strided_arrays_come_back_in_place(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile("HC_KERNEL void inc(HC_GLOBAL int *p) { p[hc_thread_id()] += 1; }", "inc")
    array = np.arange(16, dtype=np.int32)
    kernel.launch(1, 8, (array[::2],))
    live_runtime.synchronize(LIMIT)
    expected = np.arange(16)
    expected[::2] += 1
    np.testing.assert_array_equal(array, expected)


def test_a_const_pointer_takes_a_read_only_array(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(
        "HC_KERNEL void first(HC_GLOBAL int *out, HC_GLOBAL const char *p) { out[0] = p[1]; }", "first"
    )
    out = np.zeros(1, np.int32)
    kernel.launch(1, 1, (out, b"abc"))
    live_runtime.synchronize(LIMIT)
    assert out[0] == ord("b")


def test_none_is_the_null_pointer(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(
        "HC_KERNEL void null(HC_GLOBAL int *out, HC_GLOBAL int *p) { out[0] = p == 0; }", "null"
    )
    out = np.zeros(1, np.int32)
    kernel.launch(1, 1, (out, None))
    live_runtime.synchronize(LIMIT)
    assert out[0] == 1


def test_preload_launches_nothing(live_runtime: hostcall.Runtime) -> None:
    live_runtime.compile("HC_KERNEL void k(HC_GLOBAL int *p) { p[0] = 1; }", "k")
    live_runtime.preload()
    assert live_runtime.stats()["server"]["active_launches"] == 0


# -- shared arrays


def test_shared_arrays_are_seen_by_both_sides_also_as_views(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile("HC_KERNEL void inc(HC_GLOBAL int *p) { p[hc_thread_id()] += 1; }", "inc")
    array = live_runtime.shared(np.arange(8, dtype=np.int32))
    kernel.launch(1, 4, (array[4:],))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(array, [0, 1, 2, 3, 5, 6, 7, 8])


def test_shared_memory_is_a_registered_range(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(
        "HC_KERNEL void ask(HC_GLOBAL int *out, HC_GLOBAL char *p, HC_GLOBAL char *q) {"
        " out[0] = hc_is_shared(p, 100); out[1] = hc_is_shared(q, 100); out[2] = hc_is_shared(p, 1ul << 40); }",
        "ask",
    )
    out = np.zeros(3, np.int32)
    kernel.launch(1, 1, (out, live_runtime.shared(100, np.uint8), np.zeros(100, np.uint8)))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(out != 0, [True, False, False])


def test_shared_arrays_can_be_given_shapes_and_types(loopback: hostcall.Runtime) -> None:
    assert loopback.shared((2, 3)).dtype == np.float64
    assert loopback.shared([1.5, 2.5]).tolist() == [1.5, 2.5]
    assert loopback.shared(0, np.int32).shape == (0,)
    with pytest.raises(hostcall.ArgumentError):
        loopback.shared((2, -1))
    with pytest.raises(hostcall.ArgumentError):
        loopback.shared(np.array([object()]))


def test_shared_memory_is_reused_and_never_runs_out_of_ranges(loopback: hostcall.Runtime) -> None:
    for size in range(300):
        array = loopback.shared(5 << 20, np.uint8)
        assert not array.any()
        array[:] = size % 255 + 1
        del array


def test_a_shared_array_outlives_its_runtime(live_runtime: hostcall.Runtime) -> None:
    array = live_runtime.shared(np.arange(1000))
    live_runtime.close()
    gc.collect()
    assert array.sum() == 499500
    array[:] = 1


# -- services


def test_a_service_gets_bytes_and_answers_bytes(live_runtime: hostcall.Runtime) -> None:
    @live_runtime.service("service")
    def triple(data: bytes, lanes: int) -> bytes:
        assert len(data) == 4 * lanes
        return (np.frombuffer(data, np.int32) * 3).astype(np.int32).tobytes()

    kernel = live_runtime.compile(CALL, "call")
    out = np.zeros((64, 2), np.int64)
    kernel.launch(2, 32, (out, 100))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(out[:, 0], 4)
    np.testing.assert_array_equal(out[:, 1], 3 * (100 + np.arange(64)))


@pytest.mark.parametrize(
    ("answer", "result"), [(7, 7), (None, 0), (-errno.EPERM, -errno.EPERM), (True, 1), (1 << 62, 1 << 62)]
)
def test_an_int_is_every_lanes_result(loopback: hostcall.Runtime, answer: Any, result: int) -> None:
    loopback.service("service")(lambda data, lanes: answer)
    out = np.zeros((3, 2), np.int64)
    loopback.compile(CALL, "call").launch(1, 3, (out, 0))
    loopback.synchronize(LIMIT)
    np.testing.assert_array_equal(out[:, 0], result)


def test_more_bytes_than_a_lane_has_room_for_are_refused(live_runtime: hostcall.Runtime) -> None:
    live_runtime.service("service")(lambda data, lanes: [b"12345"] * lanes)
    out = np.zeros((2, 2), np.int64)
    live_runtime.compile(CALL, "call").launch(1, 2, (out, 0))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(out, [[-errno.EMSGSIZE, 0]] * 2)


def test_an_unregistered_service_answers_enosys(live_runtime: hostcall.Runtime) -> None:
    out = np.zeros((2, 2), np.int64)
    live_runtime.compile(CALL, "call").launch(1, 2, (out, 0))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(out[:, 0], -errno.ENOSYS)


def test_lanes_of_unequal_length_come_in_runs() -> None:
    calls = []

    def service(data: bytes, lanes: int) -> list[Any]:
        calls.append((data, lanes))
        return [len(calls) * 10 + lane for lane in range(lanes)]

    results, outs = [-1] * 5, [b""] * 5
    services._run(service, b"aabbcccdde", [2, 2, 3, 2, 1], results, outs)
    assert calls == [(b"aabb", 2), (b"ccc", 1), (b"dd", 1), (b"e", 1)]
    assert results == [10, 11, 20, 30, 40]


def test_bytes_are_split_evenly_or_refused() -> None:
    results, outs = [0] * 3, [b""] * 3
    services._run(lambda data, lanes: b"112233", b"xyz", [1, 1, 1], results, outs)
    assert (results, outs) == ([2, 2, 2], [b"11", b"22", b"33"])
    with pytest.raises(ValueError, match="cannot be split evenly over 3"):
        services._run(lambda data, lanes: b"1234", b"xyz", [1, 1, 1], results, outs)
    with pytest.raises(ValueError, match="2 results for 3 lanes"):
        services._run(lambda data, lanes: [1, 2], b"xyz", [1, 1, 1], results, outs)
    with pytest.raises(TypeError, match="not str"):
        services._run(lambda data, lanes: "text", b"xyz", [1, 1, 1], results, outs)
    with pytest.raises(OverflowError):
        services._run(lambda data, lanes: 1 << 63, b"xyz", [1, 1, 1], results, outs)


def test_a_mixed_list_answers_each_lane() -> None:
    results, outs = [0] * 3, [b""] * 3
    services._run(lambda data, lanes: [5, b"ab", None], b"", [0, 0, 0], results, outs)
    assert (results, outs) == ([5, 2, 0], [b"", b"ab", b""])


def test_posted_calls_reach_the_service_and_nobody_waits(live_runtime: hostcall.Runtime) -> None:
    seen: list[bytes] = []
    live_runtime.service("note")(lambda data, lanes: seen.append(data))
    kernel = live_runtime.compile(
        'HC_KERNEL void post(HC_GLOBAL int *out) { int i = hc_thread_id(); out[i] = hc_post("note", &i, 4); }', "post"
    )
    out = np.full(50, -1, np.int32)
    kernel.launch(5, 10, (out,))
    live_runtime.synchronize(LIMIT)
    assert not out.any()
    assert sorted(int.from_bytes(data, "little") for data in seen) == list(range(50))


def test_a_slow_service_does_not_stall_the_native_ones(loopback: hostcall.Runtime) -> None:
    started, go = threading.Event(), threading.Event()

    @loopback.service("service")
    def slow(data: bytes, lanes: int) -> int:
        started.set()
        return 0 if go.wait(LIMIT) else -1

    kernel = loopback.compile(
        """
        HC_KERNEL void mixed(hc_i64 *out) {
            if (hc_thread_id() == 0) out[0] = hc_call("service", 0, 0, 0, 0);
            else for (int i = 1; i < 100; i++) out[1] = hc_call_words(HC_OP_PING, 0, 0, 0, 0, 0);
            if (hc_thread_id() == 1) out[2] = 1;
        }
        """,
        "mixed",
    )
    out = loopback.shared(3, np.int64)
    out[0] = 99
    kernel.launch(1, 2, (out,))
    assert started.wait(LIMIT)
    end = time.monotonic() + LIMIT
    while out[2] == 0:
        assert time.monotonic() < end, "the native calls wait for the Python service"
        time.sleep(0.01)
    assert out[0] == 99
    go.set()
    loopback.synchronize(LIMIT)
    assert out[0] == 0


def test_the_same_name_twice_is_refused(loopback: hostcall.Runtime) -> None:
    loopback.service("service")(lambda data, lanes: 0)
    with pytest.raises(hostcall.ServiceError, match="registered already"):
        loopback.service("service")(lambda data, lanes: 0)
    with pytest.raises(hostcall.ServiceError, match="callable"):
        loopback.service("other")(3)  # type: ignore[type-var]
    with pytest.raises(hostcall.ArgumentError):
        loopback.service("")


def test_names_hash_as_the_device_does(loopback: hostcall.Runtime) -> None:
    names = ["", "a", "service", "naïve", "x" * 300]
    source = "HC_KERNEL void h(hc_u64 *out, const char *name) { out[0] = hc_name_hash(name); }"
    kernel = loopback.compile(source, "h")
    for name in names:
        out = np.zeros(1, np.uint64)
        kernel.launch(1, 1, (out, name.encode() + b"\0"))
        loopback.synchronize(LIMIT)
        assert int(out[0]) == services.name_hash(name), name


# -- log and progress


def test_log_lines_carry_level_and_place(live_runtime: hostcall.Runtime, caplog: pytest.LogCaptureFixture) -> None:
    kernel = live_runtime.compile('\nHC_KERNEL void say(int n) {\n    hc_log(HC_LOG_WARNING, "line");\n}', "say")
    with caplog.at_level(logging.DEBUG, "hostcall.device"):
        kernel.launch(1, 3, (1,))
        live_runtime.synchronize(LIMIT)
    records = [record for record in caplog.records if record.name == "hostcall.device"]
    assert [record.getMessage() for record in records] == ["line"] * 3
    assert {record.levelno for record in records} == {logging.WARNING}
    assert {record.lineno for record in records} == {3}
    assert {record.filename.split(".")[0] for record in records} == {"say"}
    assert {record.hc_thread for record in records} == {0, 1, 2}  # type: ignore[attr-defined]


def test_progress_without_a_bar_is_logged(loopback: hostcall.Runtime, caplog: pytest.LogCaptureFixture) -> None:
    kernel = loopback.compile('HC_KERNEL void go(void) { hc_progress("half way", 5, 10); }', "go")
    with caplog.at_level(logging.INFO, "hostcall.device"):
        kernel.launch(1, 1)
        loopback.synchronize(LIMIT)
    assert "half way: 5 of 10" in caplog.text


# -- sinks

PRINT = r"""
#include <stdio.h>
HC_KERNEL void say(int n) { printf("lane %d of %d\n", hc_thread_id(), n); }
"""
EXPECTED = sorted(f"lane {i} of 64" for i in range(64))


def say(runtime: hostcall.Runtime) -> None:
    runtime.compile(PRINT, "say").launch(4, 16, (64,))
    runtime.synchronize(LIMIT)


@pytest.mark.parametrize("kind", LIVE)
def test_stdout_goes_to_a_callable(kind: str) -> None:
    got: list[bytes] = []
    with open_small(kind, stdout=got.append) as runtime:
        say(runtime)
        assert sorted(b"".join(got).decode().splitlines()) == EXPECTED


@pytest.mark.parametrize("kind", LIVE)
def test_stdout_is_the_processs_own(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    with open_small(kind) as runtime:
        print("before")
        say(runtime)
        print("after", flush=True)
    lines = capfd.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert sorted(lines[1:-1]) == EXPECTED


def test_a_replaced_sys_stdout_gets_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    with open_small("loopback") as runtime:
        say(runtime)
    assert sorted(capsys.readouterr().out.splitlines()) == EXPECTED


def test_stdout_goes_to_a_file_that_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_text("first\n")
    with open_small("loopback", stdout={"file": str(path)}) as runtime:
        say(runtime)
    lines = path.read_text().splitlines()
    assert lines[0] == "first"
    assert sorted(lines[1:]) == EXPECTED


def test_stdout_goes_to_logging_a_line_at_a_time(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hostcall.device"), open_small("loopback", stdout="logging") as runtime:
        say(runtime)
    assert sorted(record.getMessage() for record in caplog.records if record.name == "hostcall.device") == EXPECTED


def test_stdout_can_be_dropped_on_purpose(capfd: pytest.CaptureFixture[str]) -> None:
    with open_small("loopback", stdout="null") as runtime:
        say(runtime)
    assert capfd.readouterr().out == ""


def test_a_sink_that_raises_is_reported_and_the_rest_still_arrives() -> None:
    got: list[bytes] = []

    def sink(data: bytes) -> None:
        got.append(data)
        if len(got) == 1:
            raise OSError(errno.ENOSPC, "no space")

    with open_small("loopback", stdout=sink) as runtime:
        kernel = runtime.compile(PRINT, "say")
        kernel.launch(1, 1, (64,))
        with pytest.raises(hostcall.DataLostError, match="no space") as caught:
            runtime.synchronize(LIMIT)
        assert isinstance(caught.value.__cause__, OSError)
        kernel.launch(1, 1, (64,))
        runtime.synchronize(LIMIT)
        assert got == [b"lane 0 of 64\n"] * 2


def test_the_example_of_the_design_runs_as_it_stands(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "any.toml"
    file.write_text('[transport]\nkind = "loopback"\n')
    with hostcall.open(str(file)) as rt:
        kernel = rt.compile(
            r"""
        #include <stdio.h>
        HC_KERNEL void hello(int n) { printf("hello from lane %d of %d\n", hc_thread_id(), n); }
    """,
            "hello",
        )
        kernel.launch(grid=4, block=128, args=(512,))
        rt.synchronize()
    lines = capfd.readouterr().out.splitlines()
    assert sorted(lines) == sorted(f"hello from lane {i} of 512" for i in range(512))


# -- the end of a kernel

STOP = r"""
#include <stdlib.h>
#include <assert.h>
HC_KERNEL void stop(HC_GLOBAL hc_i64 *out, int how) {
    if (hc_thread_id() == 5) {
        if (how == 0) exit(3);
        if (how == 1) exit(0);
        if (how == 2) abort();
        if (how == 3) assert(how != 3);
    }
    out[hc_thread_id()] = hc_call_words(HC_OP_PING, 0, 0, 0, 0, 0);
}
"""


def test_exit_abort_and_assert_are_raised_and_the_next_launch_works(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(STOP, "stop")
    out = np.zeros(8, np.int64)
    kernel.launch(2, 4, (out, 0))
    with pytest.raises(hostcall.DeviceAbort) as caught:
        live_runtime.synchronize(LIMIT)
    assert (caught.value.kind, caught.value.status, caught.value.block, caught.value.lane) == ("exit", 3, 1, 1)
    assert live_runtime.exit_status == 3
    kernel.launch(2, 4, (out, 2))
    with pytest.raises(hostcall.DeviceAbort, match="abort"):
        live_runtime.synchronize(LIMIT)
    kernel.launch(2, 4, (out, 3))
    with pytest.raises(hostcall.DeviceAbort) as caught:
        live_runtime.synchronize(LIMIT)
    assert caught.value.kind == "assert"
    assert "how != 3" in caught.value.message
    kernel.launch(2, 4, (out, 9))
    live_runtime.synchronize(LIMIT)
    assert (out > 0).all()


def test_exit_zero_is_no_error(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(STOP, "stop")
    kernel.launch(2, 4, (np.zeros(8, np.int64), 1))
    live_runtime.synchronize(LIMIT)
    assert live_runtime.exit_status == 0


def test_an_abort_is_not_lost_when_more_is_launched(loopback: hostcall.Runtime) -> None:
    kernel = loopback.compile(STOP, "stop")
    out = np.zeros(8, np.int64)
    kernel.launch(2, 4, (out, 2))
    end = time.monotonic() + LIMIT
    while loopback.stats()["server"]["active_launches"]:
        assert time.monotonic() < end, "the first kernel did not end"
        time.sleep(0.01)
    kernel.launch(2, 4, (out, 9))
    with pytest.raises(hostcall.DeviceAbort):
        loopback.synchronize(LIMIT)
    assert (out > 0).all()


# -- deferred


def test_a_deferred_kernel_finds_its_answers_in_the_next_launch() -> None:
    with open_small("opencl-svm-deferred") as runtime:

        @runtime.service("service")
        def service(data: bytes, lanes: int) -> bytes:
            return (np.frombuffer(data, np.int32) + 1).astype(np.int32).tobytes()

        kernel = runtime.compile(
            """
            typedef struct job { hc_ticket ticket; int asked, done, value, result; } job;
            HC_KERNEL void advance(HC_GLOBAL job *jobs) {
                HC_GLOBAL job *j = &jobs[hc_thread_id()];
                if (!j->asked) {
                    int in = j->value, err = 0;
                    hc_ticket t = hc_submit("service", &in, 4, 4, &err);
                    if (!err) { j->ticket = t; j->asked = 1; }
                } else if (!j->done) {
                    hc_ticket t = j->ticket;
                    int back = 0;
                    if (hc_poll(&t) == 1) { hc_wait(&t, &back, 4); j->result = back; j->done = 1; }
                }
            }
            """,
            "advance",
        )
        jobs = np.zeros(
            32,
            np.dtype([("t", "u4", 4), ("b", "u8"), ("asked", "i4"), ("done", "i4"), ("value", "i4"), ("result", "i4")]),
        )
        jobs["value"] = np.arange(32) * 10
        phases = runtime.run_phases(kernel, 2, 16, (jobs,), limit=50)
        assert 2 <= phases < 50
        assert jobs["done"].all()
        np.testing.assert_array_equal(jobs["result"], jobs["value"] + 1)


def test_a_blocking_call_on_a_deferred_transport_is_refused_at_once() -> None:
    with open_small("opencl-svm-deferred") as runtime:
        out = np.zeros((2, 2), np.int64)
        runtime.compile(CALL, "call").launch(1, 2, (out, 0))
        runtime.synchronize(LIMIT)
        np.testing.assert_array_equal(out[:, 0], -errno.ENOTSUP)


def test_posts_of_a_deferred_kernel_arrive_at_its_end() -> None:
    got: list[bytes] = []
    with open_small("opencl-svm-deferred", stdout=got.append) as runtime:
        say(runtime)
        assert sorted(b"".join(got).decode().splitlines()) == EXPECTED


def test_run_phases_until(loopback: hostcall.Runtime) -> None:
    kernel = loopback.compile("HC_KERNEL void inc(int *p) { p[0] += 1; }", "inc")
    count = np.zeros(1, np.int32)
    assert loopback.run_phases(kernel, 1, 1, (count,), until=lambda: count[0] == 4) == 4
    assert loopback.run_phases(kernel, 1, 1, (count,), until=lambda: False, limit=3) == 3
    assert loopback.run_phases(kernel, 1, 1, (count,)) == 1


# -- looking


def test_repr_and_stats_tell_what_runs(live_runtime: hostcall.Runtime) -> None:
    assert live_runtime.transport_name in repr(live_runtime)
    kernel = live_runtime.compile(CALL, "call")
    assert "call(HC_GLOBAL hc_i64 * out, int value)" in repr(kernel)
    kernel.launch(1, 4, (np.zeros(8, np.int64), 1))
    live_runtime.synchronize(LIMIT)
    stats = live_runtime.stats()
    assert stats["services"]["call"]["lanes"] == 4
    assert stats["server"]["active_launches"] == 0
    live_runtime.close()
    assert repr(live_runtime) == "<hostcall.Runtime closed>"


def test_pollers_park_when_nothing_runs(live_runtime: hostcall.Runtime) -> None:
    live_runtime.compile(CALL, "call").launch(1, 1, (np.zeros(2, np.int64), 1))
    live_runtime.synchronize(LIMIT)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.1


def test_a_foreign_module_is_bound_by_its_symbol(loopback: hostcall.Runtime) -> None:
    kernel = loopback.compile(CALL, "call")
    library = kernel.handle
    symbol = ctypes.c_uint64.in_dll(library, "hostcall_client_v1")
    symbol.value = 0
    loopback.bind(library)
    assert symbol.value != 0
    assert loopback.stats()["server"]["active_launches"] == 1
    with pytest.raises(hostcall.ArgumentError, match="no symbol hostcall_client_v1"):
        loopback.bind(ctypes.CDLL(None))
    with pytest.raises(hostcall.ArgumentError, match="int"):
        loopback.bind(3)


def test_environment_variables_cross_only_if_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HC_TEST_SEEN", "yes")
    monkeypatch.setenv("HC_TEST_SECRET", "no")
    source = """
        #include <stdlib.h>
        HC_KERNEL void look(int *out) { out[0] = getenv("HC_TEST_SEEN") != 0; out[1] = getenv("HC_TEST_SECRET") != 0; }
    """
    with open_small("loopback", services={"env": {"allow": ["HC_TEST_SEEN"]}}) as runtime:
        out = np.zeros(2, np.int32)
        runtime.compile(source, "look").launch(1, 1, (out,))
        runtime.synchronize(LIMIT)
        np.testing.assert_array_equal(out, [1, 0])


def test_no_thread_and_no_descriptor_is_left_behind(live_runtime: hostcall.Runtime) -> None:
    kind = live_runtime.transport_name
    live_runtime.close()

    def once() -> None:
        with open_small(kind) as runtime:
            runtime.service("service")(lambda data, lanes: 0)
            runtime.compile(CALL, "call").launch(1, 4, (np.zeros(8, np.int64), 1))
            runtime.synchronize(LIMIT)

    once()
    gc.collect()
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    tasks = len(os.listdir("/proc/self/task"))
    for _ in range(3):
        once()
    gc.collect()
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert len(os.listdir("/proc/self/task")) <= tasks
