"""``plan``: what would run, without running it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli import gc_policy
from orchestrator.cli.options import AsFormat, File, Name, NoColor, Profiles, Root, Sets
from orchestrator.project import select_files
from orchestrator.report.output_format import Format

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
    gc_policy.begin()
    from orchestrator.plan.render import as_json, text
    from orchestrator.project import examine, precheck
    from orchestrator.report import console

    files = select_files.only_files(arguments, file)
    colour = console.colourful(sys.stderr, no_color)
    topology = examine.topology(files, select_files.sets(sets), name, root=root, colour=colour)
    decided = examine.planned(topology, profiles or (), colour=colour)
    precheck.errors(topology, decided, root, colour=colour)
    gc_policy.keep(topology, decided)
    print(as_json(decided) if form is Format.json else text(decided))
