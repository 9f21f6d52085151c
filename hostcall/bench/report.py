# SPDX-License-Identifier: Apache-2.0
"""The results as one table with the transports side by side, as JSON, and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from .floor import Floor
from .rows import ROW_KEYS, Failure, Row
from .workloads import WORKLOADS

__all__ = ["SCHEMA", "comparison", "document", "floor_table", "format_ns", "format_rate", "write_csv", "write_json"]

SCHEMA = 1
"""Version of the JSON: keys are only added within one version."""


def format_ns(value: float | None) -> str:
    """A duration with three significant digits and its unit."""
    if value is None:
        return "-"
    for limit, scale, unit in ((1e3, 1.0, "ns"), (1e6, 1e3, "µs"), (1e9, 1e6, "ms")):
        if value < limit * 0.9995:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e9:.3g} s"


def format_rate(value: float | None, unit: str) -> str:
    """A rate with three significant digits, a decimal prefix and its unit."""
    if value is None:
        return "-"
    for scale, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= scale * 0.9995:
            return f"{value / scale:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}"


def format_size(value: int) -> str:
    """A payload with its unit."""
    for scale, unit in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if value and value % scale == 0:
            return f"{value // scale} {unit}"
    return f"{value} B"


def _rate(row: Row) -> str:
    """The figure by which a workload is judged."""
    if row.cpu_percent is not None:
        return f"{row.cpu_percent:.3g} % of a core"
    if row.workload == "printf":
        return format_rate(row.calls_per_s, "lines/s")
    if WORKLOADS[row.workload].moves and row.payload_bytes:
        return format_rate(row.bytes_per_s, "B/s")
    if row.packets_per_s:
        return format_rate(row.packets_per_s, "packets/s")
    return format_rate(row.calls_per_s, "calls/s")


def _cells(row: Row) -> tuple[Text, Text]:
    latency = Text(f"{format_ns(row.p50_ns)} / {format_ns(row.p99_ns)}" if row.p50_ns is not None else "-")
    if row.ratio_to_floor is not None:
        latency.append(f"  x{row.ratio_to_floor:.{2 if row.ratio_to_floor < 10 else 0}f}", style="dim")
    rate = Text(_rate(row))
    if row.rate_to_bare is not None:
        rate.append(f"  {row.rate_to_bare:.2f} of bare", style="dim")
    if row.fairness is not None:
        rate.append(f"  fair {row.fairness:.2f}", style="dim")
        if row.fairness_to_bare is not None:
            rate.append(f" ({row.fairness_to_bare:.2f} of bare)", style="dim")
    if row.errors or row.lost:
        rate.append(f"  {row.errors} errors, {row.lost} lost", style="bold red")
    return latency, rate


def comparison(rows: Sequence[Row], failures: Sequence[Failure] = ()) -> Table:
    """Put the rows of all transports side by side.

    Parameters
    ----------
    rows : sequence of Row
        In the order in which they were measured.
    failures : sequence of Failure
        Cases without figures; they are marked where their figures would stand.

    Returns
    -------
    rich.table.Table
        One line per workload, shape and number of the server's threads; two columns per transport: p50 / p99 with the
        ratio to the floor, and the rate.
    """
    transports = list(dict.fromkeys([row.label for row in rows] + [failure.label for failure in failures]))
    pollers = len({row.server_threads for row in rows}) > 1
    workers = len({row.workers for row in rows}) > 1
    table = Table(title="hostcall: one call, p50 / p99 (x floor), and rate", title_justify="left")
    for name in ("workload", "warpsxlanes", "payload"):
        table.add_column(name, no_wrap=True)
    if pollers:
        table.add_column("pollers", justify="right")
    if workers:
        table.add_column("workers", justify="right")
    for name in transports:
        table.add_column(name, justify="right")
        table.add_column("rate", justify="right")
    lines: dict[tuple[Any, ...], dict[str, tuple[Text, Text]]] = {}
    for row in rows:
        key = row.workload, row.idle, row.warps, row.lanes, row.payload_bytes, row.server_threads, row.workers
        lines.setdefault(key, {})[row.label] = _cells(row)
    for failure in failures:
        case = failure.case
        served = failure.server_threads, failure.workers
        key = case.workload, case.idle, case.warps, case.lanes, case.payload, *served
        lines.setdefault(key, {})[failure.label] = Text("failed", style="bold red"), Text("see below")
    order = list(WORKLOADS)
    before = ""
    for key in sorted(lines, key=lambda key: (order.index(key[0]), *key[1:])):
        name, idle, warps, lanes, payload, *threads = key
        if idle != "park":
            name = f"{name}, {idle}"
        if before and name != before:
            table.add_section()
        cells: list[Text | str] = ["" if name == before else name, f"{warps}x{lanes}", format_size(payload)]
        if pollers:
            cells.append(str(threads[0]))
        if workers:
            cells.append(str(threads[1]))
        for transport in transports:
            cells += lines[key].get(transport, (Text(""), Text("")))
        table.add_row(*cells)
        before = name
    return table


def floor_table(floors: Mapping[str, Floor]) -> Table:
    """Show what the machine itself costs.

    Parameters
    ----------
    floors : mapping of str to Floor
        By transport.

    Returns
    -------
    rich.table.Table
        One line per variant of each mailbox.
    """
    table = Table(title="floor: bare mailbox, 64-byte request, 16-byte reply, values checked", title_justify="left")
    for name, justify in (
        ("transport", "left"),
        ("variant", "left"),
        ("p50", "right"),
        ("p99", "right"),
        ("max", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("rounds", justify="right")
    for transport, floor in floors.items():
        for variant in floor.variants:
            best = variant is floor.best
            table.add_row(
                transport,
                variant.name + (f", {variant.wrong} wrong" if variant.wrong else ""),
                format_ns(variant.p50_ns or variant.mean_ns),
                format_ns(variant.p99_ns),
                format_ns(variant.max_ns),
                str(variant.rounds),
                style="bold" if best else None,
            )
        if not floor.variants:
            table.add_row(transport, floor.problem, "-", "-", "-", "0", style="red")
        table.add_section()
    return table


def floor_lines(floors: Mapping[str, Floor]) -> list[str]:
    """One sentence per transport: the floor, in dependent loads too, the link, and what is wrong with it."""
    lines = []
    for transport, floor in floors.items():
        parts = [f"{transport}: floor {format_ns(floor.floor_ns)}"]
        if floor.load_ns is not None:
            parts.append(f"dependent load {format_ns(floor.load_ns)}")
        if floor.loads is not None:
            parts.append(f"floor = {floor.loads:.2f} loads")
        if floor.store_bytes_per_s is not None:
            parts.append(f"stores {format_rate(floor.store_bytes_per_s, 'B/s')}")
        if floor.load_bytes_per_s is not None:
            parts.append(f"loads {format_rate(floor.load_bytes_per_s, 'B/s')}")
        if floor.problem:
            parts.append(f"NOT VALID: {floor.problem}" if floor.variants else f"none: {floor.problem}")
        lines.append(", ".join([*parts, *floor.notes]))
    return lines


def document(
    machine: Mapping[str, Any],
    rows: Sequence[Row],
    floors: Mapping[str, Floor],
    failures: Sequence[Failure] = (),
    unavailable: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything of one run, ready for JSON.

    Parameters
    ----------
    machine : mapping
        From :func:`~hostcall.bench.machine.describe_machine`.
    rows : sequence of Row
        The figures.
    floors : mapping of str to Floor
        By transport; they go into ``machine``.
    failures : sequence of Failure
        Cases without figures.
    unavailable : mapping of str to str
        Transports that were left out, and why.

    Returns
    -------
    dict
        ``schema``, ``machine`` and ``rows``.
    """
    described = {
        **machine,
        "floors": {name: floor.to_dict() for name, floor in floors.items()},
        "unavailable": dict(unavailable or {}),
        "failures": [
            {
                "transport": failure.label,
                **vars(failure.case),
                "server_threads": failure.server_threads,
                "workers": failure.workers,
                "reason": failure.reason,
            }
            for failure in failures
        ],
    }
    return {"schema": SCHEMA, "machine": described, "rows": [row.to_dict() for row in rows]}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a document of :func:`document`; NaN would not be JSON and is refused."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows with one line of keys; an empty field is a figure that there is not."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ROW_KEYS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: "" if value is None else value for key, value in row.to_dict().items()})
