# SPDX-License-Identifier: Apache-2.0
"""Programs run as programs: words, streams, status, signals, faults, and every way to ask for it wrongly."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hostcall import programs
from hostcall.backends.host import find_compiler
from hostcall.errors import HostcallError, TransportUnavailable, WaitTimeout

try:
    find_compiler()
except TransportUnavailable as error:
    pytest.skip(str(error), allow_module_level=True)

pytestmark = pytest.mark.usefixtures("machine_target")

TIMEOUT = 120
COMMAND = [sys.executable, "-c", "from hostcall.programs.cli import main; main()"]


def hostcall(*words: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a user does."""
    given = {"stdin": subprocess.DEVNULL, **options} if "input" not in options else options
    return subprocess.run(
        [*COMMAND, *map(os.fspath, words)], capture_output=True, check=False, timeout=TIMEOUT, **given
    )


def source(folder: Path, text: str, name: str = "prog.c") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def built(folder: Path, text: str, *options: str) -> Path:
    return programs.build(source(folder, text), folder / "prog", options=options)


def outcome(program: Path, *args: str | bytes, **options: object) -> programs.CompletedProgram:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
    return programs.run(program, args, timeout=TIMEOUT, **options)


PUT = """
#include <string.h>
#include <unistd.h>
static void put(const char *s) { write(1, s, strlen(s)); }
"""

WORDS = (
    PUT
    + r"""
extern char **environ;
int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++) { put("["); put(argv[i]); put("]\n"); }
    if (argv[argc]) put("argv does not end\n");
    for (char **e = environ; *e; e++) { put(*e); put("\n"); }
    return argc;
}
"""
)


@pytest.fixture(scope="module")
def words(machine_target: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("words"), WORDS)


# -- words, environment, directory


@pytest.mark.parametrize(
    "given",
    [[], [""], ["two words", ""], ["--", "-c", "--threads", "-"], ["grün ✓"], [b"\xff\xfe not UTF-8"], ["x" * 20000]],
    ids=["none", "empty", "blank", "options", "utf-8", "bytes", "long"],
)
def test_words_arrive_as_they_were_given(words: Path, given: list[str | bytes]) -> None:
    ran = outcome(words, *given, env={})
    shown = [b"prog", *(os.fsencode(word) for word in given)]
    assert ran.stdout == b"".join(b"[" + word + b"]\n" for word in shown).replace(b"[prog]", f"[{words}]".encode())
    assert ran.returncode == len(shown)


def test_many_words_arrive(words: Path) -> None:
    ran = outcome(words, *map(str, range(3000)), env={})
    assert ran.returncode == 3001 & 0xFF
    assert ran.stdout.count(b"\n") == 3001


def test_the_environment_is_the_callers_whole_and_binary(words: Path) -> None:
    ran = outcome(words, env={"A": "", "B": "x=y", "C": os.fsdecode(b"\xff"), "SECRET_TOKEN": "s"})
    assert ran.stdout.split(b"\n")[1:-1] == [b"A=", b"B=x=y", b"C=\xff", b"SECRET_TOKEN=s"]


def test_the_command_sets_and_removes_variables(words: Path) -> None:
    env = {**os.environ, "GONE": "1"}
    ran = hostcall("run", "--env", "ADDED=a b", "--env", "GONE", words, env=env)
    rows = ran.stdout.split(b"\n")
    assert b"ADDED=a b" in rows
    assert not any(row.startswith(b"GONE=") for row in rows)


def test_the_program_begins_where_its_caller_stands(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        PUT
        + r"""
#include <fcntl.h>
int main(void) {
    char name[4096];
    put(getcwd(name, sizeof name));
    return open("../beside", O_WRONLY | O_CREAT | O_EXCL, 0600) < 0 || access("/etc/passwd", R_OK);
}
""",
    )
    below = tmp_path / "be low"
    below.mkdir()
    ran = outcome(program, cwd=below)
    assert (ran.stdout, ran.returncode) == (os.fsencode(below.resolve()), 0)
    assert (tmp_path / "beside").exists()
    ran = hostcall("run", "--cwd", below, program, cwd="/")
    assert ran.stdout == os.fsencode(below.resolve())


