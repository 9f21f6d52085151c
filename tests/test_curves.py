# SPDX-License-Identifier: Apache-2.0
"""Curves: a cut must leave whole ones, the budget must hold, and a picture must show what the file says."""

from __future__ import annotations

import builtins
import dataclasses
import itertools
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hostcall.transports import Facts
from typer.testing import CliRunner

from hostcall.bench import cli, curves, plots
from hostcall.bench.curves import FAMILIES, Point, Subject, measure_curves, plan_curves
from hostcall.bench.rows import Row
from hostcall.bench.workloads import MAX_SUITE_BUFFERS, WORKLOADS, Case

H100 = Subject.of("pinned-ring", "host", "cuda", Facts("H100", 8448, 64, 32, has_clock=True), 16)
CPU = Subject.of("loopback", "host", "host", Facts("CPU", 1024, 1024, 1, has_clock=True), 2)


def a_row(point: Point, **changes: Any) -> Row:
    case = point.case
    row = Row(
        point.subject.transport, point.subject.backend, "d", case.workload, case.warps, case.lanes, case.payload,
        point.pollers, 10, 0, 0, 1000.0 + case.warps, 1500.0, 2000.0, 1e6, 1e5, 1e7 + case.payload, None, None,
    )  # fmt: skip
    return dataclasses.replace(row, **changes)


def test_a_curve_has_a_gap_or_a_point_that_the_device_cannot_run() -> None:
    for subject in (H100, CPU):
        points = plan_curves([subject])
        assert len({(point.case, point.pollers) for point in points}) == len(points)
        for point in points:
            assert 1 <= point.case.warps <= subject.warps
            assert 1 <= point.case.lanes <= subject.width
            assert WORKLOADS[point.case.workload].buffers(point.case) <= MAX_SUITE_BUFFERS
            if "payload" in point.families:
                assert point.case.callers * point.case.payload < 64 << 20, "more than the arena holds"
        assert {family for point in points for family in point.families} == set(FAMILIES) - (
            set() if subject is H100 else {"lanes"}
        )
    gpu = plan_curves([H100])
    assert {1, 132, 2112, 8448} <= {point.case.warps for point in gpu if point.case.workload == "noop"}
    assert {1, 2, 4, 8, 16, 32} <= {point.case.lanes for point in gpu if point.case.workload == "noop-lanes"}
    for name, sizes in (
        ("echo", {0, 64, 4096, 1 << 20}),
        ("write", {64, 4096, 1 << 20}),
        ("read", {64, 4096, 1 << 20}),
    ):
        assert sizes <= {point.case.payload for point in gpu if point.case.workload == name}
    assert {1, 2, 4, 8} == {point.pollers for point in gpu}


def test_what_is_measured_first_is_no_whole_curve() -> None:
    points = plan_curves([H100, CPU])
    levels = [point.level for point in points]
    assert levels == sorted(levels)
    first = [point for point in points if point.level == 0]
    assert len(first) < len(points) / 2
    for subject, (family, panels) in itertools.product((H100, CPU), plots._PANELS.items()):
        if subject is CPU and family == "lanes":
            continue
        for panel in panels:
            mine = [point for point in first if point.subject is subject and family in point.families]
            mine = [point for point in mine if point.case.workload == panel.workload]
            if subject is H100:
                assert len(mine) >= 2, (family, panel.title)


