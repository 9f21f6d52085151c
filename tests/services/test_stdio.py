# SPDX-License-Identifier: Apache-2.0
"""Device stdout and stderr: printf records against snprintf, hostile records, and sinks that refuse or are slow."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parent / "_stdio_driver.c").read_text()
CASES = [
    case
    for case in re.findall(r"\bCASE\((\w+)\)", SOURCE.split("} CASES[] = {")[1].split("\n", 2)[2])
    if case != "bench"
]
THREADED = [case for case in CASES if "reader" in case]


@pytest.mark.parametrize("case", CASES)
def test_stdio(run_case: Callable[..., None], case: str) -> None:
    seed = random.SystemRandom().randrange(1, 1 << 63)  # stands in the command that a failure shows
    run_case("stdio_driver", "address", case, str(seed))


@pytest.mark.parametrize("case", THREADED)
def test_stdio_threads(run_case: Callable[..., None], case: str) -> None:
    run_case("stdio_driver", "thread", case, "1")
