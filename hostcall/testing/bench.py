# SPDX-License-Identifier: Apache-2.0
"""What checks stand on: runtimes to run kernels on, with bounded waits, and comparisons that note what differs."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..config import Config, load_config
from ..runtime import Kernel, Runtime
from .report import Failure, Outcome, Report

SECONDS = 60.0
"""Longest wait for a kernel. On a busy machine with few cores a round trip is a slice of the scheduler."""

Bytes = npt.NDArray[np.uint8]

GUARD = 0xEE
"""What stands around the bytes that a kernel may write."""


@dataclass(frozen=True)
class Check:
    """One check: a function that runs kernels and tells the bench what differs.

    Attributes
    ----------
    name : str
        The failure that it would catch.
    function : callable
        Takes the bench.
    live : bool or None
        True: needs a live transport, False: a deferred one, None: either.
    needs : {"", "by_reference", "concurrent"}
        What else the transport or its backend must be able to do.
    """

    name: str
    function: Callable[[Bench], None]
    live: bool | None
    needs: str


class Checks(list[Check]):
    """The checks of one module, in the order in which they stand there."""

    def add(
        self, name: str, *, live: bool | None = True, needs: str = ""
    ) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
        """Decorate a function that is a check; see :class:`Check` for the parameters."""

        def register(function: Callable[[Bench], None]) -> Callable[[Bench], None]:
            self.append(Check(name, function, live, needs))
            return function

        return register


class Collector:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._data = bytearray()

    def __call__(self, data: bytes) -> None:
        """Keep `data`."""
        with self._lock:
            self._data += data

    def take(self) -> bytes:
        """Give what has come since the last time."""
        with self._lock:
            data = bytes(self._data)
            self._data.clear()
        return data


class Bench:
    """Opens runtimes, runs kernels with bounded waits, and writes down what differs."""

    def __init__(self, base: Mapping[str, Any], folder: Path, quick: bool) -> None:
        self.folder = folder
        self.quick = quick
        self.stuck = False
        self.output = Collector()
        self._base = base
        self._name = ""
        self._failed = 0
        self._kernels: dict[tuple[int, str], Kernel] = {}
        self._main: Runtime | None = None
        rt = self.rt
        self.report = Report(rt.transport_name, rt.transport.facts.name, rt.transport.capabilities.live)

    # -- runtimes

    def configure(self, tables: Mapping[str, Any] | None = None) -> Config:
        """Build the configuration of a check: the user's transport, and sinks, roots and sizes of the suite."""
        merged: dict[str, Any] = {name: dict(table) for name, table in self._base.items()}
        merged["services"] = {
            **merged.get("services", {}),
            "stdio": {"stdout": self.output, "stderr": self.output},
            "fs": {"roots": [{"path": str(self.folder), "mode": "rw"}], "max_open": 4096},
        }
        merged.setdefault("heap", {})["size"] = "16MiB"
        merged["transport"] = {**merged["transport"], "payload": "32MiB"}
        merged["deadlines"] = {"server_silence": "60s"}
        for name, table in (tables or {}).items():
            for key, value in table.items():
                below = merged[name].get(key) if name in merged else None
                both = isinstance(below, Mapping) and isinstance(value, Mapping)
                merged.setdefault(name, {})[key] = {**below, **value} if both and below is not None else value
        return load_config(overrides=merged, environ={})

    @property
    def rt(self) -> Runtime:
        """The runtime that checks share; a new one after a check that broke it."""
        if self._main is None:
            self._main = Runtime(self.configure())
            _register_services(self._main)
        return self._main

    @contextlib.contextmanager
    def opened(self, tables: Mapping[str, Any], kind: type[Runtime] = Runtime) -> Iterator[Runtime]:
        """Open a runtime for one check."""
        rt = kind(self.configure(tables))
        try:
            _register_services(rt)
            yield rt
        finally:
            self.close(rt)

    def close(self, rt: Runtime) -> None:
        """Close a runtime, and do not hang with it."""
        self._kernels = {key: kernel for key, kernel in self._kernels.items() if key[0] != id(rt)}
        problem: list[BaseException] = []

        def work() -> None:
            try:
                rt.close()
            except BaseException as error:  # noqa: BLE001 - reported below
                problem.append(error)

        thread = threading.Thread(target=work, name="hostcall-testing-close", daemon=True)
        thread.start()
        thread.join(SECONDS)
        if thread.is_alive():
            self.stuck = True
            self.fail(f"close() within {SECONDS:.0f} s", "it still waits; the checks that follow are left out")
        elif problem:
            self.fail("close() without an error", _text(problem[0]))

    def finish(self) -> None:
        """Close the shared runtime."""
        if self._main is not None and not self.stuck:
            self._name = "close_hangs_or_raises"
            self.close(self._main)

    # -- shapes

    @property
    def backend(self) -> str:
        """Who runs the lanes."""
        return self.rt.transport.backend

    @property
    def concurrent(self) -> bool:
        """Whether lanes of one block may wait for each other. Work-items of OpenCL may run one after the other."""
        return self.backend != "opencl"

    @property
    def shape(self) -> tuple[int, int]:
        """Grid and block for checks that want many lanes."""
        small = {"cuda": (8, 64)}.get(self.backend, (2, 8))
        large = {"cuda": (264, 256), "host": (8, 32)}.get(self.backend, (16, 16))
        return small if self.quick else large

    # -- running

    def run(
        self,
        source: str,
        args: Sequence[object],
        shape: tuple[int, int] | None = None,
        *,
        rt: Runtime | None = None,
        name: str = "conform",
        options: Sequence[str] = (),
        seconds: float = SECONDS,
    ) -> None:
        """Compile once, launch, wait, and let errors through."""
        runtime = rt or self.rt
        kernel = self.kernel(source, runtime, name, options)
        grid, block = shape or self.shape
        kernel.launch(grid, block, args)
        runtime.synchronize(seconds)

    def kernel(self, source: str, rt: Runtime, name: str = "conform", options: Sequence[str] = ()) -> Kernel:
        """Give the compiled kernel of a source."""
        key = (id(rt), source)
        if key not in self._kernels:
            self._kernels[key] = rt.compile(source, name, options=options)
        return self._kernels[key]

    def perform(self, check: Check) -> None:
        """Run one check and note how it ended."""
        self._name, self._failed = check.name, 0
        capabilities = self.rt.transport.capabilities
        reason = ""
        if check.live is not None and check.live != capabilities.live:
            reason = "about deferred transports" if capabilities.live else "needs a live transport"
        elif check.needs == "by_reference" and not capabilities.by_reference:
            reason = "the transport passes nothing by reference"
        elif check.needs == "concurrent" and not self.concurrent:
            reason = "lanes of this backend may run one after the other"
        if reason:
            self.report.outcomes.append(Outcome(check.name, "skipped", 0.0, reason))
            return
        began = time.monotonic()
        try:
            check.function(self)
        except Exception as error:  # noqa: BLE001 - one check must not end the others
            self.fail("no error", _text(error))
            if self._main is not None and not self.stuck:
                # Whatever it left behind is not the next check's fault.
                main, self._main = self._main, None
                self.close(main)
        self.output.take()
        status: Literal["passed", "failed"] = "failed" if self._failed else "passed"
        self.report.outcomes.append(Outcome(check.name, status, time.monotonic() - began))

    # -- comparing

    def fail(self, expected: object, got: object) -> None:
        """Note a failure of the check that runs."""
        self._failed += 1
        self.report.failures.append(Failure(self.report.transport, self._name, str(expected), str(got)))

    def equal(self, what: str, expected: object, got: object) -> None:
        """Compare numbers or texts."""
        if expected != got:
            self.fail(f"{what} = {brief(expected)}", brief(got))

    def arrays(self, what: str, expected: npt.ArrayLike, got: npt.NDArray[Any]) -> None:
        """Compare arrays and name the first place where they differ."""
        wanted = np.broadcast_to(np.asarray(expected), got.shape)
        wrong = np.argwhere(wanted != got)
        if len(wrong):
            at = tuple(int(index) for index in wrong[0])
            self.fail(
                f"{what}[{', '.join(map(str, at))}] = {wanted[at]}",
                f"{got[at]} ({len(wrong)} of {got.size} places differ)",
            )

    def true(self, what: str, holds: object, got: object = "not so") -> None:
        """Demand something that is no equality."""
        if not holds:
            self.fail(what, brief(got))

    def path(self, name: str) -> Path:
        """Give a path in the root of device code, where relative paths of the device start."""
        return self.folder / name


