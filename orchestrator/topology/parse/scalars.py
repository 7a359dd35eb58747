"""Scalars by the core schema of YAML 1.2 (yaml.org/spec/1.2.2, 10.3.2), with the written text kept.

A scalar whose value would not print as it was written (``1.10``, ``0010``, ``True``) becomes a ``Written``: a text that
knows its value. So it is text where text is wanted, and its value elsewhere; all others are plain data at once.
"""

from __future__ import annotations

import re
from typing import Any

LONGEST_NUMBER = 300
"""Numbers of more characters are text: Python itself refuses to read them at some length."""

_NUMBERS = frozenset("+-.0123456789")
_STARTS = _NUMBERS | frozenset("tTfFnN~")
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_INT = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class Written(str):
    """The text of a scalar whose value prints differently."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The value by the core schema."""
        return value(str(self))


def value(text: str) -> Any:
    """Return what a plain scalar means: None, a bool, int or float, else the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBERS or len(text) > LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return float(text) if _FLOAT.fullmatch(text) else text


def scalar(text: str) -> Any:
    """Return a plain scalar's value, or a Written where printing that value would not give the text again."""
    if text and text[0] not in _STARTS:
        return text
    meant = value(text)
    return meant if meant is None or meant is text or as_text(meant) == text else Written(text)


def typed(text: str) -> Any:
    """Return what was typed elsewhere than in a file: as ``scalar``, but with its text even where it means null."""
    meant = scalar(text)
    return Written(text) if meant is None else meant


def as_text(scalar: Any) -> Any:
    """Return the text of a scalar as it was written; None, lists and mappings as they are."""
    if isinstance(scalar, str):
        return str(scalar)
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return str(scalar) if isinstance(scalar, int | float) else scalar


def as_value(data: Any) -> Any:
    """Return plain data, however deep, with each Written replaced by its value."""
    kind = data.__class__
    if kind is Written:
        return data.value
    if kind is dict:
        return {key: as_value(item) for key, item in data.items()}
    if kind is list:
        return [as_value(item) for item in data]
    return data
