# SPDX-License-Identifier: Apache-2.0
"""The command ``hostcall-bench``. Exit status: 0 all right, 1 something failed, was wrong or got lost, 2 usage."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hostcall.config import Config, load_config
from hostcall.errors import ConfigError, HostcallError
from hostcall.transports import available, find, probe_all

from .bare import bare_points, measure_bare
from .curves import Point, Subject, measure_curves, plan_curves
from .doctor import diagnose
from .floor import Floor, FloorHost, measure_floor
from .machine import cores, describe_machine
from .measure import run_cases
from .plots import PlotError, check_matplotlib, draw_curves
from .report import comparison, document, floor_lines, floor_table, write_csv, write_json
from .rows import Failure, Row, target
from .workloads import PAYLOAD_UNIT, WORKLOADS, Case, choose_cases

__all__ = ["app", "main"]

_QUICK_SECONDS, _FULL_SECONDS = 0.2, 1.0
_MORE_POLLERS = 4
_DRAWING_S = 5.0

app = typer.Typer(add_completion=False, no_args_is_help=False, help="What a hostcall costs behind each transport.")


def _names(given: Sequence[str], allowed: Sequence[str], what: str) -> list[str]:
    for name in given:
        if name not in allowed:
            raise typer.BadParameter(f"{name!r} is no {what}; there are {', '.join(allowed)}")
    return list(dict.fromkeys(given))


def _check_transports(given: list[str]) -> list[str]:
    return _names(given, available(), "transport")


def _check_workloads(given: list[str]) -> list[str]:
    return _names(given, list(WORKLOADS), "workload")


def _check_replies(given: list[str]) -> list[str]:
    return _names(given, ("host", "device"), "place for replies")


def _check_payloads(given: list[int]) -> list[int]:
    for size in given:
        if size % PAYLOAD_UNIT:
            raise typer.BadParameter(f"{size} is no multiple of {PAYLOAD_UNIT}: payloads are compared in words")
    return given


def _check_target(path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before minutes are spent on what should go into it."""
    if path is not None and not path.resolve().parent.is_dir():
        raise typer.BadParameter(f"the directory {path.resolve().parent} does not exist")
    if path is not None and path.is_dir():
        raise typer.BadParameter(f"{path} is a directory")
    return path


_Transports = Annotated[
    list[str],
    typer.Option("--transport", "-t", callback=_check_transports, help="Only this transport; may be repeated."),
]
_Json = Annotated[Path | None, typer.Option("--json", callback=_check_target, help="Write the results here as JSON.")]
_Device = Annotated[str, typer.Option("--device", help="Index of the device, or a part of its name.")]


def _config(device: str, replies: str = "host") -> Config:
    try:
        wanted = {"device": int(device) if device.isdigit() else device, "replies": replies}
        return load_config(overrides={"transport": wanted})
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


@dataclass(frozen=True)
class _Choice:
    """What was asked for; the suite's own where empty."""

    transports: Sequence[str] = ()
    workloads: Sequence[str] = ()
    warps: Sequence[int] = ()
    lanes: Sequence[int] = ()
    payloads: Sequence[int] = ()
    pollers: Sequence[int] = ()
    workers: Sequence[int] = (4,)
    replies: Sequence[str] = ()
    device: str = "0"
    quick: bool = True


@dataclass(frozen=True)
class _Plan:
    """What is measured of one transport with replies on one side."""

    transport: str
    replies: str
    config: Config
    cases: dict[tuple[int, int], list[Case]]  # by pollers and workers
    backend: str
    live: bool
    facts: Any

    @property
    def label(self) -> str:
        return target(self.transport, self.replies)


