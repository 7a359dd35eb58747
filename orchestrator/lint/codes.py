"""Every code that a finding can have: those of the rules, and those of what keeps a file from being understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from types import MappingProxyType

from orchestrator.lint.rules import RULES
from orchestrator.topology.diagnostics import diagnostic
from orchestrator.topology.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """One code: its name, how much it matters by default, and its documentation, a first line and the rest."""

    code: str
    name: str
    severity: Severity
    about: str


_ALL = {code: Kind(code, each.name, "error", each.about) for code, each in diagnostic.CODES.items()} | {
    code: Kind(code, each.name, each.severity, cleandoc(each.about)) for code, each in RULES.items()
}

CODES: Mapping[str, Kind] = MappingProxyType(dict(sorted(_ALL.items())))
"""Every code, in order; what both layers know is documented by the rule."""
