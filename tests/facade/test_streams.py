# SPDX-License-Identifier: Apache-2.0
"""Streams on the device: the same as in the machine's libc, whole lines from many lanes, nothing left in a buffer."""

from __future__ import annotations

import ctypes
import os
import subprocess
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
    "modes", "ends", "pushed_back", "both_ways", "blocks", "lines", "formatted", "buffers", "wrong_way", "positions", "reopened", "many",
    "redirected",
]  # fmt: skip
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
