"""``ps`` and ``ls``: what runs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.options import AsFormat, Mesh, NoColor, Processes, Quiet
from orchestrator.client import select_mesh
from orchestrator.contract import documents
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.control.messages import Status

Ended = Annotated[bool, typer.Option("--all", "-a", help="Also a mesh that has ended: how its last run did.")]
Watched = Annotated[bool, typer.Option("--watch", "-w", help="Again each second, until Ctrl-C or q.")]
Every = Annotated[bool, typer.Option("--all", "-a", help="Those that have ended too.")]


def ps(
    arguments: Processes = None,
    mesh: Mesh = "",
    every: Ended = False,
    watched: Watched = False,
    form: AsFormat = Format.text,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    """Show the processes of a mesh; name a node to see each of its processes."""
    from orchestrator.cli.live_view import watch
    from orchestrator.report import console

    positional, patterns = select_files.split(arguments)
    name, why = select_mesh.mesh(mesh, positional)
    console.note(why, quiet)

    def look() -> list[str] | None:
        return show(_document(name, every), patterns, form, no_color, one_line=watched)

    if watched:
        watch(look)
    else:
        console.data(look() or ())


def show(document: Status, patterns: Sequence[str], form: Format, no_color: bool, *, one_line: bool) -> list[str]:
    """Give the lines for the processes that the patterns mean. Raise Mistake where one means none."""
    from orchestrator.report import console
    from orchestrator.report.status import status

    if patterns:
        wanted = set(select_mesh.match(patterns, {one["name"]: one["node"] for one in document["processes"]}))
        document["processes"] = [one for one in document["processes"] if one["name"] in wanted]
    if form is Format.json:
        return [json.dumps(document) if one_line else documents.text(document, escaped=True)]
    return status(document, colour=console.colourful(sys.stdout, no_color), each=bool(patterns))


def _document(name: str, every: bool) -> Status:
    from orchestrator.client import connection, meshes
    from orchestrator.contract import folders

    if every and not meshes.runs(folders.of(select_files.checked(name))):
        return _ended(name)
    try:
        document: Status = connection.ask(select_mesh.running(name).supervisor, {"verb": "ps"})
    except (connection.Unreachable, connection.Refused) as error:
        raise Mistake(f"{name}: {error}") from None
    return document


def _ended(name: str) -> Status:
    """Give what is known of the last run of a mesh. Raise Mistake where it never ran."""
    import time

    from orchestrator.client.files import Tail, last_run
    from orchestrator.client.past_runs import document
    from orchestrator.contract import folders

    plan = select_mesh.plan(name)
    nodes = {process.name: process.node for process in plan.processes}
    return document(name, list(plan.files), nodes, last_run(Tail(folders.of(name).events)), time.time())


def ls(every: Every = False, form: AsFormat = Format.text, quiet: Quiet = False) -> None:
    """List your meshes."""
    from orchestrator.client import connection, meshes
    from orchestrator.contract import folders
    from orchestrator.report import console
    from orchestrator.report.status import listing, unwritten

    found: list[Any] = []
    running = meshes.running()
    for name in running:
        try:
            found.append(connection.ask(folders.of(name).supervisor, {"verb": "info"}, timeout=2.0))
        except (connection.Unreachable, connection.Refused) as error:
            console.note(f"{name}: its supervisor does not answer: {error}")
    ended = [name for name in meshes.remembered() if name not in running] if every else []
    if form is Format.json:
        print(documents.text([*found, *({"mesh": name, "state": "ended"} for name in ended)]))
    else:
        console.data(listing(found, ended))
        for each in found:
            console.note(f"{each['mesh']} {unwritten(each['problem'])}" if each["problem"] else "")
        console.note("" if found or ended else "none runs", quiet)
