"""What is wrong with a topology, gathered with positions, so that all of it is said at once."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from orchestrator.topology.model import Topology
from orchestrator.topology.problems import Problem, Problems


class Found:
    """The problems found so far in one topology."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._problems: list[Problem] = []

    def add(self, path: tuple[str, ...], message: str, expected: str = "", suggestion: str = "") -> None:
        """Add what is wrong at a key path."""
        at = self._topology.where(*path)
        self._problems.append(
            Problem(at.file, at.line, at.column, ".".join(path), message, expected=expected, suggestion=suggestion)
        )

    def check(self) -> None:
        """Raise Problems where there are any."""
        if self._problems:
            raise Problems(self._problems)

    @staticmethod
    def like(word: str, known: Iterable[str]) -> str:
        """Suggest the known word that is nearest to one that is not."""
        near = get_close_matches(word, known, 1)
        return f"did you mean {near[0]}?" if near else ""
