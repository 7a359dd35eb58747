"""What is wrong with one topology, gathered by key path, so that all of it is said at once and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Fix
from orchestrator.topology.diagnostics.hints import near
from orchestrator.topology.fixes import meant
from orchestrator.topology.parse.document import Document
from orchestrator.topology.parse.position import Path, Position
from orchestrator.topology.provenance import origin

MOST_SUGGESTIONS = 50
"""After so many problems nothing is suggested."""

_SECRET = frozenset({"env", "args", "stdin", "vars"})
_PLAIN = r"[A-Za-z_][A-Za-z0-9_-]*"


class Diagnostics:
    """The problems of a document. What is wrong with a value hides what else is wrong with it, or below it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[tuple[Path, bool, str], Diagnostic] = {}
        self._wrong: set[Path] = set()
        self._said: set[tuple[Position, str]] = set()  # a template, or what an alias means, is wrong once for all

    def add(
        self,
        code: str,
        path: Path,
        message: str,
        expected: str = "",
        suggestion: str = "",
        fix: Fix | None = None,
        *,
        key: bool = False,
    ) -> None:
        """Note what is wrong with the value at a key path, or with the key itself."""
        if (path, key, code) in self._found or any(path[:end] in self._wrong for end in range(1, len(path) + 1)):
            return
        if not key:
            self._wrong.add(path)
        at = self.document.where(path, value=not key)
        if (at, message) not in self._said:
            self._said.add((at, message))
            told = "" if key else origin(self.document, path)
            self._found[path, key, code] = Diagnostic(
                *at, written(path), message, expected, suggestion, code, fix=fix, origin=told
            )

    def depends(self, path: Path) -> None:
        """Note that the value at a key path is not known, and say nothing of it: a variable that it uses is missing."""
        self.document.unknown.add(path)
        self.hide(path)

    def hide(self, path: Path) -> None:
        """Say nothing of the value at a key path: what is wrong with it is said elsewhere."""
        self._wrong.add(path)

    def note(self, problem: Diagnostic) -> None:
        """Note a problem that stands in no file."""
        self._found[(len(self._found),), False, problem.code] = problem

    def near(self, word: str, known: Iterable[str]) -> list[str]:
        """Return the nearest known words; none once there are many problems, since the search takes its time."""
        return near(word, known) if len(self._found) < MOST_SUGGESTIONS else []

    def meant(
        self, path: Path, word: str, known: Iterable[str], *, key: bool = False, start: int = 0
    ) -> tuple[str, Fix | None]:
        """Suggest the known word that is nearest to one at a key path, and return what puts it there."""
        if len(self._found) >= MOST_SUGGESTIONS:
            return "", None
        return meant(self.document, path, word, known, key=key, start=start)

    def __len__(self) -> int:
        return len(self._found)

    def problems(self) -> list[Diagnostic]:
        """Return all problems."""
        return [*self.document.problems, *self._found.values()]

    def shown(self, path: Path) -> str:
        """Return the value at a path as it was written, for a message: nothing that could be a secret."""
        if _SECRET.intersection(path):
            return "this value"
        return shown(self.document.at(path))


def shown(value: Any) -> str:
    """Return a value for a message: short, and without what is in it."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:37]}...") if isinstance(value, str) else text


def written(path: Path) -> str:
    """Return a key path with dots; what is no plain word in quotes, the number of an item in brackets."""
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step[:70] if re.fullmatch(_PLAIN, step) else repr(step[:70])}")
    return "".join(parts).removeprefix(".")