def test_with_a_configuration_only_its_roots_are_there(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_text("")
    (tmp_path / "out").write_text("")
    config = source(tmp_path, f'[services.fs]\nroots = [{{ path = "{tmp_path}/in", mode = "ro" }}]\n', "c.toml")
    program = built(
        tmp_path,
        PUT + "int main(int argc, char **argv) { return access(argv[1], R_OK) * -1 + access(argv[2], R_OK) * -2; }",
    )
    ran = outcome(program, "file", str(tmp_path / "out"), config=config)
    assert (ran.returncode, ran.stderr) == (2, b"")
    ran = outcome(program, "file", str(tmp_path / "out"), sandbox=True, cwd=tmp_path / "in")
    assert (ran.returncode, ran.stderr) == (2, b"")
    ran = hostcall("run", "--sandbox", program, "file", "../out", cwd=tmp_path / "in")
    assert (ran.returncode, ran.stderr) == (2, b"")


# -- status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("return 0;", 0),
        ("return 7;", 7),
        ("return 256 + 3;", 3),
        ("return -1;", 255),
        ("exit(300);", 44),
        ("exit(-2);", 254),
        ("_exit(9);", 9),
        ("abort();", -signal.SIGABRT),
        ("", 0),
    ],
)
def test_the_status_is_the_programs(tmp_path: Path, body: str, status: int) -> None:
    program = built(tmp_path, f"#include <stdlib.h>\n#include <unistd.h>\nint main(void) {{ {body} }}\n")
    assert outcome(program).returncode == status


def test_an_assertion_says_what_failed_where_and_ends_by_sigabrt(tmp_path: Path) -> None:
    program = built(tmp_path, "#include <assert.h>\nint main(int argc, char **argv) {\n    assert(argc == 7);\n}\n")
    ran = outcome(program)
    assert ran.returncode == -signal.SIGABRT
    assert ran.stderr == f"prog: {tmp_path}/prog.c:3: main: Assertion `argc == 7' failed.\n".encode()


def test_exit_in_a_divergent_branch_ends_lanes_that_never_look(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        """
#include <stdlib.h>
extern int gettid(void);
int main(void) {
    if (gettid() == 2) exit(5);
    for (volatile int i = 0;;) i++;
}
""",
    )
    started = time.monotonic()
    assert outcome(program, threads=4).returncode == 5
    assert time.monotonic() - started < TIMEOUT / 2


def test_with_several_mains_the_first_that_failed_decides(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        PUT
        + """
#include <hostcall.h>
int main(void) {
    int me = hc_thread_id();
    if (hc_thread_count() != 8) return 99;
    usleep(20000 * (8 - me));
    put("x");
    return me == 3 ? 33 : me == 6 ? 66 : 0;
}
""",
    )
    ran = outcome(program, threads=8)
    assert (ran.returncode, ran.stdout) == (33, b"x" * 8)


def test_exit_runs_what_atexit_was_given_and_then_destructors(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        PUT
        + """
#include <stdlib.h>
static void first(void) { put("first\\n"); }
static void second(void) { put("second\\n"); }
__attribute__((constructor)) static void plain(void) { put("constructor\\n"); }
__attribute__((constructor(200))) static void early(void) { put("early constructor\\n"); }
__attribute__((destructor)) static void last(void) { put("destructor\\n"); }
int main(void) { atexit(first); atexit(second); put("main\\n"); return 3; }
""",
    )
    ran = outcome(program)
    assert ran.stdout.decode().split("\n")[:-1] == [
        "early constructor",
        "constructor",
        "main",
        "second",
        "first",
        "destructor",
    ]
    assert ran.returncode == 3


# -- the language


def test_the_language_is_all_there(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        PUT
        + r"""
#include <stdlib.h>
typedef int (*operation)(int, int);
static int add(int a, int b) { return a + b; }
static int ackermann(int m, int n) { return m ? ackermann(m - 1, n ? ackermann(m, n - 1) : 1) : n + 1; }
static operation table[] = {add, ackermann};
struct node { struct node *next; int value; };
static struct node second = {0, 2}, first = {&second, 1};
static struct node around = {&around, 9};
static const char *const names[] = {"a", "b"};
static int fresh[1000];
static _Thread_local int mine = 5;
int main(void) {
    int n = table[1](2, 3), zeros = 0, length = n;
    char row[length];
    memset(row, 'r', sizeof row);
    for (int i = 0; i < 1000; i++) zeros += fresh[i] == 0;
    static int calls;
    calls++;
    mine++;
    return n == 9 && table[0](n, 1) == 10 && first.next->value == 2 && around.next->next->value == 9 &&
           names[1][0] == 'b' && zeros == 1000 && calls == 1 && mine == 6 && sizeof row == 9 && row[8] == 'r' ? 0 : 1;
}
""",
    )
    assert outcome(program).returncode == 0


# -- streams


def test_output_goes_where_the_caller_says(tmp_path: Path) -> None:
    program = built(tmp_path, PUT + 'int main(void) { put("out\\n"); write(2, "err\\n", 4); }')
    with open(tmp_path / "out", "wb") as file:
        ran = programs.run(program, stdout=file, stderr=subprocess.PIPE, timeout=TIMEOUT)
    assert (tmp_path / "out").read_bytes() == b"out\n"
    assert (ran.stdout, ran.stderr) == (b"", b"err\n")


