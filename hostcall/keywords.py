# SPDX-License-Identifier: Apache-2.0
"""The keywords of ``hostcall.open`` as the tables that they are short for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .errors import ConfigError

__all__ = ["keyword_tables"]


def keyword_tables(tables: Mapping[str, Any], sinks: Mapping[str, Any]) -> dict[str, Any]:
    """Turn keywords into overrides of a configuration.

    Parameters
    ----------
    tables : mapping
        Tables by name, their short forms, or None for what was not given.
    sinks : mapping
        ``stdout`` and ``stderr``, or None.

    Returns
    -------
    dict
        For :func:`hostcall.load_config`.

    Raises
    ------
    ConfigError
        If a sink was given and ``services`` is no table of tables.
    """
    overrides: dict[str, Any] = dict(_tables(tables))
    streams = {name: sink for name, sink in sinks.items() if sink is not None}
    if streams:
        table = overrides.get("services", {})
        if not isinstance(table, Mapping) or not isinstance(table.get("stdio", {}), Mapping):
            raise ConfigError("keyword services: must be a table of tables")
        overrides["services"] = {**table, "stdio": {**table.get("stdio", {}), **streams}}
    return overrides


def _tables(keywords: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in keywords.items():
        if value is None:
            continue
        if key == "transport" and isinstance(value, str):
            yield key, {"kind": value}
        elif key == "heap" and isinstance(value, (int, str)):
            yield key, {"size": value}
        else:
            yield key, value
