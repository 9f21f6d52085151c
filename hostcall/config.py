# SPDX-License-Identifier: Apache-2.0
"""The configuration: what TOML file, environment and keywords say, merged key by key and checked as a whole.

A keyword beats an environment variable, which beats the file, which beats the default. Every mistake of all three is
collected and reported in one :class:`~hostcall.errors.ConfigError`, each with the place where it was made. Nothing
here opens a device or knows which transports exist: ``transport.kind`` is checked where transports are registered.
"""

from __future__ import annotations

import difflib
import json
import math
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, PrivateAttr, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from .affinity import parse_cpu_list
from .errors import ConfigError
from .net_rules import parse_rule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "Config",
    "DeadlinesConfig",
    "EnvConfig",
    "FileSink",
    "FileSource",
    "FsConfig",
    "HeapConfig",
    "KernelConfig",
    "NetConfig",
    "ProcessConfig",
    "Root",
    "ServerConfig",
    "ServicesConfig",
    "StdioConfig",
    "TransportConfig",
    "load_config",
    "parse_duration",
    "parse_size",
]

ENV_PREFIX = "HOSTCALL_"

# Names that tell device code where and in which language it runs, and nothing that could be a secret.
HARMLESS_ENV = ("HOME", "LANG", "LC_ALL", "PATH", "PWD", "TZ", "USER")

_SIZE_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE_UNITS |= {"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
_TIME_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9}
_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*")

Sink = Callable[[bytes], object]


def parse_size(text: str | int) -> int:
    """Read a size such as ``"64MiB"``.

    Parameters
    ----------
    text : str or int
        A number with a unit (B, KiB, MiB, GiB, TiB, or the decimal KB, MB, GB, TB), or a whole number of bytes.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    ValueError
        If it is neither, is negative, or is not a whole number of bytes.
    """
    if isinstance(text, int) and not isinstance(text, bool):
        if text < 0:
            raise ValueError("a size is not negative")
        return text
    match = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2].upper() not in _SIZE_UNITS:
        raise ValueError('a size is a whole number of bytes or text such as "64MiB"')
    return _whole(match[1], _SIZE_UNITS[match[2].upper()], "bytes")


def parse_duration(text: str) -> int:
    """Read a duration such as ``"10s"``.

    Parameters
    ----------
    text : str
        A number with a unit: ns, us, ms, s, min or h. A bare number is refused, since its unit would be a guess.

    Returns
    -------
    int
        Nanoseconds.

    Raises
    ------
    ValueError
        If it is not a duration.
    """
    match = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if match is None or match[2] not in _TIME_UNITS:
        raise ValueError('a duration is text with a unit, such as "10s" or "500ms"')
    return _whole(match[1], _TIME_UNITS[match[2]], "nanoseconds")


def _whole(number: str, unit: int, name: str) -> int:
    digits, _, fraction = number.partition(".")
    scale: int = 10 ** len(fraction)
    scaled, rest = divmod(int(digits + fraction) * unit, scale)
    if rest:
        raise ValueError(f"not a whole number of {name}")
    return scaled


# -- field types


class _Words:
    """The sentence that an error shows for a field: ``must be <allowed>``."""

    def __init__(self, allowed: str) -> None:
        self.allowed = allowed


class _Rule(_Words):
    """A check and its sentence, side by side.

    It replaces pydantic's own validation of the type: for a union that reports one line per member, for one mistake.
    """

    def __init__(self, check: Callable[[Any], object], allowed: str) -> None:
        super().__init__(allowed)
        self.check = check

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)


def _reject() -> PydanticCustomError:
    """Say 'this value is not allowed'; the words come from the field."""
    return PydanticCustomError("not_allowed", "not allowed")


def _explain(message: str) -> PydanticCustomError:
    """Say what is wrong where the field's own sentence would not be enough."""
    return PydanticCustomError("explained", "{message}", {"message": message})


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _count(low: int, high: int, *, auto: bool = False) -> _Rule:
    def check(value: object) -> object:
        if auto and value == "auto":
            return value
        if not _is_int(value) or not low <= cast(int, value) <= high:
            raise _reject()
        return value

    words = f"a whole number from {low} to {high}"
    return _Rule(check, f'"auto" or {words}' if auto else words)


