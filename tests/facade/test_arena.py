# SPDX-License-Identifier: Apache-2.0
"""The payload arena under contention: no page has two owners, and every page comes back."""

from __future__ import annotations

import numpy as np
import pytest

import hostcall

SECONDS = 120.0
WORDS = 160  # map words of 32 pages: more than the window of large runs

SOURCE = r"""
#include <hostcall.h>
HC_KERNEL void crowd(HC_GLOBAL hc_u32 *owners, HC_GLOBAL hc_u32 *out, int rounds, hc_u32 seed) {
    hc_u64 c = hc_client_address();
    hc_u32 x = seed + 77777u * (hc_u32)hc_thread_id(), got = 0, wrong = 0, k;
    int r;
    for (r = 0; r < rounds; r++) {
        hc_u32 pages, page, first, count;
        x = x * 1664525u + 1013904223u;
        pages = x % 3u == 0 ? 1u + (x >> 8) % 32u : ((33u + (x >> 8) % 1400u) + 31u) & ~31u;
        page = hc_arena_try(c, pages, (int)(x >> 30) == 3);
        if (page == ~0u) continue;
        got++;
        first = page / 32u;
        count = pages > 32u ? pages / 32u : 1u;
        if (page + pages > 32u * WORDS) wrong++;
        for (k = 0; k < count && first + k < WORDS; k++) {
            hc_u64 at = (hc_u64)(hc_size)(owners + first + k);
            /* a word of small runs counts them; a large one has its words for itself */
            hc_u32 old = hc_dev_add32(at, pages > 32u ? 0x10000u : 1u);
            if (pages > 32u ? old != 0 : old >= 0x10000u) wrong++;
        }
        for (k = 0; k < count && first + k < WORDS; k++)
            (void)hc_dev_add32((hc_u64)(hc_size)(owners + first + k), pages > 32u ? 0u - 0x10000u : 0u - 1u);
        hc_arena_free(c, page, pages);
    }
    out[2 * hc_thread_id()] = got;
    out[2 * hc_thread_id() + 1] = wrong;
}
/* The whole arena in one run, if everything was given back. */
HC_KERNEL void whole(HC_GLOBAL hc_u32 *out) {
    hc_u64 c = hc_client_address();
    out[0] = hc_arena_try(c, 32u * WORDS, 0);
    out[1] = hc_arena_try(c, 1u, 0);
    out[2] = hc_arena_try(c, 64u, 1);
    if (out[0] != ~0u) hc_arena_free(c, out[0], 32u * WORDS);
    out[3] = hc_arena_try(c, 64u, 0);
    if (out[3] != ~0u) hc_arena_free(c, out[3], 64u);
}
"""


@pytest.mark.parametrize("kind", ["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl)])
def test_two_lanes_get_one_page(kind: str) -> None:
    seed = int(np.random.default_rng().integers(1 << 31))
    with hostcall.open(transport={"kind": kind, "payload": WORDS * 32 * 4096}) as rt:
        defines = {"WORDS": f"{WORDS}u"}
        lanes = 16
        owners, out = np.zeros(WORDS, np.uint32), np.zeros((lanes, 2), np.uint32)
        shape = (1, lanes) if kind == "loopback" else (lanes, 1)
        rt.compile(SOURCE, "crowd", defines=defines).launch(*shape, (owners, out, 20_000, seed))
        rt.synchronize(SECONDS)
        assert int(out[:, 1].sum()) == 0, f"seed {seed}"
        assert int(out[:, 0].min()) > 0, f"seed {seed}: a lane never got anything"
        assert not owners.any()
        rest = np.zeros(4, np.uint32)
        rt.compile(SOURCE, "whole", defines=defines).launch(1, 1, (rest,))
        rt.synchronize(SECONDS)
        nothing = 0xFFFFFFFF
        assert rest.tolist() == [0, nothing, nothing, 32 * (WORDS - 2)], f"seed {seed}: pages were lost"
