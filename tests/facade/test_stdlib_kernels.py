# SPDX-License-Identifier: Apache-2.0
"""What kernels get of the device-only functions: lanes that sort, tokenise, change the environment, and end at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hostcall
from hostcall.errors import DeviceAbort
from hostcall.runtime import Runtime
from hostcall.testing.bench import Collector

_SECONDS = 120.0
_LANES = 32


@pytest.fixture
def out() -> Collector:
    return Collector()


@pytest.fixture
def rt(out: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    settings: dict[str, Any] = {"transport": {"kind": "loopback"}, "heap": "16MiB", "stdout": out}
    with hostcall.open(services={"env": {"allow": ["HOME"]}}, **settings) as made:
        yield made
    monkeypatch.undo()
    time.tzset()


def run(rt: Runtime, source: str, results: np.ndarray, grid: int = 1, block: int = _LANES) -> None:
    """Run the source's kernel, named use, on some lanes."""
    rt.compile(source, "use").launch(grid=grid, block=block, args=(results,))
    rt.synchronize(timeout=_SECONDS)


def test_lanes_sort_arrays_of_different_lengths_at_once(rt: Runtime) -> None:
    results = np.zeros(_LANES, dtype=np.int64)
    run(
        rt,
        r"""
#include <stdlib.h>
static int up(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int down(const void *a, const void *b, void *calls) { ++*(int *)calls; return up(b, a); }
HC_KERNEL void use(HC_GLOBAL hc_i64 *out) {
    int lane = hc_thread_id(), n = 10 + 97 * lane, i, calls = 0, wrong = 0;
    unsigned seed = (unsigned)lane;
    int *all = malloc(n * sizeof *all);
    for (i = 0; i < n; i++) all[i] = rand_r(&seed) % 1000;
    if (lane % 2) qsort(all, n, sizeof *all, up);
    else qsort_r(all, n, sizeof *all, down, &calls);
    for (i = 1; i < n; i++) wrong += lane % 2 ? all[i - 1] > all[i] : all[i - 1] < all[i];
    out[lane] = wrong == 0 && (lane % 2 || calls > 0);
    free(all);
}""",
        results,
    )
    assert results.tolist() == [1] * _LANES


def test_each_lane_has_its_own_words_and_dates(rt: Runtime) -> None:
    results = np.zeros(4 * _LANES, dtype=np.int64)
    run(
        rt,
        r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
HC_KERNEL void use(HC_GLOBAL hc_i64 *out) {
    int lane = hc_thread_id(), words = 0;
    char text[64], *word;
    long when = 86400L * 365 * lane;
    struct tm *mine = gmtime(&when);
    hc_block_sync();
    snprintf(text, sizeof text, "%d one  two,%d", lane, lane);
    for (word = strtok(text, " ,"); word; word = strtok(0, " ,")) {
        words++;
        hc_block_sync();
    }
    out[4 * lane] = words;
    out[4 * lane + 1] = mine->tm_year;
    when = 1720000000;
    out[4 * lane + 2] = localtime(&when)->tm_hour;
    out[4 * lane + 3] = strlen(strerror(1000 + lane)) == 0;
}""",
        results,
        grid=1,
    )
    years = [time.gmtime(86400 * 365 * lane).tm_year - 1900 for lane in range(_LANES)]
    assert results.tolist() == [
        v for lane in range(_LANES) for v in (4, years[lane], time.localtime(1720000000).tm_hour, 0)
    ]


def test_all_lanes_see_changes_of_the_environment(rt: Runtime) -> None:
    results = np.zeros(2 * _LANES, dtype=np.int64)
    run(
        rt,
        r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
HC_KERNEL void use(HC_GLOBAL hc_i64 *out) {
    int lane = hc_thread_id(), i, found = 0;
    char name[16], value[16];
    snprintf(name, sizeof name, "LANE_%d", lane);
    for (i = 0; i < 50; i++) {
        snprintf(value, sizeof value, "%d", i);
        setenv(name, value, 1);
    }
    if (lane % 3 == 0) unsetenv(name);
    hc_block_sync();
    for (i = 0; i < hc_block_dim(); i++) {
        const char *seen;
        snprintf(name, sizeof name, "LANE_%d", i);
        seen = getenv(name);
        found += i % 3 == 0 ? !seen : seen && !strcmp(seen, "49");
    }
    out[2 * lane] = found;
    out[2 * lane + 1] = getenv("HOME") != 0;
}""",
        results,
    )
    assert results.tolist() == [_LANES, int("HOME" in os.environ)] * _LANES


def test_the_first_lane_that_exits_runs_the_handlers_once(rt: Runtime, out: Collector) -> None:
    results = np.zeros(_LANES, dtype=np.int64)
    with pytest.raises(DeviceAbort, match="exit"):
        run(
            rt,
            r"""
#include <stdio.h>
#include <stdlib.h>
static void first(void) { puts("first in, last out"); }
static void last(void) { puts("last in, first out"); }
HC_KERNEL void use(HC_GLOBAL hc_i64 *out) {
    if (hc_thread_id() == 0) {
        atexit(first);
        atexit(last);
    }
    hc_block_sync();
    exit(3);
}""",
            results,
        )
    assert out.take() == b"last in, first out\nfirst in, last out\n"


def test_a_kernel_that_jumps_is_refused_with_a_sentence(rt: Runtime) -> None:
    with pytest.raises(hostcall.errors.CompileError, match="setjmp and longjmp do not exist on a GPU"):
        rt.compile("#include <setjmp.h>\nHC_KERNEL void use(HC_GLOBAL int *out) { *out = 0; }", "use")
