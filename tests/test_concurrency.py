# SPDX-License-Identifier: Apache-2.0
"""What docs/libc/concurrency.md promises to many lanes that use one thing at once. A test is named after the harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import hostcall
from hostcall.runtime import Runtime
from hostcall.testing.bench import Collector

SECONDS = 200.0
GPU = pytest.param("pinned-ring", marks=pytest.mark.gpu)
EVERYWHERE = ["loopback", pytest.param("opencl-svm", marks=pytest.mark.opencl), GPU]
# Streams of one FILE for many lanes and comparison functions: OpenCL C has no function pointers.
WITH_POINTERS = ["loopback", GPU]
_OPEN = r"""
#include <fcntl.h>
#include <unistd.h>
HC_KERNEL void open_one(HC_GLOBAL int *fd, int flags) {
    if (hc_thread_id() == 0) fd[0] = open("file", flags, 0644);
}
"""


class Crowd:
    """A runtime, and as many lanes as the transport plays in earnest."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.file = folder / "file"
        self.grid, self.block = {"loopback": (32, 64), "opencl-svm": (16, 64)}.get(kind, (256, 128))
        self.lanes = self.grid * self.block
        self.rt: Runtime = hostcall.open(
            transport={"kind": kind, "payload": "16MiB"},
            heap="64MiB",
            services={"fs": {"roots": [{"path": str(folder), "mode": "rw"}]}},
            stdout=Collector(),
            stderr=Collector(),
        )

    def open(self, flags: int) -> int:
        """Open the one file, by one lane."""
        fd = np.full(1, -1, dtype=np.int32)
        self.rt.compile(_OPEN, "open_one").launch(grid=1, block=1, args=(fd, flags))
        self.rt.synchronize(timeout=SECONDS)
        assert fd[0] >= 0
        return int(fd[0])

    def run(self, source: str, name: str, *args: object, per_lane: int = 1) -> npt.NDArray[np.int32]:
        """Run a kernel on all lanes; its first argument is an array of results."""
        results = np.full(self.lanes * per_lane, -999, dtype=np.int32)
        self.rt.compile(source, name).launch(grid=self.grid, block=self.block, args=(results, *args))
        self.rt.synchronize(timeout=SECONDS)
        return results


@pytest.fixture
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crowd]:
    made = Crowd(request.param, tmp_path)
    yield made
    made.rt.close()


O_WRONLY, O_RDWR, O_CREAT, O_APPEND = 1, 2, 0o100, 0o2000
# A record names its lane and its number; 16 bytes, so that it fits a word and is easy to tell when torn.
_RECORD = r"""
#include <unistd.h>
#include <errno.h>
static inline void record(char *to, int lane, int number) {
    for (int i = 0; i < 8; i++) to[7 - i] = (char)('0' + lane % 10), lane /= 10;
    to[8] = ':';
    for (int i = 0; i < 6; i++) to[14 - i] = (char)('0' + number % 10), number /= 10;
    to[15] = '\n';
}
"""


def records(data: bytes) -> list[tuple[int, int]]:
    """Take records apart; fails where one is torn."""
    found = []
    for line in data.decode().splitlines():
        assert len(line) == 15 and line[8] == ":", f"torn: {line!r}"
        found.append((int(line[:8]), int(line[9:])))
    return found


def every(lanes: int, each: int) -> list[tuple[int, int]]:
    return [(lane, number) for lane in range(lanes) for number in range(each)]


_WRITE = (
    _RECORD
    + r"""
HC_KERNEL void write_all(HC_GLOBAL int *bad, int fd) {
    char text[16];
    int wrong = 0;
    for (int n = 0; n < 3; n++) {
        record(text, hc_thread_id(), n);
        wrong += write(fd, text, 16) != 16;
    }
    bad[hc_thread_id()] = wrong;
}
"""
)


@pytest.mark.parametrize("crowd", EVERYWHERE, indirect=True)
def test_appended_records_are_torn_or_lost(crowd: Crowd) -> None:
    crowd.file.write_bytes(b"")
    bad = crowd.run(_WRITE, "write_all", crowd.open(O_WRONLY | O_APPEND))
    assert not bad.any()
    found = records(crowd.file.read_bytes())
    assert sorted(found) == every(crowd.lanes, 3)
    of_lane: dict[int, list[int]] = {}
    for lane, number in found:
        of_lane.setdefault(lane, []).append(number)
    assert all(numbers == [0, 1, 2] for numbers in of_lane.values()), "a lane's own records changed their order"


@pytest.mark.parametrize("crowd", EVERYWHERE, indirect=True)
def test_writes_at_the_shared_offset_overwrite_each_other(crowd: Crowd) -> None:
    bad = crowd.run(_WRITE, "write_all", crowd.open(O_WRONLY | O_CREAT))
    assert not bad.any()
    assert sorted(records(crowd.file.read_bytes())) == every(crowd.lanes, 3)


