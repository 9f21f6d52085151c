# SPDX-License-Identifier: Apache-2.0
"""The rules of services.net: what they cover, and what is said where one is wrong."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcall import ConfigError, load_config
from hostcall.net_rules import NetRule, parse_rule

V4 = bytes(10) + b"\xff\xff"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("*:443", NetRule(bytes(16), 0, 443, 443)),
        ("*:*", NetRule(bytes(16), 0, 0, 65535)),
        ("127.0.0.1/32:8000-9000", NetRule(V4 + b"\x7f\0\0\1", 128, 8000, 9000)),
        ("127.0.0.1:0", NetRule(V4 + b"\x7f\0\0\1", 128, 0, 0)),
        ("10.0.0.0/8:65535", NetRule(V4 + b"\x0a\0\0\0", 104, 65535, 65535)),
        ("0.0.0.0/0:1", NetRule(V4 + bytes(4), 96, 1, 1)),
        ("[::1]:443", NetRule(bytes(15) + b"\1", 128, 443, 443)),
        ("[fd00::]/8:1-2", NetRule(b"\xfd" + bytes(15), 8, 1, 2)),
        ("[fd00::/8]:1-2", NetRule(b"\xfd" + bytes(15), 8, 1, 2)),
    ],
)
def test_a_rule_covers_something_else(text: str, rule: NetRule) -> None:
    assert parse_rule(text) == rule


@given(st.ip_addresses(), st.integers(0, 128), st.integers(0, 65535), st.integers(0, 65535))
def test_a_network_is_read_wrongly(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int, one: int, other: int
) -> None:
    network = ipaddress.ip_network(f"{address}/{min(bits, address.max_prefixlen)}", strict=False)
    low, high = sorted((one, other))
    text = f"{network}:{low}-{high}" if network.version == 4 else f"[{network}]:{low}-{high}"
    rule = parse_rule(text)
    packed = network.network_address.packed
    assert rule == NetRule(
        packed if len(packed) == 16 else V4 + packed, network.prefixlen + (0 if len(packed) == 16 else 96), low, high
    )


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (["127.0.0.1"], ["127.0.0.1", "ADDRESS:PORTS"]),
        (["example.com:80"], ["example.com", "a name is not resolved"]),
        (["::1:80"], ["ADDRESS:PORTS"]),
        (["[1.2.3.4]:80"], ["IPv6", "[::1]"]),
        (["1.2.3.4/8:80"], ["bits set behind its prefix", "1.0.0.0/8"]),
        (["1.2.3.4/33:80"], ["1.2.3.4/33", "no IPv4 address"]),
        (["*:65536"], ["65536", "65535"]),
        (["*:9-8"], ["9", "above the last, 8"]),
        (["*:http"], ["ports are"]),
        ([80], ["80", "not a rule"]),
        ("*:80", ["must be a list of ADDRESS:PORTS"]),
        (["*:80"] * 2000, ["2000 rules are too many"]),
    ],
)
def test_a_mistake_in_a_rule_is_not_explained(rules: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(overrides={"services": {"net": {"bind": rules}}}, environ={})
    message = str(caught.value)
    assert "services.net.bind" in message
    for word in words:
        assert word in message


def test_the_network_is_on_by_default_or_forgets_its_rules() -> None:
    net = load_config(environ={}).services.net
    assert (net.enabled, net.connect, net.bind, net.unix, net.names) == (False, (), (), False, True)
    environ = {"HOSTCALL_SERVICES__NET__ENABLED": "true", "HOSTCALL_SERVICES__NET__CONNECT": '["*:443", "*:443"]'}
    config = load_config(environ=environ)
    assert config.services.net.enabled and config.services.net.connect == ("*:443",)
    assert load_config(overrides=config.to_dict(), environ={}) == config
    for value in (1, "yes"):
        with pytest.raises(ConfigError, match=r"services.net.unix = .*: must be true or false"):
            load_config(overrides={"services": {"net": {"unix": value}}}, environ={})
