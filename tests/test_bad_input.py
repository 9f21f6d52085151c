"""Each wrong thing that a user or a kernel can do gives a clear error or the errno that POSIX names; nothing hangs."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hostcall
from hostcall import transports
from hostcall.config import load_config

PROBES = transports.probe_all(load_config(environ={}))
LIVE = ("loopback", "opencl-svm", "pinned-ring", "cuda-managed")
SMALL = {"heap": "1MiB", "services": {"fs": {"roots": []}}}
LIMIT = 60.0

ECHO = r"""
HC_KERNEL void call(HC_GLOBAL hc_i64 *out, hc_u64 in_bytes, hc_u64 out_bytes, HC_GLOBAL char *buffer) {
    out[hc_thread_id()] = hc_call("service", buffer, in_bytes, buffer, out_bytes);
}
"""
# Calls until the answer is an error; what it saw last stays in `out`.
SPIN = r"""
HC_KERNEL void spin(HC_GLOBAL hc_i64 *out) {
    hc_i64 r;
    do {
        r = hc_call_words(HC_OP_PING, 0, 0, 0, 0, 0);
        if (r > 0) out[2 * hc_thread_id()] = r;
    } while (r >= 0);
    out[2 * hc_thread_id() + 1] = r;
}
"""


def open_small(kind: str) -> hostcall.Runtime:
    if not PROBES[kind].works:
        pytest.skip(f"{kind}: {PROBES[kind].reason}")
    return hostcall.open(transport={"kind": kind, "payload": "2MiB", "posted": "1MiB"}, **SMALL)


@pytest.fixture(params=LIVE)
def live_runtime(request: pytest.FixtureRequest) -> Iterator[hostcall.Runtime]:
    runtime = open_small(request.param)
    yield runtime
    runtime.close()


def until(what: str, ready: object) -> None:
    end = time.monotonic() + LIMIT
    while not ready():  # type: ignore[operator]
        assert time.monotonic() < end, f"waited {LIMIT} s for: {what}"
        time.sleep(0.005)


# -- configuration


def test_a_misspelt_key_and_a_missing_root_are_reported_together(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('[transport]\nkin = "loopback"\n[services.fs]\nroots = [{ path = "/no/such/dir" }]\n')
    with pytest.raises(hostcall.ConfigError) as caught:
        hostcall.open(str(file))
    text = str(caught.value)
    assert 'did you mean "kind"' in text
    assert "/no/such/dir" in text


def test_a_missing_file_is_a_config_error() -> None:
    with pytest.raises(hostcall.ConfigError, match="no such file"):
        hostcall.open("/no/such/file.toml")


def test_keywords_override_key_by_key(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text('[transport]\nkind = "pinned-ring"\npayload = "2MiB"\n[heap]\nsize = 0\n')
    with hostcall.open(str(file), transport="loopback", stdout="null") as runtime:
        assert runtime.transport_name == "loopback"
        assert runtime.config.transport.payload == 2 << 20
        assert runtime.config.services.stdio.stdout == "null"


@pytest.mark.parametrize("missing", ["opencl", "driver"])
def test_a_missing_driver_is_a_sentence(missing: str) -> None:
    script = """
        import sys
        {hide}
        import hostcall
        try:
            hostcall.open(transport="{kind}")
        except hostcall.TransportUnavailable as error:
            print(error)
    """
    hide, kind, expected = {
        "opencl": ('sys.modules["pyopencl"] = None', "opencl-svm", "pip install 'hostcall[opencl]'"),
        "driver": ('sys.modules["cuda.bindings"] = None', "pinned-ring", "pip install 'hostcall[cuda]'"),
    }[missing]
    ran = run_script(script.format(hide=hide, kind=kind))
    assert expected in ran.stdout
    assert ran.returncode == 0, ran.stderr


def run_script(text: str, timeout: float = LIMIT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(text)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def test_no_opencl_platform_is_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("pyopencl", reason="pyopencl is not installed")
    script = """
        import pyopencl, hostcall
        def none(): raise pyopencl.LogicError("clGetPlatformIDs failed: PLATFORM_NOT_FOUND_KHR")
        pyopencl.get_platforms = none
        try:
            hostcall.open(transport="opencl-svm")
        except hostcall.TransportUnavailable as error:
            print(error)
    """
    assert "no OpenCL driver is installed" in run_script(script).stdout


# -- compiling


def test_a_kernel_that_does_not_compile_shows_the_users_line(live_runtime: hostcall.Runtime) -> None:
    source = "// one\nHC_KERNEL void bad(HC_GLOBAL int *p) {\n    p[0] = nothing_of_that_name;\n}\n"
    with pytest.raises(hostcall.CompileError) as caught:
        live_runtime.compile(source, "bad")
    assert "nothing_of_that_name" in caught.value.log
    assert any(place in caught.value.log for place in ("bad.c:3:", "bad.cl:3:", "bad.cu(3)"))
    assert caught.value.source == source


def test_a_kernel_that_is_not_there_lists_those_that_are(live_runtime: hostcall.Runtime) -> None:
    with pytest.raises(hostcall.CompileError, match="no kernel 'b': the source has a"):
        live_runtime.compile("HC_KERNEL void a(int n) {}", "b")


def test_a_kernel_that_does_not_link_is_a_compile_error(live_runtime: hostcall.Runtime) -> None:
    with pytest.raises(hostcall.CompileError):
        live_runtime.compile("int missing(int);\nHC_KERNEL void k(HC_GLOBAL int *p) { p[0] = missing(1); }", "k")


def test_long_long_is_refused_where_it_has_128_bits() -> None:
    with (
        open_small("opencl-svm") as runtime,
        pytest.raises(hostcall.CompileError, match="128 bits in OpenCL C; write long, or hc_i64"),
    ):
        runtime.compile("HC_KERNEL void k(HC_GLOBAL long long *p) { p[0] = 1; }", "k")


def test_a_kernel_named_like_a_builtin_says_so() -> None:
    with open_small("opencl-svm") as runtime, pytest.raises(hostcall.CompileError, match="another name"):
        runtime.compile("HC_KERNEL void step(HC_GLOBAL int *p) { p[0] = 1; }", "step")


# -- launching


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "takes 3 arguments, not 0"),
        ((None, 1, 2.0, 4), "takes 3 arguments, not 4"),
        ((None, 1.5, 2.0), r"argument 2 \('n', int\) of kernel 'k': 1.5 \(float\) is not an integer"),
        ((None, 1 << 31, 2.0), r"argument 2 .* does not fit in 32 bits"),
        ((None, 1, "x"), r"argument 3 \('f', float\) of kernel 'k': 'x' \(str\) is not a number"),
        ((None, 1, 1e300), "argument 3 .* does not fit"),
        (("text", 1, 1.0), r"argument 1 \('p', HC_GLOBAL int \*\)"),
        ((-1, 1, 1.0), "argument 1 .* is no address"),
        ((np.zeros(4), 1, 1.0), "argument 1 .* an array of float64 does not fit"),
        ((np.zeros(4, np.int64), 1, 1.0), "argument 1 .* an array of int64 does not fit"),
        ((np.array([object()]), 1, 1.0), "argument 1 .* Python objects"),
        ((np.zeros(4, ">i4"), 1, 1.0), "argument 1 .* byte order"),
        ((b"abcd", 1, 1.0), "argument 1 .* read-only"),
    ],
)
def test_wrong_arguments_name_number_name_type_and_kernel(args: tuple[object, ...], message: str) -> None:
    with hostcall.open(transport="loopback", **SMALL) as runtime:
        kernel = runtime.compile("HC_KERNEL void k(HC_GLOBAL int *p, int n, float f) { if (p) p[0] = n; }", "k")
        with pytest.raises(hostcall.ArgumentError, match=message):
            kernel.launch(1, 1, args)
        assert runtime.stats()["server"]["active_launches"] == 0


def test_arguments_that_are_no_sequence(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile("HC_KERNEL void k(HC_GLOBAL char *p) { p[0] = 1; }", "k")
    with pytest.raises(hostcall.ArgumentError, match="not str"):
        kernel.launch(1, 1, "a")
    with pytest.raises(hostcall.ArgumentError, match="not int"):
        kernel.launch(1, 1, 3)  # type: ignore[arg-type]
    with pytest.raises(hostcall.ArgumentError, match="stream"):
        kernel.launch(1, 1, (None,), stream="x")


@pytest.mark.parametrize(
    ("grid", "block", "message"),
    [
        (0, 1, "grid=0"),
        (1, -1, "block=-1"),
        (1.5, 1, "grid=1.5"),
        ((1, 1, 1, 1), 1, "4 dimensions"),
        ((), 1, "0 dimensions"),
        (1, 1 << 20, "1048576 lanes"),
        (1 << 30, 4, "a grid has fewer"),
    ],
)
def test_impossible_grids_are_refused(grid: object, block: object, message: str) -> None:
    for kind in LIVE:
        if PROBES[kind].works:
            with open_small(kind) as runtime:
                kernel = runtime.compile("HC_KERNEL void k(int n) { }", "k")
                with pytest.raises(hostcall.LaunchError, match=message):
                    kernel.launch(grid, block, (1,))  # type: ignore[arg-type]
                kernel.launch(1, 1, (1,))
                runtime.synchronize(LIMIT)


def test_a_kernel_whose_client_is_not_set_gets_enodev() -> None:
    with hostcall.open(transport="loopback", **SMALL) as runtime:
        kernel = runtime.compile(ECHO, "call")
        ctypes.c_uint64.in_dll(kernel.handle, "hostcall_client_v1").value = 0
        out = np.zeros(3, np.int64)
        kernel.launch(1, 3, (out, 0, 0, None))
        runtime.synchronize(LIMIT)
        np.testing.assert_array_equal(out, -errno.ENODEV)


# -- payloads


@pytest.mark.parametrize("size", [0, 1, 15, 4096, 65537])
def test_payloads_of_any_size_cross(live_runtime: hostcall.Runtime, size: int) -> None:
    live_runtime.service("service")(lambda data, lanes: bytes(byte ^ 255 for byte in data))
    kernel = live_runtime.compile(ECHO, "call")
    buffer = (np.arange(max(size, 1)) % 251).astype(np.uint8)
    expected = buffer ^ 255 if size else buffer.copy()
    out = np.zeros(1, np.int64)
    kernel.launch(1, 1, (out, size, size, buffer))
    live_runtime.synchronize(LIMIT)
    assert out[0] == size
    np.testing.assert_array_equal(buffer, expected)


@pytest.mark.parametrize(
    ("in_bytes", "out_bytes"), [(1 << 30, 0), (0, 1 << 30), (1 << 63, 0), ((1 << 64) - 1, 8), (8, (1 << 64) - 1)]
)
def test_payloads_larger_than_the_arena_answer_emsgsize(
    live_runtime: hostcall.Runtime, in_bytes: int, out_bytes: int
) -> None:
    called: list[int] = []
    live_runtime.service("service")(lambda data, lanes: called.append(lanes))
    kernel = live_runtime.compile(ECHO, "call")
    out = np.zeros(2, np.int64)
    kernel.launch(1, 2, (out, in_bytes, out_bytes, np.zeros(64, np.uint8)))
    live_runtime.synchronize(LIMIT)
    assert set(out.tolist()) <= {-errno.EMSGSIZE, -errno.EINVAL}
    assert not called


def test_unknown_opcodes_and_wrong_argument_counts_are_refused(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile(
        """
        HC_KERNEL void wrong(HC_GLOBAL hc_i64 *out) {
            out[0] = hc_call_words(12345, 0, 0, 0, 0, 0);
            out[1] = hc_call_words(HC_OP_PING, 3, 1, 2, 3, 0);
            out[2] = hc_call_words(HC_OP_PING, 0, 0, 0, 0, 0);
        }
        """,
        "wrong",
    )
    out = np.zeros(3, np.int64)
    kernel.launch(1, 1, (out,))
    try:
        live_runtime.synchronize(LIMIT)
    except hostcall.DataLostError as error:
        assert set(error.counts) == {"malformed_calls"}
    assert out[0] == -errno.ENOSYS
    assert out[1] == -errno.EPROTO
    assert out[2] > 0


# -- services


def test_a_service_that_raises_is_eio_there_and_an_error_here(
    live_runtime: hostcall.Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    @live_runtime.service("service")
    def broken(data: bytes, lanes: int) -> int:
        raise KeyError("no such thing")

    kernel = live_runtime.compile(ECHO, "call")
    out = np.zeros(2, np.int64)
    kernel.launch(1, 2, (out, 0, 0, None))
    with pytest.raises(hostcall.ServiceError, match="no such thing") as caught:
        live_runtime.synchronize(LIMIT)
    assert caught.value.service == "service"
    assert isinstance(caught.value.__cause__, KeyError)
    np.testing.assert_array_equal(out, -errno.EIO)
    assert live_runtime.stats()["python"]["failed_calls"] == caplog.text.count("Traceback") >= 1
    live_runtime.synchronize(LIMIT)


def test_the_errno_of_an_oserror_crosses(live_runtime: hostcall.Runtime) -> None:
    @live_runtime.service("service")
    def broken(data: bytes, lanes: int) -> int:
        raise PermissionError(errno.EACCES, "not yours")

    out = np.zeros(1, np.int64)
    live_runtime.compile(ECHO, "call").launch(1, 1, (out, 0, 0, None))
    with pytest.raises(hostcall.ServiceError, match="not yours"):
        live_runtime.synchronize(LIMIT)
    assert out[0] == -errno.EACCES


def test_a_service_that_always_fails_keeps_a_bounded_number_of_errors() -> None:
    with hostcall.open(transport="loopback", **SMALL) as runtime:
        runtime.service("service")(lambda data, lanes: 1 // 0)
        out = np.zeros(64, np.int64)
        runtime.compile(ECHO, "call").launch(1, 64, (out, 0, 0, None))
        with pytest.raises(hostcall.ServiceError):
            runtime.synchronize(LIMIT)
        assert len(runtime._services._failures) == 0
        assert runtime.stats()["python"]["failed_calls"] == 64


@pytest.mark.parametrize("what", ["synchronize", "compile", "close", "preload"])
def test_a_service_that_waits_for_its_own_kernel_gets_an_error(live_runtime: hostcall.Runtime, what: str) -> None:
    calls = {
        "synchronize": live_runtime.synchronize,
        "compile": lambda: live_runtime.compile(ECHO, "call"),
        "close": live_runtime.close,
        "preload": live_runtime.preload,
    }

    @live_runtime.service("service")
    def waits(data: bytes, lanes: int) -> None:
        calls[what]()

    out = np.zeros(1, np.int64)
    live_runtime.compile(ECHO, "call").launch(1, 1, (out, 0, 0, None))
    with pytest.raises(hostcall.DeadlockError, match=f"service 'service' called {what}"):
        live_runtime.synchronize(LIMIT)
    assert out[0] == -errno.EIO
    assert not live_runtime.closed


def test_a_sink_that_synchronizes_gets_an_error() -> None:
    runtimes: list[hostcall.Runtime] = []
    with hostcall.open(transport="loopback", stdout=lambda data: runtimes[0].synchronize(), **SMALL) as runtime:
        runtimes.append(runtime)
        source = '#include <stdio.h>\nHC_KERNEL void say(void) { puts("x"); }'
        runtime.compile(source, "say").launch(1, 1)
        with pytest.raises(hostcall.DataLostError) as caught:
            runtime.synchronize(LIMIT)
        assert isinstance(caught.value.__cause__, hostcall.DeadlockError)


# -- closing


def test_every_method_of_a_closed_runtime_says_so(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile("HC_KERNEL void k(int n) { }", "k")
    live_runtime.close()
    live_runtime.close()
    for call in (
        live_runtime.synchronize,
        live_runtime.preload,
        live_runtime.stats,
        lambda: live_runtime.compile("HC_KERNEL void k(int n) { }", "k"),
        lambda: live_runtime.shared(3),
        lambda: live_runtime.service("x"),
        lambda: live_runtime.bind(1),
        lambda: live_runtime.run_phases(kernel, 1, 1, (1,)),
        lambda: kernel.launch(1, 1, (1,)),
        live_runtime.__enter__,
    ):
        with pytest.raises(hostcall.RuntimeClosedError, match="closed"):
            call()


def test_closing_while_a_kernel_calls_ends_it(live_runtime: hostcall.Runtime) -> None:
    out = live_runtime.shared(8, np.int64)
    live_runtime.compile(SPIN, "spin").launch(1, 1, (out,))
    until("the kernel's first call", lambda: out[0] != 0)
    began = time.monotonic()
    live_runtime.close()
    assert time.monotonic() - began < 30
    assert out[1] == -errno.ESHUTDOWN


def test_closing_while_a_kernel_waits_for_a_service_ends_it(live_runtime: hostcall.Runtime) -> None:
    called, go = threading.Event(), threading.Event()

    @live_runtime.service("service")
    def never(data: bytes, lanes: int) -> None:
        called.set()
        go.wait(LIMIT)

    out = live_runtime.shared(1, np.int64)
    live_runtime.compile(ECHO, "call").launch(1, 1, (out, 0, 0, None))
    assert called.wait(LIMIT)
    closer = threading.Thread(target=live_runtime.close)
    closer.start()
    until("the lane's -ESHUTDOWN", lambda: out[0] != 0)
    go.set()
    closer.join(LIMIT)
    assert not closer.is_alive()
    assert out[0] == -errno.ESHUTDOWN


def test_leaving_by_an_exception_stops_the_kernel_and_keeps_the_exception(live_runtime: hostcall.Runtime) -> None:
    out = live_runtime.shared(8, np.int64)
    kernel = live_runtime.compile(SPIN, "spin")

    def body() -> None:
        with live_runtime:
            kernel.launch(1, 1, (out,))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        body()
    assert out[1] == -errno.ESHUTDOWN


def test_leaving_normally_waits_for_the_kernel(live_runtime: hostcall.Runtime) -> None:
    live_runtime.service("service")(lambda data, lanes: time.sleep(0.2))
    out = np.full(1, 9, np.int64)
    with live_runtime:
        live_runtime.compile(ECHO, "call").launch(1, 1, (out, 0, 0, None))
    assert out[0] == 0


def test_forgetting_to_close_warns_and_closes() -> None:
    runtime = hostcall.open(transport="loopback", **SMALL)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del runtime
        gc.collect()
    assert [str(item.message) for item in caught if item.category is ResourceWarning] == [
        f"unclosed <hostcall.Runtime loopback on {PROBES['loopback'].device}>"
    ]


def test_a_program_that_forgets_to_close_still_ends(live_runtime: hostcall.Runtime) -> None:
    script = f"""
        import numpy as np, hostcall
        runtime = hostcall.open(transport="{live_runtime.transport_name}", heap="1MiB")
        runtime.service("service")(lambda data, lanes: 0)
        runtime.compile({SPIN!r}, "spin").launch(1, 1, (runtime.shared(8, np.int64),))
        print("end", flush=True)
    """
    ran = run_script(script)
    assert ran.stdout == "end\n"
    assert ran.returncode == 0, ran.stderr


# -- waiting


def test_a_timeout_of_the_host_leaves_the_kernel_running(live_runtime: hostcall.Runtime) -> None:
    go = threading.Event()
    live_runtime.service("service")(lambda data, lanes: 5 if go.wait(LIMIT) else -1)
    out = np.zeros(1, np.int64)
    live_runtime.compile(ECHO, "call").launch(1, 1, (out, 0, 0, None))
    with pytest.raises(hostcall.WaitTimeout, match="'call' still runs"):
        live_runtime.synchronize(0.1)
    with pytest.raises(hostcall.WaitTimeout):
        live_runtime.synchronize(0)
    go.set()
    live_runtime.synchronize(LIMIT)
    assert out[0] == 5


def test_ctrl_c_stops_the_kernel_and_the_runtime_stays_usable(live_runtime: hostcall.Runtime) -> None:
    out = live_runtime.shared(8, np.int64)
    kernel = live_runtime.compile(SPIN, "spin")
    kernel.launch(1, 1, (out,))
    until("the kernel's first call", lambda: out[0] != 0)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        live_runtime.synchronize(LIMIT)
    timer.join()
    assert out[1] == -errno.ESHUTDOWN
    live_runtime.service("service")(lambda data, lanes: 5)
    result = np.zeros(1, np.int64)
    live_runtime.compile(ECHO, "call").launch(1, 1, (result, 0, 0, None))
    live_runtime.synchronize(LIMIT)
    assert result[0] == 5


# -- more than one


def test_two_runtimes_at_once_do_not_mix(live_runtime: hostcall.Runtime) -> None:
    with open_small(live_runtime.transport_name) as other:
        outs = []
        for answer, runtime in ((1, live_runtime), (2, other)):
            runtime.service("service")(lambda data, lanes, answer=answer: answer)  # type: ignore[misc]
            out = np.zeros(32, np.int64)
            runtime.compile(ECHO, "call").launch(2, 16, (out, 0, 0, None))
            outs.append(out)
        other.synchronize(LIMIT)
        live_runtime.synchronize(LIMIT)
        np.testing.assert_array_equal(outs[0], 1)
        np.testing.assert_array_equal(outs[1], 2)


def test_stopping_one_runtime_leaves_the_other(live_runtime: hostcall.Runtime) -> None:
    live_runtime.service("service")(lambda data, lanes: 7)
    kernel = live_runtime.compile(ECHO, "call")
    other = open_small(live_runtime.transport_name)
    other.close()
    out = np.zeros(4, np.int64)
    kernel.launch(1, 4, (out, 0, 0, None))
    live_runtime.synchronize(LIMIT)
    np.testing.assert_array_equal(out, 7)


def test_many_threads_may_launch(live_runtime: hostcall.Runtime) -> None:
    live_runtime.service("service")(lambda data, lanes: 3)
    kernel = live_runtime.compile(ECHO, "call")
    outs = [np.zeros(8, np.int64) for _ in range(8)]
    threads = [threading.Thread(target=kernel.launch, args=(1, 8, (out, 0, 0, None))) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    live_runtime.synchronize(LIMIT)
    for out in outs:
        np.testing.assert_array_equal(out, 3)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_after_fork_the_child_is_told_to_open_its_own(live_runtime: hostcall.Runtime) -> None:
    kernel = live_runtime.compile("HC_KERNEL void k(int n) { }", "k")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = []
        for call in (
            live_runtime.synchronize,
            live_runtime.close,
            live_runtime.stats,
            lambda: kernel.launch(1, 1, (1,)),
            lambda: live_runtime.shared(3),
        ):
            try:
                call()
                said.append("nothing")
            except hostcall.RuntimeClosedError as error:
                said.append(str(error))
            except BaseException as error:  # noqa: BLE001 - it must get out of the child as text
                said.append(repr(error))
        os.write(write, "\n".join(said).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said_lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    assert status == 0
    expected = f"this runtime was opened in process {os.getpid()}; open a new one after fork"
    assert said_lines == [expected] * 5
    kernel.launch(1, 1, (1,))
    live_runtime.synchronize(LIMIT)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_can_open_a_runtime_of_its_own() -> None:
    with hostcall.open(transport="loopback", **SMALL):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with hostcall.open(transport="loopback", **SMALL) as mine:
                    mine.service("service")(lambda data, lanes: 11)
                    out = np.zeros(1, np.int64)
                    mine.compile(ECHO, "call").launch(1, 1, (out, 0, 0, None))
                    mine.synchronize(LIMIT)
                    code = 0 if out[0] == 11 else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0


def test_a_runtime_cannot_be_pickled(live_runtime: hostcall.Runtime) -> None:
    import pickle

    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(live_runtime)