@pytest.mark.parametrize("crowd", EVERYWHERE, indirect=True)
def test_reads_at_the_shared_offset_get_the_same_bytes(crowd: Crowd) -> None:
    crowd.file.write_bytes(b"".join(b"%015d\n" % n for n in range(crowd.lanes)))
    source = r"""
    #include <unistd.h>
    HC_KERNEL void read_one(HC_GLOBAL int *got, int fd) {
        char text[16];
        int value = 0;
        if (read(fd, text, 16) != 16) value = -1;
        else for (int i = 0; i < 15; i++) value = value * 10 + (text[i] - '0');
        got[hc_thread_id()] = value;
    }
    """
    got = crowd.run(source, "read_one", crowd.open(O_RDWR))
    assert sorted(got.tolist()) == list(range(crowd.lanes))


@pytest.mark.parametrize("crowd", EVERYWHERE, indirect=True)
def test_positioned_calls_meet(crowd: Crowd) -> None:
    """pwrite of each lane to its own place; then pread of another's, who has finished: two launches."""
    fd = crowd.open(O_RDWR | O_CREAT)
    source = (
        _RECORD
        + r"""
    HC_KERNEL void put(HC_GLOBAL int *bad, int fd) {
        char text[16];
        record(text, hc_thread_id(), 7);
        bad[hc_thread_id()] = pwrite(fd, text, 16, 16L * hc_thread_id()) != 16;
    }
    HC_KERNEL void get(HC_GLOBAL int *bad, int fd) {
        char text[16], wanted[16];
        int other = (hc_thread_id() + 33) % hc_thread_count(), wrong;
        record(wanted, other, 7);
        wrong = pread(fd, text, 16, 16L * other) != 16;
        for (int i = 0; i < 16; i++) wrong |= text[i] != wanted[i];
        bad[hc_thread_id()] = wrong || lseek(fd, 0, 1) != 0;
    }
    """
    )
    assert not crowd.run(source, "put", fd).any()
    assert not crowd.run(source, "get", fd).any()
    assert crowd.file.stat().st_size == 16 * crowd.lanes


@pytest.mark.parametrize("crowd", EVERYWHERE, indirect=True)
def test_a_lane_sees_the_errno_of_another(crowd: Crowd) -> None:
    """Lanes fail in four ways, each looks at its errno after the others failed too."""
    source = r"""
    #include <fcntl.h>
    #include <unistd.h>
    #include <errno.h>
    #include <sys/stat.h>
    HC_KERNEL void fail(HC_GLOBAL int *bad) {
        int lane = hc_thread_id(), way = lane % 4, wrong = 0;
        for (int n = 0; n < 5; n++) {
            errno = 1000 + lane;
            int r = -1;
            if (way == 0) r = close(-1);
            else if (way == 1) r = open("nowhere/file", O_RDONLY);
            else if (way == 2) r = mkdir(".", 0777);
            hc_block_sync();
            int wanted = way == 0 ? EBADF : way == 1 ? ENOENT : way == 2 ? EEXIST : 1000 + lane;
            wrong += r != -1 || errno != wanted;
        }
        bad[lane] = wrong;
    }
    """
    assert not crowd.run(source, "fail").any()


@pytest.mark.parametrize("crowd", WITH_POINTERS, indirect=True)
def test_lines_of_one_stream_are_torn(crowd: Crowd) -> None:
    """One lane opens a FILE, all print to it by several functions, one closes it."""
    source = r"""
    #include <stdio.h>
    HC_KERNEL void open_stream(HC_GLOBAL unsigned long long *stream) {
        if (hc_thread_id() == 0) stream[0] = (unsigned long long)fopen("file", "w");
    }
    HC_KERNEL void print(HC_GLOBAL int *bad, HC_GLOBAL unsigned long long *stream) {
        FILE *f = (FILE *)stream[0];
        int lane = hc_thread_id(), wrong = 0;
        char text[40];
        for (int n = 0; n < 4; n++) {
            snprintf(text, sizeof text, "%08d:%06d\n", lane, n);
            if (n % 3 == 0) wrong += fprintf(f, "%08d:%06d\n", lane, n) != 16;
            else if (n % 3 == 1) wrong += fputs(text, f) < 0;
            else wrong += fwrite(text, 1, 16, f) != 16;
        }
        bad[lane] = wrong;
    }
    HC_KERNEL void close_stream(HC_GLOBAL unsigned long long *stream) {
        if (hc_thread_id() == 0) stream[0] = (unsigned long long)fclose((FILE *)stream[0]);
    }
    """
    stream = np.zeros(1, dtype=np.uint64)
    crowd.rt.compile(source, "open_stream").launch(grid=1, block=1, args=(stream,))
    crowd.rt.synchronize(timeout=SECONDS)
    assert stream[0]
    bad = crowd.run(source, "print", stream)
    crowd.rt.compile(source, "close_stream").launch(grid=1, block=1, args=(stream,))
    crowd.rt.synchronize(timeout=SECONDS)
    assert stream[0] == 0
    assert not bad.any()
    found = records(crowd.file.read_bytes())
    assert sorted(found) == every(crowd.lanes, 4)


