# SPDX-License-Identifier: Apache-2.0
"""stdlib.h of the device against the machine's: sorting, chance, the environment, handlers; and each lane's strtok."""

from __future__ import annotations

import ctypes
import errno
import sys
import threading
from collections.abc import Callable, Iterator
from ctypes import c_char_p, c_double, c_int, c_long, c_size_t, c_uint, c_ushort, c_void_p
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import _support_format as support
import _support_library as both

COMPARE = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
COMPARE_R = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p)
ENVIRON = {"PATH": "/bin", "EMPTY": "", "HOME": "/root", "=TZ": "UTC0"}


@pytest.fixture(scope="module", params=support.COMPILERS)
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return both.library(request.param, tmp_path_factory.mktemp("library"), ENVIRON)


@pytest.fixture
def environment(device: ctypes.CDLL) -> Iterator[Callable[..., Any]]:
    """Give what changes the environment; the snapshot itself is back afterwards."""
    names = ("getenv", "setenv", "unsetenv", "putenv", "clearenv")
    types = {
        "getenv": (c_char_p, c_char_p),
        "setenv": (c_int, c_char_p, c_char_p, c_int),
        "unsetenv": (c_int, c_char_p),
        "putenv": (c_int, c_void_p),
        "clearenv": (c_int,),
    }
    functions = {name: both.typed(device, name, *types[name]) for name in names}
    yield lambda name, *arguments: functions[name](*arguments)
    functions["clearenv"]()
    for name, value in ENVIRON.items():
        if not name.startswith("="):
            functions["setenv"](name.encode(), value.encode(), 1)


def failed(device: ctypes.CDLL) -> int:
    """The lane's errno."""
    return int(device.__errno_location()[0])


# -------------------------------------------------------------------------------------------------------------- sorting
def sort_records(device: ctypes.CDLL, keys: list[int], size: int) -> list[tuple[int, int]]:
    """Sort elements of `size` bytes by their first byte; the second and third number them."""
    data = b"".join(bytes([key]) + i.to_bytes(2, "little") + b"\x5a" * (size - 3) for i, key in enumerate(keys))
    block = ctypes.create_string_buffer(data, max(len(data), 1))

    def compare(a: int, b: int) -> int:
        return ctypes.c_ubyte.from_address(a).value - ctypes.c_ubyte.from_address(b).value

    device.qsort(block, c_size_t(len(keys)), c_size_t(size), COMPARE(compare))
    raw = block.raw[: len(data)]
    parts = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert all(part[3:] == b"\x5a" * (size - 3) for part in parts)
    return [(part[0], int.from_bytes(part[1:3], "little")) for part in parts]


@given(
    keys=st.lists(st.integers(0, 9) | st.integers(0, 255), max_size=300), size=st.sampled_from([3, 7, 8, 16, 24, 31])
)
@settings(max_examples=40)
def test_equal_elements_keep_their_order(device: ctypes.CDLL, keys: list[int], size: int) -> None:
    assert sort_records(device, keys, size) == sorted((key, i) for i, key in enumerate(keys))


@given(keys=st.lists(st.integers(0, 255), min_size=9, max_size=200), size=st.sampled_from([3, 8, 24]))
@settings(max_examples=25)
def test_sorting_without_memory_loses_nothing_and_leaves_errno(device: ctypes.CDLL, keys: list[int], size: int) -> None:
    device.rig_heap_bytes(0)
    device.__errno_location()[0] = 77
    try:
        found = sort_records(device, keys, size)
    finally:
        device.rig_heap_bytes(32 << 20)
    assert [key for key, _ in found] == sorted(keys)
    assert sorted(i for _, i in found) == list(range(len(keys)))
    assert failed(device) == 77


def test_qsort_r_hands_the_argument_on(device: ctypes.CDLL) -> None:
    values = (c_int * 100)(*((i * 37) % 101 for i in range(100)))
    asked: list[int] = []

    def compare(a: int, b: int, argument: int) -> int:
        asked.append(argument)
        return c_int.from_address(b).value - c_int.from_address(a).value

    device.qsort_r(values, c_size_t(100), c_size_t(4), COMPARE_R(compare), c_void_p(4711))
    assert list(values) == sorted(values, reverse=True)
    assert set(asked) == {4711}


@given(values=st.lists(st.integers(-50, 50), max_size=60), key=st.integers(-51, 51))
@settings(max_examples=60)
def test_bsearch_finds_the_element_that_the_machine_finds(device: ctypes.CDLL, values: list[int], key: int) -> None:
    values.sort()
    array, wanted = (c_int * max(len(values), 1))(*values), c_int(key)
    compare = COMPARE(lambda a, b: c_int.from_address(a).value - c_int.from_address(b).value)
    found = [
        both.typed(which, "bsearch", c_void_p, c_void_p, c_void_p, c_size_t, c_size_t, COMPARE)(
            ctypes.addressof(wanted), ctypes.addressof(array), len(values), 4, compare
        )
        for which in (device, both.HOST)
    ]
    assert found[0] == found[1]


