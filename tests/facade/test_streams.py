# SPDX-License-Identifier: Apache-2.0
"""Streams on the device: the same as in the machine's libc, whole lines from many lanes, nothing left in a buffer."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hostcall
from hostcall.errors import DataLostError
from hostcall.runtime import Runtime
from hostcall.testing.bench import Collector

_HERE = Path(__file__).parent
_SECONDS = 120.0
_CASES = [
    "modes",
    "ends",
    "pushed_back",
    "both_ways",
    "blocks",
    "lines",
    "formatted",
    "buffers",
    "wrong_way",
    "positions",
    "reopened",
    "many",
    "redirected",
    "unlocked",
]
_NOTES = 1024


class Bench:
    """A runtime with one root, and its output."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.folder = folder
        self.out, self.err = Collector(), Collector()
        self.rt: Runtime = hostcall.open(
            transport={"kind": kind, "payload": "4MiB"},
            heap="32MiB",
            services={"fs": {"roots": [{"path": str(folder), "mode": "rw"}]}},
            stdout=self.out,
            stderr=self.err,
        )

    def run(self, source: str, name: str, *args: object, lanes: int = 1, grid: int = 1, size: int = 64) -> list[int]:
        """Run a kernel whose first argument is an array of results, and return them."""
        results = np.full(size, -999, dtype=np.int64)
        self.rt.compile(source, name).launch(grid=grid, block=lanes, args=(results, *args))
        self.rt.synchronize(timeout=_SECONDS)
        return [int(value) for value in results]


@pytest.fixture(params=["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl)])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(request.param, tmp_path)
    yield made
    made.rt.close()


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Bench]:
    made = Bench("loopback", tmp_path)
    yield made
    made.rt.close()


# -- against the machine's libc


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("native") / "cases"
    main = program.with_suffix(".c")
    main.write_text(
        f'#define _GNU_SOURCE 1\n#include "{_HERE / "_stream_cases.c"}"\n'
        "int main(int argc, char **argv) {\n"
        f"    static long out[{_NOTES}];\n"
        "    int n = stream_case(argc > 1 ? atoi(argv[1]) : 0, out);\n"
        '    for (int i = 0; i < n; i++) fprintf(stderr, "%ld\\n", out[i]);\n'
        "    return 0;\n}\n"
    )
    built = subprocess.run(["cc", "-w", "-O1", main, "-o", program], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return program


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, hostcall.Kernel]]:
    made = Bench("loopback", tmp_path_factory.mktemp("root"))
    source = (_HERE / "_stream_cases.c").read_text() + (
        "HC_KERNEL void cases(int which, long *out, int *count) { *count = stream_case(which, out); }\n"
    )
    yield made, made.rt.compile(source, "cases", options=["-w"])
    made.rt.close()


