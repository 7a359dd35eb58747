"""Long lists in sentences: the first items, and how many more there are. It loads nothing, so that any part can."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice


def first(items: Collection[object], most: int) -> list[str]:
    """Return the first ``most`` items as text, and behind them ``3 more`` where there are three more."""
    left = len(items) - most
    return [*map(str, islice(items, most)), *([f"{left} more"] if left > 0 else [])]


def listed(items: Collection[object], most: int, *, last: str = " and ") -> str:
    """Return ``a, b and 3 more``: the first ``most`` items with commas, and ``last`` before how many more there are."""
    *shown, end = first(items, most) or [""]
    return f"{', '.join(shown)}{last}{end}" if len(items) > most else ", ".join(filter(None, [*shown, end]))
