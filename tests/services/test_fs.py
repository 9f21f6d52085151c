# SPDX-License-Identifier: Apache-2.0
"""The file-system services under sanitizers, with paths resolved by the kernel and by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parent / "_fs_driver.c").read_text()
CASES = re.findall(r"\bCASE\((\w+)\)", SOURCE.split("} CASES[] = {")[1].split("\n", 2)[2])


def test_every_case_is_listed() -> None:
    assert len(CASES) == len(set(CASES))
    assert set(CASES) == set(
        re.findall(r"^static void (\w+)\(void\) \{\n    (?:scene|int saved)", SOURCE, re.MULTILINE)
    )


@pytest.mark.parametrize("resolve", ["kernel", "walk"])
@pytest.mark.parametrize("case", CASES)
def test_fs(run_case: Callable[..., None], case: str, resolve: str) -> None:
    run_case("fs_driver", "address", case, resolve)


@pytest.mark.parametrize("case", CASES)
def test_fs_threads(run_case: Callable[..., None], case: str) -> None:
    run_case("fs_driver", "thread", case)