# --------------------------------------------------------------------------------------------------------------- chance
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_rand_gives_the_numbers_that_linux_programs_know(device: ctypes.CDLL, seed: int) -> None:
    for which in (device, both.HOST):
        which.srand(c_uint(seed))
    assert [device.rand() for _ in range(80)] == [both.HOST.rand() for _ in range(80)]


def test_rand_without_a_seed_begins_like_srand_1(device: ctypes.CDLL, tmp_path: Path) -> None:
    fresh = both.library(support.COMPILERS[0], tmp_path, {})
    assert [fresh.rand() for _ in range(3)] == [1804289383, 846930886, 1681692777]


@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([8, 32, 64, 128, 256, 300]), n=st.integers(0, 90))
@settings(max_examples=40)
def test_states_of_random_are_the_same_in_every_size(device: ctypes.CDLL, seed: int, size: int, n: int) -> None:
    seen = []
    for which in (device, both.HOST):
        memory = (c_int * 80)()
        random = both.typed(which, "random", c_long)
        initstate = both.typed(which, "initstate", c_void_p, c_uint, c_void_p, c_size_t)
        setstate = both.typed(which, "setstate", c_void_p, c_void_p)
        before = initstate(seed, ctypes.addressof(memory), size)
        numbers = [random() for _ in range(n)]
        assert setstate(before) == ctypes.addressof(memory)
        image = bytes(memory)
        assert setstate(ctypes.addressof(memory)) == before
        numbers += [random() for _ in range(40)]
        setstate(before)
        seen.append((numbers, image))
    assert seen[0] == seen[1]


@given(seed=st.integers(0, 2**32 - 1))
def test_rand_r_steps_as_glibc_does(device: ctypes.CDLL, seed: int) -> None:
    states = [c_uint(seed), c_uint(seed)]
    for _ in range(5):
        assert device.rand_r(ctypes.byref(states[0])) == both.HOST.rand_r(ctypes.byref(states[1]))
        assert states[0].value == states[1].value


@given(seed=st.integers(-(2**63), 2**63 - 1), words=st.lists(st.integers(0, 65535), min_size=7, max_size=7))
@settings(max_examples=40)
def test_the_drand48_family_is_the_machines(device: ctypes.CDLL, seed: int, words: list[int]) -> None:
    seen = []
    for which in (device, both.HOST):
        drand48, erand48 = both.typed(which, "drand48", c_double), both.typed(which, "erand48", c_double, c_void_p)
        longs = [both.typed(which, name, c_long) for name in ("lrand48", "mrand48")]
        mine = [both.typed(which, name, c_long, c_void_p) for name in ("nrand48", "jrand48")]
        state, parameters = (c_ushort * 3)(*words[:3]), (c_ushort * 7)(*words)
        both.typed(which, "srand48", None, c_long)(seed)
        numbers: list[float] = [drand48(), *(f() for f in longs), erand48(state), *(f(state) for f in mine), *state]
        old = both.typed(which, "seed48", ctypes.POINTER(c_ushort), c_void_p)(state)
        numbers += [old[0], old[1], old[2], drand48()]
        both.typed(which, "lcong48", None, c_void_p)(parameters)
        numbers += [drand48(), *(f() for f in longs)]
        both.typed(which, "srand48", None, c_long)(1)
        seen.append(numbers)
    assert seen[0] == seen[1]


# ---------------------------------------------------------------------------------------------------------- environment
def test_the_snapshot_is_what_getenv_reads_first(environment: Callable[..., Any]) -> None:
    assert environment("getenv", b"PATH") == b"/bin"
    assert environment("getenv", b"EMPTY") == b""
    for name in (b"PAT", b"PATH=", b"", b"=TZ", b"NOBODY"):
        assert environment("getenv", name) is None


names = st.sampled_from([b"A", b"AB", b"ABC", b"PATH", b"EMPTY", b"Z9_"])
steps = st.lists(
    st.tuples(st.just("setenv"), names, st.binary(max_size=20).map(lambda v: v.replace(b"\0", b"x")), st.integers(0, 1))
    | st.tuples(st.just("unsetenv"), names)
    | st.tuples(st.just("clearenv")),
    max_size=40,
)


@given(steps=steps)
@settings(max_examples=60)
def test_changes_are_what_a_dictionary_would_hold(device: ctypes.CDLL, steps: list[tuple[Any, ...]]) -> None:
    types: dict[str, tuple[Any, ...]] = {
        "setenv": (c_int, c_char_p, c_char_p, c_int),
        "unsetenv": (c_int, c_char_p),
        "clearenv": (c_int,),
    }
    getenv = both.typed(device, "getenv", c_char_p, c_char_p)
    model = {name: getenv(name) for name in (b"A", b"AB", b"ABC", b"PATH", b"EMPTY", b"Z9_")}
    for name, *arguments in steps:
        assert both.typed(device, name, *types[name])(*arguments) == 0
        if name == "clearenv":
            model = dict.fromkeys(model)
        elif name == "unsetenv":
            model[arguments[0]] = None
        elif arguments[2] or model[arguments[0]] is None:
            model[arguments[0]] = arguments[1]
        assert {key: getenv(key) for key in model} == model
        array = ctypes.POINTER(c_char_p).in_dll(device, "environ")
        listed = {} if not array else dict(entry.split(b"=", 1) for entry in _until_null(array))
        if array:
            assert {key: listed.get(key) for key in model} == model
            assert not any(key.startswith(b"=") or not key for key in listed)


