# SPDX-License-Identifier: Apache-2.0
"""Runs one linked program, in this process and as this process: it ends as the program ends.

The process belongs to the program: its standard streams are the program's, a signal that ends the program ends it, and
its exit status is the program's.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._native import ffi, lib
from ..config import Config, load_config
from ..errors import (
    ArgumentError,
    DataLostError,
    DeviceAbort,
    DeviceFault,
    HostcallError,
    TransportUnavailable,
    WaitTimeout,
)
from ..runtime import Runtime
from .faults import describe_fault
from .image import Image

__all__ = ["Settings", "execute", "start_block"]

DECLARATION = "HC_KERNEL void hc_start(unsigned char *block)"
_HEAP, _STACK, _DEVICE_STACK = 1 << 30, 8 << 20, 32 << 10
_POOL = {"host": 64, "cuda": 256}  # threads that a program can have at once, beside its mains
_WARP = 32
_SLICE = 0.02
_GRACE = 0.5  # for lanes that do not look, after one of them has called exit
_LAST_WORDS = 2.0  # for the sinks, when a signal ends the program
_FAILED = 125  # what docs/libc/run.md says of a program that could not be started


@dataclass
class Settings:
    """How to run a program.

    Attributes
    ----------
    transport, config
        As for :func:`hostcall.open`; without `config` the program may do what its user may.
    sandbox : bool
        Without `config`: only the files below the working directory, no network, no other programs.
    threads : int
        Lanes that run ``main``.
    heap, stack, pool : int or None
        Bytes of the heap, bytes of a lane's stack, threads beside the mains.
    environment : mapping or None
        The program's; the process's own if None.
    """

    transport: str | None = None
    config: str | None = None
    sandbox: bool = False
    threads: int = 1
    heap: int | None = None
    stack: int | None = None
    pool: int | None = None
    environment: Mapping[str, str] | None = field(default=None, repr=False)


# What an ordinary program expects: the files of its user, its environment, the network, and other programs.
OPEN_PROFILE: dict[str, Any] = {
    "fs": {"roots": [{"path": "/", "mode": "rw"}], "max_open": 65536},
    "env": {"allow": "all"},
    "process": {"enabled": True},
    "net": {"enabled": True, "connect": ["*:*"], "bind": ["*:*"], "unix": True},
}


def _tables(settings: Settings, image: Image, kind: str) -> dict[str, Any]:
    host = image.target == "host"
    tables: dict[str, Any] = {"transport": {"kind": kind}}
    heap, stack = settings.heap or image.heap, settings.stack or image.stack
    if settings.config is None:
        tables["services"] = {} if settings.sandbox else OPEN_PROFILE
        tables["heap"] = {"size": heap or _HEAP}
        tables["kernel"] = {"stack": stack or (_STACK if host else _DEVICE_STACK)}
        return tables
    if heap is not None:
        tables["heap"] = {"size": heap}
    if stack is not None:
        tables["kernel"] = {"stack": stack}
    return tables


def open_runtime(settings: Settings, image: Image) -> Runtime:
    """Open what can run the program.

    Raises
    ------
    TransportUnavailable
        If the transport does not work here, or cannot run programs of this kind.
    """
    fitting = ("loopback",) if image.target == "host" else ("pinned-ring", "cuda-managed")
    wanted = settings.transport
    if wanted is None:
        wanted = load_config(settings.config).transport.kind
    if wanted == "opencl-svm":
        raise TransportUnavailable(
            "OpenCL C has neither function pointers nor main; programs run on loopback and on CUDA devices",
            transport=wanted,
        )
    if wanted != "auto" and wanted not in fitting and wanted in ("loopback", "pinned-ring", "cuda-managed"):
        kinds = {"host": "the machine", "cuda": f"a GPU ({image.target})"}
        made, needs = kinds["host" if image.target == "host" else "cuda"], "cuda" if image.target == "host" else "host"
        raise TransportUnavailable(
            f"this program was linked for {made}; link it again with --target {needs}", transport=wanted
        )
    reasons = []
    for kind in fitting if wanted == "auto" else (wanted,):
        try:
            return Runtime(load_config(settings.config, _tables(settings, image, kind)))
        except TransportUnavailable as error:
            if wanted != "auto":
                raise
            reasons.append(f"{kind}: {error.args[0]}")
    raise TransportUnavailable(f"no transport runs this program: {'; '.join(reasons)}")


def _directory(config: Config, settings: Settings) -> bytes | None:
    """Where the program begins, if that is not the first root: where its user stands, if it may be there."""
    if not config.services.fs.roots:
        return None
    try:
        here = os.getcwd()
    except OSError:
        return None
    roots = [os.path.realpath(root.path) for root in config.services.fs.roots]
    if here == roots[0] or not any(here == root or here.startswith(root.rstrip("/") + "/") for root in roots):
        return None
    return os.fsencode(here)


def start_block(
    image: Image,
    argv: Sequence[bytes],
    environment: Sequence[bytes],
    directory: bytes | None,
    lanes: tuple[int, int],
) -> bytearray:
    """Lay out what ``src/start.c`` reads.

    Parameters
    ----------
    image : Image
        The program.
    argv, environment : sequence of bytes
        Without their NULs.
    directory : bytes or None
        To begin in.
    lanes : tuple of int
        Lanes that run ``main``, and the first one of the pool.
    """
    head = struct.Struct("<14Q")
    texts = bytearray()
    tables_at = head.size
    texts_at = tables_at + 8 * (len(argv) + len(environment) + 2)

    def place(text: bytes) -> int:
        at = texts_at + len(texts)
        texts.extend(text + b"\0")
        return at

    tables: list[int] = []
    for strings in (argv, environment):
        tables += [place(text) for text in strings]
        tables.append(0)
    where = 0 if directory is None else place(directory)
    total = texts_at + len(texts)
    made = image.constructors
    block = bytearray(
        head.pack(
            total,
            *lanes,
            len(argv),
            tables_at,
            tables_at + 8 * (len(argv) + 1),
            where,
            *(made.init, made.init_count, made.fini, made.fini_count),
            *(0, 0, 0),
        )
    )
    block += struct.pack(f"<{len(tables)}Q", *tables) + texts
    return block


def _shape(image: Image, settings: Settings, most: int) -> tuple[tuple[int, int], int, int]:
    """Lanes of main and first of the pool, blocks, and lanes of a block."""
    if settings.threads < 1:
        raise ArgumentError(f"--threads {settings.threads}: main runs on one lane at least")
    host = image.target == "host"
    pool = 0
    if image.pool:
        pool = _POOL["host" if host else "cuda"] if settings.pool is None else settings.pool
    if host:
        lanes = settings.threads + pool
        if lanes > most:
            raise ArgumentError(f"--threads {settings.threads}: with {pool} in the pool, {most} lanes are the most")
        return (settings.threads, settings.threads), 1, lanes
    blocks = -(-settings.threads // _WARP)
    return (settings.threads, blocks * _WARP), blocks + pool, _WARP


class Ending:
    """How the process is to end: with a status, or by a signal."""

    def __init__(self, status: int = 0, signum: int | None = None) -> None:
        self.status = status & 0xFF
        self.signum = signum

    def now(self) -> None:
        """End; does not come back."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                continue
        if self.signum is not None:
            signal.signal(self.signum, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {self.signum})
            os.kill(os.getpid(), self.signum)
            time.sleep(1.0)  # a signal to oneself is delivered before kill returns, except under tracers
        os._exit(self.status if self.signum is None else 128 + self.signum)


