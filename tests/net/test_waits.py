# SPDX-License-Identifier: Apache-2.0
"""Lanes that wait for sockets: many at one, some with a limit, and what ends their waits."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from _support_net import ACCEPTS, MAKE, SECONDS, Bench, listen

# The last lane feeds the others once it is told to.
CROWD = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int near, int far, int how) {
    int i = hc_thread_id(), n;
    char bytes[128];
    if (i == lanes) {
        for (n = 0; n < 128; n++) bytes[n] = (char)n;
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        out[i] = 0;
        for (n = 0; n < lanes; n += 100)
            if (write(far, bytes, 100) != 100) out[i] = -1;
        return;
    }
    n = (int)(how == 0 ? R(read(near, bytes, 1)) : R(recv(near, bytes, 1, 0)));
    out[i] = n == 1 ? 1000 + bytes[0] : n;
}
"""


@pytest.mark.parametrize(("what", "how"), [(0, 0), (1, 0), (1, 1)])
def test_a_crowd_waits_at_one_descriptor_and_some_are_refused(fresh: Bench, what: int, how: int) -> None:
    lanes = 700
    made, near, far = fresh.run(MAKE, what)
    assert made == 0
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(CROWD, go, lanes, near, far, how, size=lanes + 1, lanes=lanes + 1)
    fresh.parked(lanes)
    assert (out == -999).all()
    go[0] = 1
    fresh.rt.synchronize(timeout=SECONDS)
    assert out[lanes] == 0
    assert sorted(out[:lanes]) == sorted(1000 + i % 100 for i in range(lanes))


def test_lanes_of_a_server_miss_a_connection_or_hold_each_other_up(fresh: Bench) -> None:
    lanes = 200
    fd, port = listen(fresh)
    out = fresh.start(ACCEPTS, fd, size=lanes, lanes=lanes)
    fresh.parked(lanes)
    clients = []
    for index in range(lanes):
        client = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        client.sendall(bytes([index % 100]) * 8)
        clients.append(client)
    for index, client in reversed(list(enumerate(clients))):
        assert client.recv(100) == bytes([index % 100]) * 8
        assert client.recv(100) == b""
        client.close()
    fresh.rt.synchronize(timeout=SECONDS)
    assert sorted(out) == sorted(index % 100 for index in range(lanes))