def _size(low: int, high: int, *, auto: bool = False) -> _Rule:
    def check(value: Any) -> object:
        if auto and value == "auto":
            return value
        try:
            size = parse_size(value)
        except ValueError:
            raise _reject() from None
        if not low <= size <= high:
            raise _reject()
        return size

    words = f'a size from {_size_text(low)} to {_size_text(high)}: a number of bytes, or text such as "64MiB"'
    return _Rule(check, f'"auto" or {words}' if auto else words)


def _size_text(size: int) -> str:
    for unit, text in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size and size % unit == 0:
            return f"{size // unit} {text}"
    return f"{size} bytes"


def _choice(*allowed: str) -> _Rule:
    def check(value: object) -> object:
        if not isinstance(value, str) or value not in allowed:
            raise _reject()
        return value

    return _Rule(check, " or ".join(f'"{word}"' for word in allowed))


def _check_duration(value: Any) -> int:
    try:
        duration = parse_duration(value)
    except ValueError:
        raise _reject() from None
    if not 10**6 <= duration <= 24 * 3600 * 10**9:
        raise _reject()
    return duration


def _check_name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _reject()
    return value.strip()


def _check_device(value: object) -> int | str:
    if _is_int(value) and cast(int, value) >= 0:
        return cast(int, value)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise _reject()


