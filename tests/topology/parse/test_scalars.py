"""Scalars: the core schema of YAML 1.2, and the text as it was written."""

from __future__ import annotations

import math
from typing import Any

import pytest

from orchestrator.topology.parse.scalars import Written, as_text, as_value, scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
        ("true", True), ("True", True), ("TRUE", True), ("tRue", "tRue"), ("false", False), ("FALSE", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("0", 0), ("12", 12), ("-12", -12), ("+12", 12), ("0010", 10), ("0o17", 15), ("0x1F", 31), ("-0x1F", "-0x1F"),
        ("0b11", "0b11"), ("1_000", "1_000"), ("1:30", "1:30"), ("12e03", 12000.0), ("1.10", 1.1), (".5", 0.5),
        ("5.", 5.0), ("-.5", -0.5), ("1e999", math.inf), (".inf", math.inf), ("-.INF", -math.inf), ("+.inf", math.inf),
        (".", "."), ("-", "-"), ("1.2.3", "1.2.3"), ("2s", "2s"), ("2026-01-01", "2026-01-01"), ("٣", "٣"),
        ("9" * 400, "9" * 400),
    ],
)  # fmt: skip
def test_core_schema(text: str, value: Any) -> None:
    found = as_value(scalar(text))
    assert found == value
    assert type(found) is type(value)
    assert value is None or as_text(scalar(text)) == text


def test_not_a_number() -> None:
    assert math.isnan(as_value(scalar(".nan")))


@pytest.mark.parametrize("text", ["1.10", "0010", "0x1F", "+1", "True", "1e3", ".5"])
def test_what_prints_differently_keeps_its_text(text: str) -> None:
    assert isinstance(scalar(text), Written)
    assert as_text(scalar(text)) == text
    assert type(as_text(scalar(text))) is str


@pytest.mark.parametrize(("text", "kind"), [("10", int), ("1.5", float), ("true", bool), ("no", str)])
def test_all_others_are_plain(text: str, kind: type) -> None:
    assert type(scalar(text)) is kind


def test_values_of_deep_data() -> None:
    data = {"a": [scalar("0010"), {"b": scalar("1.10")}], "c": scalar("no")}
    assert as_value(data) == {"a": [10, {"b": 1.1}], "c": "no"}


@pytest.mark.parametrize("data", [None, [1], {"a": 1}])
def test_what_is_no_scalar_has_no_text(data: Any) -> None:
    assert as_text(data) is data
