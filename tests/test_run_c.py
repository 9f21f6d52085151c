# SPDX-License-Identifier: Apache-2.0
"""The five programs of examples/run_c/ do with the facade what they do with the machine's libc, byte for byte."""

from __future__ import annotations

import functools
import http.server
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostcall import programs

SOURCES = Path(__file__).parent.parent / "examples" / "run_c"
NAMES = sorted(path.stem for path in SOURCES.glob("*.c"))
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-pedantic")
SECONDS = 200.0
TRANSPORTS = ["loopback", pytest.param("pinned-ring", marks=pytest.mark.gpu)]

pytestmark = [pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc"), pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Both:
    """One program as the machine's libc has it, and as the facade has it."""

    name: str
    host: Path
    device: Path
    transport: str

    def run(self, folder: Path, *args: str, stdin: bytes = b"") -> list[tuple[int, bytes, bytes, dict[str, bytes]]]:
        """Run both on copies of a folder; status, stdout, stderr and the files left of each."""
        outcomes = []
        for side in ("host", "device"):
            copy = folder.parent / f"{folder.name}-{side}"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy)
            if side == "host":
                done = subprocess.run(
                    [self.name, *args],
                    executable=self.host,
                    input=stdin,
                    capture_output=True,
                    cwd=copy,
                    timeout=SECONDS,
                    check=False,
                )
                outcome = (done.returncode, done.stdout, done.stderr)
            else:
                ran = programs.run(
                    self.device,
                    args,
                    name=self.name,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    cwd=copy,
                    transport=self.transport,
                    timeout=SECONDS,
                )
                outcome = (ran.returncode, ran.stdout, ran.stderr)
            outcomes.append(
                (*outcome, {str(p.relative_to(copy)): p.read_bytes() for p in copy.rglob("*") if p.is_file()})
            )
        return outcomes

    def same(self, folder: Path, *args: str, stdin: bytes = b"", status: int = 0) -> tuple[bytes, bytes]:
        """Run both, compare all, and give what was printed."""
        host, device = self.run(folder, *args, stdin=stdin)
        assert device[:3] == host[:3]
        assert device[3] == host[3], "they left other files"
        assert host[0] == status, host[2]
        return host[1], host[2]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> functools.partial[Both]:
    folder = tmp_path_factory.mktemp("built")

    @functools.cache
    def make(name: str, transport: str) -> Both:
        source, host, device = SOURCES / f"{name}.c", folder / f"{name}-host", folder / f"{name}-{transport}"
        done = subprocess.run(
            ["gcc", *FLAGS, "-Werror", str(source), "-o", str(host), "-lm"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        target = "host" if transport == "loopback" else "cuda"
        programs.build(source, device, options=[*FLAGS, "-Werror", "-lm"], target=target)
        return Both(name, host, device, transport)

    return functools.partial(make)


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("name", NAMES)
def test_a_program_gets_a_warning(name: str, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    for standard in ("-std=c11 -D_POSIX_C_SOURCE=200809L", "-std=gnu17"):
        command = [compiler, *standard.split(), *FLAGS[1:], "-Werror", "-fsyntax-only", str(SOURCES / f"{name}.c")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr


def test_there_are_not_five_programs_of_their_size() -> None:
    assert NAMES == ["adventure", "httpget", "ini", "loganalyse", "tarls"]
    for name in NAMES:
        assert 200 <= len((SOURCES / f"{name}.c").read_text().splitlines()) <= 500


# -- ini

_INI = """; settings
top = level
[server]
Host = localhost   ; a comment
port: 8080
ratio = -2.5e-3
debug = Yes
name = "quoted \\"text\\" with \\t and \\x41"
long = first \\
   second
empty =
[server.paths]
root = /srv
"""


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["a.ini"], 0),
        (["a.ini", "json"], 0),
        (["a.ini", "get", "server.PORT"], 0),
        (["a.ini", "get", "server.paths.root"], 0),
        (["a.ini", "get", "server.nothing"], 1),
        (["a.ini", "set", "server.port", "9090"], 0),
        (["a.ini", "set", "new.section.key", " with # and ; "], 0),
        (["none.ini"], 3),
        (["bad.ini"], 2),
        (["a.ini", "get"], 2),
        ([], 2),
    ],
)
def test_ini_differs(
    args: list[str], status: int, transport: str, build: functools.partial[Both], folder: Path
) -> None:
    (folder / "a.ini").write_text(_INI)
    (folder / "bad.ini").write_text('[open\nno mark\n= 5\nx = "\\q"\ny = "open\nx = 2\n[]\nz = "a" b\n')
    out, err = build("ini", transport).same(folder, *args, status=status)
    assert out or err or "set" in args or "nothing" in args[-1]


def test_ini_of_standard_input_differs(transport: str, build: functools.partial[Both], folder: Path) -> None:
    text = "".join(f"[s{n}]\n" + "".join(f"k{k} = {n * k}\n" for k in range(20)) for n in range(100))
    out, _ = build("ini", transport).same(folder, "-", "json", stdin=text.encode())
    assert out.count(b"\n") > 2000


# -- tarls


def _archive(form: int, folder: Path) -> Path:
    path = folder / "archive.tar"
    with tarfile.open(path, "w", format=form) as archive:
        for name, size, kind in (
            ("plain.txt", 700, tarfile.REGTYPE),
            ("folder/", 0, tarfile.DIRTYPE),
            ("folder/" + "long-" * 14 + "/" + "long-" * 15 + "name", 3, tarfile.REGTYPE),
            ("link", 0, tarfile.SYMTYPE),
            ("hard", 0, tarfile.LNKTYPE),
            ("umläut", 512, tarfile.REGTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.size, info.type, info.mode, info.mtime = size, kind, 0o4755 if size else 0o777, 1_700_000_000
            info.uname, info.gname, info.uid, info.gid = "somebody", "some", 1000, 3_000_000
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = "plain.txt"
            if form == tarfile.USTAR_FORMAT:
                info.gid = 100
            archive.addfile(info, io.BytesIO(bytes(n * 7 & 255 for n in range(size))))
    return path


@pytest.mark.parametrize(
    "form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["ustar", "gnu", "pax"]
)
def test_tarls_differs(form: int, transport: str, build: functools.partial[Both], folder: Path) -> None:
    archive = _archive(form, folder)
    both = build("tarls", transport)
    out, _ = both.same(folder, archive.name)
    with tarfile.open(archive) as archived:
        names = [member.name + "/" * member.isdir() for member in archived]
    assert out.decode().splitlines() == names
    both.same(folder, "-ls", archive.name)
    out, _ = both.same(folder, "-x", "plain.txt", archive.name)
    assert out == bytes(n * 7 & 255 for n in range(700))
    both.same(folder, "-ls", stdin=archive.read_bytes())


@pytest.mark.parametrize("damage", ["cut", "sum", "noise", "missing", "option", "member"])
def test_tarls_of_a_bad_archive_differs(
    damage: str, transport: str, build: functools.partial[Both], folder: Path
) -> None:
    archive = _archive(tarfile.PAX_FORMAT, folder)
    data = archive.read_bytes()
    args, status = ["-l", archive.name], 1
    if damage == "cut":
        archive.write_bytes(data[:700])
    elif damage == "sum":
        archive.write_bytes(data[:5] + b"!" + data[6:])
    elif damage == "noise":
        archive.write_bytes(random.Random(1).randbytes(2048))
    elif damage == "missing":
        args, status = ["none.tar"], 3
    elif damage == "option":
        args, status = ["-q"], 2
    else:
        args = ["-x", "nobody", archive.name]
    build("tarls", transport).same(folder, *args, status=status)


# -- loganalyse


def _log(lines: int) -> str:
    draw = random.Random(lines)
    text = []
    for n in range(lines):
        when = f"{draw.randrange(1, 29):02}/{draw.choice(['Oct', 'Nov'])}/2026"
        when += f":{draw.randrange(24):02}:{draw.randrange(60):02}:07 {draw.choice(['+0000', '-0730'])}"
        request = f'"{draw.choice(["GET", "GET", "POST"])} /page/{int(draw.expovariate(0.02))}?n={n} HTTP/1.1"'
        address = f"10.0.{draw.randrange(3)}.{int(draw.expovariate(0.02))}"
        answer = f"{draw.choice([200, 200, 304, 404, 500])} {draw.choice(['-', draw.randrange(10**7)])}"
        text.append(f"{address} - - [{when}] {request} {answer}")
        if n % 300 == 7:
            text.append("this is no line of a log, and it is longer than forty bytes")
    return "\n".join(text) + "\n"


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["a.log"], 0),
        (["-n", "3", "-s", "2026-11-05 06:00", "a.log", "b.log"], 0),
        (["-o", "report.txt", "a.log"], 0),
        (["none.log", "b.log"], 1),
        (["-n", "x", "a.log"], 2),
        (["-z"], 2),
        (["empty.log"], 0),
    ],
)
def test_loganalyse_differs(
    args: list[str], status: int, transport: str, build: functools.partial[Both], folder: Path
) -> None:
    (folder / "a.log").write_text(_log(2000))
    (folder / "b.log").write_text(_log(50))
    (folder / "empty.log").write_text("")
    build("loganalyse", transport).same(folder, *args, status=status)