CLOSES = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int fd, int how) {
    int i = hc_thread_id();
    char byte[4];
    struct pollfd p;
    p.fd = fd;
    p.events = POLLIN;
    p.revents = 0;
    if (i == lanes) {
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        out[i] = R(close(fd));
    } else if (how == 0) out[i] = R(accept(fd, NULL, NULL));
    else if (how == 1) out[i] = R(recv(fd, byte, 1, 0));
    else if (how == 2) out[i] = R(read(fd, byte, 1));
    else out[i] = 100 * R(poll(&p, 1, -1)) + p.revents;
}
"""


@pytest.mark.parametrize(
    ("how", "answer"),
    [(0, -errno.EBADF), (1, -errno.EBADF), (2, -errno.EBADF), (3, 100 + 0x20)],
    ids="accept recv read poll".split(),
)
def test_lanes_wait_for_ever_at_a_descriptor_that_was_closed(fresh: Bench, how: int, answer: int) -> None:
    lanes = 40
    fd = listen(fresh)[0] if how in (0, 3) else fresh.run(MAKE, 1)[1]
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(CLOSES, go, lanes, fd, how, size=lanes + 1, lanes=lanes + 1)
    fresh.parked(lanes)
    go[0] = 1
    fresh.rt.synchronize(timeout=SECONDS)
    assert list(out) == [answer] * lanes + [0]


@pytest.mark.parametrize("how", [0, 1, 2, 3], ids="accept recv read poll".split())
def test_lanes_wait_for_ever_for_a_runtime_that_was_closed(tmp_path: Path, how: int) -> None:
    made = Bench(tmp_path)
    fd = listen(made)[0] if how in (0, 3) else made.run(MAKE, 1)[1]
    out = made.start(CLOSES, made.rt.shared(1, np.int32), 1000, fd, how, size=40, lanes=40)
    made.parked(40)
    made.rt.close()
    assert {value if how < 3 else value // 100 for value in out} == {-errno.ESHUTDOWN}


EXITS = r"""
#include <stdlib.h>
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int fd) {
    char byte[4];
    int i = hc_thread_id();
    if (i == lanes) {
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        exit(0);
    }
    out[i] = R(recv(fd, byte, 1, 0));
}
"""


def test_an_exit_leaves_waiting_lanes_behind_or_the_next_kernel_without_waits(fresh: Bench) -> None:
    _, near, far = fresh.run(MAKE, 1)
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(EXITS, go, 20, near, size=21, lanes=21)
    fresh.parked(20)
    go[0] = 1
    fresh.rt.synchronize(timeout=SECONDS)
    assert set(out[:20]) == {-errno.ESHUTDOWN}
    go[0] = 0
    out = fresh.start(CROWD, go, 20, near, far, 1, size=21, lanes=21)
    fresh.parked(40)
    go[0] = 1
    fresh.rt.synchronize(timeout=SECONDS)
    assert (out[:20] >= 1000).all()


POLLS = r"""
#include <fcntl.h>
#include <time.h>
HC_FN hc_i64 ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (hc_i64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *far_end) {
    struct pollfd p[5];
    struct timeval limit;
    struct timespec limit2;
    fd_set in, writes, ex;
    int ends[2], pipes[2], i = 0, file = open("plain", O_RDWR | O_CREAT, 0600);
    hc_i64 began;
    char byte = 1;
    out[i++] = R(socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) + R(pipe(pipes));
    p[0].fd = ends[0];
    p[0].events = POLLIN;
    p[1].fd = pipes[0];
    p[1].events = POLLIN;
    p[2].fd = -5;
    p[2].events = POLLIN;
    p[2].revents = 77;
    began = ms();
    out[i++] = R(poll(p, 3, 80)); /* nothing happens */
    out[i++] = ms() - began >= 79;
    out[i++] = p[0].revents + p[1].revents + p[2].revents;
    out[i++] = R(write(pipes[1], &byte, 1));
    out[i++] = R(poll(p, 3, -1));
    out[i++] = p[0].revents * 1000 + p[1].revents;
    p[0].events = POLLIN | POLLOUT;
    p[2].fd = file;
    p[2].events = POLLIN | POLLOUT;
    p[3].fd = 1;
    p[3].events = POLLOUT;
    p[4].fd = 99;
    p[4].events = POLLIN;
    out[i++] = R(poll(p, 5, 0));
    out[i++] = p[0].revents;
    out[i++] = p[1].revents;
    out[i++] = p[2].revents;
    out[i++] = p[3].revents;
    out[i++] = p[4].revents;
    out[i++] = R(close(ends[1]));
    p[0].events = POLLIN;
    out[i++] = R(poll(p, 1, -1));
    out[i++] = p[0].revents;
    p[0].events = 0;
    out[i++] = R(poll(p, 1, -1));
    out[i++] = p[0].revents;
    out[i++] = R(poll(p, 3000000, 0));
    began = ms();
    out[i++] = R(poll(p, 0, 30));
    out[i++] = ms() - began >= 29;
    /* select */
    FD_ZERO(&in);
    FD_ZERO(&writes);
    FD_ZERO(&ex);
    FD_SET(pipes[0], &in);
    FD_SET(ends[0], &in);
    FD_SET(pipes[1], &writes);
    FD_SET(pipes[0], &ex);
    limit.tv_sec = 5;
    limit.tv_usec = 0;
    out[i++] = R(select(64, &in, &writes, &ex, &limit));
    out[i] = FD_ISSET(pipes[0], &in) + 10 * FD_ISSET(ends[0], &in) + 100 * FD_ISSET(pipes[1], &writes);
    out[i++] += 1000 * FD_ISSET(pipes[0], &ex);
    out[i++] = R(read(pipes[0], &byte, 1));
    FD_ZERO(&in);
    FD_SET(pipes[0], &in);
    limit.tv_sec = 0;
    limit.tv_usec = 20000;
    out[i++] = R(select(pipes[0] + 1, &in, NULL, NULL, &limit));
    out[i++] = FD_ISSET(pipes[0], &in);
    FD_SET(60, &in);
    out[i++] = R(select(61, &in, NULL, NULL, &limit));
    out[i++] = R(select(60, NULL, NULL, NULL, &limit));
    limit.tv_usec = 1000000;
    out[i++] = R(select(0, NULL, NULL, NULL, &limit));
    out[i++] = R(select(-1, NULL, NULL, NULL, NULL));
    limit2.tv_sec = 0;
    limit2.tv_nsec = 1000000;
    p[0].fd = pipes[0];
    p[0].events = POLLIN;
    out[i++] = R(ppoll(p, 1, &limit2, NULL));
    out[i++] = R(pselect(0, NULL, NULL, NULL, &limit2, NULL));
    limit2.tv_nsec = -1;
    out[i++] = R(ppoll(p, 1, &limit2, NULL));
    close(ends[0]);
    close(pipes[0]);
    close(pipes[1]);
    close(file);
}
"""


def test_poll_or_select_says_something_else_than_linux(bench: Bench) -> None:
    results = bench.run(POLLS, bench.rt.shared(1, np.int32))
    e = errno
    assert results[:7] == [0, 0, 1, 0, 1, 1, 1]
    assert results[7:13] == [5, 0x4, 0x1, 0x5, 0x4, 0x20]
    assert results[13:18] == [0, 1, 0x11, 1, 0x10]
    assert results[18:21] == [-e.EINVAL, 0, 1]
    assert results[21:24] == [3, 111, 1]
    assert results[24:26] == [0, 0]
    assert results[26:30] == [-e.EBADF, 0, -e.EINVAL, -e.EINVAL]
    assert results[30:] == [0, 0, -e.EINVAL]


TOGETHER = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, HC_GLOBAL int *go, int lanes, int near, int far) {
    int i = hc_thread_id();
    struct pollfd p[2];
    if (i == lanes) {
        while (!*(volatile HC_GLOBAL int *)go) usleep(1000);
        out[i] = R(send(far, "x", 1, 0));
        return;
    }
    p[0].fd = near;
    p[0].events = POLLIN;
    p[1].fd = far;
    p[1].events = POLLIN;
    out[i] = R(poll(p, 2, i % 2 ? -1 : 60000)) * 100 + p[0].revents * 10 + p[1].revents;
}
"""


