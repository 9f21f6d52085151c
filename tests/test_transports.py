"""Which transport is taken, why not another, and that every one gives memory as the interface promises."""

from __future__ import annotations

import ctypes
import itertools
import logging
from importlib import metadata
from typing import Any

import numpy as np
import pytest
from hostcall.transports import base
from hostcall.transports.loopback import Loopback

import hostcall
from hostcall import transports
from hostcall.config import load_config
from hostcall.errors import ConfigError, TransportUnavailable

SIZES = {
    "requests": 70_000,
    "replies": 5_000,
    "posted": 1 << 16,
    "payload": 1 << 17,
    "control": 4096,
    "state": 12_345,
    "heap": 8192,
}


def config(kind: str = "auto", **more: Any) -> Any:
    return load_config(overrides={"transport": {"kind": kind, **more}}, environ={})


PROBES = transports.probe_all(config())


@pytest.fixture(params=transports.available())
def opened(request: pytest.FixtureRequest) -> Any:
    probe = PROBES[request.param]
    if not probe.works:
        pytest.skip(f"{request.param}: {probe.reason}")
    transport = transports.find(request.param)(config(request.param))
    yield transport
    transport.close()


def test_loopback_works_wherever_the_tests_can_compile() -> None:
    assert PROBES["loopback"].works


def test_a_transport_that_does_not_work_gives_a_sentence() -> None:
    for name, probe in PROBES.items():
        if not probe.works:
            assert len(probe.reason) > 10, name
            assert "\n" not in probe.reason, name


def test_auto_names_a_reason_for_every_better_transport(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hostcall.transports"):
        transport, why = transports.choose(config("auto"))
    transport.close()
    better = transports.AUTO[: transports.AUTO.index(transport.name)]
    assert tuple(why) == better
    for name in better:
        assert why[name]
        assert any(name in record.getMessage() for record in caplog.records)


def test_auto_never_takes_a_transport_that_cannot_answer_while_a_kernel_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Coarse(Loopback):
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.capabilities = base.Capabilities(live=False, by_reference=False)

    monkeypatch.setattr(transports, "AUTO", ("coarse", "loopback"))
    real = transports.find
    monkeypatch.setattr(transports, "find", lambda name: Coarse if name == "coarse" else real(name))
    transport, why = transports.choose(config("auto"))
    transport.close()
    assert transport.name == "loopback"
    assert "between launches" in why["coarse"]


def test_nothing_works_lists_every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "_probe", lambda name, config: base.Probe(False, f"no {name} here"))
    with pytest.raises(TransportUnavailable) as caught:
        transports.choose(config("auto"))
    for name in transports.AUTO:
        assert f"no {name} here" in str(caught.value)


def test_unknown_transport_names_the_close_one_and_all_others() -> None:
    with pytest.raises(ConfigError) as caught:
        hostcall.open(transport="pined-ring")
    text = str(caught.value)
    assert "transport.kind" in text
    assert 'did you mean "pinned-ring"' in text
    assert "loopback" in text


def test_a_named_transport_that_is_missing_says_why_and_nothing_else_is_tried() -> None:
    missing = [name for name, probe in PROBES.items() if not probe.works]
    if not missing:
        pytest.skip("every transport works here")
    with pytest.raises(TransportUnavailable) as caught:
        hostcall.open(transport=missing[0])
    assert caught.value.transport == missing[0]
    assert PROBES[missing[0]].reason in str(caught.value)


def test_a_device_that_is_not_there_is_named() -> None:
    if not PROBES["opencl-svm"].works:
        pytest.skip(PROBES["opencl-svm"].reason)
    with pytest.raises(TransportUnavailable, match="no such thing"):
        hostcall.open(transport={"kind": "opencl-svm", "device": "no such thing"})
    with pytest.raises(TransportUnavailable, match="no OpenCL device 99"):
        hostcall.open(transport={"kind": "opencl-svm", "device": 99})


def test_a_plugin_is_found_by_entry_point_and_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    point = metadata.EntryPoint("my-loop", "hostcall.transports.loopback:Loopback", transports.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: (point,) if group == transports.GROUP else ())
    assert "my-loop" in transports.available()
    transport, _ = transports.choose(config("my-loop"))
    transport.close()
    assert isinstance(transport, Loopback)


