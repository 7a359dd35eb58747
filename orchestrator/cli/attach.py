"""``attach``: show a mesh that runs, as the ``up`` that started it does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli.options import AsFormat, Mesh, NoColor, Quiet, meshes
from orchestrator.client import select_mesh
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

Name = Annotated[
    str, typer.Argument(metavar="MESH", help="A mesh by name, or a file.", autocompletion=meshes, show_default=False)
]


def attach(
    name: Name = "", mesh: Mesh = "", form: AsFormat = Format.text, no_color: NoColor = False, quiet: Quiet = False
) -> None:
    """Show what the processes of a running mesh print, until it ends; Ctrl-C leaves it running."""
    from orchestrator.client.open_run import opened
    from orchestrator.client.session import Attached, Interrupts, Lost
    from orchestrator.report.console import note

    positional, plain = select_files.split([name] if name else None)
    if plain and mesh:
        raise Mistake(f"{plain[0]} and -m {mesh}: name one mesh")
    found, why = (plain[0], "") if plain else select_mesh.mesh(mesh, positional)
    of = select_mesh.running(found)
    interrupts = Interrupts()
    run = opened(of, select_mesh.plan(found), known=True, logs=True, no_color=no_color, quiet=quiet, form=form)
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
