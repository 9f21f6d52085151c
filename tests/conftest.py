# SPDX-License-Identifier: Apache-2.0
"""What every test can count on: a core left for the host's threads, honest skips, and a seed that can be repeated."""

from __future__ import annotations

import functools
import importlib.util
import os
import random
import sys
from pathlib import Path

import hypothesis
import pytest

# `python -m pytest` puts the repository first on the path, where hostcall/ lacks the packages that live in other
# folders. Tests see what is installed, as users do; what needs no extension can be tested without an installation.
_ROOT = str(Path(__file__).parent.parent)
_PATH = list(sys.path)
sys.path[:] = [entry for entry in _PATH if os.path.abspath(entry) != _ROOT]
if importlib.util.find_spec("hostcall") is None:
    sys.path[:] = _PATH
# PoCL reads this once, before the first get_platforms(). A kernel that waits on every core would starve the server that
# it waits for.
os.environ.setdefault("POCL_MAX_PTHREAD_COUNT", str(max(1, len(os.sched_getaffinity(0)) - 1)))
# A user's own settings must not change what the tests see.
for _name in [name for name in os.environ if name.startswith("HOSTCALL_") and "__" in name]:
    del os.environ[_name]

# On a busy machine a time limit for one example fails the wrong test; pytest-timeout bounds the whole.
hypothesis.settings.register_profile(
    "hostcall", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("hostcall")


@functools.cache
def no_cuda() -> str | None:
    """Say why there is no CUDA device, or None if there is one."""
    try:
        from cuda.bindings import driver
    except ImportError:
        return "no CUDA device can be asked for: cuda-bindings is not installed"
    try:
        (status,) = driver.cuInit(0)
        count = driver.cuDeviceGetCount()[1] if status == driver.CUresult.CUDA_SUCCESS else 0
    except RuntimeError as error:  # libcuda is not installed
        return f"no CUDA device: {error}"
    return None if count else f"no CUDA device: cuInit says {status.name}"


@functools.cache
def no_opencl() -> str | None:
    """Say why there is no OpenCL platform, or None if there is one."""
    try:
        import pyopencl as cl
    except ImportError:
        return "no OpenCL platform can be asked for: pyopencl is not installed"
    try:
        platforms = cl.get_platforms()
    except cl.LogicError as error:  # PLATFORM_NOT_FOUND_KHR
        return f"no OpenCL platform: {error}"
    return None if platforms else "no OpenCL platform"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Hypothesis draws a new seed for each run and keeps it to itself; this way the header can show it.
    if config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(1 << 32))


def pytest_report_header(config: pytest.Config) -> list[str]:
    seed = config.option.hypothesis_seed
    return [
        f"hypothesis seed: {seed} (repeat with --hypothesis-seed={seed})",
        f"POCL_MAX_PTHREAD_COUNT: {os.environ['POCL_MAX_PTHREAD_COUNT']}",
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(f"repeat with --hypothesis-seed={config.option.hypothesis_seed}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, missing in (("gpu", no_cuda), ("opencl", no_opencl)):
        if item.get_closest_marker(marker) and (reason := missing()):
            pytest.skip(reason)
