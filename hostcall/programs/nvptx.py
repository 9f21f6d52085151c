# SPDX-License-Identifier: Apache-2.0
"""C for NVIDIA GPUs: clang makes PTX of a source, ptxas makes an object of it.

What PTX cannot express is said with the place where it stands. Some of it clang finds by itself; some ends its backend
with a dump of its insides, out of which the sentence is taken.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import ArgumentError, CompileError
from . import frames, tls
from .cache import TOOL_SECONDS, facade_folder, run_tool, tool_environment
from .device_library import clang_flags, find_clang, find_cuda_tool
from .options import CommandLine, Input, quoted
from .toolchain import readable

__all__ = ["MAIN_MARK", "NvptxToolchain", "arch_number"]

# What sources ask for to know a POSIX system; the machine's own compiler says the same.
_NAMES = ("__HOSTCALL__", "__linux__", "__linux", "__unix__", "__unix", "__gnu_linux__")
MAIN_MARK = "hc_main_takes_"  #: a name in the object that defines main; how many parameters it has stands behind it

# Of the machine's own processor, or of how its programs are laid out: without meaning here.
_MEANINGLESS = re.compile(
    r"-(?:m(?!no-warn)[\w.=-]*|f(?:no-)?(?:PIC|pic|PIE|pie|plt|stack-protector[\w-]*|stack-clash-protection|cf-protection.*"
    r"|openmp.*|tree-[\w-]*|lto.*|exceptions|rtti|threadsafe-statics|unwind-tables|asynchronous-unwind-tables"
    r"|omit-frame-pointer|sanitize.*|profile.*|gcse|reorder-blocks|hardened))"
)
_PTXAS_ERROR = re.compile(r"^ptxas (?P<file>\S+), line (?P<line>\d+); (?P<kind>\w+)\s*: (?P<text>.*)$")
_MAIN = re.compile(r"\.visible \.func\s*(?:\([^)]*\)\s*)?main\s*\((?P<parameters>[^)]*)\)[^;{}]*\{")
_PASS = re.compile(r"on function '@([^']+)'")


def arch_number(target: str) -> int:
    """The compute capability times ten of an architecture's name."""
    return int(re.sub(r"\D", "", target))


_STARTS = re.compile(rf"\b(?:{'|'.join(frames.STARTERS)})\b")


class _Threads(Exception):
    """A source has thread-local variables, or starts threads."""


