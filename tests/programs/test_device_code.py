# SPDX-License-Identifier: Apache-2.0
"""What clang makes of each path of a hostcall: the rules that hold NVRTC's code hold its code too."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hostcall.backends.base import include_dir
from hostcall.errors import CompileError
from hostcall.programs import device_library


def load_rules() -> ModuleType:
    path = Path(__file__).parents[1] / "test_generated_code.py"
    spec = importlib.util.spec_from_file_location("hostcall_generated_code", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


rules: Any = load_rules()


class ClangCode(rules.Code):  # type: ignore[misc]
    """One path, compiled as C."""

    folder: Path

    @cached_property
    def ptx(self) -> str:
        text, made = self.folder / "kernel.c", self.folder / "kernel.ptx"
        text.write_text("#include <hostcall.h>\n" + self.source)
        flags = [*device_library.clang_flags(int(rules.ARCH)), "-std=gnu11", "-O2", "-isystem", self.include]
        self.run(*device_library.find_clang(), *flags, "-S", text, "-o", made)
        # As NVRTC prints it: a function's name and its parenthesis on one line.
        plain = re.sub(r" *// (?:-- (?:Begin|End) function|@).*", "", made.read_text())
        return re.sub(r"(?m)^(.*\.func\b.*\w)\n\(", r"\1(\n", plain)

    @cached_property
    def _machine(self) -> tuple[bytes, str]:
        assert self.ptx
        made = self.folder / "kernel.cubin"
        call = [device_library.find_cuda_tool("ptxas"), f"-arch=sm_{rules.ARCH}", "-v"]
        log = self.run(*call, self.folder / "kernel.ptx", "-o", made)
        return made.read_bytes(), log.replace("\n    ", "\nptxas    ")

    @staticmethod
    def run(*command: object) -> str:
        words = [str(word) for word in command]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stderr + done.stdout


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClangCode]:
    try:
        device_library.find_clang()
        device_library.find_cuda_tool("ptxas")
    except CompileError as error:
        pytest.skip(str(error))
    found = {}
    for name, source in rules.SOURCES.items():
        code = ClangCode(source, include_dir())
        object.__setattr__(code, "folder", tmp_path_factory.mktemp(name))
        found[name] = code
    return found


@pytest.mark.parametrize("name", list(rules.SOURCES))
def test_clang_folds_the_channels_address(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.folded(paths[name]) == []


@pytest.mark.parametrize("name", [*rules.CALLS, *rules.POSTS])
def test_clang_cuts_words_in_pieces_or_weakens_their_scope(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.narrow_or_near(paths[name]) == []
    bells = len(re.findall(rules.BELL, paths[name].text))
    assert bells == (2 if name in rules.WORDS else name in rules.STAGED or name == "printf")


@pytest.mark.parametrize("name", list(rules.SOURCES))
def test_clang_sends_an_atomic_over_the_bus(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.atomics_cross(paths[name]) == []


@pytest.mark.parametrize("name", [name for name in rules.DEVICE_ONLY if name != "clock"])
def test_clang_leaves_the_device_where_nothing_crosses(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.leaves_the_device(paths[name]) == []


@pytest.mark.parametrize("name", [*rules.WORDS, "post"])
def test_clang_puts_a_call_without_payload_into_local_memory(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.local_memory(paths[name]) == []


@pytest.mark.parametrize("name", rules.WORDS)
def test_clang_puts_a_fence_or_an_atomic_on_the_fast_path(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.straight_line(paths[name]) == []
    assert re.findall(r"\bfence\.|\bmembar\.", paths[name].text) == []


@pytest.mark.parametrize("name", rules.STAGED)
def test_clang_drops_or_repeats_a_fence(name: str, paths: dict[str, ClangCode]) -> None:
    assert rules.fences(paths[name]) == [1, 2]


def test_clang_moves_lane_operations_apart(paths: dict[str, ClangCode], tmp_path: Path) -> None:
    """Every function that talks to other lanes is convergent: clang marks that for CUDA C++ alone."""
    text, made = tmp_path / "kernel.c", tmp_path / "kernel.ll"
    text.write_text("#include <hostcall.h>\n" + rules.SOURCES["lanes"])
    flags = [*device_library.clang_flags(int(rules.ARCH)), "-std=gnu11", "-O2", "-isystem", include_dir()]
    ClangCode.run(*device_library.find_clang(), *flags, "-emit-llvm", "-S", text, "-o", made)
    there = made.read_text()
    attributes = dict(re.findall(r"^attributes (#\d+) = \{(.*)\}", there, re.MULTILINE))
    asked = re.findall(r"call .*(?:asm sideeffect|@llvm\.nvvm\.(?:bar|vote|shfl)).* (#\d+)", there)
    assert len(asked) > 5
    assert all("convergent" in attributes[each] for each in asked)
