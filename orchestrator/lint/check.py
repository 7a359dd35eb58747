"""All rules over one topology: what they find, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.address_source import merged
from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import TopologyView
from orchestrator.lint.core.registry import Rule
from orchestrator.lint.core.select import wanted
from orchestrator.lint.rules import RULES
from orchestrator.topology.collector import written
from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Severity
from orchestrator.topology.load import uncollected

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.topology.model import Topology

ABSENCE_RULES = frozenset({"Z103", "Z104"})
"""Rules that find what is not there: where edges were left out, they say nothing that counts."""

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


def check(
    topology: Topology,
    plan: Plan,
    facts: Facts | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    least: Severity = "info",
) -> list[Diagnostic]:
    """Give what the rules find, in the order of the file.

    ``select`` and ``ignore`` hold codes or how they begin (``Z3``), beside those that the file's ``lint`` names.
    What matters less than ``least`` is not looked for.
    """
    index = TopologyView(topology, plan)
    selected = (*select, *topology.lint.select)
    ignored = (*ignore, *topology.lint.ignore)
    severities = _SEVERITIES[: _SEVERITIES.index(least) + 1]
    # No finding is worse than its rule.
    rules = [each for each in RULES.values() if each.severity in severities and wanted(each.code, selected, ignored)]
    with uncollected():
        found = [problem for each in rules for problem in _problems(each, index, facts or Facts())]
    found = [problem for problem in found if problem.severity in severities]
    return sorted(found, key=lambda problem: (problem.file, problem.line, problem.column, problem.code))


def _problems(rule: Rule, index: TopologyView, facts: Facts) -> Iterator[Diagnostic]:
    found = rule(index, facts)
    for finding in merged(index, found) if rule.of_hosts else found:
        where = index.topology.where if finding.key else index.topology.where_value
        yield Diagnostic(
            *where(*finding.path),
            written(finding.path),
            finding.message,
            finding.expected,
            finding.suggestion,
            rule.code,
            finding.severity or rule.severity,
            finding.fix,
        )
