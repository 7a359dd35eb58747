"""Where something is written, and the key path that leads there."""

from __future__ import annotations

from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""Keys of mappings and numbers of list items, from the document down."""


class Position(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def position(mark: Any) -> Position:
    """Return the place of a mark of libyaml."""
    return Position(mark.name, mark.line + 1, mark.column + 1)
