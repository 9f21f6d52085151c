# SPDX-License-Identifier: Apache-2.0
"""Draws the curves of a JSON file: one picture per family, logarithmic axes, the floor as a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostcall.errors import HostcallError

from .curves import FAMILIES
from .rows import target

__all__ = ["PlotError", "check_matplotlib", "draw_curves", "machine_line"]

_COLOURS = {
    "pinned-ring": "#1b7837",
    "pinned-ring, replies in VRAM": "#7fbf7b",
    "cuda-managed": "#2166ac",
    "cuda-managed, replies in VRAM": "#67a9cf",
    "opencl-svm": "#b35806",
    "loopback": "#762a83",
}
_SPARE = ("#444444", "#999999", "#c51b7d", "#01665e")
_DASHES = ("-", "--", ":", "-.")
_MARKS = ("o", "s", "^", "D")


class PlotError(HostcallError):
    """Curves cannot be drawn: matplotlib is not there, or the file has none."""


@dataclass(frozen=True)
class _Panel:
    """One pair of axes: rows of a workload, a figure of theirs, and what tells its lines apart."""

    title: str
    workload: str
    figure: str
    unit: str
    split: str = ""
    line: str = ""  # "floor" or "link": what is drawn beside the rows


_BESIDE = {"floor": "floor_ns", "link": "store_bytes_per_s", "loads": "load_bytes_per_s"}
_SCALE = {"p50 of a call": 1e-9, "packets/s": 1.0, "lines/s": 1.0, "bytes/s": 1.0, "lanes/s": 1.0, "posts/s": 1.0}
_NOTES = {
    "floor": " (dotted: floor)",
    "link": " (dotted: the link's stores)",
    "loads": " (dotted: the link's loads)",
    "bare": " (dotted: bare mailbox)",
}
_AXES = {"warps": "warps", "lanes": "lanes", "payload": "payload_bytes", "pollers": "server_threads"}
_PANELS: dict[str, tuple[_Panel, ...]] = {
    "warps": (
        _Panel("no-op, all lanes ask alike", "noop", "p50_ns", "p50 of a call", line="floor"),
        _Panel("no-op, all lanes ask alike", "noop", "packets_per_s", "packets/s", line="bare"),
        _Panel("no-op, a value per lane", "noop-lanes", "packets_per_s", "packets/s", line="bare"),
        _Panel("posted calls", "posted", "calls_per_s", "posts/s"),
        _Panel('printf("%d %u %f\\n")', "printf", "calls_per_s", "lines/s"),
        _Panel("write, 1 KiB per lane, to nowhere", "write", "bytes_per_s", "bytes/s", line="link"),
    ),
    "lanes": (
        _Panel("no-op, a value per lane", "noop-lanes", "p50_ns", "p50 of a call", "warps", line="floor"),
        _Panel("no-op, a value per lane", "noop-lanes", "calls_per_s", "lanes/s", "warps"),
    ),
    "payload": (
        _Panel("echo, one lane", "echo", "p50_ns", "p50 of a call", line="floor"),
        _Panel("write to nowhere", "write", "bytes_per_s", "bytes/s", "lanes", line="link"),
        _Panel("read of a cached file, one lane", "read", "bytes_per_s", "bytes/s", line="loads"),
    ),
    "pollers": (
        _Panel("no-op, all lanes ask alike", "noop", "packets_per_s", "packets/s", "warps"),
        _Panel("no-op, a value per lane", "noop-lanes", "packets_per_s", "packets/s", "warps"),
        _Panel('printf("%d %u %f\\n")', "printf", "calls_per_s", "lines/s", "warps"),
    ),
}


def check_matplotlib() -> None:
    """Fail at once where plots cannot be made.

    Raises
    ------
    PlotError
        If matplotlib is not installed; it names the way out.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise PlotError(f"plots need matplotlib ({error}): pip install 'hostcall[plot]'") from error


def machine_line(machine: Mapping[str, Any]) -> str:
    """One line that says where figures come from."""
    parts = [machine.get("gpu") and f"{machine['gpu']}, driver {machine.get('driver')}"]
    parts += [f"{machine.get('cpu')}, {machine.get('cores')} cores", str(machine.get("date", ""))[:10]]
    parts += [f"hostcall {machine.get('hostcall')}"]
    return " · ".join(part for part in parts if part)


def _colour(label: str, labels: Sequence[str]) -> str:
    spare = [name for name in labels if name not in _COLOURS]
    return _COLOURS.get(label) or _SPARE[spare.index(label) % len(_SPARE)]


_Lines = dict[tuple[str, Any], list[tuple[int, float]]]


def _series(rows: Sequence[Mapping[str, Any]], panel: _Panel, axis: str) -> _Lines:
    """Points of each line, by transport and what else tells lines apart."""
    found: _Lines = {}
    for row in rows:
        if row["workload"] != panel.workload or not row[panel.figure]:
            continue
        key = target(row["transport"], row["replies"]), row[panel.split] if panel.split else None
        found.setdefault(key, []).append((row[axis], row[panel.figure] * _SCALE[panel.unit]))
    return {key: sorted(found[key]) for key in sorted(found, key=lambda key: (key[0], key[1] or 0))}


