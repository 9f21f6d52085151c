# SPDX-License-Identifier: Apache-2.0
"""Which runtimes are open, so that none outlives the interpreter's threads, and which must never be freed."""

from __future__ import annotations

import atexit
import logging
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import BackendError

if TYPE_CHECKING:
    from .runtime import Runtime

__all__ = ["closed", "end", "keep", "opened"]

_log = logging.getLogger("hostcall")

_open: weakref.WeakSet[Runtime] = weakref.WeakSet()
_stuck: list[Runtime] = []


def opened(runtime: Runtime) -> None:
    """Close it at exit, if nobody does before."""
    _open.add(runtime)


def closed(runtime: Runtime) -> None:
    """Leave it alone at exit."""
    _open.discard(runtime)


def keep(runtime: Runtime) -> None:
    """Something of it still runs: its memory must not go away under it."""
    _stuck.append(runtime)


def end(close: Callable[[], object]) -> None:
    """Close a part of a runtime; what its driver says then is logged, since the other parts are to be closed too."""
    try:
        close()
    except BackendError as error:
        _log.error("close: %s", error)


def _close_all() -> None:
    # Before the interpreter takes the threads' feet away.
    for runtime in list(_open):
        try:
            runtime._close_quietly()
        except Exception:  # noqa: BLE001 - at exit there is nobody to raise to
            _log.exception("a runtime could not be closed at exit")


atexit.register(_close_all)
