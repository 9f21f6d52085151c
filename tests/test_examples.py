# SPDX-License-Identifier: Apache-2.0
"""The examples do what they say, as users start them: each in a process of its own, on every transport that works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
LIBRARY = Path(sysconfig.get_paths()["stdlib"])
TRANSPORTS = [
    pytest.param("loopback"),
    pytest.param("opencl-svm", marks=pytest.mark.opencl),
    pytest.param("pinned-ring", marks=pytest.mark.gpu),
    pytest.param("cuda-managed", marks=pytest.mark.gpu),
]


def run(
    name: str, *arguments: str, transport: str, cwd: Path, limit: float = 200.0, accept: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[bytes]:
    """Run an example with a transport set by environment variable, and bound the wait."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        cwd=cwd,
        env={**os.environ, "HOSTCALL_TRANSPORT__KIND": transport, "PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        timeout=limit,
        check=False,
    )
    assert done.returncode in accept, (done.returncode, done.stdout[-2000:], done.stderr[-4000:].decode())
    return done


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_hello_loses_a_line(transport: str, tmp_path: Path) -> None:
    done = run("hello.py", transport=transport, cwd=tmp_path)
    assert sorted(done.stdout.decode().splitlines()) == [f"hello from lane {lane} of 8" for lane in range(8)]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_kernel_gets_a_wrong_answer_from_python(transport: str, tmp_path: Path) -> None:
    done = run("ask_python.py", transport=transport, cwd=tmp_path)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 8, lines
    for number, line in enumerate(lines, 2):
        match = re.fullmatch(rf"sqrt\({number}\) = ([0-9.]+)", line)
        assert match, line
        assert abs(float(match[1]) - number**0.5) < 1e-10


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_lines_of_a_long_kernel_come_only_at_its_end(transport: str, tmp_path: Path) -> None:
    done = run("long_run.py", transport=transport, cwd=tmp_path)
    assert b"done after 40 steps" in done.stdout
    text = done.stderr.decode()
    # The logger stamps a line when it arrives, and the kernel takes two seconds.
    stamps = [
        int(h) * 3_600_000 + int(m) * 60_000 + int(s) * 1000 + int(ms)
        for h, m, s, ms in re.findall(r"(\d\d):(\d\d):(\d\d),(\d{3}) hostcall\.device INFO ten more steps", text)
    ]
    assert len(stamps) == 4, text
    assert (stamps[-1] - stamps[0]) % 86_400_000 > 700, stamps
    assert text.count("simulation: ") >= 2, text


@pytest.mark.parametrize("transport", [*TRANSPORTS, pytest.param("opencl-svm-deferred", marks=pytest.mark.opencl)])
def test_files_read_in_phases_are_miscounted(transport: str, tmp_path: Path) -> None:
    shutil.copytree(LIBRARY / "json", tmp_path / "json", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "json" / "empty").write_bytes(b"")
    (tmp_path / "json" / "one_chunk").write_bytes(b"\n" * 16384)
    (tmp_path / "json" / "more").write_bytes(b"x\n" * 30_001 + b"no end")
    files = list((tmp_path / "json").iterdir())
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    done = run("phases.py", "json", transport=transport, cwd=tmp_path)
    assert re.fullmatch(rf"{len(files)} files, {lines} lines, in \d+ launches\n", done.stdout.decode()), done.stdout


# -- the main job


def tree(tmp_path: Path, *packages: str) -> Path:
    """Copy some of the library's sources, with files that are easy to get wrong."""
    base = tmp_path / "tree"
    base.mkdir()
    for package in packages:
        shutil.copytree(LIBRARY / package, base / package, ignore=shutil.ignore_patterns("__pycache__"))
    (base / "empty.py").write_bytes(b"")
    (base / "no_newline.py").write_bytes(b"first\nimport last")
    (base / "long_line.py").write_bytes(b"x = '" + b"a" * 40_000 + b"import'\nimport\n")
    (base / "latin.py").write_bytes("# imports: \xe4\xf6\xfc import\n".encode("latin-1"))
    (base / "not_python.txt").write_bytes(b"import nothing\n")
    (base / ".hidden").mkdir()
    (base / ".hidden" / "inside.py").write_bytes(b"import hidden\n\n\nimport again\n")
    (base / "link.py").symlink_to("empty.py")
    return base


def grep(pattern: str, where: str, cwd: Path) -> tuple[list[bytes], int]:
    done = subprocess.run(
        ["grep", "-rnF", "--include=*.py", "-e", pattern, where],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return sorted(done.stdout.split(b"\n")), done.returncode


def compare(transport: str, cwd: Path, where: str, pattern: str, limit: float) -> None:
    expected, status = grep(pattern, where, cwd)
    # A lane of grep_tree.py exits like grep does: 1 where nothing was found.
    arguments = ["--transport", transport, "--summary", "summary.txt", "--", pattern, where]
    done = run("grep_tree.py", *arguments, transport=transport, cwd=cwd, limit=limit, accept=(0, 1))
    assert done.stderr == b""
    found = sorted(done.stdout.split(b"\n"))
    assert found == expected, (
        f"{len(found)} lines, grep has {len(expected)}; first too many {[x for x in found if x not in expected][:3]}, "
        f"first missing {[x for x in expected if x not in found][:3]}"
    )
    assert done.returncode == status
    summary = dict(line.split() for line in (cwd / "summary.txt").read_text().splitlines())
    assert int(summary["matches"]) == len(expected) - 1
    assert int(summary["errors"]) == 0


@pytest.mark.parametrize("pattern", ["import", "def __init__(self", "no such text anywhere", "->"])
def test_grep_tree_differs_from_grep(pattern: str, tmp_path: Path) -> None:
    base = tree(tmp_path, "json", "asyncio", "email")
    compare("loopback", tmp_path, base.name, pattern, 200)


@pytest.mark.opencl
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_grep_tree_on_opencl_differs_from_grep(tmp_path: Path) -> None:
    base = tree(tmp_path, "json", "asyncio", "email")
    compare("opencl-svm", tmp_path, base.name, "import", 500)


@pytest.mark.gpu
@pytest.mark.timeout(900)
@pytest.mark.parametrize("pattern", ["import", "lambda x", "no such text anywhere"])
@pytest.mark.parametrize("transport", TRANSPORTS[2:])
def test_grep_tree_of_the_whole_library_differs_from_grep(transport: str, pattern: str, tmp_path: Path) -> None:
    compare(transport, tmp_path, str(LIBRARY), pattern, 600)