def _bare(floors: Any, labels: Sequence[str], panel: _Panel) -> dict[str, list[tuple[int, float]]]:
    """Rates of the bare mailbox of many warps with one host thread, by transport."""
    long = panel.workload == "noop-lanes"
    found = {}
    for label in labels:
        bares = [one for one in (floors.get(label) or {}).get("bare", ()) if one["valid"] and one["threads"] == 1]
        points = sorted((one["warps"], one["packets_per_s"]) for one in bares if (one["lanes"] > 1) == long)
        if points:
            found[label] = points
    return found


def _tick(value: int) -> str:
    for scale, unit in ((1 << 20, "Mi"), (1 << 10, "Ki")):
        if value and value % scale == 0:
            return f"{value // scale}{unit}"
    return str(value)


def _thin(values: Sequence[int], most: int = 9) -> list[int]:
    """Enough of the values to read an axis by, the ends among them."""
    if len(values) <= most:
        return list(values)
    step = -(-(len(values) - 1) // (most - 1))
    kept = [*list(values)[:-1:step], values[-1]]
    # The last two would stand on each other where the step before the end is a short one.
    return kept if kept[-1] > 2 * kept[-2] else [*kept[:-2], kept[-1]]


def _draw_panel(axes: Any, panel: _Panel, family: str, rows: Sequence[Mapping[str, Any]], floors: Any) -> None:
    from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, NullLocator

    lines = _series(rows, panel, _AXES[family])
    labels = list(dict.fromkeys(label for label, _ in lines))
    splits = sorted({split for _, split in lines if split is not None})
    for (label, split), points in lines.items():
        index = splits.index(split) if split is not None else 0
        more = f", {split} {panel.split if split > 1 else panel.split[:-1]}" if len(splits) > 1 else ""
        style = {"linestyle": _DASHES[index % 4], "marker": _MARKS[index % 4], "markersize": 4, "linewidth": 1.4}
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, color=_colour(label, labels), label=label + more, **style)
    beside = {label: (floors.get(label) or {}).get(_BESIDE.get(panel.line, "")) for label in labels}
    for label, height in beside.items():
        if height:
            height *= _SCALE[panel.unit]
            axes.axhline(height, color=_colour(label, labels), linewidth=1.0, linestyle=(0, (1, 2)))
    bare = _bare(floors, labels, panel) if panel.line == "bare" else {}
    for label, points in bare.items():
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, color=_colour(label, labels), linewidth=1.0, linestyle=(0, (1, 2)))
    values = sorted({x for points in lines.values() for x, _ in points})
    if 0 in values:  # no payload has a place on the axis too, left of the smallest
        axes.set_xscale("symlog", base=2, linthresh=8, linscale=0.5)
        axes.set_xlim(-2, 2 * max(values))
    else:
        axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(_thin(values), [_tick(value) for value in _thin(values)])
    axes.xaxis.set_minor_locator(NullLocator())
    low, high = axes.get_ylim()
    dense = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0) if high < 8 * low else (1.0, 2.0, 5.0)
    axes.yaxis.set_major_locator(LogLocator(subs=dense if high < 300 * low else (1.0,)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(EngFormatter(unit="s" if panel.unit.endswith("a call") else ""))
    axes.tick_params(labelsize=8)
    axes.grid(True, linewidth=0.3)
    axes.set_title(panel.title + (_NOTES[panel.line] if any(beside.values()) or bare else ""), size=9)
    axes.set_xlabel(FAMILIES[family], size=8)
    axes.set_ylabel(panel.unit, size=8)
    if lines:
        axes.legend(fontsize=7)
    else:
        axes.text(0.5, 0.5, "not measured", ha="center", va="center", transform=axes.transAxes, size=9, color="#888888")


def draw_curves(document: Mapping[str, Any], folder: Path, stem: str) -> list[Path]:
    """Draw every family of which the file has points.

    Parameters
    ----------
    document : mapping
        JSON of ``hostcall-bench curves``.
    folder : Path
        Where the pictures go.
    stem : str
        Their names begin with this.

    Returns
    -------
    list of Path
        The PNG files.

    Raises
    ------
    PlotError
        If matplotlib is not installed or the document has no curves.
    """
    check_matplotlib()
    from matplotlib.figure import Figure

    if "curves" not in document:
        raise PlotError("this file has no curves: it is not from 'hostcall-bench curves'")
    rows, machine = document["rows"], document["machine"]
    made = []
    for family, panels in _PANELS.items():
        mine = [rows[index] for name, index in document["curves"]["points"] if name == family]
        panels = tuple(panel for panel in panels if any(row["workload"] == panel.workload for row in mine))
        if not panels:
            continue
        across = min(len(panels), 3)
        down = -(-len(panels) // across)
        figure = Figure(figsize=(4.6 * across, 3.6 * down + 0.5), dpi=110, layout="constrained")
        grid = figure.subplots(down, across, squeeze=False)
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        for axes, panel in zip(grid.flat, panels, strict=False):
            _draw_panel(axes, panel, family, mine, machine["floors"])
        figure.suptitle(f"hostcall by {FAMILIES[family]}\n{machine_line(machine)}", size=10)
        made.append(folder / f"{stem}-{family}.png")
        figure.savefig(made[-1])
    return made
