# SPDX-License-Identifier: Apache-2.0
"""The time zone that device code tells local time in, as a rule of POSIX's ``TZ``.

A device has no zone files. What it needs is put beside the environment when a runtime opens: the rule that holds now,
from the last line of the zone's file. How a zone changed its mind in earlier years stays on the host.
"""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Mapping
from pathlib import Path

__all__ = ["zone_entries", "zone_rule"]

_LOCAL = Path("/etc/localtime")
_LONGEST = 128


def _footer(path: Path) -> str | None:
    """Read the rule in a zone file's last line; None where there is none (files of version 1 have none)."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if not data.startswith(b"TZif") or not data.endswith(b"\n"):
        return None
    rule = data[:-1].rpartition(b"\n")[2]
    if not rule or len(rule) > _LONGEST or not rule.isascii() or b"\0" in rule:
        return None
    return rule.decode()


def zone_rule(name: str | None) -> str | None:
    """Give the rule of a zone.

    Parameters
    ----------
    name : str or None
        As in ``TZ``: a name like ``Europe/Berlin``, or the path of a file. None: the machine's own zone.

    Returns
    -------
    str or None
        Like ``CET-1CEST,M3.5.0,M10.5.0/3``; None if there is no such file, or it has no rule.
    """
    if name is None:
        return _footer(_LOCAL)
    if os.path.isabs(name):
        return _footer(Path(name))
    if not name or ".." in name.split("/"):
        return None
    return next((rule for folder in zoneinfo.TZPATH if (rule := _footer(Path(folder) / name))), None)


def zone_entries(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give what device code is told beside the environment, under names that ``getenv`` cannot ask for.

    Parameters
    ----------
    environ : mapping of str to str
        Of this process.

    Returns
    -------
    list of (str, str)
        ``=TZ``, the rule where a program has no ``TZ``; where ``TZ`` names a zone here, also ``=TZNAME`` and
        ``=TZRULE``.
    """
    name = environ.get("TZ")
    if not name:
        return [("=TZ", (zone_rule(None) if name is None else None) or "UTC0")]
    name = name.removeprefix(":")
    rule = zone_rule(name)
    entries = [("=TZ", rule or name)]
    if rule:
        entries += [("=TZNAME", name), ("=TZRULE", rule)]
    return entries
