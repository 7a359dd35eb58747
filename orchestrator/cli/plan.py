"""``plan``: what would run, without running it."""

from __future__ import annotations

import sys

from orchestrator.cli import gc_policy
from orchestrator.cli.options import DEFAULT, Selected
from orchestrator.report.output import PLAIN, Output


def plan(selected: Selected = DEFAULT, output: Output = PLAIN) -> None:
    """Show what would run: processes, sockets, edges, the order of start and stop."""
    gc_policy.begin()
    from orchestrator.plan.render import as_json, text
    from orchestrator.project import examine, precheck

    selection, colour = selected.selection(), output.color(sys.stderr)
    topology = examine.topology(selection, colour=colour)
    decided = examine.planned(topology, selection.profiles, colour=colour)
    precheck.errors(topology, decided, selection.root, colour=colour)
    gc_policy.keep(topology, decided)
    print(as_json(decided) if output.json else text(decided))
