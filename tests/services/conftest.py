# SPDX-License-Identifier: Apache-2.0
"""Builds the C drivers that run services without a channel, once per sanitizer."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FILES = [path.stem for path in sorted((ROOT / "host_services").glob("fs*.c"))]
FILES += [path.stem for path in sorted((ROOT / "host_services").glob("net*.c"))]
SOURCES = [*FILES, *"transfer pieces uring batches descriptors waits paths sinks print stdio mapping system process spawn".split()]
SANITIZERS = {"address": "address,undefined", "thread": "thread"}


def _compiler(sanitizer: str) -> str:
    """Name the compiler: ThreadSanitizer of clang knows more of the C library than that of gcc."""
    if "CC" in os.environ:
        return os.environ["CC"]
    return next((cc for cc in (["clang"] if sanitizer == "thread" else []) + ["cc", "gcc"] if shutil.which(cc)), "cc")


@functools.cache
def _cannot_run(sanitizer: str, scratch: Path) -> str | None:
    """Say why programs with this sanitizer do not run here, or None if they do."""
    source, program = scratch / f"{sanitizer}.c", scratch / f"probe-{sanitizer}"
    source.write_text("int main(void) { return 0; }\n")
    command = [_compiler(sanitizer), f"-fsanitize={SANITIZERS[sanitizer]}", str(source), "-o", str(program)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        subprocess.run([str(program)], check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no {sanitizer} sanitizer: {error}"
    return None


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Give a function (driver, sanitizer) -> program, built with every warning an error."""
    scratch = tmp_path_factory.mktemp("drivers")

    @functools.cache
    def build(name: str, sanitizer: str) -> Path:
        if reason := _cannot_run(sanitizer, scratch):
            pytest.skip(reason)
        program = scratch / f"{name}-{sanitizer}"
        command = [
            _compiler(sanitizer),
            *"-std=c11 -O1 -g -fno-omit-frame-pointer -Wall -Wextra -Werror -Wno-format-nonliteral".split(),
            f"-fsanitize={SANITIZERS[sanitizer]}",
            "-fno-sanitize-recover=all",
            *("-iquote", str(ROOT / "host_services"), "-iquote", str(ROOT / "libc_facade" / "include")),
            *(str(ROOT / "host_services" / f"{source}.c") for source in SOURCES),
            *(str(HERE / f"_{source}.c") for source in ("fake_core", name)),
            *("-o", str(program), "-lm", "-lpthread"),
        ]
        built = subprocess.run(command, capture_output=True, text=True, timeout=280)
        assert built.returncode == 0, built.stderr
        return program

    return build


@pytest.fixture
def run_case(driver: Callable[[str, str], Path], tmp_path: Path) -> Callable[..., None]:
    """Give a function that runs one case of a driver in an empty directory and shows what it said if it failed."""

    def run(name: str, sanitizer: str, *arguments: str) -> None:
        program = driver(name, sanitizer)
        case, *rest = arguments
        environment = {**os.environ, "TSAN_OPTIONS": "halt_on_error=1", "ASAN_OPTIONS": "detect_leaks=1"}
        command = [str(program), case, str(tmp_path), *rest]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=240,
            env=environment,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"

    return run