def _plans(choice: _Choice, chosen: Sequence[str], left: dict[str, str], notes: Console) -> list[_Plan]:
    """Decide what to measure; replies in VRAM unasked only where they work."""
    plans = []
    for name in chosen:
        for replies in choice.replies or ("host", "device"):
            config = _config(choice.device, replies)
            label = target(name, replies)
            try:
                if replies != "host":
                    probe = find(name).probe(config) if getattr(find(name), "backend", "") == "cuda" else None
                    if probe is None or not probe.works:
                        if choice.replies:
                            left[label] = probe.reason if probe else f"{name} has no memory of a device"
                            notes.print(f"{label}: left out: {left[label]}", style="dim", highlight=False)
                        continue
                plans.append(_plan(name, replies, config, choice))
            except HostcallError as error:
                left[label] = str(error)
                notes.print(f"{label}: left out: {error}", style="red", highlight=False)
    return plans


def _choose_transports(config: Config, wanted: Sequence[str], console: Console) -> tuple[list[str], dict[str, str]]:
    """Split into those that can be measured and those that cannot, with the reason."""
    probes = probe_all(config)
    chosen, left = [], {}
    for name in wanted or list(probes):
        probe = probes[name]
        if not probe.works:
            left[name] = probe.reason
        elif not wanted and "deferred" in probe.reason:
            left[name] = probe.reason + "; name it with --transport to see its posted calls"
        else:
            chosen.append(name)
    for name, reason in left.items():
        console.print(f"{name}: left out: {reason}", style="dim", highlight=False)
    return chosen, left


def _plan(name: str, replies: str, config: Config, choice: _Choice) -> _Plan:
    """What to measure on a transport; it is opened for a moment, since its device decides."""
    transport = find(name)(config)
    try:
        live = transport.capabilities.live
        able = [known for known in choice.workloads or WORKLOADS if live or WORKLOADS[known].deferred]
        facts, backend = transport.facts, transport.backend
    finally:
        transport.close()
    shapes: dict[str, Any] = {"warps": choice.warps, "lanes": choice.lanes, "payloads": choice.payloads}
    cases = choose_cases(able, backend, facts, cores(), quick=choice.quick, **shapes)
    threads = {(count, workers): cases for count in choice.pollers or (1,) for workers in choice.workers}
    if not choice.pollers and backend == "cuda" and cores() > _MORE_POLLERS:
        # Where there are cores for them the suite also shows what more pollers bring to those that wait in line.
        many = max(case.warps for case in cases) // 4
        more = [case for case in cases if WORKLOADS[case.workload].scales and case.warps >= many]
        threads |= {(_MORE_POLLERS, workers): more for workers in choice.workers if more}
    return _Plan(name, replies, config, threads, backend, live, facts)


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _describe(name: str, case: Case) -> str:
    return f"{name} {case.workload} {case.warps}x{case.lanes}"


