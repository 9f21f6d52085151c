# SPDX-License-Identifier: Apache-2.0
"""Ordinary C programs on a GPU: words, streams, status, several mains, constructors, and how they end."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from hostcall import programs
from hostcall.errors import CompileError
from hostcall.programs.device_library import find_clang, find_cuda_tool

pytestmark = pytest.mark.gpu

TIMEOUT = 200


@pytest.fixture(scope="module", autouse=True)
def _compilers() -> None:
    try:
        find_clang()
        for name in ("ptxas", "nvlink"):
            find_cuda_tool(name)
    except CompileError as error:
        pytest.skip(str(error))


def outcome(folder: Path, text: str, *args: str, **options: object) -> programs.CompletedProgram:
    source = folder / "prog.c"
    source.write_text(text)
    program = programs.build(source, folder / "prog", target="cuda")
    given = {"stdin": subprocess.DEVNULL, "stdout": programs.PIPE, "stderr": programs.PIPE, **options}
    return programs.run(program, args, timeout=TIMEOUT, **given)


def test_a_program_has_its_words_streams_and_status(tmp_path: Path) -> None:
    text = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int ready;
__attribute__((constructor)) static void before(void) { ready = 40; }
static void last(void) { printf("last\n"); }
int main(int argc, char **argv) {
    char part[64];
    long n = read(0, part, sizeof part);
    atexit(last);
    for (int i = 1; i < argc; i++) printf("[%s]\n", argv[i]);
    printf("%.*s %s\n", (int)n, part, getenv("WORD"));
    fprintf(stderr, "err\n");
    return ready + argc;
}
"""
    ran = outcome(tmp_path, text, "a b", "", "ü", stdin=b"input", env={"WORD": "value"})
    assert (ran.returncode, ran.stderr) == (44, b"err\n")
    assert ran.stdout.decode() == "[a b]\n[]\n[ü]\ninput value\nlast\n"


@pytest.mark.parametrize("lanes", [1, 33, 1000])
def test_the_first_main_that_fails_decides(tmp_path: Path, lanes: int) -> None:
    text = r"""
#include <hostcall.h>
#include <stdio.h>
int main(void) {
    printf("%d of %d\n", hc_thread_id(), hc_thread_count());
    return hc_thread_id() >= 7 ? hc_thread_id() : 0;
}
"""
    ran = outcome(tmp_path, text, threads=lanes)
    assert ran.returncode == (7 if lanes > 7 else 0)
    assert sorted(ran.stdout.split(b"\n")[:-1]) == sorted(b"%d of %d" % (lane, lanes) for lane in range(lanes))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("exit(300);", 44),
        ("abort();", -signal.SIGABRT),
        ("*(volatile int *)16 = 1;", -signal.SIGSEGV),
        ("while (malloc(1 << 20)) { } return errno == ENOMEM ? 5 : 6;", 5),
        ("int (*volatile f)(int) = deep; return f(20);", 20),
    ],
    ids=["exit", "abort", "fault", "heap", "recursion"],
)
def test_a_program_ends_as_programs_do(tmp_path: Path, body: str, status: int) -> None:
    text = (
        "#include <errno.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
        "static int deep(int n) { return n ? 1 + deep(n - 1) : 0; }\n"
        f'int main(void) {{ printf("before\\n"); {body} return deep(0); }}\n'
    )
    ran = outcome(tmp_path, text, heap="64MiB")
    assert (ran.returncode, ran.stdout) == (status, b"before\n"), ran.stderr
