# SPDX-License-Identifier: Apache-2.0
"""Files as memory under sanitizers: many lanes at once, drivers that refuse or are late, and nonsense."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parent / "_mapping_driver.c").read_text()
CASES = re.findall(r"\bCASE\((\w+)\)", SOURCE.split("CASES[] = {")[1])


@pytest.mark.parametrize("sanitizer", ["address", "thread"])
@pytest.mark.parametrize("case", CASES)
def test_mapping(run_case: Callable[..., None], case: str, sanitizer: str) -> None:
    run_case("mapping_driver", sanitizer, case)
