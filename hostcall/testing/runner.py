# SPDX-License-Identifier: Apache-2.0
"""The order of the checks, and the function that runs them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ..config import Config
from . import (
    calls,
    clock,
    deferred,
    files,
    lifecycle,
    mappings,
    memory,
    names,
    nets,
    payloads,
    posts,
    services,
    tickets,
    waits,
)
from .bench import Bench, Check
from .report import Report

CHECKS: list[Check] = [
    *calls.CHECKS,
    *payloads.CHECKS,
    *files.CHECKS,
    *names.CHECKS,
    *mappings.CHECKS,
    *posts.CHECKS,
    *tickets.CHECKS,
    *waits.CHECKS,
    *nets.CHECKS,
    *lifecycle.CHECKS,
    *services.CHECKS,
    *memory.CHECKS,
    *clock.CHECKS,
    *deferred.CHECKS,
]


def check_transport(kind: str | Config, *, device: int | str = 0, quick: bool = True) -> Report:
    """Check that a transport keeps the protocol's promises.

    Parameters
    ----------
    kind : str or Config
        Name of the transport, or a configuration that names it; sinks, roots and sizes are chosen by the checks.
    device : int or str
        As in ``transport.device``; only with a name.
    quick : bool
        Fewer lanes and rounds: seconds on a GPU, about a minute on a CPU with two cores.

    Returns
    -------
    Report
        Never raises for what a check finds; see :meth:`Report.raise_for_failures`.

    Raises
    ------
    TransportUnavailable
        If the transport does not work here at all.
    ConfigError
        If no transport has that name.
    """
    base: dict[str, Any]
    if isinstance(kind, Config):
        base = kind.to_dict()
    else:
        base = {"transport": {"kind": kind, "device": device}}
    with tempfile.TemporaryDirectory(prefix="hostcall-testing-") as folder:
        bench = Bench(base, Path(folder), quick)
        try:
            for check in CHECKS:
                bench.perform(check)
                if bench.stuck:
                    break
        finally:
            bench.finish()
        return bench.report
