# SPDX-License-Identifier: Apache-2.0
"""Streams on a GPU: whole lines from lanes of many warps; what is left in buffers; what a fault takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hostcall
from hostcall.runtime import Runtime

pytestmark = pytest.mark.gpu

SECONDS = 120.0
GRID, BLOCK, ROUNDS = 32, 96, 6

SOURCE = r"""
#include <stdio.h>
#include <string.h>
HC_KERNEL void begin(long *out) {
    out[0] = (long)fopen("shared.txt", "w");
    out[1] = (long)fopen("left.txt", "w");
}
HC_KERNEL void lines(long *out, const char *text, int rounds) {
    FILE *f = (FILE *)out[0];
    int lane = hc_thread_id(), i;
    for (i = 0; i < rounds; i++) {
        if ((lane + i) % 3 == 0) fprintf(f, "lane %d line %d\n", lane, i);
        else if ((lane + i) % 3 == 1) fputs("a line that is put as it stands\n", f);
        else fwrite(text, 1, 301, f);
    }
}
HC_KERNEL void own(long *out) {
    char name[32], word[32];
    int lane = hc_thread_id(), number = 0;
    FILE *f;
    snprintf(name, sizeof name, "own%d.txt", lane);
    f = fopen(name, "w+");
    fprintf(f, "%d words %d\n", lane, lane * 3);
    rewind(f);
    out[2 + lane] = fscanf(f, "%*d %31s %d", word, &number);
    out[2 + lane] = out[2 + lane] == 2 && number == lane * 3 && strcmp(word, "words") == 0 && fgetc(f) == '\n' &&
        fgetc(f) == EOF && feof(f) && fclose(f) == 0;
}
HC_KERNEL void leave(long *out) { fprintf((FILE *)out[1], "lane %d was here\n", hc_thread_id()); }
HC_KERNEL void end(long *out) { out[2] = fclose((FILE *)out[0]); }
"""


@pytest.fixture(params=["pinned-ring", "cuda-managed"])
def rt(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runtime]:
    opened = hostcall.open(
        transport=request.param, heap="64MiB", services={"fs": {"roots": [{"path": str(tmp_path), "mode": "rw"}]}}
    )
    yield opened
    opened.close()


def launch(rt: Runtime, name: str, grid: int, block: int, *args: object) -> None:
    rt.compile(SOURCE, name).launch(grid=grid, block=block, args=args)
    rt.synchronize(timeout=SECONDS)


def test_lines_of_many_warps_are_never_torn(rt: Runtime, tmp_path: Path) -> None:
    out = np.zeros(8, np.int64)
    text = np.frombuffer(b"x" * 300 + b"\n", np.uint8).copy()
    launch(rt, "begin", 1, 1, out)
    launch(rt, "lines", GRID, BLOCK, out, text, ROUNDS)
    launch(rt, "end", 1, 1, out)
    assert out[2] == 0
    found = (tmp_path / "shared.txt").read_bytes().split(b"\n")
    assert found.pop() == b""
    lanes = range(GRID * BLOCK)
    wanted = {f"lane {lane} line {i}".encode() for lane in lanes for i in range(ROUNDS) if (lane + i) % 3 == 0}
    printed = [line for line in found if line.startswith(b"lane")]
    assert set(printed) == wanted
    assert len(printed) == len(wanted)
    puts = sum((lane + i) % 3 == 1 for lane in lanes for i in range(ROUNDS))
    assert found.count(b"a line that is put as it stands") == puts
    assert found.count(b"x" * 300) == len(lanes) * ROUNDS - len(wanted) - puts
    assert len(found) == len(lanes) * ROUNDS


def test_every_lane_has_a_stream_of_its_own(rt: Runtime) -> None:
    lanes = 96
    out = np.zeros(2 + lanes, np.int64)
    launch(rt, "own", 1, lanes, out)
    assert list(out[2:]) == [1] * lanes


def test_what_lanes_left_in_a_buffer_is_in_the_file_when_they_have_ended(rt: Runtime, tmp_path: Path) -> None:
    out = np.zeros(8, np.int64)
    launch(rt, "begin", 1, 1, out)
    for _ in range(2):
        launch(rt, "leave", 2, 64, out)
    found = (tmp_path / "left.txt").read_text().splitlines()
    assert sorted(found) == sorted([f"lane {lane} was here" for lane in range(128)] * 2)


FAULT = r"""
import sys, hostcall
root = {"path": sys.argv[2], "mode": "rw"}
rt = hostcall.open(transport=sys.argv[1], heap="64MiB", services={"fs": {"roots": [root]}})
kernel = rt.compile('''
#include <stdio.h>
HC_KERNEL void fall(int n) {
    fputs("never written", fopen("lost.txt", "w"));
    if (n) *(volatile int *)8 = 1;
}
''', "fall")
kernel.launch(grid=1, block=1, args=(1,))
try:
    rt.synchronize(60)
except hostcall.DeviceFault as error:
    print("DeviceFault:", error, *getattr(error, "__notes__", ()))
try:
    rt.close()
except hostcall.HostcallError as error:
    print("close:", error)
"""


@pytest.mark.parametrize("transport", ["pinned-ring", "cuda-managed"])
def test_bytes_that_a_fault_took_are_counted(transport: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULT, transport, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "DeviceFault: " in done.stdout, done.stdout + done.stderr
    assert f"unwritten_bytes = {len('never written')}" in done.stdout + done.stderr
