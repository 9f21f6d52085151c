# SPDX-License-Identifier: Apache-2.0
"""The runtime: what an embedding program holds. It opens a transport, starts the server, compiles, launches, and
reports.

Every wait here releases the GIL and comes back in slices, so that Ctrl-C works. Whatever goes wrong on the device or in
a service is raised by ``synchronize``; nothing that happens after a launch is silent.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, TypeVar

import numpy.typing as npt

from . import lifetime, transports
from ._native import ffi, lib
from ._signature import parse_signature
from .arguments import Arguments
from .arrays import SharedArrays
from .backends import make_backend
from .backends.base import Activity, Program, Setting
from .channel import ABORT_CLOSED, ABORT_INTERRUPT, COUNTERS, Channel
from .config import Config, load_config
from .errors import (
    ArgumentError,
    BackendError,
    DeadlockError,
    DeviceFault,
    HostcallError,
    RuntimeClosedError,
    WaitTimeout,
)
from .findings import Findings, raise_first
from .flights import Flights
from .kernel import Kernel, launch_shape
from .keywords import keyword_tables
from .services import Service, ServiceThreads, current_service
from .sinks import flush_process_streams, open_sinks, open_source

__all__ = ["Kernel", "Runtime", "open"]

_log = logging.getLogger("hostcall")

_CLOSE_SECONDS = 10.0
_ANSWER_SECONDS = 1.0

_F = TypeVar("_F", bound=Service)


class Runtime:
    """A channel to one device with its server and services. Made by :func:`open`.

    Use it as a context manager: leaving the block waits for the kernels (:meth:`synchronize`) and closes; leaving it by
    an exception stops them and closes. Its methods may be called from several threads, and none from a Python service
    that it runs.

    Parameters
    ----------
    config : Config
        What to open.

    Attributes
    ----------
    config : Config
        What it was opened with.
    why : dict of str to str
        With ``transport.kind = "auto"``: for each better transport one sentence why it is not this one.
    exit_status : int or None
        What device code passed to ``exit()``, if a kernel ended that way.
    """

    _start_seq = 0  # sequence of every slot before its first use; the conformance suite starts near the wrap

    def __init__(self, config: Config) -> None:
        self._closed = True  # until everything below is there
        self._pid = os.getpid()
        self.config = config
        self.exit_status: int | None = None
        self._lock = threading.RLock()
        self._close_lock = threading.Lock()
        self._flights = Flights()
        self._programs: list[Program] = []
        self._launched = False
        self._bound = 0
        self._per_block = 1
        with contextlib.ExitStack() as undo:
            self._transport, self.why = transports.choose(config)
            undo.callback(self._transport.close)
            self._channel = Channel(config, self._transport, self._start_seq, undo)
            layout, server = self._channel.layout, self._channel.server
            self._shared = SharedArrays(
                self._transport, server, layout.client, layout.ranges, ffi.offsetof("hc_client", "range_count")
            )
            self._findings = Findings(self._channel, config.services.stdio.when_full == "drop")
            self._open_services(undo)
            undo.pop_all()
        self._closed = False
        lifetime.opened(self)

    def _open_services(self, undo: contextlib.ExitStack) -> None:
        config, server = self.config, self._channel.server
        self._channel.open_roots(config)
        self._channel.allow_processes(config)
        open_source(config, server)
        self._channel.open_net(config)
        # What Python printed before a launch comes out before what the kernel prints to the same place.
        self._flush_first = "inherit" in (config.services.stdio.stdout, config.services.stdio.stderr)
        self._services = ServiceThreads(server, config.server.workers, open_sinks(config, server))
        undo.callback(self._services.join, 5.0)
        # The callbacks run backwards: the threads can only end once the server is closed.
        undo.callback(self._channel.shut)
        status = lib.hc_server_start(server)
        if status < 0:
            raise BackendError(f"the server's threads cannot be started: {os.strerror(-status)}", code=-status)
        self._activity = Activity(server)
        self._backend = make_backend(Setting(self._transport, config, self._channel.client, self._activity))
        undo.callback(self._backend.close)
        self._backend.open_mappings(server)
        self._channel.set_timer_offset(self._backend.timer_offset())
        self._arguments = Arguments(self._backend, self._shared)

    # -- looking

    @property
    def transport_name(self) -> str:
        """Name of the transport in use, never ``auto``."""
        return self._transport.name

    @property
    def transport(self) -> transports.Transport:
        """The transport in use: its facts and capabilities."""
        return self._transport

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    @property
    def stopped(self) -> bool:
        """Whether device code ended its kernel (``exit``, ``abort``, a failed ``assert``) since :meth:`synchronize`."""
        self._check("stopped")
        return bool(lib.hc_server_abort_get(self._channel.server, ffi.NULL, ffi.NULL, ffi.NULL, ffi.NULL, 0, 0))

    def __repr__(self) -> str:
        if self._closed:
            return "<hostcall.Runtime closed>"
        return f"<hostcall.Runtime {self._transport.name} on {self._transport.facts.name}>"

    def stats(self) -> dict[str, Any]:
        """Count what was served.

        Returns
        -------
        dict
            ``server``: packets, lanes, records and so on since the runtime was opened. ``services``: for each native
            service that was called packets, lanes, bytes, errors, ``total_ns`` and ``max_ns``. ``python``: calls that
            failed, bytes that no sink took. ``device``: what lanes gave up, as of now.
        """
        self._check("stats")
        return {
            "transport": self._transport.name,
            "server": self._channel.counts(),
            "services": self._channel.service_counts(),
            "python": {
                "services": self._services.names,
                "failed_calls": self._services.failed_calls,
                "lost_bytes": self._services.lost_bytes,
            },
            "device": dict(zip(COUNTERS, self._channel.counters(), strict=True)),
        }

    # -- guards

    def _check(self, what: str, *, waits: bool = False) -> None:
        if os.getpid() != self._pid:
            raise RuntimeClosedError(f"this runtime was opened in process {self._pid}; open a new one after fork")
        if self._closed:
            raise RuntimeClosedError(f"{what}: this runtime is closed")
        if waits:
            self._refuse_service(what)

    def _refuse_service(self, what: str) -> None:
        here = current_service()
        if here is None:
            return
        server, name = here
        if server == self._channel.server or self._transport.backend == "cuda":
            raise DeadlockError(
                f"service {name!r} called {what}(), which waits for the kernel that waits for the service; "
                "return first, or do it from another thread"
            )

    # -- compiling and launching

    def compile(
        self,
        source: str,
        name: str,
        *,
        options: Sequence[str] = (),
        defines: Mapping[str, str | int | None] | None = None,
    ) -> Kernel:
        """Compile a kernel and load it.

        Parameters
        ----------
        source : str
            CUDA C++, OpenCL C or C11, by the backend. ``hostcall.h`` is included before its first line; the C library's
            headers come by their standard names. Kernels are marked ``HC_KERNEL``.
        name : str
            The kernel in it.
        options : sequence of str
            For the compiler.
        defines : mapping, optional
            Macros; None defines without a value.

        Returns
        -------
        Kernel
            Bound to this runtime.

        Raises
        ------
        CompileError
            With the compiler's log; line numbers are those of `source`.
        """
        self._check("compile", waits=True)
        signature = parse_signature(source, name)
        macros = {key: None if value is None else str(value) for key, value in (defines or {}).items()}
        with self._lock:
            program = self._backend.compile(source, signature, tuple(options), macros)
            self._programs.append(program)
        return Kernel(self, program, signature)

    def load(self, code: bytes | str | os.PathLike[str], name: str, declaration: str) -> Kernel:
        """Load a kernel that was compiled before.

        Parameters
        ----------
        code : bytes or path-like
            On CUDA a cubin, a fatbin or PTX. On the host backend a shared object that has beside the kernel what
            :meth:`compile` generates: ``hc_entry_NAME``, ``hc_set_self_NAME`` and ``hc_sizes_NAME``, as the end of
            ``libc_facade/src/start.c`` shows.
        name : str
            The kernel in it.
        declaration : str
            The kernel's C declaration, ``"HC_KERNEL void name(int n, float *x)"``, which says what arguments it takes.

        Returns
        -------
        Kernel
            Bound to this runtime.

        Raises
        ------
        CompileError
            If it cannot be loaded, has no such kernel, or was made for something else.
        ArgumentError
            If the file cannot be read, or nothing in the code makes a hostcall.
        """
        self._check("load", waits=True)
        signature = parse_signature(f"{declaration.strip().rstrip(';')};", name)
        if not isinstance(code, bytes):
            path = Path(code)
            try:
                code = path.read_bytes()
            except OSError as error:
                raise ArgumentError(f"load: {path}: {error.strerror}") from error
        with self._lock:
            program = self._backend.load(code, signature)
            self._programs.append(program)
        return Kernel(self, program, signature)

    def preload(self, *paths: str | os.PathLike[str]) -> None:
        """Do now what the first launch of each kernel would do, except launching; map files for device code.

        A driver may put off loading to the first launch, and then wait there for the kernels that run. The runtime asks
        for eager loading (``CUDA_MODULE_LOADING``) when it is the first to start the driver; a process that started it
        earlier calls this before its long-running kernel.

        Parameters
        ----------
        *paths : str or path-like
            Files that kernels will ``mmap`` for reading, as device code names them. Their pages are registered with the
            device's driver until the runtime is closed, so that ``mmap`` answers at once; a file that is changed after
            this is registered anew by the next ``mmap``. On transports that lend copies nothing is kept.

        Raises
        ------
        ArgumentError
            If a file cannot be opened beneath the configured roots, or is no regular file.
        BackendError
            If the driver cannot register it.
        """
        self._check("preload", waits=True)
        for path in paths:
            status = lib.hc_mapping_preload(self._channel.server, os.fsencode(path))
            if status in (-errno.ENOTSUP, -errno.ENOMEM, -errno.ETIMEDOUT):
                raise BackendError(
                    f"preload: the driver cannot register {os.fspath(path)!r} ({os.strerror(-status)}); mmap of it "
                    "makes a copy instead",
                    code=-status,
                )
            if status < 0:
                raise ArgumentError(f"preload: {os.fspath(path)!r}: {os.strerror(-status)}")
        with self._lock:
            for program in self._programs:
                self._backend.preload(program)

    def bind(self, module: object) -> None:
        """Connect a module that was compiled elsewhere with ``hostcall.h``.

        Parameters
        ----------
        module : object
            On CUDA a CUmodule or CUlibrary, or an object of cuda.core, CuPy, numba or PyTorch that holds one; on the
            host backend a ctypes.CDLL.

        Raises
        ------
        ArgumentError
            If there is no symbol ``hostcall_client_v1`` in it.

        Notes
        -----
        From then on the runtime counts as active: its pollers look for requests until it is closed, since nobody tells
        it when such a kernel runs. :meth:`synchronize` does not know these kernels either; wait for their stream first.
        """
        self._check("bind")
        with self._lock:
            self._backend.bind(module)
            if self._bound == 0:
                self._activity.begin()
            self._bound += 1

    def _launch(
        self,
        kernel: Kernel,
        grid: int | Sequence[int],
        block: int | Sequence[int],
        args: Sequence[object],
        stream: object,
    ) -> None:
        self._check("launch")
        blocks, lanes, per_block = launch_shape(kernel.name, grid, block, self._backend.max_block, self._transport.name)
        self._arguments.check(kernel._signature, args)
        with self._lock:
            if self._flights.prune() and self._launched:
                self._collect_abort()
            if self._channel.deferred:
                self._flights.wait(None)
                self._channel.serve_deferred()
            values = self._arguments.values(kernel._signature, args)
            if self._flush_first:
                flush_process_streams()
            flight = self._backend.launch(kernel._program, blocks, lanes, values, stream)
            self._flights.add(kernel.name, flight)
            self._per_block = per_block
            self._launched = True

    def shared(self, array_or_shape: Any, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
        """Make an array that host and device both reach.

        Parameters
        ----------
        array_or_shape : array_like, int or tuple of int
            Zeros of a shape, or a copy of an array's contents.
        dtype : data type, optional
            float64 for a shape, the array's own for an array.

        Returns
        -------
        numpy.ndarray
            Also as a view it is passed to kernels without copying, and its bytes are passed to hostcalls by reference
            where the transport can. On a deferred transport host and device take turns: do not touch it while a kernel
            runs.
        """
        self._check("shared")
        return self._shared.make(array_or_shape, dtype)

    # -- services

    def service(self, name: str) -> Callable[[_F], _F]:
        """Register a Python function as a service that device code calls by name.

        Parameters
        ----------
        name : str
            As in ``hc_call("name", …)``.

        Returns
        -------
        decorator
            Registers the function and returns it unchanged.

        Notes
        -----
        The function is called with ``data: bytes`` and ``lanes: int``, once per packet when all its lanes sent equally
        much: `data` then is the concatenation of `lanes` equal parts. Otherwise it is called once for each run of lanes
        that did.

        It returns an int, every lane's result; bytes, split evenly over the lanes, each lane's result being its byte
        count; a list with an int or bytes for each lane; or None, which is 0. More bytes than a lane has room for
        become ``-EMSGSIZE`` for that lane.

        If it raises, the lanes get ``-EIO`` (for an OSError its errno), the traceback is logged, and
        :meth:`synchronize` raises :class:`~hostcall.errors.ServiceError`. It runs on a thread of its own and may take
        its time, but must not wait for a kernel of this runtime: :meth:`synchronize`, :meth:`compile` and :meth:`close`
        raise :class:`~hostcall.errors.DeadlockError` there.
        """
        self._check("service")
        if not isinstance(name, str) or not name:
            raise ArgumentError(f"a service's name is a non-empty text, not {name!r}")

        def register(function: _F) -> _F:
            self._check("service")
            self._services.register(name, function)
            return function

        return register

    # -- waiting

    def synchronize(self, timeout: float | None = None) -> None:
        """Wait for all launches, deliver everything they posted, and raise what went wrong.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Raises
        ------
        WaitTimeout
            If a kernel still runs then, or its output still stands in the ring; call again to go on waiting.
        DeviceFault
            If a kernel died. What was posted before has been delivered.
        DeviceAbort
            If device code called ``abort``, failed an ``assert``, or called ``exit`` with a status other than 0.
        ServiceError
            If a Python service raised; its exception is the cause.
        DataLostError
            If output was lost that should not have been.
        KeyboardInterrupt
            After Ctrl-C, when the kernels have ended: their calls answer ``-ESHUTDOWN`` from then on.

        Notes
        -----
        If several things went wrong the first of this list is raised, and the others are logged.
        """
        self._check("synchronize", waits=True)
        end = None if timeout is None else time.monotonic() + timeout
        try:
            self._synchronize(end, timeout)
        except KeyboardInterrupt:
            self._interrupt()
            raise

    def _synchronize(self, end: float | None, timeout: float | None) -> None:
        fault: DeviceFault | None = None
        try:
            self._flights.wait(end)
        except DeviceFault as error:
            fault = error
            self._activity.forget()
        with self._lock:
            self._channel.deliver(end, timeout, faulted=fault is not None)
            # Of a launch that another thread made meanwhile the next call takes care.
            unwritten = 0 if self._flights else self._channel.streams.drain(faulted=fault is not None)
            if fault is not None:
                self._arguments.copies.drop()
            else:
                self._arguments.copies.fetch()
                if self._launched and not self._bound:
                    # No launch is live: the places of their lanes' errno are free again, and so is what they unmapped.
                    self._channel.next_epoch()
                    if not self._flights:
                        lib.hc_mapping_collect(self._channel.server)
                self._launched = False
            self._findings.losses(faulted=fault is not None, unwritten=unwritten)
            self._findings.refusals()
            self._collect_abort()
            failures, more = self._services.take_failures()
            raised = [*([fault] if fault else []), *self._findings.take(), *failures]
        if more:
            _log.error("%d more failures of services or sinks were not kept", more)
        if raised:
            raise_first(raised)

    def _collect_abort(self) -> None:
        # Only of one launch at a time the size of the block is known that the lane was in.
        status = self._findings.abort(self._per_block, last=not self._flights)
        if status is not None:
            self.exit_status = status

    def _interrupt(self) -> None:
        """Stop the kernels after Ctrl-C, and wait until they have."""
        self._channel.abort(ABORT_INTERRUPT)
        try:
            self._flights.wait(time.monotonic() + _CLOSE_SECONDS)
        except (WaitTimeout, DeviceFault) as error:
            _log.warning("after Ctrl-C: %s", error)
            return
        with self._lock:
            self._collect_abort()

    def run_phases(
        self,
        kernel: Kernel,
        grid: int | Sequence[int],
        block: int | Sequence[int],
        args: Sequence[object] = (),
        *,
        until: Callable[[], bool] | None = None,
        limit: int | None = None,
        stream: object = None,
    ) -> int:
        """Launch a kernel again and again, and answer its tickets in between.

        On a deferred transport a kernel cannot wait for an answer: it submits calls, ends, and finds the results in its
        next launch. The same kernel runs on the live transports too.

        Parameters
        ----------
        kernel : Kernel
            Keeps its tickets in an array between the launches.
        grid, block, args, stream
            As for :meth:`Kernel.launch`; the same in every phase.
        until : callable, optional
            Asked after each phase; True ends. Without it the end is a phase after which no ticket is open.
        limit : int, optional
            At most so many phases.

        Returns
        -------
        int
            How many phases ran.
        """
        self._check("run_phases", waits=True)
        phases = 0
        while limit is None or phases < limit:
            kernel.launch(grid, block, args, stream=stream)
            self.synchronize()
            phases += 1
            if until() if until is not None else not self._channel.open_tickets():
                break
        return phases

    # -- closing

    def close(self) -> None:
        """Stop the kernels, deliver what they posted, and give everything back. Does nothing the second time.

        Lanes that call or wait get ``-ESHUTDOWN``; to let kernels end by themselves call :meth:`synchronize` first.

        Raises
        ------
        WaitTimeout
            If a kernel goes on for 10 s without a call; its memory is then kept for it.
        DeadlockError
            If a service of this runtime calls it.
        """
        if os.getpid() != self._pid:
            self._check("close")
        self._refuse_service("close")
        with self._close_lock:
            if self._closed:
                return
            self._closed = True
            lifetime.closed(self)
            self._close()

    def _close(self) -> None:
        faulted = False
        if self._flights:
            self._channel.abort(ABORT_CLOSED)
        try:
            try:
                self._flights.wait(time.monotonic() + _ANSWER_SECONDS)
            except WaitTimeout:
                # A lane that is answered at once never looks at the abort word: without a server it does.
                self._channel.shut()
                self._flights.wait(time.monotonic() + _CLOSE_SECONDS)
        except WaitTimeout as error:
            self._abandon(str(error))
        except DeviceFault as error:
            faulted = True
            _log.error("close: %s", error)
        try:
            self._channel.deliver(time.monotonic() + _CLOSE_SECONDS, _CLOSE_SECONDS, faulted=faulted)
            unwritten = self._channel.streams.drain(faulted=faulted)
            if unwritten:
                _log.error("close: %d bytes of open FILEs could not be written", unwritten)
            if not faulted:
                self._arguments.copies.fetch()
        except HostcallError as error:
            _log.error("close: %s", error)
        self._activity.open = False
        self._channel.shut()
        if not self._services.join(5.0):
            self._abandon("a Python service still runs")
        failures, more = self._services.take_failures()
        for failure in (*self._findings.take(), *failures):
            _log.error("not raised before close: %s", failure)
        if more:
            _log.error("and %d more", more)
        lifetime.end(self._backend.close)
        self._channel.destroy()
        self._shared.close(functools.partial(lifetime.end, self._transport.close))

    def _abandon(self, why: str) -> NoReturn:
        """Give nothing back: whoever still runs would run into freed memory."""
        self._activity.open = False
        self._channel.shut()
        lifetime.keep(self)
        raise WaitTimeout(f"close: {why}; its memory is not given back", seconds=_CLOSE_SECONDS)

    def _close_quietly(self) -> None:
        if not self._closed and os.getpid() == self._pid:
            self.close()

    def __enter__(self) -> Runtime:
        self._check("with")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if os.getpid() != self._pid:
            return
        try:
            if kind is None and not self._closed:
                self.synchronize()
        finally:
            self.close()

    def __del__(self) -> None:
        if getattr(self, "_closed", True) or os.getpid() != self._pid:
            return
        warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        try:
            self.close()
        except HostcallError as error:
            _log.error("%s", error)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a runtime belongs to its process and cannot be pickled")


# -- open


def open(
    path: str | os.PathLike[str] | None = None,
    *,
    transport: str | Mapping[str, Any] | None = None,
    server: Mapping[str, Any] | None = None,
    services: Mapping[str, Any] | None = None,
    heap: int | str | Mapping[str, Any] | None = None,
    deadlines: Mapping[str, Any] | None = None,
    kernel: Mapping[str, Any] | None = None,
    stdout: Any = None,
    stderr: Any = None,
) -> Runtime:
    """Open a runtime.

    Parameters
    ----------
    path : str or path-like, optional
        A TOML file; without it the defaults, with ``transport.kind = "auto"``.
    transport, server, services, heap, deadlines, kernel : mapping, optional
        Tables of the file; they override it key by key. A transport's name alone stands for ``{"kind": name}``, a size
        alone for ``{"size": size}``.
    stdout, stderr : str, mapping or callable, optional
        Short for ``services={"stdio": {"stdout": …}}``. A callable gets bytes.

    Returns
    -------
    Runtime
        To be closed, best by ``with``.

    Raises
    ------
    ConfigError
        With every mistake in the file, the environment and the keywords.
    TransportUnavailable
        If the transport does not work here; the text says why.
    """
    given = {
        "transport": transport,
        "server": server,
        "services": services,
        "heap": heap,
        "deadlines": deadlines,
        "kernel": kernel,
    }
    return Runtime(load_config(path, keyword_tables(given, {"stdout": stdout, "stderr": stderr})))
