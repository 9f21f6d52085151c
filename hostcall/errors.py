# SPDX-License-Identifier: Apache-2.0
"""Every error that this package raises, one flat tree under :class:`HostcallError`.

Three parties can be at fault: the caller (configuration, arguments, a closed runtime), the device code (abort, fault,
lost output), and the driver. What device code should handle itself never comes here: it is an errno on the device. All
of them survive pickling with their fields, so a worker process can raise them in its parent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = [
    "ArgumentError",
    "BackendError",
    "CompileError",
    "ConfigError",
    "DataLostError",
    "DeadlockError",
    "DeviceAbort",
    "DeviceFault",
    "HostcallError",
    "LaunchError",
    "RuntimeClosedError",
    "ServiceError",
    "TransportUnavailable",
    "WaitTimeout",
]


class HostcallError(Exception):
    """Base of every error of this package. Catch it to catch them all; it is never raised itself."""


class ConfigError(HostcallError):
    """The configuration is wrong; all mistakes are reported at once.

    Parameters
    ----------
    problems : str or sequence of str
        One line per mistake: where it stands, key path, value, what is allowed.

    Attributes
    ----------
    problems : tuple of str
        The lines, in the order in which the keys stand in the documentation.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        lines = "".join(f"\n  {line}" for line in self.problems)
        return f"{len(self.problems)} mistakes in the configuration:{lines}"


class TransportUnavailable(HostcallError):
    """The chosen transport does not work on this machine.

    Parameters
    ----------
    message : str
        One sentence: what is missing and what would help.
    transport : str, optional
        Name of the transport, as in ``transport.kind``.

    Attributes
    ----------
    transport : str or None
        See above.
    """

    def __init__(self, message: str, *, transport: str | None = None) -> None:
        super().__init__(message)
        self.transport = transport

    def __str__(self) -> str:
        message = str(self.args[0])
        return f"transport {self.transport!r}: {message}" if self.transport else message


class CompileError(HostcallError):
    """The kernel source does not compile, or does not contain the kernel that was asked for.

    Parameters
    ----------
    message : str
        What to show; its line numbers are those of the user's source.
    source : str
        The source as the user passed it.
    log : str
        The compiler's complete output, unshortened.

    Attributes
    ----------
    source, log : str
        See above.
    """

    def __init__(self, message: str, *, source: str = "", log: str = "") -> None:
        super().__init__(message)
        self.source = source
        self.log = log


class ArgumentError(HostcallError):
    """A kernel argument has the wrong number, type, range or memory kind. Nothing was launched."""


class LaunchError(HostcallError):
    """A kernel could not be started: an impossible grid or block, or no resources. Nothing ran."""


class ServiceError(HostcallError):
    """A Python service was registered wrongly, or raised while it served a call.

    The device saw ``-EIO`` (or the errno of an :class:`OSError`); the service's own exception is the ``__cause__``.

    Parameters
    ----------
    message : str
        What happened.
    service : str, optional
        Name of the service.

    Attributes
    ----------
    service : str or None
        See above.
    """

    def __init__(self, message: str, *, service: str | None = None) -> None:
        super().__init__(message)
        self.service = service

    def __str__(self) -> str:
        message = str(self.args[0])
        return f"service {self.service!r}: {message}" if self.service else message


class RuntimeClosedError(HostcallError):
    """The runtime was closed, or belongs to the parent of a forked process; open a new one."""


class DeviceAbort(HostcallError):
    """Device code ended the kernel: ``abort()``, a failed ``assert``, or ``exit()`` with a status other than 0.

    The context and the runtime stay usable, unless ``kernel.on_abort = "trap"``.

    Parameters
    ----------
    message : str
        What the device said: for an assert the expression, file, line and function.
    kind : {"abort", "assert", "exit"}
        Which of the three it was.
    status : int, optional
        The argument of ``exit()``, as the device passed it.
    block, lane : int, optional
        Linear index of the block in the grid, and of the lane in its block.

    Attributes
    ----------
    message, kind, status, block, lane
        See above. When several lanes abort, the first that reached the host is the one reported.
    """

    def __init__(
        self,
        message: str = "",
        *,
        kind: str = "abort",
        status: int | None = None,
        block: int | None = None,
        lane: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.status = status
        self.block = block
        self.lane = lane

    def __str__(self) -> str:
        text = {"abort": "device code called abort()", "assert": "device assertion failed"}.get(self.kind)
        if text is None:
            text = f"device code called exit({'' if self.status is None else self.status})"
        place = [f"{word} {index}" for word, index in (("block", self.block), ("lane", self.lane)) if index is not None]
        if place:
            text += " in " + ", ".join(place)
        return f"{text}: {self.message}" if self.message else text


class DeviceFault(HostcallError):
    """The kernel died: an illegal address, an illegal instruction, a trap, a watchdog.

    What was posted before the fault has been delivered when this is raised. On CUDA the context of the process is lost:
    no runtime on that device can be used any more in this process.
    """


class WaitTimeout(HostcallError):
    """A wait of the host reached its time limit; the kernel goes on and can be waited for again.

    Parameters
    ----------
    message : str
        What was waited for and where it stood.
    seconds : float, optional
        The limit.

    Attributes
    ----------
    seconds : float or None
        See above.
    """

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class DeadlockError(HostcallError):
    """A service asked for something that waits for the very kernel that waits for the service.

    Raised inside the service, before the driver is called. The text names the service and the call.
    """


class DataLostError(HostcallError):
    """Output of the device did not reach its sink: dropped by request, lost in a fault, or refused by the sink.

    Parameters
    ----------
    message : str
        What was lost, in a sentence.
    counts : mapping of str to int, optional
        How much of it: ``{"stdout_bytes": 120, "posts": 3}``.

    Attributes
    ----------
    counts : dict of str to int
        See above.
    """

    def __init__(self, message: str, counts: Mapping[str, int] | None = None) -> None:
        super().__init__(message)
        self.counts: dict[str, int] = dict(counts or {})

    def __str__(self) -> str:
        message = str(self.args[0])
        counts = ", ".join(f"{name} = {count}" for name, count in self.counts.items())
        return f"{message} ({counts})" if counts else message


class BackendError(HostcallError):
    """A call of the driver or of the operating system failed in a way that nobody here caused.

    Parameters
    ----------
    message : str
        Which call, and what it said.
    code : int, optional
        The driver's error number.

    Attributes
    ----------
    code : int or None
        See above.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code