def left_behind(folder: Path) -> dict[str, bytes]:
    """Files and their contents."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("case", _CASES)
def test_a_program_sees_what_it_sees_with_its_own_libc(
    case: str, native: Path, kernel: tuple[Bench, hostcall.Kernel], tmp_path: Path
) -> None:
    bench, launched = kernel
    which = _CASES.index(case)
    ran = subprocess.run([native, str(which)], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    theirs = [int(line) for line in ran.stderr.split()]
    assert theirs
    out, count = np.zeros(_NOTES, np.int64), np.zeros(1, np.int32)
    bench.out.take()
    launched.launch(grid=1, block=1, args=(which, out, count))
    bench.rt.synchronize(timeout=_SECONDS)
    try:
        ours = [int(value) for value in out[: int(count[0])]]
        assert ours == theirs
        assert left_behind(bench.folder) == left_behind(tmp_path)
        assert bench.out.take().decode() == ran.stdout
    finally:
        for path in bench.folder.iterdir():
            path.unlink()


# -- many lanes

LINES = r"""
#include <stdio.h>
HC_KERNEL void begin(HC_GLOBAL long *out) { out[0] = (long)fopen("shared.txt", "w"); }
HC_KERNEL void lines(HC_GLOBAL long *out, HC_GLOBAL char *text) {
    FILE *f = (FILE *)out[0];
    int lane = hc_thread_id(), i;
    for (i = 0; i < 20; i++) {
        if (i % 3 == 0) fprintf(f, "lane %d line %d of formatted text\n", lane, i);
        else if (i % 3 == 1) fputs("a line that is put as it stands\n", f);
        else fwrite(text, 1, 5001, f);
    }
}
HC_KERNEL void end(HC_GLOBAL long *out) { out[1] = fclose((FILE *)out[0]); }
"""


def test_lines_of_many_lanes_are_never_torn(bench: Bench) -> None:
    # OpenCL items of a block run one after another; on the host the lanes of a block are threads.
    out = np.zeros(8, np.int64)
    text = np.frombuffer(b"x" * 5000 + b"\n", np.uint8).copy()
    grid, lanes = 8, 16
    for name, shape, args in (
        ("begin", (1, 1), (out,)),
        ("lines", (grid, lanes), (out, text)),
        ("end", (1, 1), (out,)),
    ):
        bench.rt.compile(LINES, name).launch(*shape, args)
        bench.rt.synchronize(timeout=_SECONDS)
    assert out[1] == 0
    found = (bench.folder / "shared.txt").read_bytes().split(b"\n")
    assert found.pop() == b""
    wanted = {
        f"lane {lane} line {i} of formatted text".encode() for lane in range(grid * lanes) for i in range(0, 20, 3)
    }
    printed = [line for line in found if line.startswith(b"lane")]
    assert set(printed) == wanted
    assert len(printed) == len(wanted)
    assert found.count(b"a line that is put as it stands") == grid * lanes * 7
    assert found.count(b"x" * 5000) == grid * lanes * 6
    assert len(found) == grid * lanes * 20


PAIRS = r"""
#include <stdio.h>
HC_KERNEL void pairs(long *out) {
    FILE *f = stdin;
    static FILE *shared;
    static int made;
    int i;
    if (hc_thread_id() == 0) {
        shared = fopen("pairs.txt", "w");
        __atomic_store_n(&made, 1, __ATOMIC_RELEASE);
    }
    while (!__atomic_load_n(&made, __ATOMIC_ACQUIRE)) hc_relax(100);
    f = shared;
    for (i = 0; i < 30; i++) {
        flockfile(f);
        fprintf(f, "%d first\n", hc_thread_id());
        if (ftrylockfile(f) == 0) { /* the owner passes */
            putc_unlocked('2', f);
            funlockfile(f);
        }
        fprintf(f, "%d second\n", hc_thread_id());
        funlockfile(f);
    }
    out[hc_thread_id()] = ftrylockfile(f);
    if (!out[hc_thread_id()]) funlockfile(f);
}
"""


def test_a_stream_that_is_locked_takes_nobody_elses_lines(loopback: Bench) -> None:
    loopback.run(PAIRS, "pairs", lanes=16)
    found = (loopback.folder / "pairs.txt").read_text().splitlines()
    assert len(found) == 16 * 30 * 2
    for first, second in zip(found[::2], found[1::2], strict=True):
        lane = first.removesuffix(" first")
        assert second == f"2{lane} second"


HELD = r"""
#include <stdio.h>
#include <stdlib.h>
static FILE *shared;
static int made;
HC_KERNEL void held(long *out) {
    if (hc_thread_id() == 0) {
        shared = fopen("held.txt", "w");
        fputs("before\n", shared);
        flockfile(shared);
        __atomic_store_n(&made, 1, __ATOMIC_RELEASE);
        exit(0);
    }
    while (!__atomic_load_n(&made, __ATOMIC_ACQUIRE)) hc_relax(100);
    out[hc_thread_id()] = fputs("never\n", shared);
    out[32] = (long)shared;
}
"""
AFTER = r"""
#include <stdio.h>
HC_KERNEL void after(long *out, long shared) { out[0] = fputs("after\n", (FILE *)shared); }
"""


def test_a_lock_whose_owner_is_gone_holds_nobody(loopback: Bench) -> None:
    # Whoever waits sees that the kernel was stopped; the next kernel finds the lock free.
    held = loopback.run(HELD, "held", lanes=8)
    assert loopback.rt.exit_status == 0
    assert set(held[1:8]) <= {-1, 0}
    assert loopback.run(AFTER, "after", held[32])[0] >= 0
    assert (loopback.folder / "held.txt").read_text().replace("never\n", "") == "before\nafter\n"


# -- what is left in buffers

LEFT = r"""
#include <stdio.h>
HC_KERNEL void left(HC_GLOBAL long *out) {
    FILE *f = fopen("left.txt", "w");
    out[hc_thread_id()] = fprintf(f, "%d was here\n", hc_thread_id());
    out[8] = (long)f;
}
HC_KERNEL void more(HC_GLOBAL long *out, long at) { out[0] = fputs("and there\n", (FILE *)at); }
"""


def test_what_a_kernel_left_in_a_buffer_is_in_the_file_when_it_has_ended(bench: Bench) -> None:
    got = bench.run(LEFT, "left")
    assert got[0] == len("0 was here\n")
    assert (bench.folder / "left.txt").read_text() == "0 was here\n"
    # The stream is open still.
    assert bench.run(LEFT, "more", got[8])[0] >= 0
    assert (bench.folder / "left.txt").read_text() == "0 was here\nand there\n"


def test_what_close_finds_in_a_buffer_is_written(tmp_path: Path) -> None:
    made = Bench("loopback", tmp_path)
    out, end = np.zeros(64, np.int64), time.monotonic() + _SECONDS
    made.rt.compile(LEFT, "left").launch(1, 1, (out,))
    while not out[8]:  # the last thing that the kernel does
        assert time.monotonic() < end
        time.sleep(0.001)
    made.rt.close()
    assert (tmp_path / "left.txt").read_text() == "0 was here\n"


ENDED = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
HC_KERNEL void ended(long *out, int how) {
    FILE *f = fopen("ended.txt", "a");
    fprintf(f, "%d\n", how);
    if (how == 1) exit(0);
    if (how == 2) _exit(0);
    if (how == 3) _Exit(0);
}
"""


