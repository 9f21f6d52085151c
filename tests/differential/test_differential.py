# SPDX-License-Identifier: Apache-2.0
"""One C program, built against the machine's libc and against the facade, prints, returns and leaves the same bytes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import generate
import harness

PROGRAMS = [*harness.corpus(), *(harness.read_program(name, text) for name, text in generate.generated().items())]
_MARKED = [
    pytest.param(program, marks=[pytest.mark.xfail(reason=program.differs)] if program.differs else [], id=program.name)
    for program in PROGRAMS
]
TRANSPORTS = ["loopback", pytest.param("pinned-ring", marks=pytest.mark.gpu)]

pytestmark = pytest.mark.skipif(harness.host_compiler() is None, reason="no C compiler")


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> Iterator[harness.Suite]:
    """Compare all programs that this run asks for, several at once and in its order."""
    calls = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    wanted = [(call["program"], call["transport"]) for call in calls if "program" in call and "transport" in call]
    runnable = [(program, transport) for program, transport in wanted if transport not in program.skip]
    made = harness.Suite(runnable)
    yield made
    made.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("program", _MARKED)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_program_does_something_else_than_on_the_host(
    transport: str, program: harness.Program, suite: harness.Suite
) -> None:
    if transport in program.skip:
        pytest.skip(f"{transport}: {program.skip[transport]}")
    report = suite.result(program, transport)
    assert not report, "\n" + "\n".join(report)


def test_there_are_fewer_programs_than_promised() -> None:
    assert len(PROGRAMS) >= 300
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)
    assert len({program.source.partition("*/")[2] for program in PROGRAMS}) == len(PROGRAMS), (
        "two programs are the same"
    )


def test_the_generator_makes_other_programs_each_time() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import generate, hashlib\n"
    code += "print(hashlib.sha256(repr(generate.generated()).encode()).hexdigest())"
    made = {
        subprocess.run(
            [sys.executable, "-c", code, str(harness.FOLDER)], capture_output=True, text=True, check=True, timeout=100
        ).stdout
        for _ in range(2)
    }
    assert len(made) == 1


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('printf("one more");', "stdout"),
        ('fputs("x", stderr);', "stderr"),
        ("exit(3);", "status"),
        ('fclose(fopen("other", "w"));', "file other"),
        ('FILE *f = fopen("a", "a"); fputs("y", f); fclose(f);', "file a"),
    ],
)
def test_a_difference_is_not_seen(line: str, wanted: str) -> None:
    """The facade's program is another one than the host's: the harness has to say where they part."""
    common = 'puts("same"); FILE *o = fopen("a", "w"); fputs("x", o); fclose(o);'
    source = (
        "/* x */\n#include <stdio.h>\n#include <stdlib.h>\nint main(void) {\n"
        f"{common}\n#if !defined(__GLIBC__)\n{line}\n#endif\nreturn 0;\n}}\n"
    )
    program = harness.read_program("seen", source)
    report = harness.compare(program, "loopback")
    assert any(entry.startswith((wanted, f"--- {wanted}")) for entry in report), report


def test_an_assert_does_not_name_itself(tmp_path: Path) -> None:
    source = tmp_path / "named.c"
    source.write_text("#include <assert.h>\nint main(void) {\n    assert(1 + 1 == 3);\n    return 0;\n}\n")
    program = harness.read_program("named", "/* x */\n" + source.read_text())
    outcome = harness.on_device(program, source, tmp_path, "loopback")
    assert outcome.status == -6
    for word in (b"1 + 1 == 3", b"named.c", b"3"):
        assert word in outcome.stderr, outcome.stderr
