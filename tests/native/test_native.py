"""The server in C under threads that play lanes: plain, and under the thread, address and UB sanitizers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Files that are not the polling core belong to families with tests of their own; standins.c stands for them here.
CORE = tuple(
    (
        "server calls parks poller sweep posted formatters workers events basic python lanes lane_threads faults counts"
    ).split()
)
# With them the prints of lanes go all the way to a file.
FILES = tuple(path.stem for path in sorted((ROOT / "host_services").glob("fs*.c")))
PRINTS = (*"stdio print sinks transfer pieces uring batches descriptors waits paths mapping".split(), *FILES)
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"]
PATHS = ["-iquote", str(ROOT / "libc_facade" / "include"), "-iquote", str(ROOT / "host_services")]
# Beside the sanitizers: replies that stay with their thread until it fences, as in a write-combined mapping.
SANITIZERS = {
    "plain": ["-O2"],
    "combining": ["-O2"],
    "thread": ["-O1", "-fsanitize=thread"],
    "address": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
}
PLAYED = {"combining": ["-include", str(HERE / "played.h")]}
SECONDS = 240


def compiler(kind: str) -> str:
    """Give gcc for the plain build, clang where it is there for the sanitizers."""
    for name in ("gcc", "cc") if kind == "plain" else ("clang", "gcc"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("no C compiler")


def works(cc: str, flags: list[str], folder: Path) -> bool:
    """Tell whether the sanitizer's runtime is installed and runs here."""
    probe = folder / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    built = subprocess.run([cc, *flags, str(probe), "-o", str(folder / "probe")], capture_output=True, timeout=60)
    return built.returncode == 0 and subprocess.run([str(folder / "probe")], timeout=60).returncode == 0


def build(kind: str, name: str, files: tuple[str, ...], helpers: tuple[str, ...], folder: Path) -> Path:
    """Compile a test program with the files of the server that it needs."""
    cc, flags = compiler(kind), SANITIZERS[kind]
    if not works(cc, flags, folder):
        pytest.skip(f"{cc} has no runtime for {flags[-1]}")
    program = folder / name
    sources = [str(ROOT / "host_services" / f"{file}.c") for file in files]
    sources += [str(HERE / f"{helper}.c") for helper in (name, *helpers)]
    warnings = ["-Wno-unused-function"]  # rig.h serves several programs
    command = [cc, *flags, *FLAGS, *warnings, *PLAYED.get(kind, []), *PATHS, *sources, "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert built.returncode == 0, built.stderr
    return program


def run(kind: str, program: Path, scales: dict[str, str]) -> None:
    """Run all cases of a program with a seed of its own."""
    seed = int.from_bytes(os.urandom(4), "little")
    done = subprocess.run(
        [str(program), str(seed)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "STRESS_SCALE": scales[kind], "TSAN_OPTIONS": "halt_on_error=1"},
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("kind", SANITIZERS)
@pytest.mark.parametrize("name", ["stress", "idle", "threads"])
def test_lanes(name: str, kind: str, tmp_path: Path) -> None:
    if name == "threads" and kind == "combining":
        pytest.skip("threads make no call: no reply is combined")
    program = build(kind, name, CORE, ("standins", "played"), tmp_path)
    run(kind, program, {"plain": "1", "thread": "10", "address": "2", "combining": "2"})


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("kind", SANITIZERS)
def test_prints(kind: str, tmp_path: Path) -> None:
    program = build(kind, "prints", CORE + PRINTS, ("standins", "played"), tmp_path)
    run(kind, program, {"plain": "2", "thread": "10", "address": "4", "combining": "4"})