# -- adventure

_WON = """take lamp\nn\nn\ntake rope\ns\ns\nlight lamp\ne\ne\ndown\ntake key\nup\nw\nw\nlight\nsave game.sav\nnorth\nw
unlock door\nup\nturn key\n"""
_LEFT = (
    "look\nHELP\ninventory\ntake sword\ngo west\nunknown word\nexamine lamp\n\nbuy oil\n"
    + "x" * 400
    + "\nrestore nothing\n"
)


@pytest.mark.parametrize(
    ("args", "stdin", "status"),
    [
        ([], _WON, 0),
        (["-q"], _WON, 0),
        ([], _LEFT, 1),
        (["-s", "5"], "e\n" + "e\nw\n" * 15, 1),
        (["-q", "game.bad"], "score\n", 1),
        (["-x"], "", 2),
        ([], "take fish\nn\nn\ne\ntake cat\nexamine cat\ndrop cat\nscore\nquit\n", 1),
    ],
)
def test_adventure_differs(
    args: list[str], stdin: str, status: int, transport: str, build: functools.partial[Both], folder: Path
) -> None:
    (folder / "game.bad").write_bytes(b"ADV1 but no more")
    build("adventure", transport).same(folder, *args, stdin=stdin.encode(), status=status)


# -- httpget


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    BODY = bytes(n * 31 & 255 for n in range(50_000))

    def version_string(self) -> str:
        return "test"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "now"

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Transfer_Encoding" not in headers and "Connection" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/plain":
            self._answer(200, self.BODY)
        elif self.path == "/chunked":
            pieces = [self.BODY[at : at + 777 * (at % 3 + 1)] for at in range(0, 10_000, 777)]
            chunks = b"".join(b"%x;note=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            self._answer(200, chunks + b"0\r\nTrailer: yes\r\n\r\n", Transfer_Encoding="chunked")
        elif self.path == "/until-closed":
            self._answer(200, b"all until the end", Connection="close")
        elif self.path.startswith("/moved"):
            left = int(self.path[6:] or 2)
            self._answer(302, b"gone", Location=f"/moved{left - 1}" if left else "plain")
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"too short")
        elif self.path == "/header":
            self._answer(200, repr(self.headers.get("X-Test")).encode())
        else:
            self._answer(404, b"no such page\n")
        self.close_connection = True

    def do_POST(self) -> None:
        self._answer(200, self.rfile.read(int(self.headers["Content-Length"]))[::-1])
        self.close_connection = True


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()
    thread.join(30)


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["/plain"], 0),
        (["-o", "file", "/plain"], 0),
        (["-i", "/chunked"], 0),
        (["/until-closed"], 0),
        (["/moved"], 0),
        (["/moved9"], 3),
        (["/short"], 3),
        (["-H", "X-Test: yes", "/header"], 0),
        (["-d", "some data", "/post"], 0),
        (["-i", "/nothing"], 1),
    ],
)
def test_httpget_differs(
    args: list[str], status: int, transport: str, build: functools.partial[Both], folder: Path, server: str
) -> None:
    out, _ = build("httpget", transport).same(folder, *args[:-1], server + args[-1], status=status)
    if args == ["/plain"]:
        assert out == _Handler.BODY


@pytest.mark.parametrize(
    ("url", "status"),
    [("http://127.0.0.1:1/", 3), ("ftp://x/", 2), ("http://:80/", 2), ("http://127.0.0.1:99999x/", 2)],
)
def test_httpget_of_nothing_differs(
    url: str, status: int, transport: str, build: functools.partial[Both], folder: Path
) -> None:
    build("httpget", transport).same(folder, url, status=status)


# -- the makefile


def test_the_makefile_does_not_take_the_compiler(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    folder = tmp_path / "run_c"
    shutil.copytree(SOURCES, folder)
    # As a user's `hostcall cc`, wherever the command is installed.
    command = folder / "hostcall"
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from hostcall.programs.cli import main; raise SystemExit(main())" "$@"\n'
    )
    command.chmod(0o755)
    done = subprocess.run(
        ["make", "-j2", f"CC={command} cc --target host"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "a.ini").write_text(_INI)
    ran = subprocess.run(
        [folder / "ini", "a.ini", "get", "server.port"],
        cwd=folder,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
    )
    assert (ran.returncode, ran.stdout) == (0, b"8080\n"), ran.stderr
