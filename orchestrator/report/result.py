"""What was checked and what was found: what the reports of ``validate`` are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Severity


class Kind(Protocol):
    """A kind of finding: its code, its name, how much it matters by default, and its documentation."""

    @property
    def code(self) -> str:
        """Such as Z101."""

    @property
    def name(self) -> str:
        """Such as incompatible-sockets."""

    @property
    def severity(self) -> Severity:
        """What its findings are, unless one says otherwise."""

    @property
    def about(self) -> str:
        """What it means: a first sentence, then the rest, in Markdown."""


class CheckResult(NamedTuple):
    """The files that were checked, as they were named, and all findings, in order; ``strict`` makes warnings fail."""

    files: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    kinds: Mapping[str, Kind] = MappingProxyType({})
    strict: bool = False

    def name(self, code: str) -> str:
        """Return the name of a code, empty where it has none."""
        return self.kinds[code].name if code in self.kinds else ""

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each code, in the order of the codes."""
        return dict(sorted(Counter(problem.code for problem in self.findings).items()))

    def fails(self, problem: Diagnostic) -> bool:
        """Return whether a finding makes the check fail."""
        return problem.severity == "error" or (self.strict and problem.severity == "warning")

    @property
    def failed(self) -> bool:
        """Whether any finding makes the check fail."""
        return any(map(self.fails, self.findings))


def title(problem: Diagnostic) -> str:
    """Return what is wrong, with its key path in front."""
    return ": ".join(filter(None, (problem.path, problem.message)))


def hints(problem: Diagnostic) -> list[str]:
    """Return what may stand there, what to do, and where the value comes from."""
    expected = f"expected {problem.expected}" if problem.expected else ""
    return [hint for hint in (expected, problem.suggestion, problem.origin) if hint]
