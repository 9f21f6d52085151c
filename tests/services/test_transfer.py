# SPDX-License-Identifier: Apache-2.0
"""What moves the bytes of plain files, under sanitizers: pieces, writers that meet at a file, batches."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parent / "_transfer_driver.c").read_text()
CASES = re.findall(r"\bCASE\((\w+)\)", SOURCE.split("} CASES[] = {")[1].split("\n", 2)[2])


def test_every_case_is_listed() -> None:
    assert len(CASES) == len(set(CASES))
    assert set(CASES) == set(re.findall(r"^static void (\w+)\(void\) \{\n    scene\(\);", SOURCE, re.MULTILINE))


@pytest.mark.parametrize("sanitizer", ["address", "thread"])
@pytest.mark.parametrize("case", CASES)
def test_transfer(run_case: Callable[..., None], case: str, sanitizer: str) -> None:
    run_case("transfer_driver", sanitizer, case)
