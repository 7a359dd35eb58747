"""Which rules are wanted: codes and how they begin, such as Z101, Z1, S."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def wanted(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Return whether findings of a code are wanted: none is named, or one that fits, and none that is ignored."""
    return (not select or code.startswith(tuple(select))) and not code.startswith(tuple(ignore))


def unknown(prefixes: Iterable[str], codes: Collection[str]) -> list[str]:
    """Return those of the prefixes that no code begins with."""
    return [prefix for prefix in prefixes if not prefix or not any(code.startswith(prefix) for code in codes)]
