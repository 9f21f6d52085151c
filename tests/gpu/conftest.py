# SPDX-License-Identifier: Apache-2.0
"""Everything in this folder needs a CUDA device and a time limit; every transport that works on it is tried."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

import hostcall

# A pipe of device code is two descriptors of this process.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.gpu)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(params=["pinned-ring", "cuda-managed"])
def transport(request: pytest.FixtureRequest) -> str:
    """Give the name of each CUDA transport that works here."""
    name: str = request.param
    probe = hostcall.transports.find(name).probe(hostcall.load_config(overrides={"transport": {"kind": name}}))
    if not probe.works:
        pytest.skip(probe.reason)
    return name


@pytest.fixture
def rt(transport: str, tmp_path: Path) -> Iterator[hostcall.Runtime]:
    """Open a runtime whose device code lives in the test's folder."""
    runtime = hostcall.open(
        transport=transport,
        services={"fs": {"roots": [{"path": str(tmp_path), "mode": "rw"}], "max_open": 4096}},
        stdout={"file": str(tmp_path / "stdout")},
        stderr={"file": str(tmp_path / "stderr")},
    )
    yield runtime
    runtime.close()
