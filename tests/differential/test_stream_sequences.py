# SPDX-License-Identifier: Apache-2.0
"""Sequences of operations on one stream, drawn by hypothesis: the facade, the machine's libc and a model must agree.

One program reads operations from its standard input and prints what each gave. Built on both sides, it runs many drawn
sequences; the model is a byte array with a position, and knows nothing of buffers.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hostcall import programs as device_programs

sys.path.insert(0, str(Path(__file__).parent))
import harness

_PLAYER = r"""
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines: o MODE BUFFER (open), r N, g, u BYTE, w N BYTE, p BYTE, s OFFSET WHENCE, t, f, e, x (clear), c (close). */
int main(void) {
    char line[64], mode[4], block[4096];
    static char room[4096];
    FILE *f = NULL;
    while (fgets(line, sizeof line, stdin) != NULL) {
        long a = 0, b = 0;
        sscanf(line + 1, "%ld %ld", &a, &b);
        switch (line[0]) {
            case 'o':
                sscanf(line, "o %3s %ld", mode, &b);
                f = fopen("file", mode);
                if (f == NULL) return 3;
                if (b == 0) setvbuf(f, NULL, _IONBF, 0);
                else if (b > 1) setvbuf(f, room, _IOFBF, (size_t)b);
                break;
            case 'r': {
                size_t n = fread(block, 1, (size_t)a, f);
                printf("r %zu ", n);
                for (size_t i = 0; i < n; i++) printf("%02x", (unsigned char)block[i]);
                printf("\n");
                break;
            }
            case 'g': printf("g %d\n", fgetc(f)); break;
            case 'u': printf("u %d\n", ungetc((int)a, f)); break;
            case 'w':
                memset(block, (int)b, (size_t)a);
                printf("w %zu\n", fwrite(block, 1, (size_t)a, f));
                break;
            case 'p': printf("p %d\n", fputc((int)a, f)); break;
            case 's': printf("s %d\n", fseek(f, a, (int)b)); break;
            case 't': printf("t %ld\n", ftell(f)); break;
            case 'f': printf("f %d\n", fflush(f)); break;
            case 'e': printf("e %d %d\n", feof(f) != 0, ferror(f) != 0); break;
            case 'x': clearerr(f); break;
            case 'c':
                printf("c %d\n", fclose(f));
                f = fopen("file", "rb");
                int c;
                while ((c = fgetc(f)) != EOF) printf("%02x", c);
                printf("\n");
                fclose(f);
                remove("file");
                break;
            default: return 2;
        }
    }
    return 0;
}
"""


@dataclass
class Model:
    """A stream without buffers."""

    mode: str
    data: bytearray
    at: int = 0
    pushed: list[int] = field(default_factory=list)
    eof: bool = False
    out: list[str] = field(default_factory=list)

    def get(self) -> int:
        if self.pushed:
            return self.pushed.pop()
        if self.eof or self.at >= len(self.data):
            self.eof = True
            return -1
        self.at += 1
        return self.data[self.at - 1]

    def put(self, bytes_: bytes) -> None:
        if self.mode.startswith("a"):
            self.at = len(self.data)
        if not bytes_:
            return
        self.data.extend(bytes(max(0, self.at - len(self.data))))
        self.data[self.at : self.at + len(bytes_)] = bytes_
        self.at += len(bytes_)

    def seek(self, offset: int, whence: int) -> int:
        base = {0: 0, 1: self.at - len(self.pushed), 2: len(self.data)}[whence]
        if base + offset < 0:
            return -1
        self.at, self.pushed, self.eof = base + offset, [], False
        return 0


MODES = ["w+", "a+", "w", "a"]
BYTES = st.integers(0, 255)


@st.composite
def sequences(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Draw operations, with the seeks that C wants between reading and writing, and what the model says."""
    mode = draw(st.sampled_from(MODES))
    model = Model(mode, bytearray())
    lines = [f"o {mode} {draw(st.sampled_from([0, 1, 2, 5, 64, 4096]))}"]
    last = ""
    for _ in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from("rgguwwpsstfex" if "+" in mode else "wwpsstfex"))
        way = "read" if kind in "rgu" else "write" if kind in "wp" else ""
        # Between input and output C wants a seek; ungetc is asked for behind a read only, and once.
        if way and last and way != last:
            lines.append("s 0 1")
            model.out.append(f"s {model.seek(0, 1)}")
            last = ""
        if kind == "u" and (last != "read" or model.pushed or model.at == 0):
            continue
        if kind in "tf" and (model.pushed or (kind == "f" and last == "read")):
            continue
        last = way or last
        if kind == "r":
            n = draw(st.integers(0, 100))
            lines.append(f"r {n}")
            got = bytearray()
            while len(got) < n and (c := model.get()) >= 0:
                got.append(c)
            model.out.append(f"r {len(got)} {got.hex()}")
        elif kind == "g":
            lines.append("g")
            model.out.append(f"g {model.get()}")
        elif kind == "u":
            c = draw(BYTES)
            lines.append(f"u {c}")
            model.pushed.append(c)
            model.eof = False
            model.out.append(f"u {c}")
        elif kind == "w":
            n, c = draw(st.integers(0, 100)), draw(BYTES)
            lines.append(f"w {n} {c}")
            model.put(bytes([c]) * n)
            model.out.append(f"w {n}")
        elif kind == "p":
            c = draw(BYTES)
            lines.append(f"p {c}")
            model.put(bytes([c]))
            model.out.append(f"p {c}")
        elif kind == "s":
            whence = draw(st.integers(0, 2))
            offset = draw(st.integers(-20, 60) if whence else st.integers(-2, 150))
            if model.pushed and whence == 1:
                continue
            lines.append(f"s {offset} {whence}")
            result = model.seek(offset, whence)
            model.out.append(f"s {result}")
            last = "" if result == 0 else last
        elif kind == "t":
            # What an append's position is before its bytes are written C leaves open.
            if mode.startswith("a") and last == "write":
                continue
            lines.append("t")
            model.out.append(f"t {model.at}")
        elif kind == "f":
            lines.append("f")
            model.out.append("f 0")
        elif kind == "e":
            lines.append("e")
            model.out.append(f"e {int(model.eof)} 0")
        else:
            lines.append("x")
            model.eof = False
    lines.append("c")
    model.out += ["c 0", model.data.hex()]
    return lines, model.out