def test_a_plugin_that_cannot_be_imported_is_one_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    point = metadata.EntryPoint("broken", "no_such_module_anywhere:T", transports.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: (point,))
    assert not transports.probe_all(config())["broken"].works
    with pytest.raises(TransportUnavailable, match="no_such_module_anywhere"):
        hostcall.open(transport="broken")


def test_no_compiler_is_a_reason_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    probe = Loopback.probe(config())
    assert not probe.works
    assert "no-such-compiler" in probe.reason


def test_every_region_is_there_zeroed_and_aligned(opened: Any) -> None:
    regions = opened.allocate(SIZES)
    assert set(regions) == set(base.REGIONS)
    for name, region in regions.items():
        assert region.bytes >= SIZES[name]
        assert region.device % 64 == 0
        if region.host:
            assert region.host % 64 == 0
            assert ctypes.string_at(region.host, SIZES[name]) == bytes(SIZES[name]), name
        else:
            assert name in ("state", "heap")
    assert opened.read_state(0, SIZES["state"]) == bytes(SIZES["state"])


def test_regions_do_not_overlap(opened: Any) -> None:
    regions = opened.allocate(SIZES)
    spans = sorted((region.device, region.device + region.bytes) for region in regions.values())
    for (_, end), (start, _) in itertools.pairwise(spans):
        assert end <= start


def test_state_reads_back_what_was_written(opened: Any) -> None:
    opened.allocate(SIZES)
    opened.write_state(100, b"abc")
    opened.write_state(103, b"def")
    assert opened.read_state(99, 8) == b"\0abcdef\0"


def test_an_empty_heap_is_allowed(opened: Any) -> None:
    assert opened.allocate({**SIZES, "heap": 0})["heap"].bytes == 0


def test_shared_memory_can_be_written_by_the_host(opened: Any) -> None:
    opened.allocate(SIZES)
    region = opened.share(1000)
    assert region.bytes >= 1000
    ctypes.memset(region.host, 7, 1000)
    assert ctypes.string_at(region.host, 1000) == b"\7" * 1000


def test_facts_describe_a_device(opened: Any) -> None:
    facts = opened.facts
    assert facts.name
    assert facts.warps >= facts.warps_per_unit >= 1
    assert facts.lanes_per_warp in (1, 32)
    assert facts.cycles_per_us > 0


def test_close_can_be_called_twice(opened: Any) -> None:
    opened.allocate(SIZES)
    opened.close()
    opened.close()


def test_cuda_source_compiles_without_a_device() -> None:
    cuda = pytest.importorskip("cuda.core", reason="cuda-core is not installed")
    assert cuda
    from hostcall.backends.cuda import compile_cubin

    source = 'HC_KERNEL void k(int *p) { p[0] = (int)hc_call("x", p, 4, p, 4); }'
    cubin = compile_cubin(source, "k", "sm_90", ["-DUNUSED=1"], {"ALSO": None})
    assert cubin[:4] == b"\x7fELF"
    assert b"hostcall_client_v1" in cubin


def test_cuda_compile_errors_show_the_users_line() -> None:
    pytest.importorskip("cuda.core", reason="cuda-core is not installed")
    from hostcall.backends.cuda import compile_cubin

    with pytest.raises(hostcall.CompileError) as caught:
        compile_cubin("\nHC_KERNEL void k(int *p) {\n    p[0] = nothing;\n}", "k", "sm_90")
    assert "k.cu(3)" in caught.value.log
    with pytest.raises(hostcall.CompileError, match="--no-such-option"):
        compile_cubin("HC_KERNEL void k() {}", "k", "sm_90", ["--no-such-option"])


def test_contiguity_of_device_arrays() -> None:
    pytest.importorskip("cuda.bindings", reason="cuda-bindings is not installed")
    from hostcall.backends.cuda import _contiguous

    array = np.zeros((3, 4), np.float32)
    assert _contiguous(array.shape, array.strides, "<f4")
    assert not _contiguous(array.T.shape, array.T.strides, "<f4")
    assert _contiguous((1, 4), (999, 4), "<f4")
