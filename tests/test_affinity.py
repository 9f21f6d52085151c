# SPDX-License-Identifier: Apache-2.0
"""Where the server's threads run, told by a sysfs that the test wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import hostcall
from hostcall import ConfigError, load_config
from hostcall.affinity import near_cpus, node_cpus, node_of_pci, parse_cpu_list


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """Two nodes, CPUs 0-3,8 and 4-7, and a GPU on the second."""
    nodes, devices = tmp_path / "devices/system/node", tmp_path / "bus/pci/devices"
    for node, cpus in ((0, "0-3,8"), (1, "4-7")):
        (nodes / f"node{node}").mkdir(parents=True)
        (nodes / f"node{node}" / "cpulist").write_text(cpus + "\n")
    (nodes / "online").write_text("0-1\n")
    for name, node in (("0000:1a:00.0", "1"), ("0000:1b:00.0", "-1")):
        (devices / name).mkdir(parents=True)
        (devices / name / "numa_node").write_text(node + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("", set()), ("\n", set()), ("0", {0}), ("0-3,8,10-11\n", {0, 1, 2, 3, 8, 10, 11}), ("7-7", {7})],
)
def test_a_cpu_list_is_misread(text: str, cpus: set[int]) -> None:
    assert parse_cpu_list(text) == cpus


@pytest.mark.parametrize("text", ["a", "1-", "0-3 8", "-1", "1-x", "3-0", "0-99999999999"])
def test_a_malformed_cpu_list_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|is no range"):
        parse_cpu_list(text)


@pytest.mark.parametrize("bus_id", ["0000:1a:00.0", "0000:1A:00.0", "00000000:1A:00.0"])
def test_the_device_is_not_found_in_the_drivers_spelling(sysfs: Path, bus_id: str) -> None:
    assert node_of_pci(bus_id, sysfs) == 1


@pytest.mark.parametrize("bus_id", ["0000:1b:00.0", "0000:99:00.0", ""])
def test_a_device_of_no_known_node_is_given_one(sysfs: Path, bus_id: str) -> None:
    assert node_of_pci(bus_id, sysfs) is None


def test_pollers_run_on_the_other_socket(sysfs: Path) -> None:
    assert near_cpus("auto", 1, 2, range(9), sysfs) == {4, 5, 6, 7}
    assert near_cpus("auto", 0, 2, range(9), sysfs) == {0, 1, 2, 3, 8}


def test_a_forbidden_cpu_is_chosen(sysfs: Path) -> None:
    assert near_cpus("auto", 1, 2, {0, 1, 5, 6}, sysfs) == {5, 6}


def test_threads_share_a_cpu_although_the_other_node_is_free(sysfs: Path) -> None:
    assert near_cpus("auto", 1, 3, {0, 1, 5, 6}, sysfs) == frozenset()
    assert near_cpus("auto", 1, 1, {0, 1}, sysfs) == frozenset()


@pytest.mark.parametrize(("affinity", "node"), [("none", 1), ("auto", None), ("auto", 7)])
def test_threads_are_tied_where_nothing_speaks_for_it(sysfs: Path, affinity: str, node: int | None) -> None:
    assert near_cpus(affinity, node, 1, range(9), sysfs) == frozenset()


def test_listed_cpus_are_not_taken(sysfs: Path) -> None:
    assert near_cpus("0,6-7,99", None, 9, range(9), sysfs) == {0, 6, 7}
    with pytest.raises(ValueError, match="none of these"):
        near_cpus("99", 1, 1, range(9), sysfs)


def test_a_list_without_a_usable_cpu_is_passed_over() -> None:
    with pytest.raises(ConfigError, match=r'keyword server: server\.affinity = "1023": this process may use none'):
        hostcall.open(transport="loopback", server={"affinity": "1023"})


@pytest.mark.parametrize("value", ["", "auto,1", "3-", 3, [1]])
def test_nonsense_is_taken_for_a_list_of_cpus(value: object) -> None:
    with pytest.raises(ConfigError, match='must be "auto", "none" or a list of CPUs such as "0-3,8"'):
        load_config(overrides={"server": {"affinity": value}}, environ={})


def test_threads_are_tied_on_a_machine_with_one_node(sysfs: Path) -> None:
    (sysfs / "devices/system/node/online").write_text("0\n")
    assert node_cpus(0, sysfs) == frozenset()
    assert near_cpus("auto", 0, 1, range(9), sysfs) == frozenset()


def test_a_system_without_sysfs_is_an_error(tmp_path: Path) -> None:
    assert node_of_pci("0000:1a:00.0", tmp_path) is None
    assert near_cpus("auto", 0, 1, range(9), tmp_path) == frozenset()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="threads cannot be tied to CPUs on this system")
@pytest.mark.parametrize("affinity", ["auto", "none"])
def test_the_servers_threads_run_elsewhere(monkeypatch: pytest.MonkeyPatch, affinity: str) -> None:
    allowed = os.sched_getaffinity(0)
    one = max(allowed)
    chosen = lambda mode, *_: frozenset({one} if mode == "auto" else ())  # noqa: E731
    monkeypatch.setattr("hostcall.channel.near_cpus", chosen)
    with hostcall.open(transport="loopback", server={"pollers": 2, "affinity": affinity}):
        places = {}
        for task in Path("/proc/self/task").iterdir():
            places[(task / "comm").read_text().strip()] = os.sched_getaffinity(int(task.name))
    near = {one} if affinity == "auto" else allowed
    assert {name: places[name] for name in ("hc-poll-0", "hc-poll-1", "hc-drain")} == dict.fromkeys(
        ("hc-poll-0", "hc-poll-1", "hc-drain"), near
    )
    assert places["hc-work-0"] == places["hc-events"] == allowed
