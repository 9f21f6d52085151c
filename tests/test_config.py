# SPDX-License-Identifier: Apache-2.0
"""The configuration: each test is named after the mistake that it would catch."""

from __future__ import annotations

import json
import os
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcall.config import Config, FileSink, load_config, parse_duration, parse_size
from hostcall.errors import ConfigError, DataLostError, DeviceAbort

CONFIGS = Path(__file__).parent.parent / "configs"


def load(text: str, tmp_path: Path, overrides: object = None, environ: object = None) -> Config:
    path = tmp_path / "given.toml"
    path.write_text(text)
    return load_config(path, overrides or {}, environ or {})  # type: ignore[arg-type]


def problems(text: str, tmp_path: Path, overrides: object = None, environ: object = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, tmp_path, overrides, environ)
    return [line.replace(f"{tmp_path}{os.sep}", "") for line in caught.value.problems]


# -- the files that users copy


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("auto", "auto"),
        ("cuda_managed", "cuda-managed"),
        ("loopback", "loopback"),
        ("opencl_svm", "opencl-svm"),
        ("pinned_ring", "pinned-ring"),
    ],
)
def test_shipped_file_differs_from_the_defaults(name: str, kind: str) -> None:
    shipped = load_config(CONFIGS / f"{name}.toml", environ={})
    assert shipped == load_config(None, {"transport": {"kind": kind}}, {})


def test_every_shipped_file_is_tested() -> None:
    assert {path.stem for path in CONFIGS.glob("*.toml")} >= {
        "auto",
        "cuda_managed",
        "loopback",
        "opencl_svm",
        "pinned_ring",
    }


@pytest.mark.parametrize("name", ["auto", "cuda_managed", "loopback", "opencl_svm", "pinned_ring"])
def test_shipped_file_lacks_a_key_or_its_comment(name: str) -> None:
    lines = (CONFIGS / f"{name}.toml").read_text().splitlines()
    keys, table = set(), ""
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("["):
            table = line.strip("[]") + "."
        elif "=" in line and not line.startswith("#"):
            keys.add(table + line.split(" = ")[0])
            assert before.startswith("#"), f"{line!r} has no comment"
    from hostcall.config import _key_paths

    assert keys == set(_key_paths())


def test_defaults_drift_from_the_documented_ones() -> None:
    config = load_config(environ={})
    assert config.transport.kind == "auto"
    assert config.transport.slots == "auto"
    assert config.transport.payload == 64 << 20
    assert config.transport.posted == 8 << 20
    assert config.transport.device == 0
    assert (config.server.pollers, config.server.workers, config.server.idle) == (1, 4, "park")
    assert config.server.formatters == 2
    assert [(root.path, root.mode) for root in config.services.fs.roots] == [(Path.cwd(), "rw")]
    assert config.services.fs.max_open == 1024
    assert config.heap.size == 256 << 20
    assert config.deadlines.server_silence == 10_000_000_000
    assert (config.kernel.on_abort, config.kernel.stack) == ("stop", "auto")


def test_default_environment_leaks_a_secret() -> None:
    assert set(load_config(environ={}).services.env.allow) == {"HOME", "LANG", "LC_ALL", "PATH", "PWD", "TZ", "USER"}


# -- layers


def test_layers_win_in_the_wrong_order(tmp_path: Path) -> None:
    text = "[server]\npollers = 2\nworkers = 2\nidle = 'spin'\n"
    config = load(
        text, tmp_path, {"server": {"workers": 8}}, {"HOSTCALL_SERVER__WORKERS": "4", "HOSTCALL_SERVER__POLLERS": "3"}
    )
    assert (config.server.pollers, config.server.workers, config.server.idle) == (3, 8, "spin")


def test_a_keyword_for_one_key_resets_its_neighbours(tmp_path: Path) -> None:
    text = "[services.stdio]\nstdout = 'null'\n[services.fs]\nmax_open = 7\n"
    config = load(text, tmp_path, {"services": {"fs": {"roots": []}}})
    assert config.services.stdio.stdout == "null"
    assert config.services.fs.max_open == 7
    assert config.services.fs.roots == ()


