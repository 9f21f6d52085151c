# SPDX-License-Identifier: Apache-2.0
"""The Python side of the server: services written in Python, and the sinks that take the device's output.

The native server queues what is meant for Python; threads here take it off the queues. Nothing that Python code does
can stall the native services: a slow service delays only those who called it. An exception is answered with an errno,
logged, and kept for ``Runtime.synchronize``; it is never lost.
"""

from __future__ import annotations

import codecs
import errno
import logging
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ._native import ffi, lib
from .errors import DataLostError, DeadlockError, HostcallError, ServiceError

__all__ = ["Service", "ServiceThreads", "current_service", "name_hash"]

Service = Callable[[bytes, int], object]
"""A service: payload of all lanes and the number of lanes in, result out."""

_log = logging.getLogger("hostcall")
_device_log = logging.getLogger("hostcall.device")

_SLICE_NS = 200_000_000
_CALLS, _OUTPUT = 0, 1
_NONE, _CALL, _SINK, _LOG, _PROGRESS, _CLOSED, _FLUSH = range(7)
_LOG_HEAD = struct.Struct("=IIII")  # lane, line, bytes of the text, bytes of the file's name
_PROGRESS_HEAD = struct.Struct("=QQQ")  # done, total, bytes of the label

_here = threading.local()


def name_hash(name: str) -> int:
    """Hash a service's name as device code does.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    int
        64-bit FNV-1a of its UTF-8 bytes.
    """
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def current_service() -> tuple[object, str] | None:
    """Tell whose service runs on this thread.

    Returns
    -------
    (server, str) or None
        The server it answers for and its name.
    """
    return getattr(_here, "service", None)


