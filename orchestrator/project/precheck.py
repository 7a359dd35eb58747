"""What the rules say of a mesh before it runs: ``up`` and ``plan`` refuse what ``validate`` finds wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from orchestrator.lint.check import check
from orchestrator.project import refusal
from orchestrator.project.machine_facts import Gathered

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.topology.diagnostics.diagnostic import Problem, Severity
    from orchestrator.topology.model import Topology


def errors(topology: Topology, plan: Plan, root: str, *, colour: bool) -> None:
    """Raise Mistake with what cannot work."""
    _refuse(_found(topology, plan, root, "error"), colour)


def warnings(topology: Topology, plan: Plan, root: str, *, colour: bool) -> list[str]:
    """Give what is likely wrong, a line each. Raise Mistake with what cannot work."""
    found = _found(topology, plan, root, "warning")
    _refuse(found, colour)
    if not found:
        return []
    from orchestrator.report.problems import heading

    return [heading(one, colour=colour) for one in found]


def wrong(topology: Topology, told: list[Problem], profiles: Sequence[str], root: str) -> list[Problem]:
    """Give what keeps a topology from being planned, and what the rules find wrong with the rest of it."""
    from orchestrator.plan.partial import understand

    left = understand(topology, told, profiles)
    return sorted(left.problems + _found(left.topology, left.plan, root, "error"), key=_place)


def _place(one: Problem) -> tuple[str, int, int, str]:
    return one.file, one.line, one.column, one.code


def _refuse(found: Iterable[Problem], colour: bool) -> None:
    wrong = [one for one in found if one.severity == "error"]
    if wrong:
        raise refusal.mistake(wrong, colour)


def _found(topology: Topology, plan: Plan, root: str, least: Severity) -> list[Problem]:
    found = check(topology, plan, Gathered(topology, plan, root), least=least)
    return _wanted(topology, found) if found else []


def _wanted(topology: Topology, found: list[Problem]) -> list[Problem]:
    """Leave out what the project does not want to know, and what comments silence."""
    from orchestrator.lint.core.select import wanted
    from orchestrator.lint.core.suppress import unsilenced
    from orchestrator.project.check import files_of, text
    from orchestrator.project.settings import find_settings

    settings = find_settings()
    found = [one for one in found if wanted(one.code, settings.select, settings.ignore)]
    return unsilenced(found, {file: text(file, refusal.stdin()) for file in files_of(topology)})