@pytest.mark.parametrize("crowd", WITH_POINTERS, indirect=True)
def test_strtok_goes_on_in_the_text_of_another_lane(crowd: Crowd) -> None:
    source = r"""
    #include <string.h>
    #include <stdio.h>
    HC_KERNEL void tokens(HC_GLOBAL int *bad) {
        char text[64], wanted[16];
        int lane = hc_thread_id(), wrong = 0, n = 0;
        snprintf(text, sizeof text, "%d,,%d;%d ,%d", lane, lane + 1, lane + 2, lane + 3);
        for (char *t = strtok(text, ",; "); n < 4; t = strtok((char *)0, ",; ")) {
            snprintf(wanted, sizeof wanted, "%d", lane + n);
            wrong += t == (char *)0 || strcmp(t, wanted) != 0;
            n++;
            hc_block_sync();
        }
        bad[lane] = wrong;
    }
    """
    assert not crowd.run(source, "tokens").any()


@pytest.mark.parametrize("crowd", WITH_POINTERS, indirect=True)
def test_lanes_that_sort_differently_mix_their_elements(crowd: Crowd) -> None:
    """Three comparison functions and two sizes of element in the lanes of one warp."""
    source = r"""
    #include <stdlib.h>
    HC_FN int up(const void *a, const void *b) {
        int x = *(const int *)a, y = *(const int *)b;
        return (x > y) - (x < y);
    }
    HC_FN int down(const void *a, const void *b) { return up(b, a); }
    HC_FN int by_digit(const void *a, const void *b) {
        int x = *(const int *)a, y = *(const int *)b;
        return x % 10 != y % 10 ? x % 10 - y % 10 : x - y;
    }
    struct wide { int key; int rest[3]; };
    HC_KERNEL void sort(HC_GLOBAL int *bad) {
        int lane = hc_thread_id(), wrong = 0, n = 5 + lane % 23, sum = 0, after = 0;
        int v[32];
        struct wide w[16];
        unsigned seed = 77 + lane;
        for (int i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            v[i] = (int)(seed >> 20);
            sum += v[i];
        }
        if (lane % 4 == 3) {
            for (int i = 0; i < 16; i++) w[i].key = v[i % n], w[i].rest[0] = -w[i].key, w[i].rest[2] = lane;
            qsort(w, 16, sizeof w[0], up);
            for (int i = 0; i < 16; i++) {
                wrong += w[i].rest[0] != -w[i].key || w[i].rest[2] != lane;
                wrong += i > 0 && w[i - 1].key > w[i].key;
            }
        } else {
            if (lane % 4 == 0) qsort(v, n, sizeof v[0], up);
            else if (lane % 4 == 1) qsort(v, n, sizeof v[0], down);
            else qsort(v, n, sizeof v[0], by_digit);
            for (int i = 0; i < n; i++) {
                after += v[i];
                if (i == 0) continue;
                int *a = v + i - 1, *b = v + i;
                wrong += (lane % 4 == 0 ? up(a, b) : lane % 4 == 1 ? down(a, b) : by_digit(a, b)) > 0;
            }
            wrong += sum != after;
        }
        bad[lane] = wrong;
    }
    """
    assert not crowd.run(source, "sort").any()


@pytest.mark.parametrize("crowd", EVERYWHERE, indirect=True)
def test_descriptors_are_given_out_twice(crowd: Crowd) -> None:
    """Lanes open and close at once: those that are open at one time have numbers of their own."""
    crowd.file.write_bytes(b"x")
    source = r"""
    #include <fcntl.h>
    #include <unistd.h>
    HC_KERNEL void open_all(HC_GLOBAL int *got) {
        if (hc_thread_id() < 512) got[hc_thread_id()] = open("file", O_RDONLY);
    }
    HC_KERNEL void close_all(HC_GLOBAL int *bad, HC_GLOBAL int *got) {
        bad[hc_thread_id()] = hc_thread_id() < 512 ? close(got[hc_thread_id()]) : 0;
    }
    """
    got = crowd.run(source, "open_all")
    numbers = got[:512]
    opened = numbers[numbers >= 0]
    assert len(opened) >= 200, "most of them are within the runtime's limit"
    assert len(set(opened.tolist())) == len(opened)
    bad = crowd.run(source, "close_all", got)
    assert int((bad == 0).sum()) >= len(opened)
