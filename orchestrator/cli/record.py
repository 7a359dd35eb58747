"""``record``: what flows on edges, into a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import stay_awake
from orchestrator.cli.options import Edges, For, MeshName, Remarks, Topics
from orchestrator.report.output import PLAIN

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
    from orchestrator.client import recordings
    from orchestrator.client.tap_session import TapSession

    of, _ = chosen(None, mesh, output, running=True)
    path = target or recordings.default_path(of.name, time.localtime())
    began = time.time()
    stay_awake()
    hearing = TapSession(of.folders, of.plan, edges, topics or (), output.note)
    messages, lost = recordings.record(hearing, path, of.name, began=began, seconds=seconds)
    (PLAIN if lost else output).note("; ".join([f"{path}: {messages} messages", *lost]))
    if lost:
        raise typer.Exit(1)
