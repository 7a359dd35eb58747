"""What a rule is, and the list of all of them by code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import cleandoc
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Fix, Severity

Path = tuple[str | int, ...]


class RuleHit(NamedTuple):
    """What a rule found at the value of a key path, or at the key itself; ``severity`` None is that of the rule."""

    path: Path
    message: str
    expected: str = ""
    suggestion: str = ""
    severity: Severity | None = None
    key: bool = False
    fix: Fix | None = None


Check = Callable[..., Iterable[RuleHit]]
"""A rule's function; it takes what it looks at by name: ``index``, ``facts``, both or none."""

REPORTED_ELSEWHERE: tuple[RuleHit, ...] = ()
"""What a rule yields that is told before the linter runs; its docstring documents it."""


class Rule(NamedTuple):
    """One rule."""

    code: str
    name: str
    severity: Severity
    check: Check
    of_hosts: bool = False

    def __call__(self, index: TopologyView, facts: Facts) -> Iterable[RuleHit]:
        """Return what it finds."""
        known = {"index": index, "facts": facts}
        code = self.check.__code__
        return self.check(**{name: known[name] for name in code.co_varnames[: code.co_argcount]})

    @property
    def about(self) -> str:
        """Its documentation."""
        return cleandoc(self.check.__doc__ or "")


RULES: dict[str, Rule] = {}
"""Every rule by its code, once the modules of the groups are imported."""


def rule(code: str, severity: Severity = "error", *, of_hosts: bool = False) -> Callable[[Check], Check]:
    """Register a check as a rule that is named as its function, and documented by its docstring.

    ``of_hosts``: what it finds of an edge's address follows from the host or the transport, so that edges which have
    that from one place of the file are one finding.
    """

    def register(check: Check) -> Check:
        name = getattr(check, "__name__", code).replace("_", "-")
        RULES[code] = Rule(code, name, severity, check, of_hosts)
        return check

    return register
