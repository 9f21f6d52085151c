# SPDX-License-Identifier: Apache-2.0
"""Names, flags, the system and commands under sanitizers: hostile packets, and several threads at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize("case", ["hostile", "flags_of_many", "commands"])
@pytest.mark.parametrize("sanitizer", ["address", "thread"])
def test_names(run_case: Callable[..., None], case: str, sanitizer: str) -> None:
    run_case("names_driver", sanitizer, case)
