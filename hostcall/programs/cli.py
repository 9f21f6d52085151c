# SPDX-License-Identifier: Apache-2.0
"""The command ``hostcall``: run a C program on a device, or compile one. Exit status: the program's own; see docs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ..errors import CompileError, HostcallError
from .compiler import compile_main

__all__ = ["app", "main"]

_FAILED = 125

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Ordinary C programs on a GPU, or on this machine's threads."
)

# Their words belong to the compiler and to the program: typer must not look at them.
_RAW = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": ["--help"]}


@app.command(context_settings={**_RAW, "allow_interspersed_args": False}, add_help_option=False)
def run(words: Annotated[list[str], typer.Argument(metavar="[OPTIONS] FILE [ARGUMENTS]")]) -> None:
    """Run a program: a source, an object, or what hostcall cc linked."""
    raise AssertionError(words)  # main sees to it


@app.command(context_settings=_RAW, add_help_option=False)
def cc(words: Annotated[list[str], typer.Argument(metavar="[OPTIONS] FILES")]) -> None:
    """Compile and link, with a C compiler's usual options; --target host, cuda or sm_90."""
    raise AssertionError(words)  # main sees to it


@app.command()
def doctor() -> None:
    """Say what works on this machine, what does not, and why."""
    from hostcall.bench.cli import main as bench

    sys.argv = ["hostcall-bench", "doctor"]
    bench()


def _compile(words: Sequence[str]) -> int:
    try:
        return compile_main(words)
    except CompileError as error:
        text = str(error)
        if text:
            sys.stderr.write(f"hostcall cc: {text}\n")
        return 1
    except HostcallError as error:
        sys.stderr.write(f"hostcall cc: {error}\n")
        return 1


def _run(words: Sequence[str]) -> int:
    from .runner import run_main

    try:
        return run_main(words)
    except HostcallError as error:
        text = str(error)
        if text:
            sys.stderr.write(f"hostcall run: {text}\n")
        return 1 if isinstance(error, CompileError) else _FAILED


def main() -> None:
    """Run the command that the arguments name."""
    words = sys.argv[1:]
    try:
        if words[:1] == ["cc"]:
            sys.exit(_compile(words[1:]))
        if words[:1] == ["run"]:
            sys.exit(_run(words[1:]))
        app()
    except KeyboardInterrupt:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()