class ServiceThreads:
    """Threads that run Python services and sinks for one server.

    Parameters
    ----------
    server
        The native server; it must outlive the threads.
    workers : int
        Threads for services.
    sinks : dict of int to callable
        Takes bytes of stream 1 or 2.
    progress : callable, optional
        Takes a label, done and total.
    """

    def __init__(
        self,
        server: Any,
        workers: int,
        sinks: dict[int, Callable[[bytes], object]],
        progress: Callable[[str, int, int], object] | None = None,
    ) -> None:
        self._server = server
        self._sinks = sinks
        self._progress = progress
        self._services: dict[int, tuple[str, Service]] = {}
        self._lock = threading.Lock()
        self._failures: list[HostcallError] = []
        self._suppressed = 0
        self.failed_calls = 0
        self.lost_bytes = 0
        self._stopping = False
        self._workers = workers
        self._threads: list[threading.Thread] = []
        self._start(self._take_output, "hostcall-output")

    def _start(self, target: Callable[[], None], name: str) -> None:
        # Daemons: an interpreter that ends without close() must not hang in a join.
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    # -- services

    def register(self, name: str, function: Service) -> None:
        """Announce a service to the server; its threads start with the first.

        Parameters
        ----------
        name : str
            What device code calls it by.
        function : callable
            Takes the payload and the number of lanes.

        Raises
        ------
        ServiceError
            If the name is taken, or cannot be told from another one.
        """
        if not callable(function):
            raise ServiceError(f"a service is a callable, not {type(function).__name__}", service=name)
        key = name_hash(name)
        with self._lock:
            if key in self._services:
                other = self._services[key][0]
                why = "is registered already" if other == name else f"has the same hash as {other!r}: rename one"
                raise ServiceError(why, service=name)
            status = lib.hc_python_name(self._server, key, 1)
            if status < 0:
                raise ServiceError(f"cannot be registered: {os.strerror(-status)}", service=name)
            self._services[key] = (name, function)
            if len(self._services) == 1:
                for index in range(self._workers):
                    self._start(self._take_calls, f"hostcall-service-{index}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the registered services."""
        with self._lock:
            return tuple(name for name, _ in self._services.values())

    def _take_calls(self) -> None:
        item = ffi.new("hc_python_item *")
        while not self._stopping:
            item.kind = _NONE
            lib.hc_python_next(self._server, _CALLS, _SLICE_NS, item)
            if item.kind == _CLOSED:
                return
            if item.kind == _CALL:
                self._serve(item)

    def _serve(self, item: Any) -> None:
        lanes = int(item.lanes)
        results = [-errno.EIO] * lanes
        outs = [b""] * lanes
        with self._lock:
            name, function = self._services.get(int(item.name_hash), ("", None))
        if function is None:
            results = [-errno.ENOSYS] * lanes
        else:
            _here.service = (self._server, name)
            data = ffi.unpack(ffi.cast("char *", item.data), item.bytes) if item.bytes else b""
            try:
                _run(function, data, [int(item.lane_bytes[rank]) for rank in range(lanes)], results, outs)
                for rank, out in enumerate(outs):
                    if len(out) > item.capacity and not item.posted:
                        results[rank], outs[rank] = -errno.EMSGSIZE, b""
            except BaseException as error:  # noqa: BLE001 - a lane waits for an answer, whatever happened
                self._failed(name, error)
                code = error.errno if isinstance(error, OSError) and error.errno else errno.EIO
                results, outs = [-code] * lanes, [b""] * lanes
            finally:
                _here.service = None
        lib.hc_python_done(
            self._server,
            item.token,
            ffi.new("int64_t[]", results),
            ffi.from_buffer("uint8_t[]", b"".join(outs) or b"\0"),
            ffi.new("uint32_t[]", [len(out) for out in outs]),
            lanes,
        )

    def _failed(self, name: str, error: BaseException) -> None:
        _log.error("service %r failed", name, exc_info=error)
        wrapped = (
            error
            if isinstance(error, DeadlockError)
            else ServiceError(f"{type(error).__name__}: {error}", service=name)
        )
        if wrapped is not error:
            wrapped.__cause__ = error
        with self._lock:
            self.failed_calls += 1
            self._keep(wrapped)

    def _keep(self, error: HostcallError) -> None:
        # A service that always fails would otherwise keep every traceback, and with it every payload.
        if len(self._failures) < 16:
            self._failures.append(error)
        else:
            self._suppressed += 1

    def take_failures(self) -> tuple[list[HostcallError], int]:
        """Hand over what failed since the last time: the errors that were kept, and how many more there were."""
        with self._lock:
            failures, self._failures = self._failures, []
            more, self._suppressed = self._suppressed, 0
        return failures, more

    # -- output

    def _take_output(self) -> None:
        item = ffi.new("hc_python_item *")
        while not self._stopping:
            item.kind = _NONE
            lib.hc_python_next(self._server, _OUTPUT, _SLICE_NS, item)
            if item.kind == _CLOSED:
                return
            if item.kind == _NONE:
                continue
            data = ffi.unpack(ffi.cast("char *", item.data), item.bytes) if item.bytes else b""
            _here.service = (self._server, "output sink")
            try:
                self._deliver(int(item.kind), int(item.lanes), data)
            except BaseException as error:  # noqa: BLE001 - the thread must go on, and the error must not be lost
                self._sink_failed(item, data, error)
            finally:
                _here.service = None
                lib.hc_python_release(self._server, item)

    def _sink_failed(self, item: Any, data: bytes, error: BaseException) -> None:
        stream = {1: "stdout", 2: "stderr"}.get(int(item.lanes), "") if item.kind == _SINK else "log"
        _log.error("the sink of the device's %s failed", stream, exc_info=error)
        lost = DataLostError(
            f"the sink of the device's {stream} raised {type(error).__name__}: {error}", {f"{stream}_bytes": len(data)}
        )
        lost.__cause__ = error
        with self._lock:
            self.lost_bytes += len(data)
            self._keep(lost)

    def _deliver(self, kind: int, number: int, data: bytes) -> None:
        if kind == _SINK:
            sink = self._sinks.get(number)
            if sink is not None:
                sink(data)
        elif kind == _LOG:
            _log_line(number, data)
        elif kind == _PROGRESS:
            done, total, count = _PROGRESS_HEAD.unpack_from(data)
            label = data[_PROGRESS_HEAD.size :][:count].decode(errors="replace")
            if self._progress is not None:
                self._progress(label, done, total)
            else:
                _device_log.info("%s: %d of %d", label, done, total)
        elif kind == _FLUSH:
            for sink in self._sinks.values():
                flush = getattr(sink, "flush", None)
                if flush is not None:
                    flush()

    def join(self, timeout: float) -> bool:
        """Wait for the threads after the server was closed.

        Parameters
        ----------
        timeout : float
            Seconds for all of them together.

        Returns
        -------
        bool
            False if a service or a sink still runs.
        """
        self._stopping = True
        me = threading.current_thread()
        for thread in self._threads:
            if thread is not me:
                thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads if thread is not me)


