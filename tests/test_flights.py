# SPDX-License-Identifier: Apache-2.0
"""How the end of a kernel on a GPU is met, played by a driver that the test holds."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any

import pytest

from hostcall.backends.cuda import CudaFlight
from hostcall.errors import DeviceFault


class CUresult(enum.IntEnum):
    CUDA_SUCCESS = 0
    CUDA_ERROR_NOT_READY = 600
    CUDA_ERROR_ILLEGAL_ADDRESS = 700


class Device:
    """Answers queries as told, and counts them."""

    def __init__(self, status: CUresult) -> None:
        self.status = status
        self.queries = 0
        self.driver = SimpleNamespace(
            CUresult=CUresult,
            cuEventQuery=self._query,
            cuGetErrorName=lambda code: (0, CUresult(code).name.encode()),
            cuGetErrorString=lambda code: (0, b"told by the test"),
        )

    def _query(self, event: object) -> tuple[CUresult]:
        self.queries += 1
        return (self.status,)

    def activate(self) -> None: ...

    def call(self, function: str, *args: Any) -> None:
        assert function == "cuEventDestroy"


class Activity:
    """Says that a kernel has ended once it is asked to wait for one, and lets the device say so too."""

    open = True

    def __init__(self, device: Device, waits: int) -> None:
        self._device, self._waits = device, waits
        self.count = 0
        self.asked: list[float] = []

    def ended(self, seen: int = 0, seconds: float = 0.0) -> int:
        if seconds:
            self.asked.append(seconds)
            if len(self.asked) == self._waits:
                self.count += 1
                self._device.status = CUresult.CUDA_SUCCESS
        return self.count


def test_a_long_kernel_is_polled() -> None:
    device = Device(CUresult.CUDA_ERROR_NOT_READY)
    activity: Any = Activity(device, waits=1)
    flight = CudaFlight(device, activity, object(), "k", None)  # type: ignore[arg-type]
    assert flight.wait(3600.0)
    # Some looks for short kernels, then one wait for as long as the caller gave.
    assert device.queries < 20
    assert len(activity.asked) == 1
    assert activity.asked[0] > 3000.0


def test_the_end_of_another_kernel_is_taken_for_this_one() -> None:
    device = Device(CUresult.CUDA_ERROR_NOT_READY)
    activity: Any = Activity(device, waits=2)
    flight = CudaFlight(device, activity, object(), "k", None)  # type: ignore[arg-type]
    real = activity.ended

    def other(seen: int = 0, seconds: float = 0.0) -> int:
        if seconds and not activity.asked:
            activity.asked.append(seconds)
            activity.count += 1
            return int(activity.count)
        return int(real(seen, seconds))

    activity.ended = other
    assert flight.wait(3600.0)
    assert len(activity.asked) == 2


@pytest.mark.parametrize("server", ["open", "closed"])
def test_a_wait_does_not_come_back(server: str) -> None:
    device = Device(CUresult.CUDA_ERROR_NOT_READY)
    activity: Any = Activity(device, waits=-1)
    activity.open = server == "open"
    activity.ended = lambda seen=0, seconds=0.0: seen
    flight = CudaFlight(device, activity, object(), "k", None)  # type: ignore[arg-type]
    assert not flight.wait(0.0)
    assert not flight.wait(0.05)
    device.status = CUresult.CUDA_SUCCESS
    assert flight.wait(0.0)
    assert flight.wait(0.0)


def test_a_fault_is_waited_for() -> None:
    device = Device(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS)
    activity: Any = Activity(device, waits=-1)
    flight = CudaFlight(device, activity, object(), "k", None)  # type: ignore[arg-type]
    with pytest.raises(DeviceFault, match="CUDA_ERROR_ILLEGAL_ADDRESS: told by the test"):
        flight.wait(3600.0)
