# SPDX-License-Identifier: Apache-2.0
"""What is built for programs is built once for all of these tests, and nowhere near the user's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def program_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cache of this session's own."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def machine_target(program_cache: str) -> Iterator[None]:
    """Programs are for loopback unless a test says otherwise, whatever devices the machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOSTCALL_TARGET", "host")
        patch.setenv("HOSTCALL_CACHE", program_cache)
        yield
