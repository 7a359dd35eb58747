"""Files to topology and plan for those who go on with them: what ``validate`` calls an error is refused."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Literal, NamedTuple

from orchestrator.project import refusal

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.project.selection import Selection
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Severity
    from orchestrator.topology.model import Topology


class Accepted(NamedTuple):
    """A topology and its plan, and what is likely wrong with them."""

    topology: Topology
    plan: Plan
    warnings: list[Diagnostic]


def topology(selection: Selection, *, color: bool = False) -> Topology:
    """Read files, each laid over those before it. Raise UsageError with all that is wrong with them."""
    return _examined(selection, "topology", "error", color)[0]


def plan(selection: Selection, *, color: bool) -> Plan:
    """Read files and decide everything about their mesh. Raise UsageError with all that keeps it from being planned."""
    decided = _examined(selection, "plan", "error", color)[1]
    assert decided is not None
    return decided


def mesh(selection: Selection, least: Severity, *, color: bool) -> Accepted:
    """Read files, plan their mesh, and ask the rules that matter as much as ``least``. Raise UsageError with errors."""
    read, decided, found = _examined(selection, "rules", least, color)
    assert decided is not None
    return Accepted(read, decided, found)


def _examined(
    selection: Selection, until: Literal["topology", "plan", "rules"], least: Severity, color: bool
) -> tuple[Topology, Plan | None, list[Diagnostic]]:
    from orchestrator.project.examine import Wanted, examine

    files, sets, profiles, name, root = selection
    want = Wanted(sets, profiles, name, root, by_project=True, until=until, least=least)
    want = want._replace(comments=False, environment=True)
    stdin = refusal.read_stdin(files)
    try:
        done = examine([files], want, stdin)
    finally:
        gc.freeze()  # what is made here lives as long as the command
    wrong = [one for one in done.findings if one.severity == "error"] or done.blocking
    if wrong or done.topology is None:
        raise refusal.mistake(wrong, color)
    return done.topology, done.plan, done.findings
