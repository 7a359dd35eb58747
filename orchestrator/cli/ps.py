"""``ps`` and ``ls``: what runs."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from orchestrator.cli import target
from orchestrator.cli.mistake import Mistake
from orchestrator.cli.options import AsFormat, Format, Mesh, NoColor, Processes, Quiet

Every = Annotated[bool, typer.Option("--all", "-a", help="Those that have ended too.")]


def ps(
    arguments: Processes = None,
    mesh: Mesh = "",
    form: AsFormat = Format.text,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    """Show the processes of a mesh; name a node to see each of its processes."""
    from orchestrator.cli import screen
    from orchestrator.control import client

    positional, patterns = target.split(arguments)
    name, why = target.mesh(mesh, positional)
    of = target.running(name)
    screen.note(why, quiet)
    try:
        document: Any = client.ask(of.supervisor, {"verb": "ps"})
    except (client.Unreachable, client.Refused) as error:
        raise Mistake(f"{name}: {error}") from None
    if patterns:
        wanted = set(target.match(patterns, {one["name"]: one["node"] for one in document["processes"]}))
        document["processes"] = [one for one in document["processes"] if one["name"] in wanted]
    if form is Format.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    from orchestrator.report.status import status

    colour = screen.colourful(sys.stdout, no_color)
    screen.data(status(document, colour=colour, each=bool(patterns)))


def ls(every: Every = False, form: AsFormat = Format.text, quiet: Quiet = False) -> None:
    """List your meshes."""
    from orchestrator.cli import screen
    from orchestrator.contract import folders
    from orchestrator.control import client, meshes
    from orchestrator.report.status import listing, unwritten

    found: list[Any] = []
    running = meshes.running()
    for name in running:
        try:
            found.append(client.ask(folders.of(name).supervisor, {"verb": "info"}, timeout=2.0))
        except (client.Unreachable, client.Refused) as error:
            screen.note(f"{name}: its supervisor does not answer: {error}")
    ended = [name for name in meshes.remembered() if name not in running] if every else []
    if form is Format.json:
        print(json.dumps([*found, *({"mesh": name, "state": "ended"} for name in ended)], indent=2, ensure_ascii=False))
    else:
        screen.data(listing(found, ended))
        for each in found:
            screen.note(f"{each['mesh']} {unwritten(each['problem'])}" if each["problem"] else "")
        screen.note("" if found or ended else "none runs", quiet)
