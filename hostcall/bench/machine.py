# SPDX-License-Identifier: Apache-2.0
"""The machine that made the figures: what a reader must know before comparing them with others."""

from __future__ import annotations

import datetime
import os
import platform
import re
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["cores", "describe_machine", "is_quiet", "version"]

QUIET_LOAD = 0.25
"""Runnable processes per core, averaged over a minute, up to which a machine counts as quiet."""


def cores() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0))


def version(package: str) -> str | None:
    """Version of an installed distribution, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def is_quiet(load: float, count: int) -> bool:
    """Estimate from the load of the last minute whether others use the machine.

    Parameters
    ----------
    load : float
        Runnable processes.
    count : int
        CPUs.

    Returns
    -------
    bool
        An estimate: neither another virtual machine on the same host nor a clock that was turned down shows in it.
    """
    return load <= max(QUIET_LOAD * count, 0.5)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _cpu() -> str:
    match = re.search(r"^model name\s*:\s*(.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return match[1].strip() if match else platform.processor() or platform.machine()


def _gpu() -> dict[str, Any]:
    """Name, driver and CUDA version of the first NVIDIA GPU; None where there is none."""
    facts: dict[str, Any] = {"gpu": None, "driver": None, "cuda": None}
    match = re.search(r"Kernel Module(?: for \S+)?\s+([0-9.]+)", _read("/proc/driver/nvidia/version"))
    if match:
        facts["driver"] = match[1]
    try:
        from hostcall.backends.cuda import load_driver

        driver = load_driver()
        status, device = driver.cuDeviceGet(0)
        if int(status) == 0:
            facts["gpu"] = driver.cuDeviceGetName(256, device)[1].split(b"\0")[0].decode(errors="replace")
        status, number = driver.cuDriverGetVersion()
        if int(status) == 0:
            facts["cuda"] = f"{number // 1000}.{number % 1000 // 10}"
    except Exception:  # noqa: BLE001 - no driver, or one that does not start: then there is no GPU to describe
        return facts
    return facts


def describe_machine() -> dict[str, Any]:
    """Describe this machine as it is now.

    Returns
    -------
    dict
        ``cpu``, ``cores`` (usable ones), ``kernel``, ``gpu``, ``driver``, ``cuda``, ``python``, ``hostcall``,
        ``packages``, ``date`` (UTC, ISO 8601), ``load`` (1, 5 and 15 minutes), ``quiet``. What is not there is None.
    """
    load = os.getloadavg()
    return {
        "cpu": _cpu(),
        "cores": cores(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        **_gpu(),
        "python": platform.python_version(),
        "hostcall": version("hostcall"),
        "packages": {name: version(name) for name in ("numpy", "pyopencl", "cuda-bindings", "cuda-core")},
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "load": [round(value, 2) for value in load],
        "quiet": is_quiet(load[0], cores()),
    }