def _log_line(level: int, data: bytes) -> None:
    """Log a line of device code as if its kernel's source had called ``logging``."""
    if not _device_log.isEnabledFor(level):
        return
    thread, line, text_bytes, file_bytes = _LOG_HEAD.unpack_from(data)
    at = _LOG_HEAD.size
    file = data[at : at + file_bytes].decode(errors="replace")
    at += (file_bytes + 7) // 8 * 8
    text = data[at : at + text_bytes].decode(errors="replace")
    extra = {"hc_thread": thread}
    _device_log.handle(_device_log.makeRecord(_device_log.name, level, file, line, "%s", (text,), None, extra=extra))


def _runs(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give (first, count) for each run of equal lengths."""
    first = 0
    for rank in range(1, len(lengths) + 1):
        if rank == len(lengths) or lengths[rank] != lengths[first]:
            yield first, rank - first
            first = rank


def _run(function: Service, data: bytes, lengths: Sequence[int], results: list[int], outs: list[bytes]) -> None:
    at = 0
    for first, count in _runs(lengths):
        size = lengths[first] * count
        _spread(function(data[at : at + size], count), first, count, results, outs)
        at += size


def _spread(value: object, first: int, count: int, results: list[int], outs: list[bytes]) -> None:
    """Turn what a service returned into each lane's result and bytes."""
    if value is None:
        value = 0
    if isinstance(value, (bytes, bytearray, memoryview)):
        whole = bytes(value)
        size, rest = divmod(len(whole), count)
        if rest:
            raise ValueError(
                f"{len(whole)} bytes cannot be split evenly over {count} lanes: return a list, one per lane"
            )
        parts: Sequence[object] = [whole[lane * size : (lane + 1) * size] for lane in range(count)]
    elif isinstance(value, (list, tuple)):
        if len(value) != count:
            raise ValueError(f"a list of {len(value)} results for {count} lanes")
        parts = value
    else:
        parts = [value] * count
    for lane, part in enumerate(parts):
        if isinstance(part, (bytes, bytearray, memoryview)):
            outs[first + lane] = bytes(part)
            results[first + lane] = len(outs[first + lane])
        else:
            results[first + lane] = _result(part)


def _result(value: object) -> int:
    if value is None:
        return 0
    try:
        number = int(value.__index__())  # type: ignore[attr-defined]
    except AttributeError:
        raise TypeError(
            f"a service returns bytes, an int, None or a list of them, one per lane, not {type(value).__name__}"
        ) from None
    if not -(1 << 63) <= number < 1 << 63:
        raise OverflowError(f"{number} does not fit in the 64 bits of a result")
    return number


# -- sinks


class LoggingSink:
    """Turns the device's output into log records, one per line.

    Parameters
    ----------
    level : int
        Level of the records.
    """

    def __init__(self, level: int) -> None:
        self._level = level
        self._rest = b""

    def __call__(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            _device_log.log(self._level, "%s", line.decode(errors="replace"))

    def flush(self) -> None:
        """Deliver a last line that has no end."""
        if self._rest:
            rest, self._rest = self._rest, b""
            _device_log.log(self._level, "%s", rest.decode(errors="replace"))


class TextSink:
    """Writes to a Python text stream that is no descriptor: a notebook cell, or a test's capture.

    Parameters
    ----------
    name : {"stdout", "stderr"}
        Which attribute of ``sys``; looked up at each write, since notebooks and tests exchange it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def __call__(self, data: bytes) -> None:
        stream = getattr(sys, self._name)
        if stream is not None:
            stream.write(self._decode.decode(data))

    def flush(self) -> None:
        """Pass the flush on."""
        stream = getattr(sys, self._name)
        if stream is not None:
            stream.flush()


def process_stream(name: str) -> int | None:
    """Descriptor of the process's own stream, if Python's stream of that name still is that.

    Parameters
    ----------
    name : {"stdout", "stderr"}
        Which.

    Returns
    -------
    int or None
        None where output has to go through Python: notebooks, captured tests, windowed programs.
    """
    stream = getattr(sys, name)
    try:
        descriptor = int(stream.fileno())
    except Exception:  # noqa: BLE001 - replacements raise whatever they like
        return None
    return descriptor if descriptor == {"stdout": 1, "stderr": 2}[name] else None
