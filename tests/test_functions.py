# SPDX-License-Identifier: Apache-2.0
"""The table of functions lists what there is, and docs/facade.md is kept. A test is named after the lie it catches."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
# What programs never call by name: the compiler, the start-up code and the library itself do.
_INTERNAL = ("__hc", "hc_", "_pthread_cleanup", "__dso_handle", "hostcall_")
# Names of objects, and __xpg_basename's other name.
_OBJECTS = frozenset(
    "daylight environ optarg opterr optind optopt program_invocation_name program_invocation_short_name stderr stdin "
    "stdout timezone tzname __environ _environ signgam h_errno in6addr_any in6addr_loopback basename".split()
)
_STREAMS = frozenset({"stdin", "stdout", "stderr"})

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


@pytest.fixture(scope="module")
def functions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hostcall_functions", ROOT / "tools" / "functions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(functions: ModuleType) -> dict[str, object]:
    return {row.name: row for row in functions.read_table(functions.TABLE.read_text())}


@pytest.fixture(scope="module")
def exported() -> set[str]:
    from hostcall.programs.library import host_library

    names = subprocess.run(
        ["nm", "--defined-only", str(host_library())], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    return {words[-1] for line in names.splitlines() if (words := line.split())[-2] in "TWV"}


def test_the_page_is_not_the_table(functions: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert functions.main(["--check"]) == 0, capsys.readouterr().out + "run tools/functions.py"


def test_a_promised_function_is_not_in_the_table(functions: ModuleType, rows: dict[str, object]) -> None:
    promised = functions.promised()
    assert len(promised) > 280, "docs/facade.md could not be read"
    assert sorted(set(promised) - set(rows)) == sorted(functions.MISSING), "the page says which are missing"


def test_a_promised_function_cannot_be_called_by_programs(functions: ModuleType, exported: set[str]) -> None:
    of_compiler = {"assert"}  # a macro, over __assert_fail
    promised = {name for name in functions.promised() if not name.startswith("hc_")}
    assert sorted(promised - exported - of_compiler) == []


def test_a_header_declares_what_the_table_does_not_know(
    functions: ModuleType, rows: dict[str, object], exported: set[str]
) -> None:
    declared = {name for name in functions.prototypes() if not name.startswith(_INTERNAL)}
    known = {name for name, row in rows.items() if "programs" in row.where}  # type: ignore[attr-defined]
    # Declared and defined nowhere: so that sources compile; a call is the linker's error. These are no functions.
    absent = {name for name in declared if name not in exported and name not in known}
    assert sorted(declared - known - absent) == []
    assert absent <= _absent(), f"declared and nowhere: {sorted(absent - _absent())}"


def _absent() -> set[str]:
    lines = (ROOT / "libc_facade" / "abi.txt").read_text().splitlines()
    return {line.split()[1].rstrip(":") for line in lines if line.startswith("absent ")}


def test_the_table_has_a_function_of_programs_that_no_header_declares(
    functions: ModuleType, rows: dict[str, object]
) -> None:
    declared = set(functions.prototypes()) | {"assert"}
    linked = {name for name, row in rows.items() if row.header == "linkable names"}  # type: ignore[attr-defined]
    known = {name for name, row in rows.items() if "programs" in row.where}  # type: ignore[attr-defined]
    assert sorted(known - declared - linked) == []


def test_the_table_has_a_function_of_programs_that_the_library_lacks(
    rows: dict[str, object], exported: set[str]
) -> None:
    # libm's come from the machine, or from libdevice on a GPU.
    known = {
        name
        for name, row in rows.items()
        if "programs" in row.where and row.header not in ("math.h", "fenv.h")  # type: ignore[attr-defined]
    }
    assert sorted(known - exported - {"assert"}) == []


def test_the_library_exports_what_the_table_does_not_know(rows: dict[str, object], exported: set[str]) -> None:
    named = {name for name in exported if not name.startswith(_INTERNAL)}
    assert sorted(named - set(rows) - _OBJECTS) == []


@pytest.mark.parametrize("place", ["kernels", "opencl"])
def test_kernels_see_other_functions_than_the_table_says(
    place: str, functions: ModuleType, rows: dict[str, object]
) -> None:
    seen = set(functions.kernel_macros(opencl=place == "opencl")) - _STREAMS
    known = {
        name
        for name, row in rows.items()
        if place in row.where and row.header != "hostcall.h"  # type: ignore[attr-defined]
    }
    assert len(seen) > 100
    assert sorted(seen - known) == []
    assert sorted(known - seen - {"assert"}) == []


def test_a_mistake_in_the_table_is_not_reported(functions: ModuleType) -> None:
    text = '["a.h"]\nf = { side = "X", in = "programs", cost = "0" }\ng = { side = "D", in = "moon", cost = "" }\n'
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - its text is looked at
        functions.read_table(text + '["b.h"]\nf = { side = "D", in = "programs", cost = "0", extra = 1 }\n')
    for part in (
        "\"a.h\".f.side: 'X'",
        "\"a.h\".g.in: 'moon'",
        '"a.h".g.cost',
        '"b.h".f: no such key: extra',
        "f: it stands in two headers",
    ):
        assert part in str(raised.value)