def _compare(choice: _Choice, json_path: Path | None = None, csv_path: Path | None = None) -> int:
    """Measure and print; the exit status."""
    # Results go to stdout, everything about the run to stderr.
    console, notes = Console(), Console(stderr=True)
    config = _config(choice.device)
    machine = describe_machine()
    if not machine["quiet"]:
        notes.print(f"the machine is busy (load {machine['load'][0]}): figures taken now say little", style="yellow")
    chosen, left = _choose_transports(config, choice.transports, notes)
    rows: list[Row] = []
    failures: list[Failure] = []
    floors: dict[str, Floor] = {}
    host = _floor_host(notes)
    with _progress(notes) as progress:
        plans = _plans(choice, chosen, left, notes)
        task = progress.add_task("floor", total=sum(len(cases) for plan in plans for cases in plan.cases.values()))

        def done(case: Case, outcome: Row | Failure) -> None:
            progress.update(task, advance=1, description=_describe(outcome.label, case))
            if isinstance(outcome, Failure):
                notes.print(f"{_describe(outcome.label, case)}: {outcome.reason}", style="red", highlight=False)

        def beside(plan: _Plan, measured: list[Row]) -> list[Row]:
            return [row.with_floor(floors[plan.label]) if plan.label in floors else row for row in measured]

        for plan in plans:
            progress.update(task, description=f"{plan.label} floor")
            if host is not None:
                floors[plan.label] = _whole_floor(plan, choice.quick, host, notes)
            measured: list[Row] = []
            for (pollers, workers), cases in plan.cases.items():
                more, broken = run_cases(
                    plan.transport,
                    cases,
                    pollers=pollers,
                    seconds=_QUICK_SECONDS if choice.quick else _FULL_SECONDS,
                    quick=choice.quick,
                    ticks_per_us=host.ticks_per_us() if host else None,
                    workers=workers,
                    replies=plan.replies,
                    done=done,
                )
                measured += more
                failures += broken
                if json_path is not None:  # a run that is cut short leaves what it has measured so far
                    write_json(json_path, document(machine, rows + beside(plan, measured), floors, failures, left))
            if host is not None:
                # Once more, since a busy moment at the start would flatter every row.
                again = measure_floor(plan.transport, plan.config, quick=choice.quick, host=host)
                floors[plan.label] = floors[plan.label].faster(again)
            rows += beside(plan, measured)
    _print_results(console, rows, failures, floors)
    if json_path is not None:
        write_json(json_path, document(machine, rows, floors, failures, left))
    if csv_path is not None:
        write_csv(csv_path, rows)
    unmet = [name for name in choice.transports if name in left]
    bad = bool(failures or unmet or not rows) or any(row.errors or row.lost for row in rows)
    return int(bad)


def _floor_host(notes: Console) -> FloorHost | None:
    try:
        return FloorHost()
    except HostcallError as error:
        notes.print(f"no floor: {error}", style="yellow", highlight=False)
        return None


def _whole_floor(plan: _Plan, quick: bool, host: FloorHost, notes: Console) -> Floor:
    """The floor, with the bare mailbox at the warps and threads of the plan's no-op rows."""
    floor = measure_floor(plan.transport, plan.config, quick=quick, host=host)
    points = [
        point
        for (count, _), cases in plan.cases.items()
        for point in bare_points(cases, count, int(plan.facts.lanes_per_warp))
    ]
    if floor.problem and not floor.variants:
        return floor  # no mailbox works here
    found, problem = measure_bare(plan.transport, plan.config, list(dict.fromkeys(points)), host)
    if problem:
        notes.print(f"{plan.label}: {problem}", style="red", highlight=False)
    return replace(floor, bare=found)


def _print_results(
    console: Console, rows: Sequence[Row], failures: Sequence[Failure], floors: dict[str, Floor]
) -> None:
    if not console.is_terminal:
        # A file has no edge to fold at.
        console = Console(width=max(console.width, 160))
    if rows or failures:
        console.print(comparison(rows, failures))
    for line in floor_lines(floors):
        console.print(line, style="red" if "NOT VALID" in line else None, highlight=False)
    errors, lost = sum(row.errors for row in rows), sum(row.lost for row in rows)
    calls = sum(row.calls for row in rows)
    verdict = f"{calls} calls, {errors} errors, {lost} lost"
    if failures:
        verdict += f", {len(failures)} cases failed"
    console.print(verdict, style="bold red" if errors or lost or failures else "green", highlight=False)


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    """Compare every transport that works here on the quick suite; ``compare --help`` for the choices."""
    if context.invoked_subcommand is None:
        raise typer.Exit(_compare(_Choice()))


