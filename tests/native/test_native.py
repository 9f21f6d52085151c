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
CORE = (
    "server",
    "calls",
    "parks",
    "poller",
    "sweep",
    "posted",
    "workers",
    "events",
    "basic",
    "python",
    "lanes",
    "counts",
)
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"]
PATHS = ["-iquote", str(ROOT / "libc_facade" / "include"), "-iquote", str(ROOT / "host_services")]
SANITIZERS = {
    "plain": ["-O2"],
    "thread": ["-O1", "-fsanitize=thread"],
    "address": ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
}
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


@pytest.fixture(scope="module", params=list(SANITIZERS))
def stress(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    cc, flags = compiler(kind), SANITIZERS[kind]
    if not works(cc, flags, folder):
        pytest.skip(f"{cc} has no runtime for {flags[-1]}")
    program = folder / "stress"
    sources = [str(ROOT / "host_services" / f"{name}.c") for name in CORE]
    sources += [str(HERE / "stress.c"), str(HERE / "standins.c")]
    command = [cc, *flags, *FLAGS, *PATHS, *sources, "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert built.returncode == 0, built.stderr
    return kind, program


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS)
def test_stress(stress: tuple[str, Path]) -> None:
    kind, program = stress
    seed = int.from_bytes(os.urandom(4), "little")
    scale = {"plain": "1", "thread": "10", "address": "2"}[kind]
    done = subprocess.run(
        [str(program), str(seed)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "STRESS_SCALE": scale, "TSAN_OPTIONS": "halt_on_error=1"},
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr}"
