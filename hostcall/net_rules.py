# SPDX-License-Identifier: Apache-2.0
"""Rules of addresses and ports: which peers device code may reach, and which of its own addresses it may bind."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

__all__ = ["NetRule", "parse_rule"]

_RULE = re.compile(r"(?P<star>\*)(?=:)|\[(?P<six>[^\]]*)\](?P<bits>/\d+)?(?=:)|(?P<four>[^:\[\]]+)(?=:)")
_PORTS = re.compile(r":(?:\*|(\d{1,5})(?:-(\d{1,5}))?)")
_MOST_PORT = 65535


@dataclass(frozen=True)
class NetRule:
    """Addresses that begin alike, and a range of ports.

    Attributes
    ----------
    address : bytes
        16 bytes; an IPv4 address is written as the IPv6 address that stands for it.
    prefix : int
        How many bits of it count.
    low, high : int
        First and last port.
    """

    address: bytes
    prefix: int
    low: int
    high: int


def parse_rule(text: str) -> NetRule:
    """Read a rule such as ``"127.0.0.1/32:8000-9000"``.

    Parameters
    ----------
    text : str
        ``ADDRESS:PORTS``. The address is ``*``, an IPv4 address, or an IPv6 address in brackets, the latter two with
        an optional prefix length; the ports are ``*``, a number, or two with a hyphen between them.

    Returns
    -------
    NetRule
        What it says.

    Raises
    ------
    ValueError
        With what is wrong, if it is no rule.
    """
    match = _RULE.match(text)
    if match is None:
        raise ValueError('a rule is ADDRESS:PORTS, such as "127.0.0.1/32:8000-9000", "[::1]:443" or "*:443"')
    ports = _PORTS.fullmatch(text, match.end())
    if ports is None:
        raise ValueError('ports are "*", a number from 0 to 65535, or two with a hyphen between them')
    low = int(ports[1]) if ports[1] else 0
    high = int(ports[2]) if ports[2] else low if ports[1] else _MOST_PORT
    if high > _MOST_PORT:
        raise ValueError(f"{high} is no port: the last one is {_MOST_PORT}")
    if low > high:
        raise ValueError(f"the first port, {low}, is above the last, {high}")
    if match["star"]:
        return NetRule(bytes(16), 0, low, high)
    if match["four"]:
        four = _network(match["four"], "IPv4", "127.0.0.1")
        return NetRule(bytes(10) + b"\xff\xff" + four.network_address.packed, 96 + four.prefixlen, low, high)
    six = _network(match["six"] + (match["bits"] or ""), "IPv6", "[::1]")
    return NetRule(six.network_address.packed, six.prefixlen, low, high)


def _network(text: str, kind: str, example: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        loose = ipaddress.ip_network(text, strict=False)
    except ValueError:
        named = " (a name is not resolved: what is checked is the address)" if re.search("[g-zG-Z]", text) else ""
        raise ValueError(
            f'"{text}" is no {kind} address, with or without a prefix length, such as {example}{named}'
        ) from None
    if f"IPv{loose.version}" != kind:
        raise ValueError(f'"{text}" is no {kind} address, such as {example}; IPv6 stands in brackets')
    if ipaddress.ip_interface(text).ip != loose.network_address:
        raise ValueError(f'"{text}" has bits set behind its prefix; "{loose}" is what it covers')
    return loose