def test_one_event_wakes_only_some_of_those_who_poll(fresh: Bench) -> None:
    lanes = 120
    _, near, far = fresh.run(MAKE, 1)
    go = fresh.rt.shared(1, np.int32)
    out = fresh.start(TOGETHER, go, lanes, near, far, size=lanes + 1, lanes=lanes + 1)
    fresh.parked(lanes)
    go[0] = 1
    fresh.rt.synchronize(timeout=SECONDS)
    assert list(out) == [110] * lanes + [1]


MANY_POLLS = r"""
HC_KERNEL void k(HC_GLOBAL hc_i64 *out, int near, int rounds) {
    struct pollfd p;
    int i;
    hc_i64 sum = 0;
    p.fd = near;
    p.events = POLLIN;
    for (i = 0; i < rounds; i++) sum += R(poll(&p, 1, 1));
    out[hc_thread_id()] = sum;
}
"""


def test_polls_that_ran_out_of_time_leave_descriptors_behind(fresh: Bench) -> None:
    _, near, _ = fresh.run(MAKE, 1)
    fresh.run(MANY_POLLS, near, 2, lanes=4)
    before = len(os.listdir("/proc/self/fd"))
    assert fresh.run(MANY_POLLS, near, 50, lanes=4) == [0] * 4
    assert len(os.listdir("/proc/self/fd")) <= before + 2
