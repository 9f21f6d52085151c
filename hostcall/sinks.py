# SPDX-License-Identifier: Apache-2.0
"""Where the device's standard streams go and come from: descriptors of the server, and callables of Python."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from ._native import lib
from .config import Config, FileSink, FileSource
from .errors import BackendError
from .services import LoggingSink, TextSink, process_stream

__all__ = ["flush_process_streams", "open_sinks", "open_source"]

_SINK_NULL, _SINK_FD, _SINK_PYTHON = 0, 1, 2  # of channel.h


def open_sinks(config: Config, server: Any) -> dict[int, Callable[[bytes], object]]:
    """Direct both streams.

    Parameters
    ----------
    config : Config
        Says where to.
    server
        The native server.

    Returns
    -------
    dict
        For each stream, 1 or 2, that needs Python: the callable that takes its bytes.

    Raises
    ------
    ConfigError
        If a file cannot be opened.
    BackendError
        If the server does not take a descriptor.
    """
    sinks: dict[int, Callable[[bytes], object]] = {}
    for number, name in ((1, "stdout"), (2, "stderr")):
        sink = _open_sink(config, server, number, name, getattr(config.services.stdio, name))
        if sink is not None:
            sinks[number] = sink
    return sinks


def _open_sink(config: Config, server: Any, number: int, name: str, choice: Any) -> Callable[[bytes], object] | None:
    """Direct a stream; the callable that takes its bytes, if Python is needed for it."""
    descriptor: int | None = None
    kind, owned = _SINK_FD, False
    sink: Callable[[bytes], object] | None = None
    if choice == "inherit":
        descriptor = process_stream(name)
        if descriptor is None:
            kind, sink = _SINK_PYTHON, TextSink(name)
    elif choice == "null":
        kind = _SINK_NULL
    elif choice == "logging":
        kind, sink = _SINK_PYTHON, LoggingSink(logging.INFO if number == 1 else logging.WARNING)
    elif isinstance(choice, FileSink):
        try:
            descriptor = os.open(choice.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise config.problem(f"services.stdio.{name}", f"cannot be opened: {error.strerror}") from error
        owned = True
    else:
        kind, sink = _SINK_PYTHON, choice
    try:
        status = lib.hc_stdio_sink(server, number, kind, -1 if descriptor is None else descriptor)
    finally:
        if owned and descriptor is not None:
            os.close(descriptor)  # the server has a duplicate
    if status < 0:
        raise BackendError(f"the device's {name} cannot be directed: {os.strerror(-status)}", code=-status)
    return sink


def flush_process_streams() -> None:
    """What Python printed before a launch comes out before what the kernel prints."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def open_source(config: Config, server: Any) -> None:
    """Direct the device's standard input.

    Parameters
    ----------
    config : Config
        Says where from.
    server
        The native server, which has the process's own from its beginning.

    Raises
    ------
    ConfigError
        If the file cannot be opened.
    BackendError
        If the server does not take it.
    """
    choice = config.services.stdio.stdin
    if choice == "inherit":
        return
    descriptor = -1
    if isinstance(choice, FileSource):
        try:
            descriptor = os.open(choice.file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise config.problem("services.stdio.stdin", f"cannot be opened: {error.strerror}") from error
    try:
        status = lib.hc_fs_stdin(server, descriptor)
    finally:
        if descriptor >= 0:
            os.close(descriptor)  # the server has a duplicate
    if status < 0:
        raise BackendError(f"the device's stdin cannot be directed: {os.strerror(-status)}", code=-status)
