# SPDX-License-Identifier: Apache-2.0
"""``hostcall-bench doctor``: what works here, what does not and why, and the facts of each device."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from hostcall.config import Config
from hostcall.errors import HostcallError
from hostcall.transports import AUTO, Probe, find, probe_all

from .machine import cores, describe_machine

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor found.

    Attributes
    ----------
    machine : dict
        As in the bench's JSON.
    probes : dict of str to Probe
        By transport.
    facts : dict of str to dict
        Of each device that works: name, warps, clock, and what its transport had to add.
    best : str or None
        What ``auto`` takes; None if nothing works.
    hints : tuple of str
        What would make it work better.
    """

    machine: dict[str, Any]
    probes: dict[str, Probe]
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    best: str | None = None
    hints: tuple[str, ...] = ()

    def tables(self) -> Iterator[Table]:
        """The same for the terminal."""
        table = Table(title="transports", title_justify="left")
        for name in ("transport", "works", "device", "why"):
            table.add_column(name)
        for name, probe in self.probes.items():
            works = "auto" if name == self.best else "yes" if probe.works else "no"
            table.add_row(name, works, probe.device, probe.reason, style=None if probe.works else "dim")
        yield table
        table = Table(title="devices", title_justify="left")
        table.add_column("transport")
        table.add_column("facts")
        for name, facts in self.facts.items():
            table.add_row(name, ", ".join(f"{key} {value}" for key, value in facts.items()))
        yield table
        table = Table(title="machine", title_justify="left", show_header=False)
        table.add_column("what")
        table.add_column("is")
        for key, value in self.machine.items():
            table.add_row(key, str(value))
        yield table


def _facts(name: str, config: Config) -> dict[str, Any]:
    transport = find(name)(config)
    try:
        facts, able = transport.facts, transport.capabilities
        return {
            "device": facts.name,
            "backend": transport.backend,
            "live": able.live,
            "by_reference": able.by_reference,
            "warps": facts.warps,
            "lanes_per_warp": facts.lanes_per_warp,
            "clock": facts.has_clock,
            "cycles_per_us": round(facts.cycles_per_us),
            **facts.details,
        }
    finally:
        transport.close()


def _device_replies(name: str, config: Config) -> str:
    """Tell whether replies can lie in device memory, and if not, why."""
    wanted = config.transport.model_copy(update={"replies": "device"})
    probe = find(name).probe(config.model_copy(update={"transport": wanted}))
    return "yes" if probe.works else probe.reason


def _hints(probes: dict[str, Probe], machine: dict[str, Any]) -> Iterator[str]:
    if cores() < 2:
        yield "one CPU: a lane on the CPU and the server take turns, each round trip is a scheduler slice"
    if not machine["quiet"]:
        yield f"the machine is busy (load {machine['load'][0]}): figures taken now say little"
    wanted = str(max(cores() - 1, 1))
    if probes.get("opencl-svm", Probe(False)).works and os.environ.get("POCL_MAX_PTHREAD_COUNT", wanted) != wanted:
        yield f"POCL_MAX_PTHREAD_COUNT={wanted} leaves the server a core; it is {os.environ['POCL_MAX_PTHREAD_COUNT']}"
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if machine["gpu"] and limit != resource.RLIM_INFINITY and limit < 1 << 30:
        yield f"ulimit -l is {limit >> 10} KiB: pinned memory may be refused"
    governors = {
        path.read_text().strip() for path in Path("/sys/devices/system/cpu").glob("cpu*/cpufreq/scaling_governor")
    }
    if "powersave" in governors:
        yield "the CPU's governor is powersave: latencies include its waking up"


def diagnose(config: Config) -> Diagnosis:
    """Look at everything that decides which transports work.

    Parameters
    ----------
    config : Config
        Says which device.

    Returns
    -------
    Diagnosis
        Never an error: a transport that breaks when it is opened is one that does not work.
    """
    machine = describe_machine()
    probes = probe_all(config)
    facts: dict[str, dict[str, Any]] = {}
    for name, probe in list(probes.items()):
        if not probe.works:
            continue
        try:
            facts[name] = _facts(name, config)
            if facts[name]["backend"] == "cuda":
                facts[name]["device_replies"] = _device_replies(name, config)
        except HostcallError as error:
            probes[name] = Probe(False, str(error), probe.device)
    best = next((name for name in AUTO if name in facts and facts[name]["live"]), None)
    return Diagnosis(machine, probes, facts, best, tuple(_hints(probes, machine)))
