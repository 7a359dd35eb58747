"""How data is printed."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How data is printed."""

    text = "text"
    json = "json"