@pytest.fixture(scope="module")
def players(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    folder = tmp_path_factory.mktemp("players")
    source, host, device = folder / "player.c", folder / "host", folder / "device"
    source.write_text(_PLAYER)
    command = [harness.host_compiler() or "cc", "-std=gnu11", "-O1", "-w", str(source), "-o", str(host)]
    subprocess.run(command, check=True, timeout=harness.SECONDS)
    device_programs.build(source, device, options=["-std=gnu11", "-O1", "-w"], target="host")
    return folder, host, device


@pytest.mark.skipif(harness.host_compiler() is None, reason="no C compiler")
@settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # the first sequence that differs is short enough
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(drawn=st.lists(sequences(), min_size=40, max_size=60))
def test_a_sequence_on_a_stream_goes_another_way(
    players: tuple[Path, Path, Path], drawn: list[tuple[list[str], list[str]]]
) -> None:
    """Many sequences in one run, each on a new file: a process for each would be most of the time."""
    folder, host, device = players
    script = "".join(line + "\n" for lines, _ in drawn for line in lines).encode()
    of_host = subprocess.run(
        [host], input=script, capture_output=True, cwd=folder, timeout=harness.SECONDS, check=False
    )
    _same("the machine's libc", of_host.returncode, of_host.stdout, drawn)
    of_device = device_programs.run(
        device,
        stdin=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        transport="loopback",
        timeout=harness.SECONDS,
    )
    _same("the facade", of_device.returncode, of_device.stdout, drawn)
    assert of_device.stderr == b""


def _same(who: str, status: int, stdout: bytes, drawn: list[tuple[list[str], list[str]]]) -> None:
    """Find the first sequence in which somebody does something else than the model."""
    lines = stdout.decode().splitlines()
    for number, (operations, wanted) in enumerate(drawn):
        got, lines = lines[: len(wanted)], lines[len(wanted) :]
        assert got == wanted, f"{who}, sequence {number}: {'; '.join(operations)}"
    assert (status, lines) == (0, [])
