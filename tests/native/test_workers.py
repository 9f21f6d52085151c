# SPDX-License-Identifier: Apache-2.0
"""The hand-over to workers in C: plain, and under the thread, address and UB sanitizers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FLAGS = "-std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Werror -Wno-unused-function -pthread".split()
SANITIZERS = {"plain": [], "thread": ["-fsanitize=thread"], "address": ["-fsanitize=address,undefined"]}
# Files that are not the polling core belong to families with tests of their own; standins.c stands for them here.
CORE = (
    "server calls parks poller sweep posted formatters workers events basic python lanes lane_threads faults counts"
).split()
SECONDS = 240


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("kind", list(SANITIZERS))
def test_a_call_or_a_worker_is_forgotten(kind: str, tmp_path: Path) -> None:
    cc = next((name for name in ("clang", "gcc", "cc") if shutil.which(name)), None)
    if cc is None:
        pytest.skip("no C compiler")
    program = tmp_path / "workers"
    core = [ROOT / "host_services" / f"{name}.c" for name in CORE]
    paths = ["-iquote", str(ROOT / "libc_facade" / "include"), "-iquote", str(ROOT / "host_services")]
    sources = [*map(str, core), str(HERE / "workers.c"), str(HERE / "standins.c")]
    empty = tmp_path / "empty.c"
    empty.write_text("int main(void) { return 0; }\n")
    probe = [cc, *SANITIZERS[kind], str(empty), "-o", str(tmp_path / "empty")]
    if subprocess.run(probe, capture_output=True, timeout=60).returncode:
        pytest.skip(f"{cc} has no runtime for {SANITIZERS[kind]}")
    built = subprocess.run(
        [cc, "-O1", *SANITIZERS[kind], *FLAGS, *paths, *sources, "-o", str(program)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert built.returncode == 0, built.stderr
    seed = int.from_bytes(os.urandom(4), "little")
    done = subprocess.run(
        [str(program), str(seed)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "STRESS_SCALE": "4" if kind == "plain" else "12", "TSAN_OPTIONS": "halt_on_error=1"},
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr}"
