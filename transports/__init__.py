# SPDX-License-Identifier: Apache-2.0
"""Which transports exist, which of them work here, and which one is best.

The built-in ones are listed below; others are found under the entry-point group ``hostcall.transports``. A transport's
module is imported only when it is asked for, so that a missing driver package costs nothing.
"""

from __future__ import annotations

import difflib
import importlib
import logging
from importlib import metadata
from typing import cast

from hostcall.config import Config, load_config
from hostcall.errors import ConfigError, TransportUnavailable

from .base import Capabilities, Facts, Probe, Region, Transport

__all__ = [
    "Capabilities",
    "Facts",
    "Probe",
    "Region",
    "Transport",
    "available",
    "choose",
    "find",
    "probe_all",
]

GROUP = "hostcall.transports"

_BUILTIN = {
    "pinned-ring": ".pinned_ring:PinnedRing",
    "cuda-managed": ".cuda_managed:CudaManaged",
    "opencl-svm": ".opencl_svm:OpenCLSVM",
    "opencl-svm-deferred": ".opencl_svm:OpenCLSVMDeferred",
    "loopback": ".loopback:Loopback",
}

AUTO = ("pinned-ring", "cuda-managed", "opencl-svm", "loopback")
"""What ``transport.kind = "auto"`` tries, best first."""

_log = logging.getLogger(__name__)


def available() -> tuple[str, ...]:
    """Names of all transports that are installed, whether they work here or not.

    Returns
    -------
    tuple of str
        The built-in ones, then those of other distributions.
    """
    plugins = sorted({point.name for point in metadata.entry_points(group=GROUP)} - set(_BUILTIN))
    return (*_BUILTIN, *plugins)


def find(name: str) -> type[Transport]:
    """Load the class of a transport.

    Parameters
    ----------
    name : str
        As in ``transport.kind``, but not ``auto``.

    Returns
    -------
    type
        A class that implements :class:`~hostcall.transports.base.Transport`.

    Raises
    ------
    KeyError
        If no transport has that name.
    TransportUnavailable
        If its module cannot be imported.
    """
    if name in _BUILTIN:
        module, _, attribute = _BUILTIN[name].partition(":")
        return cast("type[Transport]", getattr(importlib.import_module(module, __name__), attribute))
    for point in metadata.entry_points(group=GROUP):
        if point.name == name:
            try:
                return cast("type[Transport]", point.load())
            except Exception as error:
                raise TransportUnavailable(f"{point.value} cannot be loaded: {error}", transport=name) from error
    raise KeyError(name)


def probe_all(config: Config | None = None) -> dict[str, Probe]:
    """Ask every installed transport whether it works here.

    Parameters
    ----------
    config : Config, optional
        The defaults if not given.

    Returns
    -------
    dict of str to Probe
        By name, best first.
    """
    if config is None:
        config = load_config()
    return {name: _probe(name, config) for name in available()}


def _probe(name: str, config: Config) -> Probe:
    try:
        return find(name).probe(config)
    except TransportUnavailable as error:
        return Probe(False, str(error.args[0]))
    except Exception as error:  # noqa: BLE001 - a driver or plugin that breaks is one that does not work
        _log.debug("probe of %s failed", name, exc_info=True)
        return Probe(False, f"its probe failed: {type(error).__name__}: {error}")


def choose(config: Config) -> tuple[Transport, dict[str, str]]:
    """Open the transport that the configuration names, or the best that works.

    Parameters
    ----------
    config : Config
        Says which kind and which device.

    Returns
    -------
    transport : Transport
        Opened, nothing allocated yet.
    why : dict of str to str
        For each better transport, one sentence why it is not this one. Empty if one was named.

    Raises
    ------
    ConfigError
        If no transport has the configured name.
    TransportUnavailable
        If the named one, or none at all, works here.
    """
    kind = config.transport.kind
    if kind != "auto":
        return _open(kind, config), {}
    why: dict[str, str] = {}
    for name in AUTO:
        try:
            transport = _open(name, config)
        except TransportUnavailable as error:
            why[name] = str(error.args[0])
            continue
        if not transport.capabilities.live:
            # A blocking call would fail on it: whoever wants that says so by name.
            transport.close()
            why[name] = f"{transport.facts.name} shares memory only between launches"
            continue
        for better, reason in why.items():
            _log.info("transport %s chosen, not %s: %s", name, better, reason)
        return transport, why
    reasons = "; ".join(f"{name}: {reason}" for name, reason in why.items())
    raise TransportUnavailable(f"none works here: {reasons}")


def _open(name: str, config: Config) -> Transport:
    try:
        factory = find(name)
    except KeyError:
        raise _unknown(name, config) from None
    probe = _probe(name, config)
    if not probe.works:
        raise TransportUnavailable(probe.reason, transport=name)
    transport = factory(config)
    if config.transport.replies == "device" and not transport.capabilities.device_replies:
        transport.close()
        raise TransportUnavailable(
            'it has no device memory to put replies into; transport.replies = "device" is for CUDA devices, set "host"',
            transport=name,
        )
    return transport


def _unknown(name: str, config: Config) -> ConfigError:
    names = ("auto", *available())
    close = difflib.get_close_matches(name, names, n=1)
    guess = f' did you mean "{close[0]}"?' if close else ""
    return config.problem("transport.kind", f"no transport has this name;{guess} Allowed: {', '.join(names)}")
