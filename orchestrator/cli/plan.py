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
    from orchestrator.project import accepted

    mesh = accepted.mesh(selected.selection(), "error", color=output.color(sys.stderr))
    gc_policy.keep(mesh)
    print(as_json(mesh.plan) if output.json else text(mesh.plan))
