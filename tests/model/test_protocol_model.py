"""The protocol holds in every reachable state of the small model, and each rule left out is missed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hostcall import protocol


def load_model() -> ModuleType:
    path = Path(__file__).with_name("protocol_model.py")
    spec = importlib.util.spec_from_file_location("protocol_model", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


model = load_model()


def test_two_lanes_two_slots_hold() -> None:
    m = model.Model(model.Rules(), lanes=2, slots=2, calls=1)
    assert m.explore() > 1000
    assert {
        ("FREE", "claim"),
        ("CLAIMED", "publish"),
        ("PUBLISHED", "accept"),
        ("ACCEPTED", "answer"),
        ("ANSWERED", "take"),
    } <= m.taken


def test_one_slot_wraps_its_sequence() -> None:
    assert model.Model(model.Rules(), lanes=1, slots=1, calls=5).explore() > 100


def test_two_lanes_share_one_slot() -> None:
    assert model.Model(model.Rules(), lanes=2, slots=1, calls=2).explore() > 300


def test_deadline_leaves_the_slot_to_the_late_reply() -> None:
    m = model.Model(model.Rules(deadline=True), lanes=2, slots=1, calls=2)
    assert m.explore() > 500
    assert ("LIMBO", "reap") in m.taken


def test_slots_are_kept_and_inherited() -> None:
    for shape in ({"lanes": 2, "slots": 2, "calls": 2}, {"lanes": 2, "slots": 1, "calls": 3}):
        m = model.Model(model.Rules(keep=True), **shape)
        assert m.explore() > 500
        assert {("ANSWERED", "keep"), ("KEPT", "claim"), ("KEPT", "inherit")} <= m.taken


@pytest.mark.parametrize(
    ("rules", "shape", "says"),
    [
        ({"two_tags": False}, {"lanes": 1, "slots": 1, "calls": 2}, "torn word"),
        ({"zeroed": False}, {"lanes": 1, "slots": 1, "calls": 1}, "never asked for|took the answer|stale|torn"),
        ({"refresh": False}, {"lanes": 1, "slots": 1, "calls": 4}, "stale word"),
        ({"refresh_fence": False}, {"lanes": 1, "slots": 1, "calls": 4}, "stale word"),
        ({"keep": True, "grace": False}, {"lanes": 2, "slots": 1, "calls": 2}, "answer to|stale|twice|stuck|torn"),
        ({"deadline": True, "limbo": False}, {"lanes": 2, "slots": 1, "calls": 1}, "answer to|stale|twice|stuck|torn"),
    ],
)
def test_what_is_left_out_is_missed(rules: dict[str, bool], shape: dict[str, int], says: str) -> None:
    with pytest.raises(model.Violation, match=says):
        model.Model(model.Rules(**rules), **shape).explore()


def test_diagram_in_the_docs_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "protocol.md"
    text = page.read_text(encoding="utf-8")
    assert protocol.render(text) == text, "run: python -m hostcall.protocol docs/protocol.md"
