# SPDX-License-Identifier: Apache-2.0
"""Programs as children of a process that has everything imported and nothing started.

A program ends its process, and its faults kill it: it cannot run inside a process that wants to go on. Starting an
interpreter for each would cost more than most programs take. So one process waits, without threads, and forks for each
program; the file descriptors of the caller travel to it over a socket.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BackendError, WaitTimeout

__all__ = ["Nursery", "nursery"]

_LENGTH = struct.Struct("<Q")
_DESCRIPTORS = 4  # stdin, stdout, stderr, and where the status goes
_ANSWER_SECONDS = 120.0  # its first answer waits for its imports, on whatever else the machine does
_KILL_SECONDS = 5.0


# -- the side of the children


def _receive(link: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Take one request; None once the caller is gone."""
    room = socket.CMSG_SPACE(_DESCRIPTORS * array.array("i").itemsize)
    head, ancillary, _, _ = link.recvmsg(_LENGTH.size, room)
    if len(head) < _LENGTH.size:
        return None
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    wanted = _LENGTH.unpack(head)[0]
    body = bytearray()
    while len(body) < wanted:
        piece = link.recv(min(wanted - len(body), 1 << 20))
        if not piece:
            return None
        body += piece
    return json.loads(body), list(descriptors)


def _become(request: dict[str, Any], descriptors: Sequence[int]) -> None:
    """Be the program; does not come back."""
    for number in range(3):
        os.dup2(descriptors[number], number)
    for descriptor in descriptors:
        if descriptor > 2:
            os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environb.clear()
    for name, value in request["environment"]:
        os.environb[os.fsencode(name)] = os.fsencode(value)
    from pathlib import Path

    from .image import read_image
    from .launch import Settings, execute

    image = read_image(Path(request["image"]))
    assert image is not None
    execute(image, [os.fsencode(word) for word in request["argv"]], Settings(**request["settings"]))


def _keep(request: dict[str, Any], descriptors: Sequence[int]) -> None:
    """Fork the program, wait for it, tell its status. Leads a process group, so that all of it can be ended at once."""
    os.setpgid(0, 0)
    status_to = descriptors[3]
    os.write(status_to, struct.pack("<i", os.getpid()))
    child = os.fork()
    if child == 0:
        try:
            _become(request, descriptors)
        except BaseException as error:  # noqa: BLE001 - nothing of the parent's may run here
            os.write(2, f"hostcall: {error}\n".encode(errors="replace"))
        finally:
            os._exit(125)
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        os.write(status_to, struct.pack("<i", status))


def serve(descriptor: int) -> None:
    """Fork programs for whoever holds the other end of a socket, until that is closed."""
    from . import launch, runner  # noqa: F401 - imported once, for all children

    link = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides what Ctrl-C means
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    while True:
        received = _receive(link)
        if received is None:
            return
        request, descriptors = received
        if os.fork() == 0:
            try:
                link.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _keep(request, descriptors)
            finally:
                os._exit(0)
        for number in descriptors:
            os.close(number)


# -- the side of the caller


class Child:
    """A program that runs.

    Attributes
    ----------
    group : int
        Its process group.
    """

    def __init__(self, status_from: int) -> None:
        self._status_from = status_from
        self.group = self._number(_ANSWER_SECONDS)

    def _number(self, seconds: float | None) -> int:
        ready, _, _ = select.select([self._status_from], [], [], seconds)
        if not ready:
            raise TimeoutError
        data = os.read(self._status_from, 4)
        if len(data) < 4:
            raise BackendError("the process that starts programs died")
        return int(struct.unpack("<i", data)[0])

    def wait(self, seconds: float | None) -> int:
        """Wait for the end; the status as :class:`subprocess.Popen` has it, negative for a signal."""
        status = self._number(seconds)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        """End it and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send a signal to its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.group, number)

    def close(self) -> None:
        """Forget it."""
        os.close(self._status_from)


class Nursery:
    """The process that forks programs, from this side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._link, theirs = socket.socketpair()
        code = f"from hostcall.programs.nursery import serve; serve({theirs.fileno()})"
        # Not where the caller stands: there may be a folder of this package's name.
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code], pass_fds=[theirs.fileno()], cwd="/", stdin=subprocess.DEVNULL
            )

    def start(
        self,
        image: str,
        argv: Sequence[str | bytes],
        streams: Sequence[int],
        environment: Mapping[str, str],
        cwd: str,
        settings: Mapping[str, Any],
    ) -> Child:
        """Start a program.

        Parameters
        ----------
        image : str
            A linked program.
        argv : sequence of str or bytes
            With its name first.
        streams : sequence of int
            Descriptors of its stdin, stdout and stderr.
        environment, cwd, settings
            Its surroundings, and the fields of :class:`.launch.Settings`.
        """
        request = {
            "image": image,
            "argv": [os.fsdecode(word) for word in argv],
            "environment": [[name, value] for name, value in environment.items()],
            "cwd": cwd,
            "settings": dict(settings),
        }
        body = json.dumps(request).encode()
        ours, theirs = os.pipe()
        try:
            descriptors = array.array("i", [*streams, theirs])
            with self._lock:
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
                self._link.sendmsg([_LENGTH.pack(len(body))], rights)
                self._link.sendall(body)
        except OSError as error:
            os.close(ours)
            raise BackendError(f"the process that starts programs is gone: {error}") from error
        finally:
            os.close(theirs)
        try:
            return Child(ours)
        except (TimeoutError, BackendError):
            os.close(ours)
            raise WaitTimeout("the process that starts programs does not answer", seconds=_ANSWER_SECONDS) from None

    def close(self) -> None:
        """End it; programs that run go on."""
        self._link.close()
        try:
            self._process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_current: Nursery | None = None
_current_pid = 0
_guard = threading.Lock()


def nursery() -> Nursery:
    """Give the process that starts this one's programs; made when first asked for."""
    global _current, _current_pid
    with _guard:
        if _current is None or _current_pid != os.getpid():
            _current, _current_pid = Nursery(), os.getpid()
            atexit.register(_close, _current, _current_pid)
        return _current


def _close(kept: Nursery, pid: int) -> None:
    if pid == os.getpid():
        kept.close()
