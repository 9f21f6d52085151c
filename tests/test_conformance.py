# SPDX-License-Identifier: Apache-2.0
"""Every transport passes the public conformance suite, and so does one that comes from another distribution."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

import hostcall
from hostcall.testing import ConformanceError, Failure, Report, check_transport, runner

LIVE = [
    pytest.param("loopback"),
    pytest.param("opencl-svm", marks=pytest.mark.opencl),
    pytest.param("pinned-ring", marks=pytest.mark.gpu),
    pytest.param("cuda-managed", marks=pytest.mark.gpu),
]
TRANSPORTS = [*LIVE, pytest.param("opencl-svm-deferred", marks=pytest.mark.opencl)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", TRANSPORTS)
def test_a_transport_breaks_a_promise(kind: str) -> None:
    if kind == "cuda-managed":
        probe = hostcall.transports.find(kind).probe(hostcall.load_config(overrides={"transport": {"kind": kind}}))
        if not probe.works:
            pytest.skip(probe.reason)
    report = check_transport(kind)
    report.raise_for_failures()
    assert report.transport == kind
    assert report.live == (kind != "opencl-svm-deferred")
    assert sum(outcome.status == "passed" for outcome in report.outcomes) >= (30 if report.live else 5)


PLUGIN = '''
"""A transport of its own: ordinary memory, not that of the built-in ones."""

import ctypes
from types import SimpleNamespace

from hostcall.transports.base import REGIONS, Capabilities, Facts, Probe, Region


class Other:
    name = "other-memory"
    backend = "host"

    @classmethod
    def probe(cls, config):
        return Probe(True, device="somebody else's memory")

    def __init__(self, config):
        self.capabilities = Capabilities(live=True, by_reference=True)
        self.facts = Facts("somebody else's memory", 64, 64, 1, True, cycles_per_us=1000.0)
        self.native = SimpleNamespace(max_lanes=256)
        self.memory = []
        self.state = None

    def reserve(self, count):
        memory = ctypes.create_string_buffer(count + 4096)
        self.memory.append(memory)
        address = (ctypes.addressof(memory) + 4095) // 4096 * 4096
        return Region(address, address, count)

    def allocate(self, sizes):
        regions = {name: self.reserve(sizes.get(name, 0)) for name in REGIONS}
        self.state = regions["state"]
        return regions

    def write_state(self, offset, data):
        ctypes.memmove(self.state.host + offset, data, len(data))

    def read_state(self, offset, count):
        return ctypes.string_at(self.state.host + offset, count)

    def share(self, array):
        return self.reserve(array if isinstance(array, int) else array.nbytes)

    def close(self):
        self.memory.clear()
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a distribution that announces a transport."""
    (tmp_path / "other_memory.py").write_text(textwrap.dedent(PLUGIN))
    folder = tmp_path / "other_memory-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: other-memory\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[hostcall.transports]\nother-memory = other_memory:Other\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "other-memory"
    sys.modules.pop("other_memory", None)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_transport_of_another_distribution_cannot_be_used(plugin: str) -> None:
    assert plugin in hostcall.transports.available()
    report = check_transport(plugin)
    report.raise_for_failures()
    assert report.device == "somebody else's memory"
    assert report.transport == plugin


def test_a_transport_of_another_distribution_is_not_probed(plugin: str) -> None:
    assert hostcall.transports.probe_all()[plugin].works


def test_an_unknown_transport_is_taken_for_another_one() -> None:
    with pytest.raises(hostcall.ConfigError, match="pined-ring"):
        check_transport("pined-ring")


def test_a_failure_does_not_reach_the_caller() -> None:
    report = Report("loopback", "a CPU", failures=[Failure("loopback", "replies_are_swapped", "7", "8")])
    with pytest.raises(ConformanceError) as caught:
        report.raise_for_failures()
    assert caught.value.report is report
    for part in ("loopback", "replies_are_swapped", "expected 7", "got      8"):
        assert part in str(caught.value)


BROKEN = '''
import dataclasses

from hostcall.transports.loopback import Loopback


class Broken(Loopback):
    """The device sees shared arrays 64 bytes away from where the host has them."""

    name = "broken-memory"

    def share(self, array):
        count = array if isinstance(array, int) else array.nbytes
        region = super().share(count + 64)
        return dataclasses.replace(region, host=region.host + 64, bytes=count)
'''


def test_a_broken_transport_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_memory.py").write_text(BROKEN)
    folder = tmp_path / "broken_memory-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-memory\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[hostcall.transports]\nbroken-memory = broken_memory:Broken\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    wanted = "a_buffer_passed_by_reference_is_cut_or_not_checked"
    monkeypatch.setattr(runner, "CHECKS", [check for check in runner.CHECKS if check.name == wanted])
    try:
        report = check_transport("broken-memory")
    finally:
        sys.modules.pop("broken_memory", None)
    assert {failure.check for failure in report.failures} == {wanted}
