# SPDX-License-Identifier: Apache-2.0
"""The command ``hostcall-bench``. Exit status: 0 all right, 1 something failed, was wrong or got lost, 2 usage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hostcall.config import Config, load_config
from hostcall.errors import ConfigError, HostcallError
from hostcall.transports import available, find, probe_all

from .doctor import diagnose
from .floor import Floor, FloorHost, measure_floor
from .machine import cores, describe_machine
from .measure import Failure, Row, run_cases
from .report import comparison, document, floor_lines, floor_table, write_csv, write_json
from .workloads import PAYLOAD_UNIT, WORKLOADS, Case, choose_cases

__all__ = ["app", "main"]

_QUICK_SECONDS, _FULL_SECONDS = 0.2, 1.0

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


def _config(device: str) -> Config:
    try:
        return load_config(overrides={"transport": {"device": int(device) if device.isdigit() else device}})
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


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


def _cases(
    name: str,
    config: Config,
    names: Sequence[str],
    quick: bool,
    warps: Sequence[int],
    lanes: Sequence[int],
    payloads: Sequence[int],
) -> list[Case]:
    """What to measure on a transport; it is opened for a moment, since its device decides."""
    transport = find(name)(config)
    try:
        live = transport.capabilities.live
        able = [name for name in names if live or WORKLOADS[name].deferred]
        facts, backend = transport.facts, transport.backend
    finally:
        transport.close()
    return choose_cases(able, backend, facts, cores(), quick=quick, warps=warps, lanes=lanes, payloads=payloads)


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _describe(name: str, case: Case) -> str:
    return f"{name} {case.workload} {case.warps}x{case.lanes}"


def _compare(
    transports: Sequence[str],
    workloads: Sequence[str],
    warps: Sequence[int],
    lanes: Sequence[int],
    payloads: Sequence[int],
    pollers: Sequence[int],
    device: str,
    json_path: Path | None,
    csv_path: Path | None,
    quick: bool,
) -> int:
    """Measure and print; the exit status."""
    # Results go to stdout, everything about the run to stderr.
    console, notes = Console(), Console(stderr=True)
    config = _config(device)
    machine = describe_machine()
    if not machine["quiet"]:
        notes.print(f"the machine is busy (load {machine['load'][0]}): figures taken now say little", style="yellow")
    chosen, left = _choose_transports(config, transports, notes)
    rows: list[Row] = []
    failures: list[Failure] = []
    floors: dict[str, Floor] = {}
    host: FloorHost | None = None
    rate: float | None = None
    try:
        host = FloorHost()
        rate = host.ticks_per_us()
    except HostcallError as error:
        notes.print(f"no floor: {error}", style="yellow", highlight=False)
    with _progress(notes) as progress:
        plan = {}
        for name in chosen:
            try:
                plan[name] = _cases(name, config, workloads or list(WORKLOADS), quick, warps, lanes, payloads)
            except HostcallError as error:
                left[name] = str(error)
                notes.print(f"{name}: left out: {error}", style="red", highlight=False)
        total = sum(len(cases) for cases in plan.values()) * len(pollers)
        task = progress.add_task("floor", total=total)
        for name, cases in plan.items():
            progress.update(task, description=f"{name} floor")
            if host is not None:
                floors[name] = measure_floor(name, config, quick=quick, host=host)
            measured: list[Row] = []
            for count in pollers:

                def done(case: Case, outcome: Row | Failure, name: str = name) -> None:
                    progress.update(task, advance=1, description=_describe(name, case))
                    if isinstance(outcome, Failure):
                        notes.print(f"{_describe(name, case)}: {outcome.reason}", style="red", highlight=False)

                more, broken = run_cases(
                    name,
                    cases,
                    pollers=count,
                    seconds=_QUICK_SECONDS if quick else _FULL_SECONDS,
                    quick=quick,
                    ticks_per_us=rate,
                    done=done,
                )
                measured += more
                failures += broken
            if host is not None:
                # Once more, since a busy moment at the start would flatter every row.
                floors[name] = floors[name].faster(measure_floor(name, config, quick=quick, host=host))
            rows += [row.with_floor(floors[name]) if name in floors else row for row in measured]
    _print_results(console, rows, failures, floors)
    if json_path is not None:
        write_json(json_path, document(machine, rows, floors, failures, left))
    if csv_path is not None:
        write_csv(csv_path, rows)
    unmet = [name for name in transports if name in left]
    bad = bool(failures or unmet or not rows) or any(row.errors or row.lost for row in rows)
    return int(bad)


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
        raise typer.Exit(_compare((), (), (), (), (), (1,), "0", None, None, True))


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
    server_threads: Annotated[
        list[int], typer.Option("--server-threads", min=1, max=16, help="Threads that poll; may be repeated.")
    ] = [1],  # noqa: B006
    device: _Device = "0",
    json_path: _Json = None,
    csv_path: Annotated[
        Path | None, typer.Option("--csv", callback=_check_target, help="Write the rows here as CSV.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick/--full", help="Small suite, or all shapes and sizes.")] = True,
) -> None:
    """Measure workloads on transports and print them side by side."""
    status = _compare(transport, workload, warps, lanes, payload, server_threads, device, json_path, csv_path, quick)
    raise typer.Exit(status)


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
