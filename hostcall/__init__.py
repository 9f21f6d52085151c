# SPDX-License-Identifier: Apache-2.0
"""Operating-system calls from GPU kernels: open a runtime, compile a kernel, launch it."""

from __future__ import annotations

from .config import Config, load_config
from .errors import (
    ArgumentError,
    BackendError,
    CompileError,
    ConfigError,
    DataLostError,
    DeadlockError,
    DeviceAbort,
    DeviceFault,
    HostcallError,
    LaunchError,
    RuntimeClosedError,
    ServiceError,
    TransportUnavailable,
    WaitTimeout,
)
from .runtime import Kernel, Runtime, open

__all__ = [
    "ArgumentError",
    "BackendError",
    "CompileError",
    "Config",
    "ConfigError",
    "DataLostError",
    "DeadlockError",
    "DeviceAbort",
    "DeviceFault",
    "HostcallError",
    "Kernel",
    "LaunchError",
    "Runtime",
    "RuntimeClosedError",
    "ServiceError",
    "TransportUnavailable",
    "WaitTimeout",
    "load_config",
    "open",
]
