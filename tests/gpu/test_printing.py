# SPDX-License-Identifier: Apache-2.0
"""Records of many lanes: whatever lanes are together, agree or differ, each line is what its lane asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hostcall

pytestmark = pytest.mark.gpu

SECONDS = 120.0

SHAPES = r"""
#include <stdio.h>
__device__ const char *const NAMES[5] = {"", "a", "eight ch", "nine char", "a longer one that takes several words"};
HC_KERNEL void shapes(const unsigned *masks, int count) {
    int lane = hc_thread_id() & 31, k;
    for (k = 0; k < count; k++) {
        char own[16];
        own[0] = (char)('A' + lane % 26);
        own[1] = 0;
        if (!((masks[k] >> lane) & 1u)) continue;
        switch (k % 6) {
        case 0: printf("%d %d %u\n", k, lane, 4000000000u + (unsigned)lane); break;
        case 1: printf("%d %d %s|%s\n", k, lane, NAMES[lane % 5], "same for all"); break;
        case 2: printf("%d %d %s %ld %f\n", k, lane, own, -5000000000l - lane, 0.5 * k); break;
        case 3:
            printf("%d %d %s %*.*f\n", k, lane, lane % 3 ? NAMES[lane % 5] : (const char *)0, lane, lane % 4,
                   1.0 / (1 + lane));
            break;
        case 4:
            printf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %s\n", k, lane, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
                   11, 12, 13, 14, 15, own);
            break;
        default: printf("%d %d no more than that, but a text that takes a few words of the ring\n", k, lane); break;
        }
    }
}
"""
NAMES = ("", "a", "eight ch", "nine char", "a longer one that takes several words")


def expected(k: int, lane: int) -> str:
    own = chr(ord("A") + lane % 26)
    if k % 6 == 0:
        return f"{k} {lane} {4000000000 + lane}"
    if k % 6 == 1:
        return f"{k} {lane} {NAMES[lane % 5]}|same for all"
    if k % 6 == 2:
        return f"{k} {lane} {own} {-5000000000 - lane} {0.5 * k:f}"
    if k % 6 == 3:
        return f"{k} {lane} {NAMES[lane % 5] if lane % 3 else '(null)'} {1.0 / (1 + lane):{lane or ''}.{lane % 4}f}"
    if k % 6 == 4:
        return f"{k} {lane} {' '.join(str(n) for n in range(1, 16))} {own}"
    return f"{k} {lane} no more than that, but a text that takes a few words of the ring"


@pytest.mark.parametrize("formatters", [0, 1, 4])
def test_a_lane_prints_the_arguments_of_another(tmp_path: Path, formatters: int) -> None:
    random = np.random.default_rng(7)
    masks = random.integers(1, 1 << 32, 600, dtype=np.uint64).astype(np.uint32)
    masks[:40] = np.uint32(1) << np.arange(40, dtype=np.uint32) % 32
    masks[40:80] = 0xFFFFFFFF
    out = tmp_path / "out"
    with hostcall.open(
        transport={"kind": "pinned-ring"}, server={"formatters": formatters}, stdout={"file": str(out)}, heap="1MiB"
    ) as runtime:
        runtime.compile(SHAPES, "shapes").launch(1, 32, (masks, len(masks)))
        runtime.synchronize(SECONDS)
    lines = out.read_text().splitlines()
    wanted = [[expected(k, lane) for lane in range(32) if int(mask) >> lane & 1] for k, mask in enumerate(masks)]
    assert sorted(lines) == sorted(line for few in wanted for line in few)
    for lane in (0, 13, 31):  # and in program order
        mine = [line for line in lines if line.split()[1] == str(lane)]
        assert mine == [expected(k, lane) for k, mask in enumerate(masks) if int(mask) >> lane & 1]
