# SPDX-License-Identifier: Apache-2.0
"""Which CPUs the server's threads run on: those of the device's NUMA node, read from sysfs.

A poller on the other socket pays for every packet and every reply with a hop between the sockets. Nothing here changes
what the process may use: CPUs that it is not allowed are never chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = ["near_cpus", "node_cpus", "node_of_pci", "parse_cpu_list"]

SYSFS = Path("/sys")
_LARGEST = 65535
MAX_CPUS = 1024
"""CPUs that struct hc_server_options has bits for."""


def parse_cpu_list(text: str) -> frozenset[int]:
    """Read the kernel's notation for a set of CPUs or nodes.

    Parameters
    ----------
    text : str
        Such as ``"0-3,8,10-11"``; empty for none.

    Returns
    -------
    frozenset of int
        Its members.

    Raises
    ------
    ValueError
        If it is something else.
    """
    found: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        low, dash, high = part.partition("-")
        first, last = int(low), int(high if dash else low)
        if not 0 <= first <= last <= _LARGEST:
            raise ValueError(f"{part} is no range of CPUs")
        found.update(range(first, last + 1))
    return frozenset(found)


def _read(path: Path) -> str:
    """Give a file's text, empty where there is none."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _read_list(path: Path) -> frozenset[int]:
    try:
        return parse_cpu_list(_read(path))
    except ValueError:
        return frozenset()


def node_of_pci(bus_id: str, root: Path = SYSFS) -> int | None:
    """Find the NUMA node that a PCI device hangs on.

    Parameters
    ----------
    bus_id : str
        Such as ``"0000:1a:00.0"``; drivers write it in capitals, with a domain of four or eight digits.
    root : pathlib.Path
        Where sysfs is mounted.

    Returns
    -------
    int or None
        None where the firmware does not say (the kernel writes -1), or there is no such device.
    """
    domain, _, rest = bus_id.strip().lower().partition(":")
    text = _read(root / "bus/pci/devices" / f"{domain[-4:].zfill(4)}:{rest}" / "numa_node")
    return int(text) if text.isdigit() else None


def node_cpus(node: int, root: Path = SYSFS) -> frozenset[int]:
    """Give the CPUs of a node; none where the kernel does not say, or where it is the only node."""
    if len(_read_list(root / "devices/system/node/online")) < 2:
        return frozenset()
    return _read_list(root / "devices/system/node" / f"node{node}" / "cpulist")


def near_cpus(
    affinity: str, node: int | None, threads: int, allowed: Iterable[int], root: Path = SYSFS
) -> frozenset[int]:
    """Choose the CPUs for the threads that read and write the channel.

    Parameters
    ----------
    affinity : str
        ``server.affinity``: "auto", "none" or a list of CPUs.
    node : int or None
        NUMA node of the device.
    threads : int
        How many threads want a CPU each.
    allowed : iterable of int
        CPUs that this process may use.
    root : pathlib.Path
        Where sysfs is mounted.

    Returns
    -------
    frozenset of int
        Empty: anywhere. That is so with ``"none"``, with one node, with a device of no known node, and where the node
        has fewer free CPUs than there are threads: sharing a CPU costs more than the way to the other socket.

    Raises
    ------
    ValueError
        If CPUs were listed and the process may use none of them.
    """
    usable = frozenset(cpu for cpu in allowed if cpu < MAX_CPUS)
    if affinity not in ("auto", "none"):
        cpus = parse_cpu_list(affinity) & usable
        if not cpus:
            raise ValueError("this process may use none of these CPUs")
        return cpus
    if affinity == "none" or node is None:
        return frozenset()
    cpus = node_cpus(node, root) & usable
    return cpus if len(cpus) >= threads else frozenset()
