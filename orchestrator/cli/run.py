"""``run``: one process of a running mesh, in this terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import MeshName, Remarks, processes
from orchestrator.client import select_mesh
from orchestrator.report.output import PLAIN

Process = Annotated[
    str,
    typer.Argument(
        metavar="PROCESS", help="Its name: bot-3, or bot where there is one.", autocompletion=processes,
        show_default=False,
    ),
]  # fmt: skip
Command = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- COMMAND", help="What to run instead of what its node says.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Stop it first where it runs, and do not ask.")]


def run(
    process: Process, command: Command = None, mesh: MeshName = "", yes: Yes = False, output: Remarks = PLAIN
) -> None:
    """Be one process of a running mesh: wired as it is, in this terminal, with a debugger if wanted.

    It is one of start: manual, or one that has ended, or one that is stopped for it and starts again afterwards.
    """
    from orchestrator.client.run_here import run_here

    found, why = select_mesh.mesh(mesh, None)
    of = select_mesh.running(found)
    output.note(why)
    name = select_mesh.one(process, select_mesh.processes(found))
    run_here(of, name, command or (), yes=yes, output=output)
