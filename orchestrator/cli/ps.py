"""``ps``: the processes of a mesh."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.options import MeshName, Processes
from orchestrator.client import select_mesh
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.control.messages import Status

Ended = Annotated[bool, typer.Option("--all", "-a", help="Also a mesh that has ended: how its last run did.")]
Watched = Annotated[bool, typer.Option("--watch", "-w", help="Again each second, until Ctrl-C or q.")]


def ps(
    arguments: Processes = None,
    mesh: MeshName = "",
    every: Ended = False,
    watched: Watched = False,
    output: Output = PLAIN,
) -> None:
    """Show the processes of a mesh; name a node to see each of its processes."""
    from orchestrator.cli.live_view import watch

    of, patterns = chosen(arguments, mesh, output)

    def look() -> list[str] | None:
        document = of.last_run() if every and not of.runs else of.ps()
        return show(document, patterns, output, one_line=watched)

    if watched:
        watch(look)
    else:
        output.lines(look() or ())


def show(document: Status, patterns: Sequence[str], output: Output, *, one_line: bool) -> list[str]:
    """Return the lines for the processes that the patterns mean. Raise UsageError where one means none."""
    from orchestrator.contract import documents
    from orchestrator.report.status import status

    if patterns:
        wanted = set(select_mesh.match(patterns, {one["name"]: one["node"] for one in document["processes"]}))
        document["processes"] = [one for one in document["processes"] if one["name"] in wanted]
    if output.json:
        return [json.dumps(document) if one_line else documents.text(document, escaped=True)]
    return status(document, color=output.color(), each=bool(patterns))