@pytest.mark.parametrize(
    ("variable", "text", "read"),
    [
        ("HOSTCALL_TRANSPORT__KIND", "loopback", lambda c: c.transport.kind == "loopback"),
        ("HOSTCALL_TRANSPORT__KIND", '"loopback"', lambda c: c.transport.kind == "loopback"),
        ("HOSTCALL_TRANSPORT__PAYLOAD", "1MiB", lambda c: c.transport.payload == 1 << 20),
        ("HOSTCALL_TRANSPORT__PAYLOAD", "1048576", lambda c: c.transport.payload == 1 << 20),
        ("HOSTCALL_TRANSPORT__DEVICE", "1", lambda c: c.transport.device == 1),
        ("HOSTCALL_TRANSPORT__DEVICE", "H100", lambda c: c.transport.device == "H100"),
        ("HOSTCALL_SERVICES__STDIO__WHEN_FULL", "drop", lambda c: c.services.stdio.when_full == "drop"),
        ("HOSTCALL_SERVICES__FS__ROOTS", '[{path = "/"}]', lambda c: c.services.fs.roots[0].path == Path("/")),
        ("HOSTCALL_SERVICES__FS", "{max_open = 5}", lambda c: c.services.fs.max_open == 5),
        ("HOSTCALL_SERVICES__ENV__ALLOW", "none", lambda c: c.services.env.allow == ()),
        ("HOSTCALL_KERNEL__STACK", "16KiB", lambda c: c.kernel.stack == 16 << 10),
    ],
)
def test_variable_is_not_read(variable: str, text: str, read: object) -> None:
    assert read(load_config(environ={variable: text}))  # type: ignore[operator]


def test_a_newline_in_a_variable_smuggles_a_second_key_in() -> None:
    config = load_config(environ={"HOSTCALL_TRANSPORT__DEVICE": "1\nother = 2"})
    assert config.transport.device == "1\nother = 2"


def test_the_table_variable_hides_the_key_variable() -> None:
    environ = {"HOSTCALL_SERVICES__FS__MAX_OPEN": "9", "HOSTCALL_SERVICES__FS": "{max_open = 5, roots = []}"}
    config = load_config(environ=environ)
    assert (config.services.fs.max_open, config.services.fs.roots) == (9, ())


def test_foreign_variables_are_refused() -> None:
    load_config(environ={"HOSTCALL_HOME": "x", "HOSTCALLER__X": "x", "PATH": "x"})


def test_the_environment_is_ignored_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTCALL_SERVER__WORKERS", "17")
    assert load_config().server.workers == 17
    assert load_config(environ={}).server.workers == 4


# -- mistakes


