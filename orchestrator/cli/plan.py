"""``plan``: what would run, without running it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli import brief, target
from orchestrator.cli.mistake import Mistake
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
    from orchestrator.cli import load, screen
    from orchestrator.plan.render import as_json, text

    positional, others = target.split(arguments)
    if others:
        raise Mistake(f"{others[0]} is no file: it ends in .yaml or .yml, or holds a /")
    colour = screen.colourful(sys.stderr, no_color)
    decided = load.plan(
        target.files(positional, file), target.sets(sets), name, profiles=profiles or (), root=root, colour=colour
    )
    brief.keep(decided)
    print(as_json(decided) if form is Format.json else text(decided))