@pytest.fixture
def benches(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Played runtimes: a point takes a second of the played clock."""
    made: list[Any] = []

    class Played:
        now = 0.0

        def __init__(self, transport: str, stdout: str, pollers: int, *rest: Any, **more: Any) -> None:
            self.key, self.closed = (transport, stdout, pollers), False
            made.append(self)

        def run(self, case: Case, pollers: int, seconds: float, quick: bool) -> Row:
            Played.now += 1.0
            if case.warps == 132 and case.workload == "write" and case.lanes == 32:
                raise curves.HostcallError("broken")
            subject = CPU if self.key[0] == "loopback" else H100
            return a_row(Point(0, subject, case, pollers, ()))

        def give_up(self) -> None:
            self.closed = True

    monkeypatch.setattr(curves, "Bench", Played)
    made.append(Played)
    return made


def test_the_budget_is_overdrawn_or_runtimes_stay_open(benches: list[Any]) -> None:
    played = benches.pop()
    points = plan_curves([H100, CPU])
    found = measure_curves(points, 20.0, clock=lambda: played.now)
    assert 15 <= found.seconds <= 20
    assert found.planned == len(points)
    assert len(found.rows) < len(points)
    assert all(bench.closed for bench in benches)


def test_a_point_that_breaks_ends_the_curves(benches: list[Any]) -> None:
    played = benches.pop()
    found = measure_curves(plan_curves([H100]), 1e6, clock=lambda: played.now)
    assert found.failures
    assert all("broken" in failure.reason for failure in found.failures)
    assert len(found.rows) + len(found.failures) == found.planned
    keys = [bench.key for bench in benches]
    assert keys.count(("pinned-ring", "null", 1)) == 1 + len(found.failures), "a broken runtime was used again"


# -- pictures


def document(subjects: tuple[Subject, ...]) -> dict[str, Any]:
    points = plan_curves(subjects)
    rows = [a_row(point).to_dict() for point in points]
    on = [[family, index] for index, point in enumerate(points) for family in point.families]
    floors = {"loopback": {"floor_ns": 400.0}, "pinned-ring": {"floor_ns": 1500.0, "store_bytes_per_s": 5e10}}
    machine = {"gpu": "GPU 1", "driver": "5", "cpu": "CPU 2", "cores": 3, "date": "2026-01-31T", "floors": floors}
    return {"schema": 1, "machine": machine, "rows": rows, "curves": {"points": on}}


def test_a_picture_lacks_its_lines(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    made = plots.draw_curves(document((H100, CPU)), tmp_path, "x")
    assert [path.name for path in made] == [f"x-{family}.png" for family in FAMILIES]
    for path in made:
        data = path.read_bytes()
        width, height = struct.unpack(">II", data[16:24])
        assert data[:4] == b"\x89PNG"
        assert width > 500
        assert height > 300


def test_lines_are_mixed_up() -> None:
    content = document((H100,))
    rows = [content["rows"][index] for family, index in content["curves"]["points"] if family == "pollers"]
    lines = plots._series(rows, plots._PANELS["pollers"][0], "server_threads")
    assert set(lines) == {("pinned-ring", 2112)}
    assert [x for x, _ in lines["pinned-ring", 2112]] == [1, 2, 4, 8]
    assert plots.machine_line(content["machine"]).startswith("GPU 1, driver 5 · CPU 2, 3 cores · 2026-01-31")


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError("No module named 'matplotlib'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)


def plain(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


@pytest.mark.usefixtures("without_matplotlib")
def test_the_missing_package_is_noticed_after_minutes(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["curves", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "hostcall[plot]" in plain(result.output)
    assert "--no-plot" in plain(result.output)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["{}", "no json"])
def test_a_file_without_curves_is_drawn(content: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    (tmp_path / "a.json").write_text(content)
    result = CliRunner().invoke(cli.app, ["curves", "--out", str(tmp_path), "--from", str(tmp_path / "a.json")])
    assert result.exit_code == 2
    assert "a.json" in plain(result.output)


def test_a_folder_that_is_not_there_costs_the_measurement() -> None:
    result = CliRunner().invoke(cli.app, ["curves", "--out", "/no/such/folder"])
    assert result.exit_code == 2
    assert "--out" in plain(result.output)


def test_curves_are_not_written(tmp_path: Path) -> None:
    arguments = ["curves", "-t", "loopback", "--budget", "8", "--no-plot", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    (made,) = tmp_path.iterdir()
    content = json.loads(made.read_text())
    assert content["curves"]["measured"] == len(content["rows"]) > 0
    assert {index for _, index in content["curves"]["points"]} == set(range(len(content["rows"])))
    assert all(row["floor_ns"] for row in content["rows"])
