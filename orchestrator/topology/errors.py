"""What is raised for a topology that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestrator.errors import OrchestratorError
from orchestrator.topology.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from orchestrator.topology.model import Topology


class InvalidTopologyError(OrchestratorError):
    """A topology that cannot be used, with all that is wrong, in the order of the file.

    ``understood`` is the topology where the files could be understood, and only what they say together is wrong.
    """

    def __init__(self, problems: Iterable[Diagnostic], understood: Topology | None = None) -> None:
        self.understood = understood
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))
