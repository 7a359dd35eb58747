"""``plan``: what would run, without running it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli import brief, target
from orchestrator.cli.options import AsFormat, File, Format, Name, NoColor, Profiles, Root, Sets

Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="FILE", help="The topology; - is standard input.", show_default=False)
]


def plan(
    arguments: Arguments = None,
    file: File = None,
    name: Name = "",
    sets: Sets = None,
    profiles: Profiles = None,
    root: Root = "",
    form: AsFormat = Format.text,
    no_color: NoColor = False,
) -> None:
    """Show what would run: processes, sockets, edges, the order of start and stop."""
    brief.begin()
    from orchestrator.cli import load, screen, verdict
    from orchestrator.plan.render import as_json, text

    files = target.only_files(arguments, file)
    colour = screen.colourful(sys.stderr, no_color)
    topology = load.topology(files, target.sets(sets), name, root=root, colour=colour)
    decided = load.planned(topology, profiles or (), colour=colour)
    verdict.errors(topology, decided, root, colour=colour)
    brief.keep(topology, decided)
    print(as_json(decided) if form is Format.json else text(decided))
