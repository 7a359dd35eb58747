"""(Topology, Plan, facts) -> findings: what ZeroMQ would answer with silence, said before anything runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.lint import code, comments, delivery, endpoints, flow, options, processes, security, wiring
from orchestrator.lint import registry as _registry
from orchestrator.lint.choose import wanted
from orchestrator.lint.facts import EnvFile, Facts, Program
from orchestrator.lint.index import Index
from orchestrator.lint.registry import Rule
from orchestrator.plan.model import Plan
from orchestrator.topology.findings import written
from orchestrator.topology.load import uncollected
from orchestrator.topology.model import Topology
from orchestrator.topology.problems import Problem, Severity

__all__ = ["GROUPS", "OF_ABSENCE", "RULES", "EnvFile", "Facts", "Program", "Rule", "check"]

GROUPS = (comments, wiring, delivery, endpoints, flow, options, security, processes, code)
"""The modules of the rules, in the order of their codes."""

RULES: Mapping[str, Rule] = dict(sorted(_registry.RULES.items()))
"""Every rule by its code."""

OF_ABSENCE = frozenset({"Z103", "Z104"})
"""Rules that find what is not there: where edges were left out, they say nothing that counts."""

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


def check(
    topology: Topology,
    plan: Plan,
    facts: Facts | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    least: Severity = "info",
) -> list[Problem]:
    """Give what the rules find, in the order of the file.

    ``select`` and ``ignore`` hold codes or how they begin (``Z3``), beside those that the file's ``lint`` names.
    What matters less than ``least`` is not looked for.
    """
    index = Index(topology, plan)
    selected = (*select, *topology.lint.select)
    ignored = (*ignore, *topology.lint.ignore)
    severities = _SEVERITIES[: _SEVERITIES.index(least) + 1]
    # No finding is worse than its rule.
    rules = [each for each in RULES.values() if each.severity in severities and wanted(each.code, selected, ignored)]
    with uncollected():
        found = [problem for each in rules for problem in _problems(each, index, facts or Facts())]
    found = [problem for problem in found if problem.severity in severities]
    return sorted(found, key=lambda problem: (problem.file, problem.line, problem.column, problem.code))


def _problems(rule: Rule, index: Index, facts: Facts) -> Iterator[Problem]:
    for finding in rule.check(index, facts):
        where = index.topology.where if finding.key else index.topology.where_value
        yield Problem(
            *where(*finding.path),
            written(finding.path),
            finding.message,
            finding.expected,
            finding.suggestion,
            rule.code,
            finding.severity or rule.severity,
            finding.edits,
        )
