#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fill the tables of measured figures in README.md and docs/ from the JSON files in bench/results/.

    tools/figures.py                        the newest results, those with a GPU first
    tools/figures.py --from FILE [FILE...]  these files; where two have a row, the first one counts
    tools/figures.py --check                change nothing; status 1 if a page does not show the results

A table stands between ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->``. No figure is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hostcall.bench.plots import machine_line
from hostcall.bench.report import format_ns, format_rate
from hostcall.bench.rows import target

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PAGES = ("README.md", "docs/transports.md", "docs/costs.md")

Row = Mapping[str, Any]


class Results:
    """Rows of several files, and the machine of the first.

    Parameters
    ----------
    paths : sequence of Path
        JSON files of ``hostcall-bench compare`` or ``curves``.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = list(paths)
        documents = [json.loads(path.read_text()) for path in paths]
        self.machine: dict[str, Any] = documents[0]["machine"]
        self.floors: dict[str, Any] = {}
        self.rows: list[Row] = []
        for document in documents:
            self.rows += document["rows"]
            for name, floor in document["machine"]["floors"].items():
                self.floors.setdefault(name, floor)

    def targets(self, backend: Callable[[str], bool]) -> list[str]:
        """Transports, with the place of replies, that have rows, in their order."""
        return list(dict.fromkeys(_label(row) for row in self.rows if backend(row["backend"])))

    def find(self, label: str, workload: str, **wanted: Any) -> Row | None:
        """The first row that fits; pollers park and there is one unless asked for."""
        wanted = {"idle": "park", "server_threads": 1, **wanted}
        for row in self.rows:
            if _label(row) != label or row["workload"] != workload:
                continue
            if all(row.get(key, _DEFAULTS.get(key)) == value for key, value in wanted.items()):
                return row
        return None

    def source(self) -> str:
        """Where the figures are from."""
        inside = (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name for path in self.paths)
        names = ", ".join(f"`{path}`" for path in inside)
        made = "put here by `tools/figures.py`; reproduce with `tests/gpu/run.sh bench`"
        return f"{machine_line(self.machine)}. From {names}, {made}."


_DEFAULTS = {"idle": "park", "replies": "host"}
NOTHING = "–"


def _label(row: Row) -> str:
    return target(row["transport"], row.get("replies", "host"))


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table without the lines that have nothing in any column."""
    kept = [line for line in lines if any(cell != NOTHING for cell in line[1:])]
    rows = [list(head), ["---"] * len(head), *kept]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


# -- cells


def latency(row: Row | None) -> str:
    """p50, with the ratio to the floor."""
    if row is None or row["p50_ns"] is None:
        return NOTHING
    ratio = f" ({row['ratio_to_floor']:.2f} ×)" if row["ratio_to_floor"] and row["ratio_to_floor"] < 20 else ""
    return format_ns(row["p50_ns"]) + ratio


def plain(row: Row | None) -> str:
    """p50."""
    return NOTHING if row is None or row["p50_ns"] is None else format_ns(row["p50_ns"])


def rate(key: str, unit: str) -> Callable[[Row | None], str]:
    """A rate, with what was lost if anything was."""

    def cell(row: Row | None) -> str:
        if row is None or not row[key]:
            return NOTHING
        lost = f", **{row['errors']} errors, {row['lost']} lost**" if row["errors"] or row["lost"] else ""
        shown = format_rate(row[key], unit if unit == "B/s" else f" {unit}")
        return shown.replace("  ", " ") + lost

    return cell


def shared(row: Row | None) -> str:
    """Spread and fairness, beside those of the bare mailbox."""
    if row is None or row.get("fairness") is None:
        return NOTHING
    parts = [f"{row['p99_to_p50']:.1f}, {row['fairness']:.2f}"]
    if row.get("fairness_to_bare") is not None:
        parts.append(f"({row['fairness_to_bare']:.2f} × bare)")
    return " ".join(parts)


def to_bare(row: Row | None) -> str:
    """Rate by that of the bare mailbox."""
    return NOTHING if row is None or row.get("rate_to_bare") is None else f"{row['rate_to_bare']:.2f}"


def core(row: Row | None) -> str:
    """CPU use."""
    return NOTHING if row is None or row.get("cpu_percent") is None else f"{row['cpu_percent']:.1f} %"


packets, posts = rate("packets_per_s", "packets/s"), rate("calls_per_s", "posts/s")
moved, lines = rate("bytes_per_s", "B/s"), rate("calls_per_s", "lines/s")

Line = tuple[str, Callable[[Row | None], str], str, dict[str, Any]]


def _lines(results: Results, columns: Sequence[str], wanted: Sequence[Line]) -> list[list[str]]:
    return [
        [title, *(cell(results.find(label, workload, **shape)) for label in columns)]
        for title, cell, workload, shape in wanted
    ]


