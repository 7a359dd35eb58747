"""Schemas of single values, as people write them: each also takes a text with a variable in its place.

``errorMessage`` and ``markdownEnumDescriptions`` are no words of JSON Schema: editors show them, everybody else passes
them over. The titles of alternatives keep yaml-language-server from taking them for one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from orchestrator.zeromq.quantities import DURATION, DURATION_PATTERN, SIZE, SIZE_PATTERN

Schema = dict[str, Any]

VARIABLE = r"(^|[^$])\$\{"
"""A variable anywhere in a text; ``$${`` is none."""

ANYTHING: Schema = {}
_NO_TEXT = ("object", "array", "null")


def value(*types: str, expected: str = "", pattern: str = "", **limits: Any) -> Schema:
    """Make the schema of values of some types, and of texts that match or hold a variable."""
    either = f"{pattern}|{VARIABLE}" if pattern else VARIABLE
    said = {"errorMessage": f"expected {expected}"} if expected else {}
    return {"type": [*types, "string"], "pattern": either, **said, **limits}


def boolean() -> Schema:
    """Make the schema of true and false."""
    return value("boolean", expected="true or false")


def duration() -> Schema:
    """Make the schema of a duration with its unit."""
    return value(expected=DURATION, pattern=f"^{DURATION_PATTERN}$")


def size() -> Schema:
    """Make the schema of a size above 0 with its unit."""
    return value(expected=SIZE, pattern=f"^(?=[0-9.]*[1-9]){SIZE_PATTERN}$")


def word(words: Sequence[str], about: Mapping[str, str] | None = None) -> Schema:
    """Make the schema of one of some words, each with what it means."""
    known: Schema = {"enum": list(words)}
    if about:
        known["markdownEnumDescriptions"] = [about[each] for each in words]
    return {"anyOf": [known, {"title": "variable", **value()}]}


def text(pattern: str = "", expected: str = "text", **limits: Any) -> Schema:
    """Make the schema of text: any scalar, as it is written. (A list of types would offer true and false.)"""
    form = {"pattern": f"{pattern}|{VARIABLE}"} if pattern else {}
    message = {"errorMessage": f"expected {expected}"}
    return {"if": {"type": list(_NO_TEXT)}, "then": {"type": "string", **message}, **form, **message, **limits}


def constant(pattern: str, expected: str) -> Schema:
    """Make the schema of a text in which variables do not work."""
    return {"type": ["string"], "pattern": pattern, "errorMessage": f"expected {expected}"}


def several(item: Schema, **limits: Any) -> Schema:
    """Make the schema of a list, or of one item in its place."""
    return {"anyOf": [*item.get("anyOf", [item]), {"type": "array", "items": item, **limits}]}


def mapping(names: Schema, item: Schema, expected: str = "") -> Schema:
    """Make the schema of a mapping from names of the user's."""
    schema = value("object", expected=expected, additionalProperties=nullable(item))
    return {**schema, "propertyNames": names} if names else schema


def nullable(schema: Schema) -> Schema:
    """Let null stand for what is not written."""
    if "type" in schema:
        return {**schema, "type": [*schema["type"], "null"]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"title": "nothing", "type": "null"}]}
    if "if" in schema:
        return {**schema, "if": {"type": [kind for kind in schema["if"]["type"] if kind != "null"]}}
    return schema  # a reference: to what takes null itself; or anything


def written_duration(seconds: float) -> str:
    """Return seconds as people write them."""
    exact = Fraction(str(seconds))
    for unit, length in (("s", Fraction(1)), ("ms", Fraction(1, 1000))):
        if (exact / length).denominator == 1:
            return f"{exact / length}{unit}"
    return f"{exact * 1_000_000}us"


def written_size(size: int) -> str:
    """Return bytes as people write them."""
    units = ("B", "KiB", "MiB", "GiB", "TiB")
    power = max(power for power in range(len(units)) if size % 1024**power == 0)
    return f"{size // 1024**power}{units[power]}"
