"""``ls``: your meshes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from orchestrator.report.output import PLAIN, Output

Every = Annotated[bool, typer.Option("--all", "-a", help="Those that have ended too.")]


def ls(every: Every = False, output: Output = PLAIN) -> None:
    """List your meshes."""
    from orchestrator.client import connection, meshes
    from orchestrator.contract import folders
    from orchestrator.control.verbs import Info
    from orchestrator.report import console
    from orchestrator.report.status import listing, unwritten

    found: list[Any] = []
    running = meshes.running()
    for name in running:
        try:
            found.append(connection.ask(folders.of(name).supervisor, Info(), timeout=2.0))
        except (connection.Unreachable, connection.Refused) as error:
            console.note(f"{name}: its supervisor does not answer: {error}")
    ended = [name for name in meshes.remembered() if name not in running] if every else []
    if output.json:
        output.document([*found, *({"mesh": name, "state": "ended"} for name in ended)])
        return
    output.lines(listing(found, ended))
    for each in found:
        console.note(f"{each['mesh']} {unwritten(each['problem'])}" if each["problem"] else "")
    output.note("" if found or ended else "none runs")