def _floor(results: Results, columns: Sequence[str], key: str, shown: Callable[[float], str]) -> list[str]:
    found = [(results.floors.get(label) or {}).get(key) for label in columns]
    return [shown(value) if value else NOTHING for value in found]


# -- tables


def _units(results: Results) -> tuple[int, int, int]:
    """One warp on each multiprocessor, 16, and all that fit, as far as they were measured."""
    warps = {row["warps"] for row in results.rows if row["backend"] == "cuda"}
    most = max(warps, default=0)
    return most // 64, most // 4, most


def gpu_lines(results: Results) -> list[Line]:
    """What is shown of every transport of a GPU."""
    few, many, most = _units(results)
    wide = {"lanes": 32}
    return [
        ("no-op, one lane, p50 (× floor)", latency, "noop", {"warps": 1, "lanes": 1}),
        ("no-op, one warp of 32 lanes, p50", latency, "noop", {"warps": 1, **wide}),
        *(
            (f"no-op, {warps} warps, one poller", packets, "noop", {"warps": warps, **wide})
            for warps in (few, many, most)
        ),
        *(
            (f"… by the bare mailbox's rate, {warps} warps", to_bare, "noop", {"warps": warps, **wide})
            for warps in (few, many, most)
        ),
        *((f"… p99/p50, fairness, {warps} warps", shared, "noop", {"warps": warps, **wide}) for warps in (many, most)),
        (f"no-op, {many} warps, four pollers", packets, "noop", {"warps": many, "server_threads": 4, **wide}),
        (f"no-op with a value per lane, {many} warps", packets, "noop-lanes", {"warps": many, **wide}),
        (f"… p99/p50, fairness, {many} warps", shared, "noop-lanes", {"warps": many, **wide}),
        *((f"posted 16-byte calls, {warps} warps", posts, "posted", {"warps": warps}) for warps in (few, many)),
        *(
            (f'`printf("%d %u %f\\n")` per lane to a file, {warps} warps', lines, "printf", {"warps": warps})
            for warps in (few, many)
        ),
        (f"… {many} warps, four pollers", lines, "printf", {"warps": many, "server_threads": 4}),
        (
            f"`write` of 1 KiB per lane to nowhere, {few} warps",
            moved,
            "write",
            {"warps": few, **wide, "payload_bytes": 1024},
        ),
        (f"`write` of 1 KiB per lane to one file, {few} warps", moved, "write-file", {"warps": few}),
        (f"`read` of a cached file, 4 KiB per lane, {few} warps", moved, "read", {"warps": few, "payload_bytes": 4096}),
        ("a Python service, one warp", plain, "pyservice", {"warps": 1}),
        ("`clock_gettime` on the device", plain, "clock", {"warps": 1}),
    ]


def _heads(results: Results, columns: Sequence[str]) -> list[list[str]]:
    return [
        ["floor of the run: the fastest bare mailbox", *_floor(results, columns, "floor_ns", format_ns)],
        [
            "… in dependent loads of its memory",
            *_floor(results, columns, "floor_in_loads", "{:.2f}".format),
        ],
    ]


CPU_LINES: Sequence[Line] = (
    ("no-op, one lane, p50 (× floor)", latency, "noop", {"warps": 1}),
    ("posted 16-byte calls, one lane", posts, "posted", {"warps": 1}),
    ('`printf("%d %u %f\\n")` to a file, one lane', lines, "printf", {"warps": 1}),
    ("`write` of 1 KiB to nowhere, one lane", moved, "write", {"warps": 1, "payload_bytes": 1024}),
    ("`read` of a cached file, 4 KiB, one lane", moved, "read", {"warps": 1, "payload_bytes": 4096}),
    ("`clock_gettime` on the device", plain, "clock", {"warps": 1}),
)


def measured(results: Results) -> str:
    """What each transport reaches."""
    parts = []
    for title, gpu in (("GPU", True), ("no GPU involved", False)):
        columns = results.targets(lambda backend, gpu=gpu: (backend == "cuda") == gpu)  # type: ignore[misc]
        if columns:
            wanted = gpu_lines(results) if gpu else list(CPU_LINES)
            if not gpu:
                cores = max(
                    row["warps"] for row in results.rows if row["backend"] != "cuda" and row["workload"] == "noop"
                )
                wanted.insert(1, (f"no-op, {cores} lanes", rate("calls_per_s", "calls/s"), "noop", {"warps": cores}))
            lines_ = [*_heads(results, columns), *_lines(results, columns, wanted)]
            parts.append(_table([title, *(f"`{name}`" for name in columns)], lines_))
    calls, wrong, lost = (sum(row[key] for row in results.rows) for key in ("calls", "errors", "lost"))
    parts.append(f"{calls / 1e9:.2f} billion calls, {wrong} errors, {lost} lost. {results.source()}")
    return "\n\n".join(parts)


