"""``attach``: show a mesh that runs, as the ``up`` that started it does."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.options import MeshName, meshes
from orchestrator.client import select_mesh
from orchestrator.client.mesh import Mesh
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

Name = Annotated[
    str, typer.Argument(metavar="MESH", help="A mesh by name, or a file.", autocompletion=meshes, show_default=False)
]


def attach(name: Name = "", mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Show what the processes of a running mesh print, until it ends; Ctrl-C leaves it running."""
    from orchestrator.client.interrupts import Interrupts
    from orchestrator.client.open_run import opened
    from orchestrator.client.session import Attached

    _, plain = select_files.split([name] if name else None)
    if plain and mesh:
        raise UsageError(f"{plain[0]} and -m {mesh}: name one mesh")
    of = Mesh(plain[0]) if plain else chosen([name] if name else None, mesh, output)[0]
    select_mesh.require_running(of.folders)
    interrupts = Interrupts()
    run = opened(of.folders, of.plan, output, known=True, logs=True)
    output.note(f"{of.name}: Ctrl-C leaves it running")
    raise typer.Exit(Attached(of.folders, run, interrupts).watch(output.note))