def _check_affinity(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _reject()
    text = value.strip()
    if text not in ("auto", "none"):
        try:
            parse_cpu_list(text)
        except ValueError:
            raise _reject() from None
    return text


def _check_env(value: object) -> str | tuple[str, ...]:
    if value == "all":
        return "all"
    if value == "none":
        return ()
    if not isinstance(value, (list, tuple)):
        raise _reject()
    for name in value:
        if not isinstance(name, str) or not name or "=" in name or "\0" in name:
            raise _explain(f"{_show(name)} is not the name of an environment variable")
    return tuple(dict.fromkeys(value))


def _flag() -> _Rule:
    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise _reject()
        return value

    return _Rule(check, "true or false")


def _check_rules(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise _reject()
    for rule in value:
        if not isinstance(rule, str):
            raise _explain(f"{_show(rule)} is not a rule: {_RULES}")
        try:
            parse_rule(rule)
        except ValueError as error:
            raise _explain(f"{_show(rule)}: {error}") from None
    if len(value) > _MOST_RULES:
        raise _explain(f"{len(value)} rules are too many; {_MOST_RULES} is the limit")
    return tuple(dict.fromkeys(value))


_RULES = 'a list of ADDRESS:PORTS, such as ["127.0.0.1/32:8000-9000", "*:443"]'
_MOST_RULES = 1024


def _absolute(value: object, what: str) -> Path:
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value) or "\0" in str(value):
        raise _explain(f"must be the path of a {what}")
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:  # ~nobody
        raise _explain(str(error)) from None
    try:
        # With ".." resolved, paths can be compared by their prefixes.
        return path.resolve() if ".." in path.parts else path.absolute()
    except FileNotFoundError:
        raise _explain("is relative, and the current working directory does not exist any more") from None
    except (OSError, RuntimeError) as error:  # a loop of symbolic links
        raise _explain(str(error)) from None


def _kind_of(path: Path) -> Literal["directory", "other", "absent"]:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except OSError as error:
        raise _explain(f"{path}: {error.strerror}") from None
    return "directory" if stat.S_ISDIR(mode) else "other"


def _check_root_path(value: object) -> Path:
    path = _absolute(value, "directory")
    kind = _kind_of(path)
    if kind == "other":
        raise _explain(f"{path} is not a directory: name the directory that holds it")
    if kind == "absent":
        hint = (
            "" if Path(cast(str, value)).expanduser().is_absolute() else ", relative to the current working directory"
        )
        raise _explain(f"{path} does not exist: create it, or name a directory that exists{hint}")
    return path


def _check_sink(value: object) -> object:
    if isinstance(value, str) and value in ("inherit", "null", "logging"):
        return value
    if isinstance(value, FileSink) or callable(value):
        return value
    if not isinstance(value, Mapping) or set(value) != {"file"}:
        raise _reject()
    path = _absolute(value["file"], "file")
    if _kind_of(path) == "directory":
        raise _explain(f"{path} is a directory: name a file in it")
    if _kind_of(path.parent) != "directory":
        raise _explain(f"the directory {path.parent} does not exist: create it first")
    return FileSink(file=path)


_SINK = _Rule(
    _check_sink, '"inherit", "null", "logging" or { file = "PATH" } (by keyword also a callable that takes bytes)'
)


def _check_source(value: object) -> object:
    if isinstance(value, str) and value in ("inherit", "null"):
        return value
    if isinstance(value, FileSource):
        return value
    if not isinstance(value, Mapping) or set(value) != {"file"}:
        raise _reject()
    path = _absolute(value["file"], "file")
    kind = _kind_of(path)
    if kind == "directory":
        raise _explain(f"{path} is a directory: name a file in it")
    if kind == "absent":
        raise _explain(f"{path} does not exist: name a file that exists")
    return FileSource(file=path)


_SOURCE = _Rule(_check_source, '"inherit", "null" or { file = "PATH" }')


def _check_switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise _reject()
    return value


# -- models


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class FileSink(_Section):
    """A file that takes the device's output.

    Attributes
    ----------
    file : pathlib.Path
        Absolute path; the file is created, or appended to, when the runtime opens.
    """

    file: Path


class FileSource(_Section):
    """A file that the device reads as its standard input.

    Attributes
    ----------
    file : pathlib.Path
        Absolute path; the file is opened when the runtime opens, from its beginning.
    """

    file: Path


class TransportConfig(_Section):
    """``[transport]``: in which memory device and host meet.

    Attributes
    ----------
    kind : str
        ``auto``, ``loopback``, ``pinned-ring``, ``cuda-managed``, ``opencl-svm``, or the name of a plugin.
    slots : int or "auto"
        Blocking calls in flight; ``auto`` is one per resident warp of the device.
    replies : {"host", "device"}
        Where replies are written: host memory, or VRAM through a CPU mapping.
    payload : int
        Bytes of the staging arena.
    posted : int
        Bytes of the ring of posted calls (print, log, write-behind).
    device : int or str
        Index of the device, or a part of its name.
    """

    kind: Annotated[str, _Rule(_check_name, 'the name of a transport, such as "auto" or "loopback"')] = "auto"
    slots: Annotated[int | Literal["auto"], _count(1, 1 << 20, auto=True)] = "auto"
    replies: Annotated[Literal["host", "device"], _choice("host", "device")] = "host"
    payload: Annotated[int, _size(64 << 10, 1 << 40)] = 64 << 20
    posted: Annotated[int, _size(64 << 10, 1 << 40)] = 8 << 20
    device: Annotated[int | str, _Rule(_check_device, "the index of a device (0, 1, …) or a part of its name")] = 0


class ServerConfig(_Section):
    """``[server]``: the host threads that answer.

    Attributes
    ----------
    pollers : int
        Threads that look for requests.
    workers : int
        Threads for calls that can block.
    formatters : int
        Threads that turn what lanes print into text. With 0 the thread that reads the posted ring does it itself.
    idle : {"park", "spin"}
        What pollers do while nothing arrives: back off and sleep, or burn their core for the lowest latency.
    affinity : str
        Where pollers and the thread that drains the posted ring run: on the CPUs of the device's NUMA node ("auto"),
        wherever the system puts them ("none"), or on the CPUs of a list such as "0-3,8".
    """

    pollers: Annotated[int, _count(1, 64)] = 1
    workers: Annotated[int, _count(1, 1024)] = 4
    formatters: Annotated[int, _count(0, 64)] = 2
    idle: Annotated[Literal["park", "spin"], _choice("park", "spin")] = "park"
    affinity: Annotated[str, _Rule(_check_affinity, '"auto", "none" or a list of CPUs such as "0-3,8"')] = "auto"


class StdioConfig(_Section):
    """``[services.stdio]``: where the device's stdin comes from, and where its stdout and stderr go.

    Attributes
    ----------
    stdin : {"inherit", "null"} or FileSource
        The process's own standard input, an empty one, or a file. What device code reads of the process's own is gone
        for the process.
    stdout, stderr : {"inherit", "null", "logging"}, FileSink or callable
        The process's own stream, nowhere, the logger ``hostcall.device``, a file, or a callable that takes bytes.
    when_full : {"block", "drop"}
        What a lane does when the posted ring is full: wait, or drop its output, which is counted.
    """

    stdin: Annotated[Literal["inherit", "null"] | FileSource, _SOURCE] = "inherit"
    stdout: Annotated[Literal["inherit", "null", "logging"] | FileSink | Sink, _SINK] = "inherit"
    stderr: Annotated[Literal["inherit", "null", "logging"] | FileSink | Sink, _SINK] = "inherit"
    when_full: Annotated[Literal["block", "drop"], _choice("block", "drop")] = "block"


class Root(_Section):
    """A directory that device code may use, with everything below it.

    Attributes
    ----------
    path : pathlib.Path
        Absolute path of an existing directory. A relative path, in a file too, starts at the current working directory.
    mode : {"ro", "rw"}
        Whether the device may change what is there; without a word from the user it may not.
    """

    path: Annotated[Path, _Rule(_check_root_path, "the path of a directory that exists")]
    mode: Annotated[Literal["ro", "rw"], _choice("ro", "rw")] = "ro"


class FsConfig(_Section):
    """``[services.fs]``: which files device code can reach.

    Attributes
    ----------
    roots : tuple of Root
        The first is the device's working directory. None at all means no file system.
    max_open : int
        Descriptors that can be open at once.
    """

    roots: Annotated[tuple[Root, ...], _Words('a list of tables such as [{ path = ".", mode = "rw" }]')] = cast(
        "tuple[Root, ...]", ({"path": ".", "mode": "rw"},)
    )
    max_open: Annotated[int, _count(1, 1 << 20)] = 1024


class EnvConfig(_Section):
    """``[services.env]``: which environment variables ``getenv`` can see.

    Attributes
    ----------
    allow : tuple of str or "all"
        The names. The default tells where and in which language the process runs; credentials and the like, which
        live in other variables, stay invisible until they are named here.
    """

    allow: Annotated[Literal["all"] | tuple[str, ...], _Rule(_check_env, 'a list of names, "all" or "none"')] = (
        HARMLESS_ENV
    )


class ProcessConfig(_Section):
    """``[services.process]``: programs of the host, started by ``system`` and ``popen``.

    Attributes
    ----------
    enabled : bool
        Whether device code may start any. A command is not held by the roots: it may do what this process's user may.
    max : int
        How many may run at once; one more is refused with ``EAGAIN``.
    """

    enabled: Annotated[bool, _Rule(_check_switch, "true or false")] = False
    max: Annotated[int, _count(1, 256)] = 16


class NetConfig(_Section):
    """``[services.net]``: which sockets device code may have, and whom it may reach.

    Attributes
    ----------
    enabled : bool
        Whether there are sockets at all, other than ``socketpair``.
    connect : tuple of str
        Rules ``ADDRESS:PORTS`` for the addresses that may be connected or sent to.
    bind : tuple of str
        The same for the addresses that sockets may be bound to; ``0.0.0.0`` has to lie in one of them too.
    unix : bool
        Whether there are AF_UNIX sockets with paths, beneath the roots that may be written.
    names : bool
        Whether ``getaddrinfo`` and ``getnameinfo`` may ask the resolver; numeric addresses need no permission.
    """

    enabled: Annotated[bool, _flag()] = False
    connect: Annotated[tuple[str, ...], _Rule(_check_rules, _RULES)] = ()
    bind: Annotated[tuple[str, ...], _Rule(_check_rules, _RULES)] = ()
    unix: Annotated[bool, _flag()] = False
    names: Annotated[bool, _flag()] = True


class ServicesConfig(_Section):
    """``[services]``: what each family of services may do.

    Attributes
    ----------
    stdio : StdioConfig
        Standard output and error.
    fs : FsConfig
        Files and directories.
    env : EnvConfig
        Environment variables.
    process : ProcessConfig
        Programs of the host.
    net : NetConfig
        Sockets.
    """

    stdio: StdioConfig = StdioConfig()
    fs: FsConfig = cast(FsConfig, {})
    env: EnvConfig = EnvConfig()
    process: ProcessConfig = ProcessConfig()
    net: NetConfig = NetConfig()


class HeapConfig(_Section):
    """``[heap]``: the device's ``malloc``.

    Attributes
    ----------
    size : int
        Bytes reserved before launch; 0 makes every ``malloc`` return a null pointer.
    """

    size: Annotated[int, _size(0, 1 << 40)] = 256 << 20


class DeadlinesConfig(_Section):
    """``[deadlines]``: when silence is taken for death.

    Attributes
    ----------
    server_silence : int
        Nanoseconds without a sign of life from the server after which waiting lanes get ``-ESHUTDOWN``.
    """

    server_silence: Annotated[
        int, _Rule(_check_duration, 'a duration from 1ms to 24h with its unit, such as "10s"')
    ] = cast(int, "10s")


class KernelConfig(_Section):
    """``[kernel]``: how kernels run and end.

    Attributes
    ----------
    on_abort : {"stop", "trap"}
        ``stop`` ends the lanes that call or wait and keeps the context; ``trap`` ends the kernel at once and costs
        the context.
    stack : int or "auto"
        Bytes of stack per lane; ``auto`` leaves the backend's own value.
    """

    on_abort: Annotated[Literal["stop", "trap"], _choice("stop", "trap")] = "stop"
    stack: Annotated[int | Literal["auto"], _size(1 << 10, 1 << 30, auto=True)] = "auto"


class Config(_Section):
    """A complete, checked configuration. It cannot be changed; make another one with :func:`load_config`.

    Attributes
    ----------
    transport, server, services, heap, deadlines, kernel
        One object per table of the TOML file.
    """

    transport: TransportConfig = TransportConfig()
    server: ServerConfig = ServerConfig()
    services: ServicesConfig = cast(ServicesConfig, {})
    heap: HeapConfig = HeapConfig()
    deadlines: DeadlinesConfig = DeadlinesConfig()
    kernel: KernelConfig = KernelConfig()

    _origins: dict[tuple[str, ...], str] = PrivateAttr(default_factory=dict)

    def problem(self, key: str, message: str) -> ConfigError:
        """Make the error for a value that turned out wrong after loading, for instance an unknown transport.

        Parameters
        ----------
        key : str
            Key path, such as ``"transport.kind"``.
        message : str
            What is wrong and what is allowed.

        Returns
        -------
        ConfigError
            To be raised; it names the place that set the key, as the errors of loading do.
        """
        path = tuple(key.split("."))
        value: object = self
        for name in path:
            value = getattr(value, name)
        return ConfigError(_line(_origin(self._origins, path), key, value, message))

    def to_dict(self) -> dict[str, Any]:
        """Give the configuration as plain tables, ready for JSON.

        Returns
        -------
        dict
            Sizes are numbers of bytes, durations text with a unit, callables their qualified names. Without callables,
            ``load_config(overrides=config.to_dict())`` gives an equal configuration.
        """
        tables = cast("dict[str, Any]", _plain(self))
        tables["deadlines"]["server_silence"] = f"{self.deadlines.server_silence}ns"
        return tables

    def __eq__(self, other: object) -> bool:
        # Where a value was set is no part of it.
        if not isinstance(other, Config):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in type(self).model_fields))

    def __repr__(self) -> str:
        try:
            defaults = dict(_leaves(Config().to_dict()))
        except ValidationError:  # the default root needs a working directory
            defaults = {}
        ours = _leaves(self.to_dict())
        changed = [f"{key} = {_show(value)}" for key, value in ours if key not in defaults or value != defaults[key]]
        return f"<Config: {', '.join(changed) or 'defaults'}>"

    __str__ = __repr__


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if callable(value):
        return f"<callable {getattr(value, '__qualname__', type(value).__qualname__)}>"
    return value


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and set(value) != {"file"}:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