class NvptxToolchain:
    """clang and ptxas with the plain headers: objects for one kind of GPU.

    Parameters
    ----------
    target : str
        Such as ``"sm_90"``.
    """

    suffix = ".ptx"

    def __init__(self, target: str) -> None:
        self.target = target
        self.clang = find_clang()
        self.ptxas = find_cuda_tool("ptxas")

    def flags(self, source: Input) -> list[str]:
        """Flags for one source."""
        # Freestanding has no main that returns 0 by itself.
        own = [flag for flag in clang_flags(arch_number(self.target)) if flag not in ("-x", "c", "-ffreestanding")]
        own = ["-x", source.language, *own, f"-march={self.target}", "-isystem", str(facade_folder() / "libc")]
        own += ["-isystem", _resources(self.clang), "-gline-directives-only"]
        own += [f"-D{name}=1" for name in _NAMES]
        if source.language == "c++":
            # What clang would name __dso_handle has another size than the library's.
            own += ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-use-cxa-atexit"]
        else:
            own += ["-Werror=gnu-label-as-value"]
        return own

    def compile(self, source: Input, line: CommandLine, output: Path) -> None:
        """See :class:`~hostcall.programs.toolchain.Toolchain`."""
        readable(source)
        if source.language.startswith("assembler"):
            raise ArgumentError(f"{source.path}: assembler of the machine is not for a GPU; write it in C")
        if source.language == "cuda":
            self._nvcc(source, line, output)
            return
        with tempfile.TemporaryDirectory(prefix="hostcall-") as folder:
            ptx = Path(folder) / f"{Path(source.path).stem}.ptx"
            try:
                self._clang(source, [*_kept(line.compile), "-S", "-o", str(ptx)], line.verbose)
                if source.language == "c" and _STARTS.search(ptx.read_text(encoding="utf-8")):
                    raise _Threads
            except _Threads:
                self._for_threads(source, line, ptx)
            mark_main(ptx)
            self.assemble(ptx, output, line)

    def _for_threads(self, source: Input, line: CommandLine, ptx: Path) -> None:
        """Make PTX in two steps, with the passes of :mod:`.tls` and :mod:`.frames` between them."""
        module = ptx.with_suffix(".ll")
        steps = ["-Xclang", "-disable-llvm-passes", "-emit-llvm", "-S", "-o", str(module)]
        self._clang(source, [*_kept(line.compile), *tls.defines(line.compile), *steps], line.verbose)
        try:
            lowered = tls.lower(module.read_text(encoding="utf-8"))
            module.write_text(frames.share(lowered), encoding="utf-8")
        except CompileError as error:
            raise CompileError(f"{source.path}: {error}") from None
        level = [option for option in line.compile if option.startswith("-O")]
        words = [*self.clang, "--target=nvptx64-nvidia-cuda", f"-march={self.target}", "-nogpulib", *level]
        words += ["-Wno-unknown-cuda-version", "-S", "-x", "ir", str(module), "-o", str(ptx)]
        if line.verbose:
            print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
        ran = _run(words)
        if ran.returncode:
            said = (ran.stderr or ran.stdout).strip()
            raise CompileError(f"{source.path}: clang cannot compile this for NVIDIA GPUs:\n{said}")

    def assemble(self, ptx: Path, output: Path, line: CommandLine) -> None:
        """Make an object of PTX."""
        level = [option for option in line.compile if option in ("-O0", "-O1")]
        words = [self.ptxas, "-c", f"-arch={self.target}", *(level[-1:] and ["-O1"])]
        if line.debug:
            words.append("-lineinfo")
        words += [str(ptx), "-o", str(output)]
        if line.verbose:
            print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
        ran = _run(words)
        if ran.returncode:
            raise CompileError("\n".join(_placed(ran.stderr + ran.stdout, ptx)))

    def pass_through(self, source: Input, line: CommandLine) -> None:
        """See :class:`~hostcall.programs.toolchain.Toolchain`."""
        readable(source)
        mode = {"assemble": ["-S"], "preprocess": ["-E"], "depend": []}[line.mode]
        output = [] if line.output is None else ["-o", line.output]
        self._clang(source, [*_kept(line.compile), *mode, *output], line.verbose)

    def answer(self, question: str) -> str:
        """See :class:`~hostcall.programs.toolchain.Toolchain`."""
        if question == "-dumpmachine":
            return "nvptx64-nvidia-cuda"
        return run_tool([*self.clang, "--target=nvptx64-nvidia-cuda", question], f"{question} of {self.clang[0]!r}")

    def _clang(self, source: Input, more: Sequence[str], verbose: bool) -> None:
        words = [*self.clang, *self.flags(source), *more, source.path]
        if sys.stderr.isatty():
            words.append("-fcolor-diagnostics")
        if verbose:
            print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
        ran = _run(words, stdout=None)
        said, crash = _split_crash(ran.stderr)
        if ran.returncode and source.language == "c" and tls.REFUSAL in said:
            raise _Threads
        sys.stderr.write(said)
        if ran.returncode == 0:
            return
        if "gnu-label-as-value" in said:
            raise CompileError("computed goto (&&label, goto *p) has no counterpart on NVIDIA GPUs; use a switch there")
        if crash is None:
            raise CompileError("")
        raise CompileError(self._explain(source, more, crash))

    def _explain(self, source: Input, more: Sequence[str], crash: str) -> str:
        """Put what the backend failed at into a sentence."""
        found = _PASS.search(crash)
        where = f"{source.path}: in function {found[1]}" if found else source.path
        reason = next((row for row in crash.splitlines() if "error in backend" in row), crash.splitlines()[0])
        reason = reason.partition("error in backend:")[2].strip() or reason
        if "Circular dependency" in reason:
            names = self._circle(source, more)
            which = f" ({' -> '.join(names)})" if names else ""
            return (
                f"{source.path}: initialisers of global variables point at each other in a circle{which}, which PTX "
                "cannot express; set one of these pointers when the program begins"
            )
        return f"{where}: clang cannot compile this for NVIDIA GPUs: {reason}"

    def _circle(self, source: Input, more: Sequence[str]) -> list[str]:
        """Find the variables that point at each other, in the text of LLVM's own language."""
        ran = _run([*self.clang, *self.flags(source), *more, "-emit-llvm", "-O0", "-o", "-", source.path])
        edges = {
            match[1]: re.findall(r"@([\w.$]+)", match[2])
            for match in re.finditer(r"^@([\w.$]+) = [^\n]*?\b(?:global|constant) ([^\n]*)$", ran.stdout, re.MULTILINE)
        }
        for start in edges:
            path = _cycle(start, edges)
            if path:
                return path
        return []

    def _nvcc(self, source: Input, line: CommandLine, output: Path) -> None:
        """Compile CUDA C++, which has the kernel headers."""
        kept = [option for option in _kept(line.compile) if option[:2] in ("-I", "-D", "-U", "-O") or option == "-g"]
        words = [find_cuda_tool("nvcc"), "-cubin", "-rdc=true", f"-arch={self.target}", "-lineinfo"]
        words += ["-I", str(facade_folder() / "include"), *(option for option in kept if option != "-g")]
        words += [source.path, "-o", str(output)]
        if line.verbose:
            print(f" {quoted(words)}", file=sys.stderr, flush=True)  # noqa: T201 - what -v is for
        ran = _run(words)
        sys.stderr.write(ran.stderr)
        if ran.returncode:
            raise CompileError("")


