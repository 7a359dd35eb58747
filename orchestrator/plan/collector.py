"""What is wrong with a topology, gathered with positions, so that all of it is said at once."""

from __future__ import annotations

from orchestrator.topology.collector import written
from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Fix
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.model import Topology


class Diagnostics:
    """The problems found so far in one topology."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._problems: list[Diagnostic] = []

    def add(
        self,
        code: str,
        path: tuple[str | int, ...],
        message: str,
        expected: str = "",
        suggestion: str = "",
        fix: Fix | None = None,
        *,
        key: bool = False,
    ) -> None:
        """Add what is wrong with the value at a key path, or with the key itself."""
        at = self.topology.where(*path) if key else self.topology.where_value(*path)
        self._problems.append(Diagnostic(*at, written(path), message, expected, suggestion, code, fix=fix))

    def note(self, problem: Diagnostic) -> None:
        """Add a problem that stands in no file."""
        self._problems.append(problem)

    def check(self) -> None:
        """Raise InvalidTopologyError where there are any."""
        if self._problems:
            raise InvalidTopologyError(self._problems)
