"""``record``: what flows on edges, into a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import stay_awake
from orchestrator.cli.options import Edges, For, MeshName, Remarks, Topics
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN

if TYPE_CHECKING:
    from orchestrator.client.tap_session import TapSession
    from orchestrator.devices.recording import Writer

Target = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to; it must not be there. Default: MESH-TIME.jsonl."),
]


def record(
    edges: Edges,
    target: Target = None,
    topics: Topics = None,
    seconds: For = None,
    mesh: MeshName = "",
    output: Remarks = PLAIN,
) -> None:
    """Write what flows on edges into a file of JSON lines until the mesh ends, without disturbing it.

    Exits with 1 where something may be missing in it; its last line says what.
    """
    from orchestrator.client.tap_session import TapSession
    from orchestrator.devices.recording import Writer

    of, _ = chosen(None, mesh, output, running=True)
    path = target or Path(time.strftime(f"{of.name}-%Y%m%d-%H%M%S.jsonl"))
    began = time.time()
    stay_awake()
    hearing = TapSession(of.folders, of.plan, edges, topics or (), output.note)
    try:
        writer = Writer(path, of.name, began)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; nothing is written over") from None
    try:
        _write(hearing, writer, seconds)
        lost = hearing.losses.told()
        writer.close(time.time(), lost)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; the recording ends there") from None
    (PLAIN if lost else output).note("; ".join([f"{path}: {writer.messages} messages", *lost]))
    if lost:
        raise typer.Exit(1)


def _write(hearing: TapSession, writer: Writer, seconds: float | None) -> None:
    try:
        _take(hearing, writer, seconds)
    except KeyboardInterrupt:
        hearing.stop()
        _take(hearing, writer, None)


def _take(hearing: TapSession, writer: Writer, seconds: float | None) -> None:
    for found in hearing.messages(seconds):
        for each in found:
            writer.write(each.socket, each.parts, each.time, each.edge)
        writer.flush()
