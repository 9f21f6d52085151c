# SPDX-License-Identifier: Apache-2.0
"""Files as memory: drivers that register, refuse or do not answer, and files that change meanwhile."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hostcall
from hostcall._native import lib
from hostcall.errors import ArgumentError, BackendError
from hostcall.runtime import Runtime

SECONDS = 60.0
BYTES = 50_000

SOURCE = r"""
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* Maps `file` to read, asks the host to do something, and looks at the first byte before and after it. */
HC_KERNEL void look(HC_GLOBAL long *out, HC_GLOBAL const char *file, int times) {
    int n = 0, k, fd = open(file, O_RDONLY);
    HC_GLOBAL hc_u8 *p = 0;
    for (k = 0; k < times; k++) p = (HC_GLOBAL hc_u8 *)mmap(NULL, 50000, PROT_READ, MAP_SHARED, fd, 0);
    out[n++] = p == MAP_FAILED ? -errno : p[0];
    if (p == MAP_FAILED) return;
    out[n++] = hc_call("meanwhile", out, 0, out, 0);
    out[n++] = p[0];
    out[n++] = hc_in_heap((hc_u64)(size_t)p);
    for (k = 0; k < times; k++) out[n++] = munmap(p, 50000) ? -errno : 0;
}
/* The same with a store into byte 1. */
HC_KERNEL void change(HC_GLOBAL long *out, HC_GLOBAL const char *file, int append) {
    int n = 0, fd = open(file, O_RDWR | (append ? O_APPEND : 0));
    HC_GLOBAL hc_u8 *p = (HC_GLOBAL hc_u8 *)mmap(NULL, 50000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    out[n++] = p == MAP_FAILED ? -errno : p[0];
    if (p == MAP_FAILED) return;
    p[1] = 77;
    out[n++] = hc_call("meanwhile", out, 0, out, 0);
    out[n++] = msync(p, 50000, MS_SYNC | MS_INVALIDATE) ? -errno : 0;
    out[n++] = p[2];
    out[n++] = munmap(p, 50000) ? -errno : 0;
}
/* Leaves a mapping behind. */
HC_KERNEL void leave(HC_GLOBAL long *out, HC_GLOBAL const char *file) {
    int fd = open(file, O_RDWR);
    HC_GLOBAL hc_u8 *p = (HC_GLOBAL hc_u8 *)mmap(NULL, 50000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    out[0] = p == MAP_FAILED ? -errno : 0;
    if (p != MAP_FAILED) p[3] = 99;
}
"""


class Rig:
    """A loopback runtime with a file, and what happens while a kernel looks at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "file"
        self.file.write_bytes(bytes([1]) * BYTES)
        self.meanwhile: Any = lambda: None
        self.rt: Runtime = hostcall.open(
            transport="loopback", heap="4MiB", services={"fs": {"roots": [{"path": str(folder), "mode": "rw"}]}}
        )

        def meanwhile(data: bytes, lanes: int) -> int:
            self.meanwhile()
            return 0

        self.rt.service("meanwhile")(meanwhile)

    @property
    def server(self) -> Any:
        return self.rt._channel.server

    def run(self, name: str, *args: object) -> list[int]:
        out = np.full(16, -999, np.int64)
        file = np.frombuffer(b"file\0", np.uint8)
        self.rt.compile(SOURCE, name).launch(1, 1, (out, file, *args))
        self.rt.synchronize(SECONDS)
        values = [int(value) for value in out]
        return values[: values.index(-999)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.rt.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    path = tmp_path_factory.mktemp("driver") / "libfake.so"
    source = Path(__file__).with_name("_fake_driver.c")
    command = [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", str(source), "-o", str(path)]
    subprocess.run([*command, "-lpthread"], check=True, timeout=120)
    return path


class Driver:
    """The fake driver of one test."""

    def __init__(self, path: Path) -> None:
        self._library = ctypes.CDLL(str(path))
        for name in ("registered", "unregistered", "refusals"):
            self.set(name, 0)

    def get(self, name: str) -> int:
        return int(ctypes.c_int.in_dll(self._library, f"fake_{name}").value)

    def set(self, name: str, value: int) -> None:
        ctypes.c_int.in_dll(self._library, f"fake_{name}").value = value

    def hold(self) -> None:
        self._library.fake_hold()

    def let_go(self) -> None:
        self._library.fake_let_go()


@pytest.fixture
def driver(rig: Rig, library: Path) -> Driver:
    made = Driver(library)
    assert lib.hc_mapping_driver(rig.server, os.fsencode(library), 0x1234) == 0
    return made


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_a_copy_follows_the_file_or_leaks(rig: Rig) -> None:
    rig.meanwhile = lambda: overwrite(rig.file, 0, b"\2")
    assert rig.run("look", 2) == [1, 0, 1, 0, 0, 0]
    assert lib.hc_mapping_count(rig.server) == 0


def test_a_file_that_shrinks_raises_a_signal_or_grows_again(rig: Rig) -> None:
    rig.meanwhile = lambda: os.truncate(rig.file, 10)
    assert rig.run("change", 0) == [1, 0, -errno.EIO, 1, -errno.EIO]
    assert rig.file.read_bytes() == bytes([1]) * 10


def test_bytes_that_others_stored_are_overwritten(rig: Rig) -> None:
    rig.meanwhile = lambda: overwrite(rig.file, 2, b"\5")
    assert rig.run("change", 0) == [1, 0, 0, 5, 0]
    assert rig.file.read_bytes()[:4] == bytes([1, 77, 5, 1])
    assert rig.file.stat().st_size == BYTES


def test_a_mapping_of_a_file_opened_to_append_appends(rig: Rig) -> None:
    assert rig.run("change", 1) == [1, 0, 0, 1, 0]
    assert rig.file.read_bytes()[:3] == bytes([1, 77, 1])
    assert rig.file.stat().st_size == BYTES


def test_what_was_stored_is_lost_when_nobody_unmaps(rig: Rig) -> None:
    assert rig.run("leave") == [0]
    rig.rt.close()
    assert rig.file.read_bytes()[3] == 99


def test_a_registered_file_is_copied(rig: Rig, driver: Driver) -> None:
    rig.meanwhile = lambda: overwrite(rig.file, 0, b"\2")
    assert rig.run("look", 3) == [1, 0, 2, 0, 0, 0, 0]
    assert driver.get("registered") == 1, "lanes that map the same file share one registration"
    assert driver.get("flags") & 8, "a mapping to read is registered to read"
    assert driver.get("unregistered") == 1, "given back once no kernel runs"
    assert lib.hc_mapping_count(rig.server) == 0


def test_a_registration_is_undone_while_a_kernel_runs(rig: Rig, driver: Driver) -> None:
    seen: list[int] = []
    rig.run("look", 1)
    rig.meanwhile = lambda: seen.append(driver.get("unregistered"))
    before = driver.get("unregistered")
    rig.run("look", 1)
    assert seen == [before]
    assert driver.get("unregistered") == before + 1


def test_a_preloaded_file_is_registered_again(rig: Rig, driver: Driver) -> None:
    rig.rt.preload("file")
    assert driver.get("registered") == 1
    assert rig.run("look", 1) == [1, 0, 1, 0, 0]
    assert (driver.get("registered"), driver.get("unregistered")) == (1, 0)
    # The same name with other pages behind it: what was registered is not what is in the file.
    os.truncate(rig.file, 0)
    rig.file.write_bytes(bytes([8]) * BYTES)
    assert rig.run("look", 1) == [8, 0, 8, 0, 0]
    assert driver.get("registered") == 2
    rig.rt.close()
    assert driver.get("unregistered") == 2


def test_a_preload_of_a_wrong_path_is_silent(rig: Rig, driver: Driver) -> None:
    with pytest.raises(ArgumentError, match="'nothing': No such file"):
        rig.rt.preload("nothing")
    with pytest.raises(ArgumentError, match="'/etc/passwd'"):
        rig.rt.preload("/etc/passwd")
    driver.set("refusals", 1)
    with pytest.raises(BackendError, match="cannot register 'file'"):
        rig.rt.preload("file")


def test_a_driver_that_refuses_the_file_loses_the_mapping(rig: Rig, driver: Driver) -> None:
    driver.set("refusals", 1)  # the file; the copy is accepted
    rig.meanwhile = lambda: overwrite(rig.file, 2, b"\5")
    assert rig.run("change", 0) == [1, 0, 0, 5, 0]
    assert rig.file.read_bytes()[:3] == bytes([1, 77, 5])
    assert (driver.get("registered"), driver.get("unregistered")) == (1, 1)


def test_a_driver_that_refuses_everything_loses_the_mapping(rig: Rig, driver: Driver) -> None:
    driver.set("refusals", 100)
    assert rig.run("look", 1) == [1, 0, 1, 1, 0], "the lane's own copy, in its heap"
    assert rig.run("change", 0) == [-errno.EOPNOTSUPP]


def test_a_driver_that_does_not_answer_holds_the_kernel(rig: Rig, driver: Driver) -> None:
    lib.hc_mapping_patience(rig.server, 50_000_000)
    driver.hold()
    timer = threading.Timer(SECONDS, driver.let_go)  # the test ends also where the code under test waits for ever
    timer.start()
    try:
        assert rig.run("look", 1) == [1, 0, 1, 1, 0]
        assert rig.run("look", 1) == [1, 0, 1, 1, 0], "who comes later does not wait again"
        assert driver.get("registered") == 0
    finally:
        timer.cancel()
        driver.let_go()
    rig.rt.close()
    assert driver.get("registered") == driver.get("unregistered") <= 2


def test_an_unknown_library_is_taken(rig: Rig, library: Path) -> None:
    assert lib.hc_mapping_driver(rig.server, b"/nowhere/libcuda.so.1", 0) == -errno.ENOENT