def _until_null(array: Any) -> list[bytes]:
    found: list[bytes] = []
    while (entry := array[len(found)]) is not None:
        found.append(entry)
    return found


def test_names_that_cannot_be_are_refused(device: ctypes.CDLL, environment: Callable[..., Any]) -> None:
    for name in (b"", b"A=B", None):
        assert (environment("setenv", name, b"x", 1), failed(device)) == (-1, errno.EINVAL)
        assert (environment("unsetenv", name), failed(device)) == (-1, errno.EINVAL)


def test_putenv_puts_the_text_itself_there(environment: Callable[..., Any]) -> None:
    text = ctypes.create_string_buffer(b"MINE=one")
    assert environment("putenv", ctypes.addressof(text)) == 0
    text.value = b"MINE=two"
    assert environment("getenv", b"MINE") == b"two"
    assert environment("unsetenv", b"MINE") == 0
    assert environment("getenv", b"MINE") is None


def test_an_array_of_the_programs_own_is_the_environment(device: ctypes.CDLL, environment: Callable[..., Any]) -> None:
    mine = (c_char_p * 3)(b"ONE=1", b"TWO=2", None)
    place = c_void_p.in_dll(device, "environ")
    place.value = ctypes.addressof(mine)
    assert environment("getenv", b"TWO") == b"2"
    assert environment("getenv", b"PATH") is None
    assert environment("setenv", b"THREE", b"3", 1) == 0
    assert list(mine) == [b"ONE=1", b"TWO=2", None]
    assert [environment("getenv", name) for name in (b"ONE", b"THREE")] == [b"1", b"3"]


# ------------------------------------------------------------------------------------------------------------- handlers
def test_handlers_run_in_reverse_order_however_many_there_are(device: ctypes.CDLL) -> None:
    ran: list[int] = []
    kept = [ctypes.CFUNCTYPE(None)(lambda i=i: ran.append(i)) for i in range(100)]
    for handler in kept:
        assert device.atexit(handler) == 0
    nested = ctypes.CFUNCTYPE(None)(lambda: device.atexit(kept[7]) and None)
    assert device.atexit(nested) == 0
    with_status = ctypes.CFUNCTYPE(None, c_int, c_void_p)(lambda status, argument: ran.append(status + argument))
    assert device.on_exit(with_status, c_void_p(1000)) == 0
    quick = ctypes.CFUNCTYPE(None)(lambda: ran.append(-1))
    assert device.at_quick_exit(quick) == 0
    assert device.rig_run_handlers(0, 3) == 1
    assert ran == [1003, 7, *range(99, -1, -1)]
    assert device.rig_run_handlers(1, 0) == 1
    assert ran[-1] == -1


# ---------------------------------------------------------------------------------------------------------------- lanes
def test_strtok_is_each_lanes_own(device: ctypes.CDLL) -> None:
    results: list[list[bytes]] = [[] for _ in range(8)]
    turn = threading.Barrier(8, timeout=60)

    def lane(number: int) -> None:
        place = ctypes.create_string_buffer(device.rig_lane_bytes())
        device.rig_join(place, number)
        strtok = both.typed(device, "strtok", c_char_p, c_void_p, c_char_p)
        text = ctypes.create_string_buffer(b" , ".join(b"%d-%d" % (number, i) for i in range(5)) + b" ")
        word = strtok(ctypes.addressof(text), b" ,")
        while word is not None:
            results[number].append(word)
            turn.wait()
            word = strtok(None, b" ,")

    # Types are set once, before lanes share the function.
    both.typed(device, "strtok", c_char_p, c_void_p, c_char_p)
    lanes = [threading.Thread(target=lane, args=(i,)) for i in range(8)]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join(60)
    assert results == [[b"%d-%d" % (number, i) for i in range(5)] for number in range(8)]


def test_lanes_that_draw_at_once_share_one_sequence(device: ctypes.CDLL) -> None:
    device.srand(c_uint(5))
    expected = sorted(device.rand() for _ in range(4000))
    device.srand(c_uint(5))
    drawn: list[list[int]] = [[] for _ in range(4)]

    def lane(number: int) -> None:
        place = ctypes.create_string_buffer(device.rig_lane_bytes())
        device.rig_join(place, number)
        drawn[number] = [device.rand() for _ in range(1000)]

    lanes = [threading.Thread(target=lane, args=(i,)) for i in range(4)]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join(60)
    assert sorted(value for part in drawn for value in part) == expected