# -- loading


def load_config(
    path: str | os.PathLike[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Read, merge and check a configuration.

    Parameters
    ----------
    path : str or path-like, optional
        A TOML file. Without it the defaults are the base.
    overrides : mapping, optional
        Nested like the file: ``{"services": {"fs": {"max_open": 64}}}``. Wins over everything, key by key.
    environ : mapping of str to str, optional
        ``os.environ`` if not given; pass ``{}`` to ignore the environment. ``HOSTCALL_SERVER__WORKERS=8`` sets
        ``server.workers``: two underscores separate the parts of a key path. A value is read as TOML where it is
        TOML and as text otherwise. A variable with such a path that is no key is an error; variables without two
        underscores are left alone, unless they are a key path but for that.

    Returns
    -------
    Config
        Checked, with absolute paths.

    Raises
    ------
    ConfigError
        With every mistake found, one line each.

    Notes
    -----
    Relative paths start at the current working directory, also those in a file: ``"."`` means where the program runs,
    wherever the file lies.
    """
    problems: list[str] = []
    origins: dict[tuple[str, ...], str] = {}
    merged: dict[str, Any] = {}
    if path is not None:
        _merge(merged, _read(Path(path), problems), (), origins, lambda _: str(path))
    for names, variable, value in _from_environ(os.environ if environ is None else environ, problems):
        nested: Any = value
        for name in reversed(names):
            nested = {name: nested}
        _merge(merged, nested, (), origins, lambda _, variable=variable: variable)  # type: ignore[misc]
    _merge(merged, overrides or {}, (), origins, lambda names: f"keyword {names[0]}")
    try:
        config = Config.model_validate(merged)
    except ValidationError as error:
        problems += [_describe(detail, origins) for detail in error.errors(include_url=False)]
    else:
        problems += _check_roots(config, origins)
    if problems:
        raise ConfigError(problems) from None
    config._origins.update(origins)
    return config


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
        problems.append(f"{path}: cannot be read: {why}")
        return {}
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(f"{path}:{line}: not valid TOML: not UTF-8")
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
        if match:
            where, message = f"{path}:{match[1]}:{match[2]}", message[: match.start()]
        else:  # "at end of document"
            where = f"{path}:{text.count(chr(10)) + 1}"
        problems.append(f"{where}: not valid TOML: {message}")
        return {}


def _from_environ(environ: Mapping[str, str], problems: list[str]) -> list[tuple[tuple[str, ...], str, Any]]:
    found = []
    for variable, text in environ.items():
        if not variable.startswith(ENV_PREFIX):
            continue
        rest = variable[len(ENV_PREFIX) :].lower()
        if "__" in rest:
            found.append((tuple(rest.split("__")), variable, _from_text(text)))
        elif rest in _VARIABLES:
            problems.append(f"{variable}: sets nothing; two underscores separate the parts: {_VARIABLES[rest]}")
    # A table comes before its own keys, so that the more specific variable wins.
    return sorted(found, key=lambda item: item[0])


def _from_text(text: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return table["value"] if set(table) == {"value"} else text


def _merge(
    into: dict[str, Any],
    table: Mapping[str, Any],
    prefix: tuple[str, ...],
    origins: dict[tuple[str, ...], str],
    origin: Callable[[tuple[str, ...]], str],
) -> None:
    for key, value in table.items():
        name = str(key)
        names = (*prefix, name)
        origins[names] = origin(names)
        if isinstance(value, Mapping):
            below = into.get(name)
            fresh = dict(below) if isinstance(below, Mapping) else {}
            into[name] = fresh
            _merge(fresh, value, names, origins, origin)
        else:
            # A value set here hides whatever another layer had put below it.
            for hidden in [known for known in origins if known[: len(names)] == names and known != names]:
                del origins[hidden]
            into[name] = value


def _check_roots(config: Config, origins: dict[tuple[str, ...], str]) -> list[str]:
    seen: dict[Path, int] = {}
    problems = []
    for index, root in enumerate(config.services.fs.roots):
        first = seen.setdefault(root.path.resolve(), index)
        if first != index:
            key = f"services.fs.roots[{index}].path"
            where = _origin(origins, ("services", "fs", "roots"))
            problems.append(_line(where, key, root.path, f"is the same directory as roots[{first}]; give each once"))
    return problems


# -- wording


def _describe(detail: ErrorDetails, origins: dict[tuple[str, ...], str]) -> str:
    loc = detail["loc"]
    where = _origin(origins, tuple(part for part in loc if isinstance(part, str)))
    model, field = _field(loc)
    key = _key(loc)
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(where, key, str(loc[-1]), model)
    if kind == "missing":
        return f"{where}: {key}: is missing; {_allowed(field)}"
    if kind == "explained":
        return _line(where, key, detail["input"], detail["msg"])
    table = _table_of(field)
    if table is not None and kind in ("model_type", "model_attributes_type"):
        names_allowed = ", ".join(table.model_fields)
        return _line(where, key, detail["input"], f"must be a table with keys among {names_allowed}")
    return _line(where, key, detail["input"], _allowed(field))


def _origin(origins: Mapping[tuple[str, ...], str], names: tuple[str, ...]) -> str:
    for length in range(len(names), 0, -1):
        if names[:length] in origins:
            return origins[names[:length]]
    return "default"


def _key(loc: Sequence[int | str]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _field(loc: Sequence[int | str]) -> tuple[type[BaseModel], Any]:
    """Find the model that a key path ends in, and its field there (None for a key that does not exist)."""
    model: type[BaseModel] = Config
    field: Any = None
    for part in loc:
        if isinstance(part, int):
            continue
        below = _table_of(field)
        if below is not None:
            model = below
        field = model.model_fields.get(part)
    return model, field


def _table_of(field: Any) -> type[BaseModel] | None:
    if field is None:
        return None
    if field.annotation == tuple[Root, ...]:
        return Root
    return field.annotation if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) else None


def _allowed(field: Any) -> str:
    for item in getattr(field, "metadata", ()):
        if isinstance(item, _Words):
            return f"must be {item.allowed}"
    return "not allowed here"


def _unknown(where: str, key: str, name: str, model: type[BaseModel]) -> str:
    allowed = sorted(model.model_fields)
    close = difflib.get_close_matches(name, allowed, n=1)
    guess = f', did you mean "{close[0]}"?' if close else "."
    elsewhere = [path for path in _key_paths() if path.rpartition(".")[2] == name] if not close else []
    if elsewhere:
        guess = f", did you mean {' or '.join(elsewhere)}?"
    return f"{where}: {key}: unknown key{guess} Allowed here: {', '.join(allowed)}"


def _line(where: str, key: str, value: object, message: str) -> str:
    return f"{where}: {key} = {_show(value)}: {message}"


def _show(value: object) -> str:
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (str, Path)):
        text = json.dumps(str(value), ensure_ascii=False)
    elif isinstance(value, (list, tuple)):
        text = f"[{', '.join(map(_show, value))}]"
    elif isinstance(value, BaseModel):
        text = _show(_plain(value))
    elif isinstance(value, Mapping):
        text = "{ " + ", ".join(f"{key} = {_show(item)}" for key, item in value.items()) + " }" if value else "{}"
    elif isinstance(value, float) and not math.isfinite(value):
        text = str(value)
    else:
        text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _key_paths(model: type[BaseModel] = Config, prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        below = _table_of(field)
        if below is None or below is Root:
            yield prefix + name
        else:
            yield from _key_paths(below, f"{prefix}{name}.")


def _misspelt_variables() -> dict[str, str]:
    """Names that someone who forgot the second underscore would write, with the right one."""
    wrong = {}
    for path in _key_paths():
        right = ENV_PREFIX + path.replace(".", "__").upper()
        wrong[path.replace(".", "_")] = right
        table = path.rpartition(".")[0]
        wrong.setdefault(table.replace(".", "_"), ENV_PREFIX + table.replace(".", "__").upper() + "__…")
    return wrong


_VARIABLES = _misspelt_variables()