@app.command()
def compare(
    transport: _Transports = [],  # noqa: B006 - typer reads the default and never changes it
    workload: Annotated[
        list[str],
        typer.Option("--workload", "-w", callback=_check_workloads, help=f"Only this one of {', '.join(WORKLOADS)}."),
    ] = [],  # noqa: B006
    warps: Annotated[list[int], typer.Option("--warps", min=1, help="Warps at once; may be repeated.")] = [],  # noqa: B006
    lanes: Annotated[list[int], typer.Option("--lanes", min=1, max=32, help="Lanes of each warp that call.")] = [],  # noqa: B006
    payload: Annotated[
        list[int],
        typer.Option("--payload", min=0, max=1 << 30, callback=_check_payloads, help="Bytes per lane and call."),
    ] = [],  # noqa: B006
    pollers: Annotated[
        list[int],
        typer.Option(
            "--pollers", "--server-threads", min=1, max=16, help="Threads that poll, for all rows; may be repeated."
        ),
    ] = [],  # noqa: B006
    workers: Annotated[
        list[int], typer.Option("--workers", min=1, max=64, help="Threads for calls that can block; may be repeated.")
    ] = [4],  # noqa: B006
    replies: Annotated[
        list[str],
        typer.Option("--replies", callback=_check_replies, help="host or device, where lanes look for replies."),
    ] = [],  # noqa: B006
    device: _Device = "0",
    json_path: _Json = None,
    csv_path: Annotated[
        Path | None, typer.Option("--csv", callback=_check_target, help="Write the rows here as CSV.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick/--full", help="Small suite, or all shapes and sizes.")] = True,
) -> None:
    """Measure workloads on transports and print them side by side."""
    choice = _Choice(transport, workload, warps, lanes, payload, pollers, workers, replies, device, quick)
    raise typer.Exit(_compare(choice, json_path, csv_path))


@app.command()
def floor(
    transport: _Transports = [],  # noqa: B006
    device: _Device = "0",
    json_path: _Json = None,
    quick: Annotated[bool, typer.Option("--quick/--full", help="Fewer or more round trips.")] = True,
) -> None:
    """Measure what the machine itself costs: bare mailbox, dependent load, bandwidth of the link."""
    console, notes = Console(), Console(stderr=True)
    config = _config(device)
    machine = describe_machine()
    chosen, left = _choose_transports(config, transport, notes)
    floors = {}
    with _progress(notes) as progress:
        task = progress.add_task("floor", total=len(chosen))
        for name in chosen:
            progress.update(task, description=name)
            floors[name] = measure_floor(name, config, quick=quick)
            progress.update(task, advance=1)
    console.print(floor_table(floors))
    for line in floor_lines(floors):
        console.print(line, style="red" if "NOT VALID" in line else None, highlight=False)
    if json_path is not None:
        write_json(json_path, document(machine, [], floors, unavailable=left))
    raise typer.Exit(int(not floors or any(found.problem for found in floors.values())))