def test_only_the_first_mistake_is_reported(tmp_path: Path) -> None:
    text = """
        [transport]
        kind = 3
        replies = "vram"
        slot = 4
        [server]
        workers = 0
        formatters = 65
        [services.fs]
        roots = [{ path = "/", mode = "wr" }, "x", { mode = "ro" }]
        [kernel]
        on_abort = "explode"
    """
    found = problems(text, tmp_path, {"heap": {"size": "-1"}}, {"HOSTCALL_SERVER__IDLE": "sleep"})
    assert found == [
        'given.toml: transport.kind = 3: must be the name of a transport, such as "auto" or "loopback"',
        'given.toml: transport.replies = "vram": must be "host" or "device"',
        'given.toml: transport.slot: unknown key, did you mean "slots"? '
        "Allowed here: device, kind, payload, posted, replies, slots",
        "given.toml: server.workers = 0: must be a whole number from 1 to 1024",
        "given.toml: server.formatters = 65: must be a whole number from 0 to 64",
        'HOSTCALL_SERVER__IDLE: server.idle = "sleep": must be "park" or "spin"',
        'given.toml: services.fs.roots[0].mode = "wr": must be "ro" or "rw"',
        'given.toml: services.fs.roots[1] = "x": must be a table with keys among path, mode',
        "given.toml: services.fs.roots[2].path: is missing; must be the path of a directory that exists",
        'keyword heap: heap.size = "-1": '
        'must be a size from 0 bytes to 1 TiB: a number of bytes, or text such as "64MiB"',
        'given.toml: kernel.on_abort = "explode": must be "stop" or "trap"',
    ]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"transport": "loopback"},
            'keyword transport: transport = "loopback": must be a table with keys among kind, ',
        ),
        ({"servr": {}}, 'keyword servr: servr: unknown key, did you mean "server"? Allowed here: deadlines, heap, '),
        ({"payload": 1}, "keyword payload: payload: unknown key, did you mean transport.payload? Allowed here: "),
        ({"server": {"workers": True}}, "keyword server: server.workers = true: must be a whole number from 1 to 1024"),
        ({"server": {"workers": 1.0}}, "keyword server: server.workers = 1.0: must be a whole number"),
        ({"server": {"workers": "4"}}, 'keyword server: server.workers = "4": must be a whole number'),
        ({"server": {"workers": None}}, "keyword server: server.workers = None: must be a whole number"),
        ({"transport": {"slots": "all"}}, 'transport.slots = "all": must be "auto" or a whole number from 1'),
        ({"transport": {"payload": "64 parsecs"}}, 'transport.payload = "64 parsecs": must be a size from 64 KiB'),
        ({"transport": {"payload": 10}}, "transport.payload = 10: must be a size from 64 KiB"),
        ({"transport": {"device": -1}}, "transport.device = -1: must be the index of a device"),
        ({"transport": {"kind": " "}}, 'transport.kind = " ": must be the name of a transport'),
        ({"deadlines": {"server_silence": 10}}, "deadlines.server_silence = 10: must be a duration from 1ms to 24h"),
        ({"deadlines": {"server_silence": "1us"}}, 'deadlines.server_silence = "1us": must be a duration'),
        (
            {"services": {"env": {"allow": "HOME"}}},
            'services.env.allow = "HOME": must be a list of names, "all" or "none"',
        ),
        ({"services": {"env": {"allow": ["A=B"]}}}, '"A=B" is not the name of an environment variable'),
        ({"services": {"stdio": {"stdout": "loging"}}}, 'services.stdio.stdout = "loging": must be "inherit", "null"'),
        ({"services": {"stdio": {"stdout": {"fil": "x"}}}}, 'services.stdio.stdout = { fil = "x" }: must be "inherit"'),
        ({"services": {"stdio": {"stdout": {"file": "/"}}}}, "/ is a directory: name a file in it"),
        ({"services": {"stdio": {"stdout": {"file": "/no/x"}}}}, "the directory /no does not exist: create it first"),
        ({"services": {"fs": {"roots": "."}}}, 'services.fs.roots = ".": must be a list of tables such as'),
        (
            {"services": {"fs": {"roots": [{"path": "/no"}]}}},
            'services.fs.roots[0].path = "/no": /no does not exist: create',
        ),
        (
            {"services": {"fs": {"roots": [{"path": "/etc/passwd"}]}}},
            "/etc/passwd is not a directory: name the directory",
        ),
        ({"services": {"fs": {"roots": [{"path": ""}]}}}, 'roots[0].path = "": must be the path of a directory'),
        ({"services": {"fs": {"roots": [{"path": "/a\0b"}]}}}, "must be the path of a directory"),
        ({"services": {"fs": {"roots": [{"path": "~nobody-here/x"}]}}}, "Could not determine home directory"),
        (
            {"services": {"fs": {"roots": [{"path": "/"}, {"path": "/usr/.."}]}}},
            'services.fs.roots[1].path = "/": is the same directory as roots[0]; give each once',
        ),
    ],
)
def test_mistake_is_not_explained(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        load_config(None, overrides, {})
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("HOSTCALL_SERVER__WORKRS", 'HOSTCALL_SERVER__WORKRS: server.workrs: unknown key, did you mean "workers"?'),
        ("HOSTCALL_SRV__WORKERS", "HOSTCALL_SRV__WORKERS: srv: unknown key"),
        (
            "HOSTCALL_SERVER__WORKERS__N",
            "HOSTCALL_SERVER__WORKERS__N: server.workers = { n = 3 }: must be a whole number",
        ),
        ("HOSTCALL_SERVER_WORKERS", "HOSTCALL_SERVER_WORKERS: sets nothing; two underscores separate the parts: "),
        ("HOSTCALL_SERVICES_FS_MAX_OPEN", "separate the parts: HOSTCALL_SERVICES__FS__MAX_OPEN"),
        ("HOSTCALL_TRANSPORT", "HOSTCALL_TRANSPORT: sets nothing"),
        ("HOSTCALL___KIND", "HOSTCALL___KIND: : unknown key"),
    ],
)
def test_misspelt_variable_is_ignored(variable: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        load_config(environ={variable: "3"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[transport]\nkind = auto\n", "given.toml:2:8: not valid TOML: "),
        ("[transport]\nkind = 'x'\nkind = 'y'\n", "given.toml:3"),
        ("x = '''", "given.toml:1"),
        ("[a]\nx = {", "given.toml:2"),
    ],
)
def test_syntax_error_does_not_name_file_and_line(text: str, message: str, tmp_path: Path) -> None:
    (line,) = problems(text, tmp_path)
    assert line.startswith(message)
    assert "not valid TOML" in line


def test_other_mistakes_are_hidden_by_a_syntax_error(tmp_path: Path) -> None:
    assert len(problems("x", tmp_path, {"server": {"workers": 0}})) == 2


def test_bytes_that_are_no_text_crash_the_loader(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ConfigError, match=r"latin\.toml:2: not valid TOML: not UTF-8"):
        load_config(path, environ={})


def test_missing_file_gives_a_bare_oserror(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: no such file"):
        load_config(tmp_path / "none.toml", environ={})
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path, environ={})


def test_missing_working_directory_crashes_the_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(environ={})
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ConfigError, match=r"services\.fs\.roots\[0\]\.path"):
        load_config(environ={})
    assert load_config(None, {"services": {"fs": {"roots": [{"path": "/"}]}}}, {}).services.fs.roots[0].mode == "ro"
    assert "transport.kind" in repr(config)


