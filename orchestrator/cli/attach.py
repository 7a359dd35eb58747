"""``attach``: show a mesh that runs, as the ``up`` that started it does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli import target
from orchestrator.cli.mistake import Mistake
from orchestrator.cli.options import AsFormat, Format, Mesh, NoColor, Quiet, meshes

Name = Annotated[
    str, typer.Argument(metavar="MESH", help="A mesh by name, or a file.", autocompletion=meshes, show_default=False)
]


def attach(
    name: Name = "", mesh: Mesh = "", form: AsFormat = Format.text, no_color: NoColor = False, quiet: Quiet = False
) -> None:
    """Show what the processes of a running mesh print, until it ends; Ctrl-C leaves it running."""
    from orchestrator.cli.attached import Attached, Interrupts, Lost
    from orchestrator.cli.opened import opened
    from orchestrator.cli.screen import note

    positional, plain = target.split([name] if name else None)
    if plain and mesh:
        raise Mistake(f"{plain[0]} and -m {mesh}: name one mesh")
    found, why = (plain[0], "") if plain else target.mesh(mesh, positional)
    of = target.running(found)
    interrupts = Interrupts()
    run = opened(of, target.plan(found), known=True, logs=True, no_color=no_color, quiet=quiet, form=form)
    note(why, quiet)
    note(f"{found}: Ctrl-C leaves it running", quiet)
    try:
        status = Attached(of, run, interrupts).watch()
    except Lost as lost:
        print(lost, file=sys.stderr)
        raise typer.Exit(1) from None
    if status is None:
        note(f"{found} goes on; orchestrator down {found} ends it", quiet)
    raise typer.Exit(status or 0)