def test_exit_flushes_and_its_relatives_do_not(loopback: Bench) -> None:
    for how in (1, 2, 3, 0):
        loopback.run(ENDED, "ended", how)
    assert (loopback.folder / "ended.txt").read_text() == "1\n0\n"


def test_a_fault_takes_the_bytes_and_not_their_count(loopback: Bench) -> None:
    out, end = np.zeros(64, np.int64), time.monotonic() + _SECONDS
    loopback.rt.compile(LEFT, "left").launch(1, 1, (out,))
    while not out[8]:
        assert time.monotonic() < end
        time.sleep(0.001)
    assert loopback.rt._channel.streams.drain(faulted=True) == len("0 was here\n")
    assert loopback.rt._channel.streams.drain(faulted=True) == 0
    loopback.rt.synchronize(timeout=_SECONDS)


LOST = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
HC_KERNEL void lost(HC_GLOBAL long *out) {
    int fd = open("gone.txt", O_WRONLY | O_CREAT, 0644);
    FILE *f = fdopen(fd, "w");
    out[0] = fputs("nobody will read this", f);
    out[1] = close(fd);
    out[2] = (long)f;
}
HC_KERNEL void state(HC_GLOBAL long *out, long at) {
    out[0] = ferror((FILE *)at);
    out[1] = fputs("x", (FILE *)at);
    out[2] = fclose((FILE *)at);
}
"""


def test_bytes_that_cannot_be_written_are_counted_and_raised_once(bench: Bench) -> None:
    out = np.zeros(8, np.int64)
    bench.rt.compile(LOST, "lost").launch(1, 1, (out,))
    with pytest.raises(DataLostError) as raised:
        bench.rt.synchronize(timeout=_SECONDS)
    assert raised.value.counts == {"unwritten_bytes": len("nobody will read this")}
    bench.rt.synchronize(timeout=_SECONDS)
    assert bench.run(LOST, "state", int(out[2]))[:3] == [1, 1, -1]


FULL = r"""
#include <errno.h>
#include <stdio.h>
HC_KERNEL void full(HC_GLOBAL long *out) {
    FILE *first = fopen("f", "w"), *f = first;
    long count = 0;
    while (f) {
        count++;
        f = fopen("f", "r");
    }
    out[0] = count;
    out[1] = errno;
    out[2] = fclose(first);
    f = fopen("f", "r");
    out[3] = f != 0;
    out[4] = fgetc(f);
}
"""


def test_a_table_without_room_says_so_and_recovers(tmp_path: Path) -> None:
    made = hostcall.open(
        transport="loopback",
        heap="32MiB",
        services={"fs": {"roots": [{"path": str(tmp_path), "mode": "rw"}], "max_open": 4096}},
    )
    with made:
        out = np.zeros(8, np.int64)
        made.compile(FULL, "full").launch(1, 1, (out,))
        made.synchronize(timeout=_SECONDS)
    assert list(out[:5]) == [1021, 24, 0, 1, -1]


NO_HEAP = r"""
#include <stdio.h>
HC_KERNEL void small(HC_GLOBAL long *out) {
    FILE *f = fopen("small.txt", "w+");
    char text[8];
    int i;
    for (i = 0; i < 100; i++) out[0] = fprintf(f, "%d,", i);
    rewind(f);
    out[1] = fgetc(f);
    out[2] = ungetc('x', f);
    out[3] = (long)fread(text, 1, 8, f);
    out[4] = text[0];
    out[5] = fclose(f);
}
"""


def test_a_stream_works_without_a_heap(tmp_path: Path) -> None:
    made = hostcall.open(
        transport="loopback", heap=0, services={"fs": {"roots": [{"path": str(tmp_path), "mode": "rw"}]}}
    )
    with made:
        out = np.zeros(8, np.int64)
        made.compile(NO_HEAP, "small").launch(1, 1, (out,))
        made.synchronize(timeout=_SECONDS)
    assert list(out[:6]) == [3, ord("0"), ord("x"), 8, ord("x"), 0]
    assert (tmp_path / "small.txt").read_text() == "".join(f"{i}," for i in range(100))


# -- standard streams

STDIN = r"""
import sys, numpy as np, hostcall
source = r'''
#include <stdio.h>
#include <string.h>
#include <unistd.h>
HC_KERNEL void k(long *out) {
    char word[32], rest[64];
    int a, b, n = 0;
    out[n++] = scanf("%d %31s", &a, word);
    out[n++] = a;
    out[n++] = strcmp(word, "words");
    out[n++] = getchar();
    out[n++] = fgets(rest, sizeof rest, stdin) == rest;
    out[n++] = strcmp(rest, "second line\n");
    setvbuf(stdin, 0, _IONBF, 0);
    while ((b = getchar()) != EOF) putchar(b);
    out[n++] = feof(stdin) != 0;
    out[n++] = read(0, rest, 1);
    out[n++] = freopen("other.txt", "r", stdin) == stdin;
    out[n++] = getchar();
    out[n++] = fileno(stdin);
    out[n++] = freopen("printed.txt", "w", stdout) == stdout;
    printf("in the %s\n", "file");
    fprintf(stdout, "%d\n", fileno(stdout));
    fputs("put\n", stdout);
    out[n++] = fflush(stdout);
    out[n++] = ftell(stdout);
    out[n++] = fclose(stdout);
    fprintf(stderr, "to stderr\n");
}
'''
out = np.zeros(32, np.int64)
root = {"path": sys.argv[1], "mode": "rw"}
with hostcall.open(transport="loopback", heap="4MiB", services={"fs": {"roots": [root]}}) as rt:
    rt.compile(source, "k").launch(1, 1, (out,))
    rt.synchronize(60)
