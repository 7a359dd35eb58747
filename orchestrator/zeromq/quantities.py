"""Durations and sizes as people write them: ``1m30s``, ``512KiB``."""

from __future__ import annotations

import re
from fractions import Fraction

DURATION = "a duration such as 20ms, 2s or 1m30s"
SIZE = "a size such as 512KiB, 10MB or 1GiB"

_NUMBER = r"([0-9]{1,15}(?:\.[0-9]{1,9})?)"
_DURATION = re.compile("".join(f"(?:{_NUMBER}{unit})?" for unit in ("h", "m", "s", "ms", "us")))
_SECONDS = (Fraction(3600), Fraction(60), Fraction(1), Fraction(1, 1000), Fraction(1, 1_000_000))
_SIZE = re.compile(f"{_NUMBER}([kKMGT]?B|[KMGT]iB)")
_PREFIXES = " kMGT"

DURATION_PATTERN, SIZE_PATTERN = f"(?=[0-9]){_DURATION.pattern}", _SIZE.pattern
"""The form of durations and sizes, in what regular expressions of Python and ECMAScript have in common."""


def parse_duration(text: str) -> float:
    """Return seconds. Raise ValueError, saying what was expected, where the text is no duration."""
    return float(seconds(text))


def seconds(text: str) -> Fraction:
    """Return seconds without rounding. Raise ValueError as parse_duration does."""
    match = _DURATION.fullmatch(text)
    if not match or not text:
        raise ValueError(DURATION)
    return sum((Fraction(part) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True) if part), Fraction())


def parse_size(text: str) -> int:
    """Return bytes. Raise ValueError, saying what was expected, where the text is no size or not whole bytes."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(SIZE)
    number, unit = match.groups()
    base = 1024 if unit.endswith("iB") else 1000
    size = Fraction(number) * base ** (_PREFIXES.index(unit[0].replace("K", "k")) if len(unit) > 1 else 0)
    if size.denominator != 1:
        raise ValueError(f"{SIZE}; {text} is no whole number of bytes")
    return int(size)
