# SPDX-License-Identifier: Apache-2.0
"""The tables of measured figures: they show the results in the repository, and what was not measured has none."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostcall_figures", ROOT / "tools" / "figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and annotations look there
    spec.loader.exec_module(module)
    return module


def test_a_page_shows_other_figures_than_the_results(figures: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert figures.main(["--check"]) == 0, capsys.readouterr().out + "run tools/figures.py"


def a_row(**changes: Any) -> dict[str, Any]:
    row = dict.fromkeys(
        "calls errors lost p50_ns p99_ns calls_per_s packets_per_s bytes_per_s floor_ns ratio_to_floor".split()
    )
    row |= {"transport": "pinned-ring", "backend": "cuda", "workload": "noop", "warps": 1, "lanes": 1}
    row |= {"payload_bytes": 0, "server_threads": 1, "calls": 10, "errors": 0, "lost": 0, "p50_ns": 2000.0}
    return {**row, **changes}


@pytest.fixture
def results(figures: ModuleType, tmp_path: Path) -> Any:
    rows = [
        a_row(ratio_to_floor=1.25),
        a_row(replies="device", p50_ns=1500.0),
        a_row(warps=8448, lanes=32, packets_per_s=5e7, rate_to_bare=0.5, p99_to_p50=1.5, fairness=0.9)
        | {"fairness_to_bare": 0.95},
        a_row(warps=2112, lanes=32, packets_per_s=1.5e8, server_threads=4),
        a_row(workload="printf", warps=132, lanes=32, calls_per_s=6e6, lost=3),
        a_row(workload="idle-1s", idle="spin", cpu_percent=99.0),
        a_row(transport="loopback", backend="host", p50_ns=300.0),
    ]  # fmt: skip
    floors = {"pinned-ring": {"floor_ns": 1600.0, "floor_in_loads": 1.4}}
    machine = {"gpu": "GPU 1", "driver": "5", "cpu": "CPU 2", "cores": 3, "date": "2026-01-31", "floors": floors}
    path = tmp_path / "2026-01-31-x.json"
    path.write_text(json.dumps({"machine": machine, "rows": rows}))
    return figures.Results([path])


def line(table: str, begin: str) -> list[str]:
    (found,) = [text for text in table.splitlines() if text.startswith(f"| {begin}")]
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


def test_a_figure_stands_in_the_wrong_place(figures: ModuleType, results: Any) -> None:
    table = figures.measured(results)
    assert line(table, "GPU |") == ["`pinned-ring`", "`pinned-ring, replies in VRAM`"]
    assert line(table, "floor of the run")[0] == "1.6 µs"
    gpu, cpu = table.split("\n\n")[:2]
    assert line(gpu, "no-op, one lane") == ["2 µs (1.25 \N{MULTIPLICATION SIGN})", "1.5 µs"]
    assert line(gpu, "no-op, 8448 warps, one poller") == ["50 M packets/s", figures.NOTHING]
    assert line(gpu, "no-op, 2112 warps, four pollers") == ["150 M packets/s", figures.NOTHING]
    assert line(gpu, "… by the bare mailbox's rate, 8448") == ["0.50", figures.NOTHING]
    assert line(gpu, "… p99/p50, fairness, 8448") == ["1.5, 0.90 (0.95 \N{MULTIPLICATION SIGN} bare)", figures.NOTHING]
    assert line(cpu, "no-op, one lane") == ["300 ns"]
    assert "no-op, 2112 warps, one poller" not in gpu, "a line without a figure"


def test_losses_are_not_shown(figures: ModuleType, results: Any) -> None:
    assert "**0 errors, 3 lost**" in line(figures.measured(results), "`printf")[0]


def test_ways_to_idle_are_mixed_up(figures: ModuleType, results: Any) -> None:
    table = figures.idle(results)
    assert "99.0 %" in table
    assert '`idle = "park"`' not in table


def test_other_text_of_a_page_is_changed(figures: ModuleType, results: Any) -> None:
    page = "a\n<!-- costs: begin -->\nold\n<!-- costs: end -->\nb <!-- other: begin -->\nkept\n<!-- other: end -->\n"
    after = figures.fill(page, results)
    assert after.startswith("a\n<!-- costs: begin -->\n| p50")
    assert after.endswith("<!-- costs: end -->\nb <!-- other: begin -->\nkept\n<!-- other: end -->\n")
    assert "old" not in after
    assert figures.fill(after, results) == after