print("|", *out[:15])
"""


def test_standard_streams_are_read_and_redirected(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Z")
    ran = subprocess.run(
        [sys.executable, "-c", STDIN, str(tmp_path)],
        input=b"42 words\nsecond line\nthird\nfourth",
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    out = [2, 42, 0, 10, 1, 0, 1, 0, 1, ord("Z"), 0, 1, 0, 18, 0]
    assert ran.stdout.decode() == "third\nfourth| " + " ".join(map(str, out)) + "\n"
    assert ran.stderr == b"to stderr\n"
    assert (tmp_path / "printed.txt").read_text() == "in the file\n1\nput\n"


BIG = r"""
#include <stdio.h>
HC_KERNEL void big(HC_GLOBAL long *out, HC_GLOBAL char *text) {
    out[0] = (long)fwrite(text, 100, 90000, stdout);
    out[1] = (long)fwrite(text, 1, 40000, stderr);
}
"""


def test_output_beyond_the_payload_memory_arrives_whole(loopback: Bench) -> None:
    text = np.arange(9_000_000, dtype=np.uint32).astype(np.uint8)
    assert loopback.run(BIG, "big", text)[:2] == [90000, 40000]
    assert loopback.out.take() == text.tobytes()
    assert loopback.err.take() == text[:40000].tobytes()


# -- processes

POPEN = r"""
#include <errno.h>
#include <stdio.h>
#include <string.h>
HC_KERNEL void processes(HC_GLOBAL long *out) {
    int n = 0;
    char text[32];
    FILE *p = popen("echo from a shell; exit 3", "r");
    out[n++] = p != 0;
    if (!p) {
        out[n++] = errno;
        return;
    }
    out[n++] = fgets(text, 32, p) != 0;
    out[n++] = strcmp(text, "from a shell\n");
    out[n++] = fgetc(p);
    out[n++] = pclose(p);
    p = popen("cat > written.txt", "w");
    out[n++] = fputs("into a shell\n", p);
    out[n++] = pclose(p);
    errno = 0;
    out[n++] = popen("true", "x") != 0;
    out[n++] = errno;
}
"""


def test_a_shell_is_read_and_written_where_it_is_allowed(tmp_path: Path) -> None:
    for enabled, wanted in ((True, [1, 1, 0, -1, 3 << 8, 1, 0, 0, errno.EINVAL]), (False, [0, errno.EACCES])):
        with hostcall.open(
            transport="loopback",
            heap="4MiB",
            services={"fs": {"roots": [{"path": str(tmp_path), "mode": "rw"}]}, "process": {"enabled": enabled}},
        ) as rt:
            out = np.zeros(16, np.int64)
            rt.compile(POPEN, "processes").launch(1, 1, (out,))
            rt.synchronize(timeout=_SECONDS)
        assert list(out[: len(wanted)]) == wanted
    assert (tmp_path / "written.txt").read_text() == "into a shell\n"