# -- values


def test_relative_paths_start_at_the_file_or_stay_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here" / "data").mkdir(parents=True)
    (tmp_path / "elsewhere" / "c.toml").write_text(
        "services.stdio.stdout = {file = 'out.log'}\nservices.fs.roots = [{path = 'data'}, {path = 'data/..'}]\n"
    )
    monkeypatch.chdir(tmp_path / "here")
    config = load_config("../elsewhere/c.toml", environ={})
    assert [root.path for root in config.services.fs.roots] == [tmp_path / "here" / "data", tmp_path / "here"]
    assert config.services.stdio.stdout == FileSink(file=tmp_path / "here" / "out.log")


def test_a_root_without_a_mode_can_be_written() -> None:
    assert load_config(None, {"services": {"fs": {"roots": [{"path": "/"}]}}}, {}).services.fs.roots[0].mode == "ro"


def test_a_callable_sink_is_not_kept() -> None:
    seen: list[bytes] = []
    config = load_config(None, {"services": {"stdio": {"stdout": seen.append}}}, {})
    assert callable(config.services.stdio.stdout)
    config.services.stdio.stdout(b"x")
    assert seen == [b"x"]
    json.dumps(config.to_dict())


def test_a_config_can_be_changed_behind_the_runtime() -> None:
    config = load_config(environ={})
    with pytest.raises(ValueError, match="frozen"):
        config.server.workers = 3  # type: ignore[misc]


