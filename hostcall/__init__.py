# SPDX-License-Identifier: Apache-2.0
"""Operating-system calls from GPU kernels: open a runtime, compile a kernel, launch it."""

from __future__ import annotations

from importlib.util import find_spec as _find_spec

if _find_spec("hostcall.transports") is None or _find_spec("hostcall._native") is None:
    raise ImportError(
        f"{__path__[0]} is the source folder of hostcall and not the installed package: the current directory comes "
        "first on sys.path. Start Python in another directory, or install the checkout with: pip install -e ."
    )

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
