# SPDX-License-Identifier: Apache-2.0
"""Backends: who compiles and launches kernels for a transport. Each module is imported when a transport asks for it."""

from __future__ import annotations

from ..errors import ConfigError
from .base import Backend, Setting

__all__ = ["Backend", "make_backend"]


def make_backend(setting: Setting) -> Backend:
    """Make the backend that a transport names.

    Parameters
    ----------
    setting : Setting
        The opened transport and what it was opened for.

    Returns
    -------
    Backend
        Ready to compile.
    """
    name = setting.transport.backend
    if name == "host":
        from .host import HostBackend

        return HostBackend(setting)
    if name == "opencl":
        from .opencl import OpenCLBackend

        return OpenCLBackend(setting)
    if name == "cuda":
        from .cuda import CudaBackend

        return CudaBackend(setting)
    raise ConfigError(
        f"transport {setting.transport.name!r} asks for a backend {name!r}; there are host, opencl and cuda"
    )