@app.command()
def curves(
    transport: _Transports = [],  # noqa: B006
    device: _Device = "0",
    budget: Annotated[
        float | None,
        typer.Option(min=1.0, help="Seconds for everything; 150 with a GPU and 60 without, if not given."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the JSON and the pictures.")] = Path("bench/results"),
    plot: Annotated[bool, typer.Option("--plot/--no-plot", help="Draw PNG files (needs matplotlib).")] = True,
    read: Annotated[
        Path | None, typer.Option("--from", exists=True, dir_okay=False, help="Draw a JSON of before; measure nothing.")
    ] = None,
) -> None:
    """Sweep over warps, lanes, payload and pollers; a JSON file and pictures of it."""
    began = time.monotonic()
    console, notes = Console(), Console(stderr=True)
    if not out.is_dir():
        raise typer.BadParameter(f"the directory {out} does not exist: make it or choose another one with --out")
    try:
        if plot:
            check_matplotlib()
        if read is not None:
            for path in draw_curves(json.loads(read.read_text()), out, read.stem):
                console.print(str(path), highlight=False, soft_wrap=True)
            raise typer.Exit(0)
    except (PlotError, ValueError) as error:
        more = "; --no-plot writes the JSON alone" if read is None else f" ({read})"
        raise typer.BadParameter(f"{error}{more}") from None
    raise typer.Exit(_curves(_Choice(transports=transport, device=device), budget, out, plot, began, console, notes))


def _curves(
    choice: _Choice, budget: float | None, out: Path, plot: bool, began: float, console: Console, notes: Console
) -> int:
    machine = describe_machine()
    chosen, left = _choose_transports(_config(choice.device), choice.transports, notes)
    # The no-op's cases of the suite are those whose bare mailbox is drawn.
    plans = _plans(replace(choice, workloads=("noop", "noop-lanes"), pollers=(1,)), chosen, left, notes)
    plans = [plan for plan in plans if plan.live]
    cuda = any(plan.backend == "cuda" for plan in plans)
    budget = budget or (150.0 if cuda else 60.0)
    host = _floor_host(notes)
    floors: dict[str, Floor] = {}
    with _progress(notes) as progress:
        task = progress.add_task("floor", total=None)
        if host is not None:
            for plan in plans:
                floors[plan.label] = _whole_floor(plan, True, host, notes)
        subjects = [Subject.of(plan.transport, plan.replies, plan.backend, plan.facts, cores()) for plan in plans]
        points = plan_curves(subjects)
        progress.update(task, total=len(points))

        def done(point: Point, outcome: Row | Failure) -> None:
            progress.update(task, advance=1, description=_describe(outcome.label, point.case))
            if isinstance(outcome, Failure):
                notes.print(f"{_describe(outcome.label, point.case)}: {outcome.reason}", style="red", highlight=False)

        # Pictures take a moment too.
        rest = budget - (time.monotonic() - began) - (_DRAWING_S if plot else 0.0)
        found = measure_curves(points, rest, ticks_per_us=host.ticks_per_us() if host else None, done=done)
        for plan in plans:  # once more, as for the table
            if host is not None and time.monotonic() - began < budget - 2 * _DRAWING_S:
                again = measure_floor(plan.transport, plan.config, host=host)
                floors[plan.label] = floors[plan.label].faster(again)
    rows = [row.with_floor(floors[row.label]) if row.label in floors else row for row, _ in found.rows]
    content = document(machine, rows, floors, found.failures, left)
    on = [[family, index] for index, (_, families) in enumerate(found.rows) for family in families]
    content["curves"] = {"budget_s": budget, "planned": found.planned, "measured": len(rows), "points": on}
    kind = "gpu" if cuda and machine["gpu"] else "cpu"
    name = re.sub(r"[^a-z0-9]+", "-", str(machine["gpu"] or "cpu").lower().replace("nvidia", "")).strip("-")
    stem = f"{machine['date'][:10]}-{name if kind == 'gpu' else 'cpu'}-curves"
    write_json(out / f"{stem}.json", content)
    made = [out / f"{stem}.json", *(draw_curves(content, out, stem) if plot and rows else [])]
    for path in made:
        console.print(str(path), highlight=False, soft_wrap=True)
    for line in floor_lines(floors):
        console.print(line, style="red" if "NOT VALID" in line else None, highlight=False)
    errors, lost = sum(row.errors for row in rows), sum(row.lost for row in rows)
    console.print(
        f"{len(rows)} of {found.planned} points in {time.monotonic() - began:.0f} s, {errors} errors, {lost} lost, "
        f"{len(found.failures)} failed",
        style="bold red" if errors or lost or found.failures or not rows else "green",
        highlight=False,
    )
    return int(bool(errors or lost or found.failures or not rows))


@app.command()
def doctor(
    device: _Device = "0",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Tell what works here, what does not and why, and the facts of each device."""
    console = Console()
    found = diagnose(_config(device))
    if as_json:
        probes = {name: vars(probe) for name, probe in found.probes.items()}
        content = {"machine": found.machine, "probes": probes, "facts": found.facts, "auto": found.best}
        console.print_json(json.dumps({**content, "hints": found.hints}, default=str))
    else:
        for table in found.tables():
            console.print(table)
        for hint in found.hints:
            console.print(f"hint: {hint}", style="yellow", highlight=False)
    raise typer.Exit(int(found.best is None))


def main() -> None:
    """Entry point of the script."""
    app()
