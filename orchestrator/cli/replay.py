"""``replay``: what was recorded, sent again in the place of who sent it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import MeshName, Remarks, processes
from orchestrator.cli.run import Yes
from orchestrator.client import select_mesh
from orchestrator.project.errors import UsageError
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
    from orchestrator.cli.run import be

    found, why = select_mesh.mesh(mesh, None)
    of = select_mesh.running(found)
    output.note(why)
    senders = _senders(recording)
    name = _one(process, senders, recording)
    select_mesh.one(name, select_mesh.processes(found))
    command = [sys.executable, "-m", "orchestrator.devices.replayer", str(recording.absolute()), str(speed)]
    be(of, name, command, yes=yes, output=output)


def _senders(recording: Path) -> list[str]:
    """Return the processes whose messages a recording has. Raise UsageError."""
    from orchestrator.devices.recording import BadRecording, Message, read

    try:
        sockets = {message.socket: None for message in read(recording) if isinstance(message, Message)}
    except BadRecording as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{recording}: {error.strerror}") from None
    return list(dict.fromkeys(socket.partition(".")[0] for socket in sockets if "." in socket))


def _one(process: str, senders: list[str], recording: Path) -> str:
    if not senders:
        raise UsageError(f"{recording}: it does not say which processes had sent; the device replayer sends such a one")
    if not process and len(senders) > 1:
        raise UsageError(f"{recording}: {', '.join(senders)} had sent; name one of them")
    if process and process not in senders:
        raise UsageError(f"{recording}: {process} had sent nothing; {', '.join(senders)} had")
    return process or senders[0]
