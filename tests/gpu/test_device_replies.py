# SPDX-License-Identifier: Apache-2.0
"""Replies in device memory keep every promise, or are refused in a sentence that says why."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import hostcall
from hostcall.testing import check_transport

SECONDS = 60.0


@pytest.fixture
def config(transport: str) -> hostcall.Config:
    """Give the configuration with replies in device memory."""
    return hostcall.load_config(overrides={"transport": {"kind": transport, "replies": "device"}})


def refused(config: hostcall.Config) -> bool:
    """Tell whether this machine has no way to it; what it then says must help."""
    kind = config.transport.kind
    probe = hostcall.transports.find(kind).probe(config)
    if probe.works:
        return False
    assert probe.device
    # Each way and what it lacks, and the way out.
    assert re.fullmatch(
        r'replies = "device" needs .+ \(dma-buf: .+; Vulkan: .+\); set replies = "host"', probe.reason
    ), probe.reason
    with pytest.raises(hostcall.TransportUnavailable) as caught:
        open_placed(config)
    assert str(caught.value) == f"transport {kind!r}: {probe.reason}"
    return True


def open_placed(config: hostcall.Config, **keywords: Any) -> hostcall.Runtime:
    """Open a runtime with this transport and replies in device memory."""
    return hostcall.open(transport={"kind": config.transport.kind, "replies": "device"}, **keywords)


@pytest.mark.timeout(600)
def test_a_promise_is_broken(config: hostcall.Config) -> None:
    if refused(config):
        return
    report = check_transport(config)
    report.raise_for_failures()
    assert sum(outcome.status == "passed" for outcome in report.outcomes) >= 30


CALLS = r"""
HC_KERNEL void __launch_bounds__(256, 8)
calls(hc_u64 *arrived, int warps, hc_u32 *wrong, hc_u32 *peak, int rounds, int op) {
    int i = hc_thread_id(), r;
    if (hc_lane() == 0) {
        hc_u32 k;
        (void)atomicAdd((unsigned long long *)arrived, 1ull);
        for (k = 0; k < 2000000u && *(volatile hc_u64 *)arrived < (hc_u64)warps; k++) __nanosleep(100);
        atomicMax((unsigned *)peak, (unsigned)*(volatile hc_u64 *)arrived);
    }
    __syncwarp();
    for (r = 0; r < rounds; r++) {
        /* Alike for all lanes of the warp, then a value for each. */
        hc_i64 x = (hc_i64)(r & 1 ? i : i / 32) << 20, got = hc_call_words(op, 2, x, r, 0, 0);
        if (got != x + r) wrong[i]++;
    }
}
"""


@pytest.mark.parametrize("op", [1, 2], ids=["poller", "worker"])
@pytest.mark.parametrize("pollers", [1, 4])
def test_a_reply_is_lost_when_every_warp_calls_at_once(config: hostcall.Config, op: int, pollers: int) -> None:
    if refused(config):
        return
    with open_placed(config, server={"pollers": pollers}) as rt:
        assert rt.transport.capabilities.device_replies
        warps = rt.transport.facts.warps
        arrived, peak = np.zeros(1, np.uint64), np.zeros(1, np.uint32)
        wrong = np.zeros(warps * 32, np.uint32)
        rounds = 200 if op == 1 else 10
        before = rt.stats()["server"]["lanes"]
        rt.compile(CALLS, "calls").launch(warps // 8, 256, (arrived, warps, wrong, peak, rounds, op))
        rt.synchronize(SECONDS)
        assert int(wrong.sum()) == 0, np.flatnonzero(wrong)[:5]
        assert rt.stats()["server"]["lanes"] - before == warps * 32 * rounds
        assert int(peak[0]) == warps, f"only {peak[0]} of {warps} warps were resident at once"


ONE = r"""
HC_KERNEL void one(hc_i64 *out, int rounds) {
    int r;
    for (r = 0; r < rounds; r++) out[0] += hc_call_words(HC_OP_NOP, 2, r, 1, 0, 0);
}
"""


def test_runtimes_with_device_replies_cannot_live_side_by_side(config: hostcall.Config) -> None:
    if refused(config):
        return
    with open_placed(config) as first:
        for _ in range(3):
            with open_placed(config) as second:
                for rt in (first, second):
                    out = np.zeros(1, np.int64)
                    rt.compile(ONE, "one").launch(1, 1, (out, 100))
                    rt.synchronize(SECONDS)
                    assert int(out[0]) == 5050