class _Watch:
    """Signals that end a program, noted and not yet obeyed: what was printed goes out first."""

    def __init__(self) -> None:
        self.asked: int | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, number: int, frame: object) -> None:
        self.asked = number


def _broken(descriptor: int) -> bool:
    """Whether the reader of a pipe is gone."""
    poll = select.poll()
    try:
        poll.register(descriptor, 0)
        return any(events & select.POLLERR for _, events in poll.poll(0))
    except (OSError, ValueError):
        return False


class Execution:
    """One program under way."""

    def __init__(self, image: Image, argv: Sequence[bytes], settings: Settings, say: Callable[[str], None]) -> None:
        self._image, self._say = image, say
        self._name = os.path.basename(os.fsdecode(argv[0])) if argv else "program"
        self._watch = _Watch()
        if image.target == "host":
            lib.hc_faults_watch()
        self._runtime = open_runtime(settings, image)
        self._kernel = self._runtime.load(image.code, "hc_start", DECLARATION)
        backend = self._runtime._backend
        lanes, self._blocks, self._lanes = _shape(image, settings, backend.max_block)
        environment = [b"=".join(pair) for pair in os.environb.items()]
        directory = _directory(self._runtime.config, settings)
        self._block = np.frombuffer(start_block(image, argv, environment, directory, lanes), np.uint8)

    def run(self) -> Ending:
        """Run it to its end."""
        self._kernel.launch(self._blocks, self._lanes, (self._block,))
        stopped_at: float | None = None
        while True:
            try:
                self._runtime.synchronize(timeout=_SLICE)
            except WaitTimeout:
                if self._watch.asked is not None:
                    return self._last_words(Ending(signum=self._watch.asked))
                found = self._fault()
                if found is not None:
                    return found
                if self._closed_pipe():
                    return Ending(signum=signal.SIGPIPE)
                if self._runtime.stopped:
                    stopped_at = stopped_at or time.monotonic()
                    if time.monotonic() - stopped_at > _GRACE:
                        return self._last_words(self._stopped())
                continue
            except DeviceAbort as error:
                return self._aborted(error)
            except DeviceFault as error:
                self._say(f"{self._name}: {error}")
                return Ending(signum=signal.SIGSEGV)
            except DataLostError as error:
                return self._lost(error)
            if self._closed_pipe():
                return Ending(signum=signal.SIGPIPE)
            return self._closed(Ending(self._runtime.exit_status or 0))

    # -- ways to end

    def _aborted(self, error: DeviceAbort) -> Ending:
        if error.kind == "exit":
            return self._closed(Ending(error.status or 0))
        if error.kind == "assert":
            self._say(f"{self._name}: {error.message}")
        return Ending(signum=signal.SIGABRT)

    def _stopped(self) -> Ending:
        """Some lane ended the program, and others do not notice."""
        status = ffi.new("int32_t *")
        text = ffi.new("char[]", 1 << 16)
        server = self._runtime._channel.server
        code = lib.hc_server_abort_get(server, status, ffi.NULL, ffi.NULL, text, 1 << 16, 0)
        if code == lib.HC_ABORT_EXIT:
            return Ending(int(status[0]))
        if code == lib.HC_ABORT_ASSERT:
            self._say(f"{self._name}: {ffi.string(text).decode(errors='replace')}")
        return Ending(signum=signal.SIGABRT)

    def _fault(self) -> Ending | None:
        fault = ffi.new("hc_fault *")
        if self._image.target != "host" or not lib.hc_faults_get(fault):
            return None
        self._last_words(Ending())
        self._say(describe_fault(self._name, fault, self._image))
        return Ending(signum=int(fault.signal))

    def _closed_pipe(self) -> bool:
        return bool(self._runtime._channel.counts()["sink_errors"]) and (_broken(1) or _broken(2))

    def _lost(self, error: DataLostError) -> Ending:
        if _broken(1) or _broken(2):
            return Ending(signum=signal.SIGPIPE)
        self._say(f"{self._name}: {error}")
        return self._closed(Ending((self._runtime.exit_status or 0) or 1))

    def _last_words(self, ending: Ending) -> Ending:
        """Lanes still run and are not waited for: what they printed goes out all the same."""
        try:
            self._runtime._channel.deliver(time.monotonic() + _LAST_WORDS, _LAST_WORDS, faulted=False)
        except HostcallError as error:
            self._say(f"{self._name}: {error}")
        return ending

    def _closed(self, ending: Ending) -> Ending:
        try:
            self._runtime.close()
        except HostcallError as error:
            self._say(f"{self._name}: {error}")
        return ending


def _to_stderr(text: str) -> None:
    data = f"{text}\n".encode(errors="surrogateescape")
    try:
        os.write(2, data)
    except OSError:
        return


def execute(image: Image, argv: Sequence[bytes], settings: Settings) -> None:
    """Run a program and end this process as it ends. Never returns.

    Parameters
    ----------
    image : Image
        The program.
    argv : sequence of bytes
        With its name first.
    settings : Settings
        How to run it.
    """
    running = None  # kept to the end: lanes that still run must find what they run on
    try:
        running = Execution(image, argv, settings, _to_stderr)
        ending = running.run()
    except KeyboardInterrupt:
        ending = Ending(signum=signal.SIGINT)
    except HostcallError as error:
        _to_stderr(f"hostcall run: {error}")
        ending = Ending(_FAILED)
    ending.now()