def test_to_dict_loses_something() -> None:
    overrides = {
        "transport": {"kind": "loopback", "slots": 3, "payload": "1MiB", "device": "H100"},
        "services": {"stdio": {"stderr": {"file": "/tmp/x.log"}}, "env": {"allow": []}},
        "deadlines": {"server_silence": "1.5s"},
        "kernel": {"stack": 4096},
    }
    config = load_config(None, overrides, {})
    again = load_config(None, json.loads(json.dumps(config.to_dict())), {})
    assert again == config
    assert hash(again) == hash(config)
    assert config != load_config(environ={})


def test_repr_hides_what_was_set() -> None:
    config = load_config(None, {"transport": {"kind": "loopback"}, "server": {"workers": 8}}, {})
    assert repr(config) == '<Config: transport.kind = "loopback", server.workers = 8>'
    assert repr(load_config(environ={})) == "<Config: defaults>"


def test_a_late_problem_does_not_name_its_place(tmp_path: Path) -> None:
    config = load("transport.kind = 'pined-ring'", tmp_path)
    error = config.problem("transport.kind", "no such transport")
    assert str(error) == f'{tmp_path / "given.toml"}: transport.kind = "pined-ring": no such transport'
    assert str(load_config(environ={}).problem("server.workers", "too many")) == "default: server.workers = 4: too many"


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("1KiB", 1024), ("64 MiB", 64 << 20), ("1.5GiB", 3 << 29), ("2kb", 2000), ("1TB", 10**12), (7, 7)],
)
def test_size_is_misread(text: str | int, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "7", "MiB", "1.3B", "-1KiB", "1e3B", "1 Mi B", "0x10B", "\u0661KiB", -1, True, 1.5, None]
)
def test_nonsense_is_read_as_a_size(text: object) -> None:
    with pytest.raises(ValueError, match=r"size|bytes"):
        parse_size(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "ns"), [("10s", 10**10), ("500ms", 5 * 10**8), ("1.5us", 1500), ("2min", 12 * 10**10), ("1h", 36 * 10**11)]
)
def test_duration_is_misread(text: str, ns: int) -> None:
    assert parse_duration(text) == ns


@pytest.mark.parametrize("text", ["", "10", "s", "10 S", "0.5ns", "-1s", "1e3s", 10, True, None])
def test_nonsense_is_read_as_a_duration(text: object) -> None:
    with pytest.raises(ValueError, match=r"duration|nanoseconds"):
        parse_duration(text)  # type: ignore[arg-type]


@given(st.integers(0, 1 << 60))
def test_a_size_is_rounded(size: int) -> None:
    assert parse_size(f"{size}B") == size


_keys = st.sampled_from(
    "transport server services heap deadlines kernel stdio fs env stdout roots path mode allow size file kind x".split()
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_keys, _json, max_size=4))
def test_some_input_escapes_as_another_error(overrides: dict[str, object]) -> None:
    try:
        config = load_config(None, overrides, {})
    except ConfigError as error:
        found = error.problems
        assert found
        assert all(": " in line and line.startswith(("keyword ", "default")) for line in found)
    else:
        json.dumps(config.to_dict())


# -- errors travel between processes


def test_errors_lose_their_fields_in_pickling() -> None:
    config = pickle.loads(pickle.dumps(ConfigError(["a", "b"])))
    assert (config.problems, str(config)) == (("a", "b"), "2 mistakes in the configuration:\n  a\n  b")
    abort = pickle.loads(pickle.dumps(DeviceAbort("x > 0", kind="assert", block=1, lane=2)))
    assert (abort.block, abort.lane, str(abort)) == (1, 2, "device assertion failed in block 1, lane 2: x > 0")
    assert str(DeviceAbort(kind="exit", status=3)) == "device code called exit(3)"
    lost = pickle.loads(pickle.dumps(DataLostError("output was lost", {"posts": 3})))
    assert (lost.counts, str(lost)) == ({"posts": 3}, "output was lost (posts = 3)")
