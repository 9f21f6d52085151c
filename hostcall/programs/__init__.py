# SPDX-License-Identifier: Apache-2.0
"""Ordinary C programs on a device: the linkable library, the compilers, and the run."""

from __future__ import annotations

from .api import DEVNULL, PIPE, CompletedProgram, build, run

__all__ = ["DEVNULL", "PIPE", "CompletedProgram", "build", "run"]
