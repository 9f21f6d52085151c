# SPDX-License-Identifier: Apache-2.0
"""Checks of the device's heap, and of all that the device answers without its host."""

from __future__ import annotations

import numpy as np

from .bench import Bench, Checks

CHECKS = Checks()

_HEAP = r"""
#include <errno.h>
#include <stdlib.h>
HC_KERNEL void conform(HC_GLOBAL int *out, int rounds) {
    int i = hc_thread_id(), r, k, bad = 0;
    HC_GLOBAL hc_u8 *p[6];
    for (r = 0; r < rounds; r++) {
        for (k = 0; k < 6; k++) {
            int n = 1 + (7 * i + 131 * k + 13 * r) % 700, j;
            p[k] = (HC_GLOBAL hc_u8 *)malloc((hc_size)n);
            if (!p[k]) {
                bad |= 1;
                continue;
            }
            if ((hc_size)p[k] & 15u) bad |= 2;
            for (j = 0; j < n; j++) p[k][j] = (hc_u8)(i + 5 * k + r);
        }
        for (k = 0; k < 6; k++) {
            int n = 1 + (7 * i + 131 * k + 13 * r) % 700, j;
            for (j = 0; p[k] && j < n; j++)
                if (p[k][j] != (hc_u8)(i + 5 * k + r)) bad |= 4;
        }
        for (k = 0; k < 6; k++) free(p[(5 * k + 2) % 6]);
    }
    p[0] = (HC_GLOBAL hc_u8 *)calloc(10, 30);
    for (k = 0; p[0] && k < 300; k++) {
        if (p[0][k]) bad |= 8;
        p[0][k] = (hc_u8)(i + k);
    }
    p[0] = (HC_GLOBAL hc_u8 *)realloc(p[0], 5000);
    if (!p[0]) bad |= 16;
    for (k = 0; p[0] && k < 300; k++)
        if (p[0][k] != (hc_u8)(i + k)) bad |= 32;
    free(p[0]);
    free((HC_GLOBAL hc_u8 *)0);
    errno = 0;
    if (malloc((hc_size)1 << 40) != 0) bad |= 64;
    if (errno != 12) bad |= 128;
    out[i] = bad;
}
"""


@CHECKS.add("memory_is_given_to_two_lanes_or_never_given_back", live=None)
def _heap(bench: Bench) -> None:
    lanes = bench.shape[0] * bench.shape[1]
    size = max(2 << 20, 4 * lanes * 6 * 700)
    # Twice the heap in all: what is not given back would be missed.
    rounds = 2 * size // (lanes * 6 * 350) + 1
    out = np.full(lanes, -1, np.int32)
    with bench.opened({"heap": {"size": size}}) as rt:
        bench.run(_HEAP, (out, rounds), rt=rt)
    bench.arrays("errors", 0, out)


_ALONE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
HC_KERNEL void conform(HC_GLOBAL int *out, int rounds) {
    int i = hc_thread_id(), r, bad = 0;
    for (r = 0; r < rounds; r++) {
        struct timespec ts, rs;
        struct timeval tv;
        char text[32];
        HC_GLOBAL char *path = getenv("PATH"), *p = (HC_GLOBAL char *)malloc(24), *q = (HC_GLOBAL char *)calloc(3, 5);
        if (!path || !path[0] || getenv("HOSTCALL_NO_SUCH_VARIABLE")) bad |= 1;
        if (snprintf(text, sizeof text, "%d-%s-%x", i, "abc", 255) < 8) bad |= 2;
        p = (HC_GLOBAL char *)realloc(p, 400);
        if (!p || !q || q[14]) bad |= 4;
        free(p);
        free(q);
        p = (HC_GLOBAL char *)aligned_alloc(256, 100);
        if (!p || (hc_size)p % 256u) bad |= 8;
        free(p);
        if (clock_gettime(CLOCK_MONOTONIC, &ts) || clock_gettime(CLOCK_REALTIME, &rs)) bad |= 16;
        if (clock_getres(CLOCK_MONOTONIC, &rs)) bad |= 16;
        if (gettimeofday(&tv, NULL) || time(NULL) < 1000000000 || clock() < 0) bad |= 32;
        if (strtol("42", 0, 10) != 42 || atoi("7") != 7) bad |= 64;
    }
    out[i] = bad;
}
"""


@CHECKS.add("what_the_device_can_answer_crosses_to_the_host", live=None)
def _alone(bench: Bench) -> None:
    out = np.full(bench.shape[0] * bench.shape[1], -1, np.int32)
    names = ("packets", "posted_records")
    with bench.opened({"services": {"env": {"allow": ["PATH"]}}}) as rt:
        before = rt.stats()["server"]
        bench.run(_ALONE, (out, 5), rt=rt)
        after = rt.stats()["server"]
    bench.arrays("errors", 0, out)
    bench.equal("calls that crossed", [0, 0], [after[name] - before[name] for name in names])