def _text(error: BaseException) -> str:
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).parent == Path(__file__).parent:
            where = f" ({Path(frame.filename).name}, line {frame.lineno})"
    text = str(error)
    return f"{type(error).__name__}: {text if len(text) < 1500 else text[:1500] + ' …'}{where}"


def brief(value: object) -> str:
    """Shorten what a failure shows."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) < 300 else text[:300] + " …"


def pack_names(names: Sequence[str]) -> tuple[Bytes, int]:
    """Pack texts for device code: each with its NUL, a fixed distance apart."""
    stride = max(len(os.fsencode(name)) for name in names) + 1
    packed = b"".join(os.fsencode(name).ljust(stride, b"\0") for name in names)
    return np.frombuffer(packed, np.uint8).copy(), stride


def pattern(shape: tuple[int, ...], seed: int = 0) -> Bytes:
    """Make bytes to send, the same for the same seed."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def weigh(data: bytes) -> int:
    """Sum the bytes by their place, so that bytes that changed places show."""
    values = np.frombuffer(data, np.uint8).astype(np.int64)
    return int((values * (np.arange(len(values)) % 251 + 1)).sum()) + len(data)


def _register_services(rt: Runtime) -> None:
    @rt.service("conform-sum")
    def _(data: bytes, lanes: int) -> list[int]:
        each = len(data) // lanes
        return [weigh(data[lane * each : (lane + 1) * each]) for lane in range(lanes)]

    @rt.service("conform-echo")
    def _(data: bytes, lanes: int) -> bytes:
        return data


def settle(done: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
