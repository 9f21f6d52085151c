# SPDX-License-Identifier: Apache-2.0
"""Programs with threads on a device: what they print and return is what they do on Linux."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hostcall import programs

SOURCES = sorted((Path(__file__).resolve().parent.parent / "threads").glob("*.c"))
FLAGS = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"]
SECONDS = 120


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_program_prints_and_returns_what_it_does_on_linux(source: Path, transport: str, tmp_path: Path) -> None:
    cc = shutil.which("gcc") or shutil.which("cc")
    if cc is None:
        pytest.skip("no C compiler")
    words: list[str | Path] = [cc, *FLAGS, "-pthread", source, "-o", tmp_path / "linux"]
    subprocess.run(words, check=True, timeout=SECONDS)
    programs.build(source, tmp_path / "lanes", target="cuda", options=FLAGS)
    for way in ["return", "thread", "leave"] if source.stem == "ends" else [""]:
        given = [way] if way else []
        here, there = tmp_path / f"here-{way}", tmp_path / f"there-{way}"
        here.mkdir()
        there.mkdir()
        wanted = subprocess.run([tmp_path / "linux", *given], cwd=here, stdout=subprocess.PIPE, timeout=SECONDS)
        got = programs.run(
            tmp_path / "lanes", given, cwd=there, stdout=subprocess.PIPE, transport=transport, pool=16, timeout=SECONDS
        )
        assert (got.returncode, got.stdout) == (wanted.returncode, wanted.stdout)
        assert sorted(path.name for path in there.iterdir()) == sorted(path.name for path in here.iterdir())