def _run(words: Sequence[str], stdout: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    kept = tool_environment()
    # What clang would write about its own crash goes nowhere.
    kept["LLVM_DISABLE_CRASH_REPORT"] = "1"
    try:
        return subprocess.run(
            words,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
            timeout=TOOL_SECONDS,
            env=kept,
        )
    except OSError as error:
        raise CompileError(f"{words[0]!r} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired:
        raise CompileError(f"{words[0]!r} was ended after {TOOL_SECONDS} s") from None


def _resources(clang: Sequence[str]) -> str:
    """Where clang keeps what belongs to itself, such as <stdatomic.h>."""
    folder = run_tool([*clang, "-print-resource-dir"], "clang's own headers").strip()
    return str(Path(folder) / "include")


def _kept(options: Sequence[str]) -> list[str]:
    """Leave out what has no meaning on a GPU."""
    kept = []
    for option in options:
        if option.startswith("-g") or _MEANINGLESS.fullmatch(option):
            continue
        kept.append(option)
    return kept


def _split_crash(said: str) -> tuple[str, str | None]:
    """Part what a compiler said of the source from what it said of its own end."""
    for mark in ("fatal error: error in backend", "PLEASE submit a bug report"):
        at = said.find(mark)
        if at >= 0:
            return said[: said.rfind("\n", 0, at) + 1], said[at:]
    return said, None


def _cycle(start: str, edges: dict[str, list[str]]) -> list[str]:
    trail: list[tuple[str, Iterator[str]]] = [(start, iter(edges[start]))]
    seen = {start}
    while trail:
        follower = next(trail[-1][1], None)
        if follower is None:
            trail.pop()
        elif follower == start:
            return [*(name for name, _ in trail), start]
        elif follower in edges and follower not in seen:
            seen.add(follower)
            trail.append((follower, iter(edges[follower])))
    return []


def mark_main(ptx: Path) -> None:
    """Leave a name in PTX that defines main, which says how it is to be called."""
    text = ptx.read_text()
    found = _MAIN.search(text)
    if found:
        count = found["parameters"].count(".param")
        ptx.write_text(f"{text}\n.visible .global .align 1 .b8 {MAIN_MARK}{count};\n")


def _placed(log: str, ptx: Path) -> Iterator[str]:
    """Turn ptxas's line numbers, which are of the PTX, into those of the source."""
    rows = ptx.read_text().splitlines()
    found_files = (re.match(r'\s*\.file\s+(\d+)\s+"([^"]*)"', row) for row in rows)
    files = {str(match[1]): str(match[2]) for match in found_files if match}
    for said in log.splitlines():
        found = _PTXAS_ERROR.match(said)
        if not found:
            if said.strip() and "assembly aborted" not in said:
                yield re.sub(r"^ptxas (fatal|error)\s*: ", "", said)
            continue
        for row in reversed(rows[: int(found["line"])]):
            place = re.match(r"\s*\.loc\s+(\d+)\s+(\d+)", row)
            if place:
                line = rows[int(found["line"]) - 1].strip()
                yield f"{files.get(place[1], '?')}:{place[2]}: {found['text']} (in what became of it: {line})"
                break
        else:
            yield f"{ptx.stem}: {found['text']}"
