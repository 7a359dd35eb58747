"""``logs``: what processes printed, also after the mesh has ended."""

from __future__ import annotations

import os
import sys
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import Mesh, NoColor, Processes, Quiet, moment
from orchestrator.client import select_mesh
from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.project import select_files
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orchestrator.client.files import Log
    from orchestrator.contract.folders import Folders
    from orchestrator.control.records import Record

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until the mesh ends.")]
Last = Annotated[int | None, typer.Option("--tail", metavar="N", min=0, help="Only the last N lines of each process.")]
Every = Annotated[bool, typer.Option("--all", "-a", help="Also what is kept of the runs before.")]
Times = Annotated[bool, typer.Option("--timestamps", "-t", help="Begin each line with its time, in UTC.")]
Since = Annotated[
    float | None,
    typer.Option("--since", metavar="10m", parser=moment, help="Only what came since: a while ago, or a time."),
]
LogFormat = Annotated[
    Format, typer.Option("--log-format", "--format", help="Lines as they were printed, or a JSON object each.")
]
NoPrefix = Annotated[bool, typer.Option("--no-log-prefix", help="Leave out who wrote a line.")]


def logs(
    arguments: Processes = None,
    mesh: Mesh = "",
    follow: Follow = False,
    every: Every = False,
    last: Last = None,
    since: Since = None,
    times: Times = False,
    no_log_prefix: NoPrefix = False,
    form: LogFormat = Format.text,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    """Show what processes printed in the current or last run, also after the mesh has ended."""
    from orchestrator.client.files import Log, begun
    from orchestrator.client.run_view import merged
    from orchestrator.contract import folders
    from orchestrator.report.console import colourful, note
    from orchestrator.report.log import Prefixes, as_json

    positional, patterns = select_files.split(arguments)
    name, why = select_mesh.mesh(mesh, positional)
    known = select_mesh.processes(name)
    wanted = select_mesh.match(patterns, known)
    note(why, quiet)
    of = folders.of(name)
    read = [Log(of.logs, process) for process in wanted]
    first = max(since or 0.0, 0.0 if every else begun(of.events, of.past_events))
    prefixes = Prefixes(
        wanted,
        colour=colourful(sys.stdout, no_color),
        prefix=not no_log_prefix,
        commands=os.environ.get("GITHUB_ACTIONS") == "true",
    )
    line = as_json if form is Format.json else partial(prefixes.record, times=times)
    try:
        for record in merged(read, first) if last is None else _last(read, first, last):
            print(line(record))
        if follow:
            _follow(of, read, line)
    except KeyboardInterrupt:
        raise typer.Exit(0 if follow else INTERRUPTED) from None


def _last(read: Sequence[Log], first: float, count: int) -> list[Record]:
    kept = [record for log in read for record in deque(log.past(first), maxlen=count)]
    return sorted(kept, key=lambda record: record.time)


def _follow(of: Folders, read: Sequence[Log], line: Callable[[Record], str]) -> None:
    import time

    from orchestrator.client import meshes
    from orchestrator.client.run_view import INTERVAL, Presence

    presence = Presence(of)
    going = meshes.runs(of)
    while going:
        going = not presence.gone()
        for record in sorted((record for log in read for record in log.new()), key=lambda record: record.time):
            print(line(record))
        sys.stdout.flush()
        time.sleep(INTERVAL)
