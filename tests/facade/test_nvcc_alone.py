# SPDX-License-Identifier: Apache-2.0
"""Kernel headers under nvcc, each as the only one of a file: hostcall.h does not come before it there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hostcall.backends.base import include_dir


@pytest.mark.parametrize("header", ["cstdio", "cstdlib", "unistd.h", "dirent.h", "time.h", "sys/socket.h"])
def test_a_header_needs_another_before_it(header: str, tmp_path: Path) -> None:
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        pytest.skip("nvcc is not on PATH")
    text = tmp_path / "kernel.cu"
    text.write_text(f'#include <{header}>\nextern "C" __global__ void kernel(int *out) {{ *out = 1; }}\n')
    command = [nvcc, "-rdc=true", "-arch=sm_90", "-std=c++17", "-I", include_dir(), "-dc", text, "-o", tmp_path / "o.o"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
