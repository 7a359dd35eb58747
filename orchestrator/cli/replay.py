"""``replay``: what was recorded, sent again in the place of who sent it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import MeshName, Remarks, processes
from orchestrator.cli.run import Yes
from orchestrator.client import select_mesh
from orchestrator.report.output import PLAIN

Recording = Annotated[Path, typer.Argument(metavar="FILE", help="What record wrote.", show_default=False)]
Sender = Annotated[
    str,
    typer.Argument(
        metavar="[PROCESS]", help="In whose place; needed where several had sent.", autocompletion=processes
    ),
]
Speed = Annotated[float, typer.Option("--speed", metavar="X", min=0.0, help="How fast; 0: without any pauses.")]


def replay(
    recording: Recording, process: Sender = "", speed: Speed = 1.0, mesh: MeshName = "", yes: Yes = False,
    output: Remarks = PLAIN,
) -> None:  # fmt: skip
    """Send a recording in the place of the process that had sent it, as run does it: what it had sent, as far apart.

    The process is one of start: manual, or one that has ended, or one that is stopped for it and starts again
    afterwards. What the mesh sends to it meanwhile is not read.
    """
    from orchestrator.client import recordings
    from orchestrator.client.run_here import run_here

    found, why = select_mesh.mesh(mesh, None)
    of = select_mesh.running(found)
    output.note(why)
    name = recordings.sender(recording, process)
    select_mesh.one(name, select_mesh.processes(found))
    command = [sys.executable, "-m", "orchestrator.devices.replayer", str(recording.absolute()), str(speed)]
    run_here(of, name, command, yes=yes, output=output)