def idle(results: Results) -> str:
    """What an idle server costs, and the call that ends its idleness."""
    columns = results.targets(lambda backend: True)
    wanted: list[Line] = []
    for mode in ("park", "spin"):
        shape = {"idle": mode}
        wanted += [
            (f'`idle = "{mode}"`: first call after 10 ms', plain, "idle-10ms", shape),
            ("… after 1 s", plain, "idle-1s", shape),
            ("… of a launch after half a second without one", plain, "idle-launch", shape),
            ("CPU while a kernel runs and does not call", core, "idle-1s", shape),
            ("CPU while no kernel runs", core, "idle-launch", shape),
        ]
    lines_ = _lines(results, columns, wanted)
    if all(cell == NOTHING for line in lines_ for cell in line[1:]):
        return f"Not in these results yet. {results.source()}"
    return _table(["", *(f"`{name}`" for name in columns)], lines_) + f"\n\n{results.source()}"


def costs(results: Results) -> str:
    """What a call costs its caller, one warp alone."""
    columns = results.targets(lambda backend: True)
    wanted: list[Line] = [
        ("`clock_gettime`", plain, "clock", {"warps": 1}),
        ("`getenv`", plain, "getenv", {"warps": 1}),
        ("`snprintf`", plain, "snprintf", {"warps": 1}),
        ("`malloc` and `free`, 16 B to 4 KiB", plain, "malloc", {"warps": 1}),
        ("a posted record", plain, "posted", {"warps": 1}),
        ("`printf` of three numbers", plain, "printf", {"warps": 1}),
        ("a round trip, all lanes ask alike", plain, "noop", {"warps": 1}),
        ("a round trip, a value per lane", plain, "noop-lanes", {"warps": 1}),
        ("the same by one lane after the other", plain, "noop-apart", {"warps": 1}),
        ("a round trip through a worker", plain, "noop-worker", {"warps": 1}),
        ("`open` and `close`", plain, "open", {"warps": 1}),
        ("`write` of 1 KiB per lane to nowhere", plain, "write", {"warps": 1, "payload_bytes": 1024}),
        ("`read` of 4 KiB per lane from a cached file", plain, "read", {"warps": 1, "payload_bytes": 4096}),
        *(
            (f"payload there and back, {text} per lane", plain, "echo", {"warps": 1, "payload_bytes": size})
            for text, size in (("64 B", 64), ("4 KiB", 4096), ("64 KiB", 65536), ("1 MiB", 1 << 20))
        ),
        ("a Python service", plain, "pyservice", {"warps": 1}),
        ('the first call after 1 s of silence, `idle = "park"`', plain, "idle-1s", {}),
    ]
    table = _table(
        ["p50 of one call, one warp alone", *(f"`{name}`" for name in columns)], _lines(results, columns, wanted)
    )
    return f"{table}\n\n{results.source()}"


TABLES: Mapping[str, Callable[[Results], str]] = {"measured": measured, "idle": idle, "costs": costs}


def fill(text: str, results: Results) -> str:
    """Replace what stands between the marks of a page."""

    def put(match: re.Match[str]) -> str:
        return f"<!-- {match[1]}: begin -->\n{TABLES[match[1]](results)}\n<!-- {match[1]}: end -->"

    names = "|".join(TABLES)
    return re.sub(rf"<!-- ({names}): begin -->\n.*?<!-- \1: end -->", put, text, flags=re.DOTALL)


def newest() -> list[Path]:
    """The newest results whose name is a date, with a GPU if there are any; the table before the curves."""
    found = []
    for path in sorted(RESULTS.glob("[0-9]*.json")):
        machine = json.loads(path.read_text()).get("machine")
        if machine:
            found.append((bool(machine["gpu"]), machine["date"], "-curves" not in path.stem, path))
    if not found:
        sys.exit(f"{RESULTS} has no results: run hostcall-bench compare --json {RESULTS}/DATE-MACHINE.json")
    tables = [entry for entry in found if entry[2]] or found
    first = max(tables)
    curves = [entry for entry in found if not entry[2] and entry[0] == first[0] and entry[1][:10] == first[1][:10]]
    return [first[3], *(path for *_, path in curves[-1:] if path != first[3])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    results = Results([path.resolve() for path in given.files] if given.files else newest())
    stale = []
    for name in PAGES:
        path = ROOT / name
        before = path.read_text()
        after = fill(before, results)
        if after != before:
            stale.append(name)
            if not given.check:
                path.write_text(after)
    for name in stale:
        print(f"{name}: {'does not show' if given.check else 'now shows'} {results.paths[0].name}")
    return int(given.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
