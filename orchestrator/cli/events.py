"""``events``: what has happened to a mesh, also after it has ended."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import until_interrupt
from orchestrator.cli.options import MeshName, Processes, moment
from orchestrator.report.output import PLAIN, Output

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until the mesh ends.")]
Every = Annotated[bool, typer.Option("--all", "-a", help="Also what is kept of the runs before.")]
Last = Annotated[int | None, typer.Option("--tail", metavar="N", min=0, help="Only the last N events.")]
Since = Annotated[
    float | None, typer.Option("--since", metavar="10m", parser=moment, help="Only since a while ago, or a time.")
]


def events(
    arguments: Processes = None,
    mesh: MeshName = "",
    follow: Follow = False,
    every: Every = False,
    last: Last = None,
    since: Since = None,
    output: Output = PLAIN,
) -> None:
    """Show what has happened to a mesh in its current or last run: starts, ends, restarts, gates, remarks."""
    from orchestrator.report.events import line

    of, patterns = chosen(arguments, mesh, output)
    width = max(map(len, of.processes()), default=1)
    with until_interrupt(goes_on=follow):
        for event in of.events(*patterns, every=every, last=last, since=since or 0.0, follow=follow):
            print(json.dumps(event) if output.json else line(event, width), flush=follow)
