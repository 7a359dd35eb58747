"""What is said while somebody waits."""

from __future__ import annotations

from collections.abc import Callable

Remark = Callable[[str], object]
"""Is given a line about how far something is."""


def silent(line: str) -> None:
    """Pass over a remark."""
