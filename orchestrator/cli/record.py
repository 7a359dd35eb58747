"""``record``: what flows on edges, into a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import Edges, For, Mesh, Quiet, Topics
from orchestrator.client import select_mesh
from orchestrator.project.errors import Mistake

if TYPE_CHECKING:
    from orchestrator.client.tap_session import Hearing
    from orchestrator.devices.recording import Writer

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to; it must not be there. Default: MESH-TIME.jsonl."),
]


def record(
    edges: Edges,
    output: Output = None,
    topics: Topics = None,
    seconds: For = None,
    mesh: Mesh = "",
    quiet: Quiet = False,
) -> None:
    """Write what flows on edges into a file of JSON lines until the mesh ends, without disturbing it.

    Exits with 1 where something may be missing in it; its last line says what.
    """
    from orchestrator.client.tap_session import Hearing
    from orchestrator.devices.recording import Writer
    from orchestrator.report.console import note

    name, why = select_mesh.mesh(mesh, None)
    note(why, quiet)
    path = output or Path(time.strftime(f"{name}-%Y%m%d-%H%M%S.jsonl"))
    began = time.time()
    hearing = Hearing(name, edges, topics or (), quiet=quiet)
    try:
        writer = Writer(path, name, began)
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}; nothing is written over") from None
    try:
        _write(hearing, writer, seconds)
        lost = hearing.losses.told()
        writer.close(time.time(), lost)
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}; the recording ends there") from None
    note("; ".join([f"{path}: {writer.messages} messages", *lost]), quiet and not lost)
    if lost:
        raise typer.Exit(1)


def _write(hearing: Hearing, writer: Writer, seconds: float | None) -> None:
    try:
        _take(hearing, writer, seconds)
    except KeyboardInterrupt:
        hearing.stop()
        _take(hearing, writer, None)


def _take(hearing: Hearing, writer: Writer, seconds: float | None) -> None:
    for found in hearing.messages(seconds):
        for each in found:
            writer.write(each.socket, each.parts, each.time, each.edge)
        writer.flush()
