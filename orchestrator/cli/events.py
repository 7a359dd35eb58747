"""``events``: what has happened to a mesh, also after it has ended."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import until_interrupt
from orchestrator.cli.options import CURRENT, MeshName, Period, Processes
from orchestrator.cli.signature import but
from orchestrator.report.output import PLAIN, Output

Last = Annotated[int | None, typer.Option("--tail", metavar="N", min=0, help="Only the last N events.")]


def events(
    arguments: Processes = None,
    mesh: MeshName = "",
    period: Annotated[Period, but(last=(Last, None))] = CURRENT,
    output: Output = PLAIN,
) -> None:
    """Show what has happened to a mesh in its current or last run: starts, ends, restarts, gates, remarks."""
    from orchestrator.report.events import line

    of, patterns = chosen(arguments, mesh, output)
    width = max(map(len, of.processes()), default=1)
    with until_interrupt(goes_on=period.follow):
        for event in of.events(*patterns, **period.limits()):
            print(json.dumps(event) if output.json else line(event, width), flush=period.follow)
