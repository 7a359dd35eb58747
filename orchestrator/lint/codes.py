"""Every code that a finding can have: those of the rules, and those of what keeps a file from being understood."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.lint.rules import RULES
from orchestrator.topology.diagnostics import codes

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Severity


class Kind(NamedTuple):
    """One code: its name, how much it matters by default, and the docstring that explains it."""

    code: str
    name: str
    severity: Severity
    docstring: str

    @property
    def about(self) -> str:
        """The documentation: a first line and the rest."""
        return cleandoc(self.docstring)  # when it is asked for: of 80 codes a file has a few


_ALL = {code: Kind(code, each.name, "error", each.about) for code, each in codes.CODES.items()} | {
    code: Kind(code, each.name, each.severity, each.check.__doc__ or "") for code, each in RULES.items()
}

CODES: Mapping[str, Kind] = MappingProxyType(dict(sorted(_ALL.items())))
"""Every code, in order; what both layers know is documented by the rule."""
