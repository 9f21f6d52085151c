# SPDX-License-Identifier: Apache-2.0
"""The socket services under sanitizers: crowds at one socket, waits that end in several ways, hostile packets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parent / "_net_driver.c").read_text()
CASES = re.findall(r"\bCASE\((\w+)\)", SOURCE.split("} CASES[] = {")[1].split("\n", 2)[2])


def test_every_case_is_listed() -> None:
    assert len(CASES) == len(set(CASES))
    assert set(CASES) == set(re.findall(r"^static void (\w+)\(void\) \{\n    scene\(\);", SOURCE, re.MULTILINE))


@pytest.mark.parametrize("sanitizer", ["address", "thread"])
@pytest.mark.parametrize("case", CASES)
def test_net(run_case: Callable[..., None], case: str, sanitizer: str) -> None:
    run_case("net_driver", sanitizer, case)
