# SPDX-License-Identifier: Apache-2.0
"""What lanes print: their own order, whole lines, counted drops, whatever several formatters do at once."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import hostcall
from hostcall import transports
from hostcall.config import load_config

PROBES = transports.probe_all(load_config(environ={}))
LIMIT = 60.0
LANES, LINES = 6, 1500

MIXED = r"""
#include <stdio.h>
#include <string.h>
#include <unistd.h>
HC_KERNEL void mixed(int lines) {
    int lane = hc_thread_id(), i;
    for (i = 0; i < lines; i++) {
        char text[64];
        text[63] = 0;
        switch ((i * 7 + lane) % 11) {
        case 0: /* a call: it waits for the prints before it, and writes to the same stream */
            snprintf(text, sizeof text, "lane %d line %d written\n", lane, i);
            if (write(1, text, strlen(text)) != (hc_i64)strlen(text)) printf("write failed\n");
            break;
        case 1:
            snprintf(text, sizeof text, "lane %d line %d put", lane, i);
            puts(text);
            break;
        case 2:
            printf("lane %d line %d flushed\n", lane, i);
            if (i % 50 == 0 && fflush(stdout)) printf("fflush failed\n");
            break;
        case 3:
            printf("lane %d line %d %ld %5.2f %s %s %x %c%%\n", lane, i, 1234567890123l, 0.25 * i, "literal", text + 63,
                   i, 'c');
            break;
        default: printf("lane %d line %d %f\n", lane, i, 0.5 * i);
        }
    }
}
"""


def open_small(**more: Any) -> hostcall.Runtime:
    transport = {"kind": "loopback", "payload": "2MiB", "posted": "64KiB"}
    return hostcall.open(transport=transport, **{"heap": "1MiB", "services": {"fs": {"roots": []}}, **more})


def check_order(text: bytes, lanes: int, lines: int) -> None:
    following = [0] * lanes
    for line in text.decode().splitlines():
        found = re.fullmatch(r"lane (\d+) line (\d+) (.*)", line)
        assert found, f"torn: {line!r}"
        lane, number = int(found[1]), int(found[2])
        assert number == following[lane], f"lane {lane}: line {number} where {following[lane]} comes next"
        following[lane] += 1
        if re.fullmatch(r"\d+\.\d{6}", found[3]):
            assert found[3] == f"{0.5 * number:f}"
    assert following == [lines] * lanes


@pytest.fixture(params=["file", "pipe", "callable"])
def stdout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, Callable[[], bytes]]]:
    """Give a sink, and a function for what arrived there once the runtime is closed."""
    if request.param == "file":
        yield {"file": str(tmp_path / "out")}, (tmp_path / "out").read_bytes
    elif request.param == "callable":
        pieces: list[bytes] = []
        yield pieces.append, lambda: b"".join(pieces)
    else:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        got: list[bytes] = []

        def read() -> None:
            with pipe.open("rb", buffering=0) as end:
                while piece := end.read(3000):
                    got.append(piece)
                    if len(got) % 16 == 0:
                        time.sleep(0.001)

        reader = threading.Thread(target=read)
        reader.start()

        def text() -> bytes:
            reader.join(LIMIT)
            assert not reader.is_alive()
            return b"".join(got)

        yield {"file": str(pipe)}, text


@pytest.mark.parametrize("formatters", [0, 1, 4])
def test_a_lane_finds_its_lines_in_another_order(stdout: tuple[Any, Callable[[], bytes]], formatters: int) -> None:
    sink, text = stdout
    with open_small(stdout=sink, server={"formatters": formatters}) as runtime:
        runtime.compile(MIXED, "mixed").launch(1, LANES, (LINES,))
        runtime.synchronize(LIMIT)
    check_order(text(), LANES, LINES)


def test_a_full_ring_drops_lines_without_counting_them() -> None:
    got: list[bytes] = []

    def slowly(data: bytes) -> None:
        time.sleep(0.05)
        got.append(data)

    source = r"""
        #include <stdio.h>
        HC_KERNEL void many(int lines) {
            int lane = hc_thread_id(), i;
            for (i = 0; i < lines; i++)
                printf("lane %d line %d of a text that takes some room %s\n", lane, i, "and more");
        }
    """
    stdio = {"stdio": {"when_full": "drop"}, "fs": {"roots": []}}
    with open_small(stdout=slowly, services=stdio, server={"formatters": 2}) as runtime:
        runtime.compile(source, "many").launch(1, 4, (200000,))
        runtime.synchronize(LIMIT)
        dropped = runtime.stats()["device"]["posted_dropped"]
    lines = b"".join(got).splitlines()
    assert all(re.fullmatch(rb"lane \d line \d+ of a text that takes some room and more", line) for line in lines)
    assert dropped > 0
    assert len(lines) + dropped == 4 * 200000


def test_a_string_that_grows_while_it_is_printed_spoils_its_record() -> None:
    got: list[bytes] = []
    source = r"""
        #include <stdio.h>
        HC_KERNEL void grows(char *text, int rounds) {
            int i, k;
            for (i = 0; i < rounds; i++) {
                if (hc_thread_id() == 0)
                    for (k = 1 + i * 7 % 120; k < 127; k += 9) text[k] = (char)(text[k] ? 0 : 'x');
                else if (hc_thread_id() == 1) printf("<%s>\n", text);
                else
                    printf("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d <%s>\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2,
                           3, 4, 5, 6, 7, 8, text);
            }
        }
    """
    rounds = 30000
    with open_small(stdout=got.append) as runtime:
        text = bytearray(b"x" * 127 + b"\0")
        runtime.compile(source, "grows").launch(1, 3, (text, rounds))
        runtime.synchronize(LIMIT)  # raises if a record was malformed
    lines = b"".join(got).split(b"\n")
    assert len(lines) == 2 * rounds + 1
    assert all(line.endswith(b">") and b"<" in line for line in lines[:-1])