def test_much_output_arrives_whole(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        "#include <unistd.h>\nstatic char part[65536];\n"
        "int main(void) { for (int i = 0; i < 65536; i++) part[i] = 'a' + i % 26;\n"
        "for (int i = 0; i < 64; i++) if (write(1, part, 65536) != 65536) return 1; }",
    )
    ran = outcome(program)
    assert ran.returncode == 0
    assert ran.stdout == bytes(97 + i % 26 for i in range(65536)) * 64


def test_input_comes_from_the_caller_and_ends(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        "#include <unistd.h>\nint main(void) { char part[777]; long n, sum = 0;\n"
        "while ((n = read(0, part, sizeof part)) > 0) { sum += n; if (write(1, part, n) != n) return 1; }\n"
        "return n || isatty(0); }",
    )
    data = bytes(range(256)) * 1000
    ran = outcome(program, stdin=data)
    assert (ran.returncode, ran.stdout) == (0, data)
    assert outcome(program).stdout == b""
    (tmp_path / "in").write_bytes(data)
    with open(tmp_path / "in", "rb") as file:
        assert outcome(program, stdin=file).stdout == data
    assert hostcall("run", program, input=b"one\ntwo").stdout == b"one\ntwo"


def test_a_reader_that_goes_away_ends_the_program_quietly(tmp_path: Path) -> None:
    program = built(tmp_path, PUT + 'int main(void) { for (;;) put("yes\\n"); }')
    process = subprocess.Popen(
        [*COMMAND, "run", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdout as out:
        assert out.read(8) == b"yes\nyes\n"
        out.close()
        assert process.wait(TIMEOUT) == -signal.SIGPIPE
        assert process.stderr.read() == b""


# -- signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("body", ["for (;;) usleep(1000);", "for (volatile int i = 0;;) i++;"], ids=["calls", "spins"])
def test_a_signal_ends_the_program_as_it_ends_others(tmp_path: Path, number: int, body: str) -> None:
    program = built(tmp_path, PUT + f'int main(void) {{ put("ready\\n"); {body} }}')
    process = subprocess.Popen(
        [*COMMAND, "run", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert process.wait(TIMEOUT) == -number
        assert process.stderr.read() == b""


def test_a_program_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    program = built(tmp_path, "int main(void) { for (volatile int i = 0;;) i++; }")
    with pytest.raises(WaitTimeout, match=r"prog: killed after 0\.5 s"):
        programs.run(program, timeout=0.5)


# -- faults


FAULTS = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int zero;
static __attribute__((noinline)) void poke(int *at) {
    *at = 1; /* line 7 */
}
static int deep(int n) {
    volatile char frame[512];
    frame[n & 511] = 1;
    return n ? deep(n - 1) + frame[0] : 0;
}
int main(int argc, char **argv) {
    write(1, "before\n", 7);
    switch (argv[1][0]) {
    case 'n': poke((int *)16); break;
    case 'f': ((void (*)(void))0)(); break; /* line 18 */
    case 'd': return 5 / zero; /* line 19 */
    case 't': __builtin_trap(); /* line 20 */
    case 's': return deep(1 << 30);
    case 'l': return (int)strlen((const char *)zero); /* line 22 */
    }
    return 0;
}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="faults are told apart as Linux has them")
@pytest.mark.parametrize(
    ("which", "number", "text"),
    [
        ("n", signal.SIGSEGV, r"segmentation fault: address 0x10 touched by lane 0 .*\n  at \S*prog\.c:7, in poke"),
        ("f", signal.SIGSEGV, r"the program jumped to 0x0\)\n  at \S*prog\.c:18, in main"),
        ("d", signal.SIGFPE, r"division by zero, in lane 0 .*\n  at \S*prog\.c:19, in main"),
        ("t", signal.SIGILL, r"illegal instruction.*\n  at \S*prog\.c:20, in main"),
        ("s", signal.SIGSEGV, r"stack of 8 MiB used up by lane 0 .*; --stack gives more\n  at \S*prog\.c:\d+, in deep"),
        ("l", signal.SIGSEGV, r"address (0x0|\(nil\)) touched[^\n]*\n  at \S*prog\.c:22, in main"),
    ],
)
def test_a_fault_is_told_with_its_line_after_what_was_printed(
    tmp_path: Path, which: str, number: int, text: str
) -> None:
    program = built(tmp_path, FAULTS, "-O1", "-g")
    ran = outcome(program, which)
    assert (ran.returncode, ran.stdout) == (-number, b"before\n")
    assert re.search(text, ran.stderr.decode(), re.DOTALL), ran.stderr.decode()


def test_the_lane_that_faults_is_named_and_a_larger_stack_helps(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        """
extern int gettid(void);
static int deep(int n) { volatile char frame[1000]; frame[0] = 1; return n ? deep(n - 1) + frame[0] : 0; }
int main(void) { return gettid() == 3 && deep(1000) == 7; }
""",
    )
    ran = outcome(program, threads=4, stack="128KiB")
    assert ran.returncode == -signal.SIGSEGV
    assert ran.stderr.startswith(b"prog: stack of 128 KiB used up by lane 3 ")
    assert outcome(program, threads=4, stack="4MiB").returncode == 0


def test_a_heap_that_is_used_up_is_null_and_enomem(tmp_path: Path) -> None:
    program = built(
        tmp_path,
        """
#include <errno.h>
#include <stdlib.h>
int main(void) {
    int n = 0;
    while (malloc(1 << 20)) n++;
    return errno != ENOMEM ? 255 : n;
}
""",
    )
    status = outcome(program, heap="16MiB").returncode
    assert 8 <= status <= 16


# -- what can be wrong


def test_wrong_ways_to_ask_are_told_in_a_sentence(tmp_path: Path, words: Path) -> None:
    plain = source(tmp_path, "int main(void) { return 0; }")
    text = source(tmp_path, "hello", "notes.txt")
    elf = source(tmp_path, "", "empty.o")
    secret = source(tmp_path, "int main(void) {}", "secret.c")
    secret.chmod(0)
    asked: list[tuple[list[object], int, str]] = [
        (["run"], 125, "no program: name a source"),
        (["run", tmp_path], 125, f"{tmp_path}: this is a directory; name the program, or the sources in it"),
        (["run", tmp_path / "none.c"], 125, "none.c: no such file"),
        (["run", text], 125, "notes.txt: neither a linked program nor a source"),
        (["run", elf], 125, "empty.o: neither a source (by its suffix), nor an object, nor a static library"),
        (["run", "--transport", "nowhere", words], 125, "no transport has this name"),
        (["run", "--transport", "opencl-svm", words], 125, "programs run on loopback and on CUDA devices"),
        (["run", "--transport", "pinned-ring", words], 125, "linked for the machine; link it again with --target cuda"),
        (["run", "--threads", "0", words], 125, "--threads 0: main runs on one lane at least"),
        (["run", "--threads", "5000", words], 125, "--threads 5000: with 0 in the pool, 1024 lanes are the most"),
        (["run", "--threads", "x", words], 125, "--threads 'x': this is a whole number from 0"),
        (["run", "--heap", "lots", words], 125, "--heap 'lots': a size is"),
        (["run", "--stack"], 125, "--stack: a value must follow"),
        (["run", "--nonsense", words], 125, "--nonsense: hostcall run has no such option"),
        (["run", "--config", tmp_path / "none.toml", words], 125, "none.toml"),
        (["run", words, plain, "--", "x"], 125, "prog: this is a linked program; it runs alone"),
        (["run", "--env", "=x", words], 125, "--env '=x': this is NAME=VALUE"),
        (["run", "--cwd", tmp_path / "none", words], 125, "none: No such file or directory"),
    ]
    if os.geteuid() != 0:
        asked.append((["run", secret], 125, "secret.c: the file cannot be read: Permission denied"))
    for given, status, sentence in asked:
        ran = hostcall(*given)
        assert (ran.returncode, ran.stdout) == (status, b""), given
        assert ran.stderr.decode().startswith("hostcall run: "), given
        assert sentence in ran.stderr.decode(), (given, ran.stderr.decode())


def test_a_source_that_does_not_compile_shows_the_compilers_own_lines(tmp_path: Path) -> None:
    path = source(tmp_path, "int main(void) {\n    return nothing;\n}\n")
    ran = hostcall("run", path)
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert f"{path}:2:12: error:" in ran.stderr.decode()
    assert "hostcall" not in ran.stderr.decode()


def test_without_a_compiler_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    path = source(tmp_path, "int main(void) { return 0; }")
    env = {**os.environ, "PATH": str(tmp_path), "CC": ""}
    ran = hostcall("run", path, env=env)
    assert ran.returncode == 125
    assert b"no C compiler: none of cc, gcc and clang is on PATH; install one or set CC" in ran.stderr


def test_the_python_functions_raise(tmp_path: Path) -> None:
    with pytest.raises(HostcallError, match=r"none\.c: no such file"):
        programs.build(tmp_path / "none.c", tmp_path / "prog")
    with pytest.raises(HostcallError, match="no function main"):
        programs.build(source(tmp_path, "int f(void) { return 0; }"), tmp_path / "prog")
    program = built(tmp_path, "int main(void) { return 0; }")
    with pytest.raises(HostcallError, match="heap='lots': a size is"):
        programs.run(program, heap="lots")
