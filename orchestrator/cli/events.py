"""``events``: what has happened to a mesh, also after it has ended."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import AsFormat, Mesh, Processes, Quiet, moment
from orchestrator.client import select_mesh
from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.project import select_files
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from orchestrator.client.files import Tail
    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Event

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until the mesh ends.")]
Every = Annotated[bool, typer.Option("--all", "-a", help="Also what is kept of the runs before.")]
Last = Annotated[int | None, typer.Option("--tail", metavar="N", min=0, help="Only the last N events.")]
Since = Annotated[
    float | None, typer.Option("--since", metavar="10m", parser=moment, help="Only since a while ago, or a time.")
]


def events(
    arguments: Processes = None,
    mesh: Mesh = "",
    follow: Follow = False,
    every: Every = False,
    last: Last = None,
    since: Since = None,
    form: AsFormat = Format.text,
    quiet: Quiet = False,
) -> None:
    """Show what has happened to a mesh in its current or last run: starts, ends, restarts, gates, remarks."""
    from orchestrator.client.files import Tail, last_run
    from orchestrator.client.files import events as read
    from orchestrator.contract import folders
    from orchestrator.report.console import note
    from orchestrator.report.events import line

    positional, patterns = select_files.split(arguments)
    name, why = select_mesh.mesh(mesh, positional)
    known = select_mesh.processes(name)
    wanted = {*select_mesh.match(patterns, known)} if patterns else None
    note(why, quiet)
    of = folders.of(name)
    tail = Tail(of.events)
    width = max(map(len, known), default=1)

    def chosen(found: Iterable[Event]) -> Iterator[Event]:
        for event in found:
            if (wanted is None or event.get("process") in wanted) and (since is None or event["time"] >= since):
                yield event

    def show(found: Iterable[Event]) -> None:
        for event in found:
            print(json.dumps(event) if form is Format.json else line(event, width))

    before = [*read(Tail(of.past_events)), *read(tail)] if every else last_run(tail)
    try:
        show(deque(chosen(before), maxlen=last))
        if follow:
            _follow(of, tail, lambda found: show(chosen(found)))
    except KeyboardInterrupt:
        raise typer.Exit(0 if follow else INTERRUPTED) from None


def _follow(of: Folders, tail: Tail, show: Callable[[Iterable[Event]], None]) -> None:
    from orchestrator.client import meshes
    from orchestrator.client.files import events as read
    from orchestrator.client.run_view import INTERVAL, Presence

    presence = Presence(of)
    going = meshes.runs(of)
    while going:
        going = not presence.gone()
        show(read(tail))
        sys.stdout.flush()
        time.sleep(INTERVAL)
