"""``config``: the topology that files make together, with nothing left to merge or replace."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from orchestrator.cli import target
from orchestrator.cli.options import AsFormat, File, Format, Name, NoColor, Root, Sets

Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="FILE", help="The topology; - is standard input.", show_default=False)
]
Origins = Annotated[bool, typer.Option("--origins", help="Where each value was written, and by which variables.")]


def config(
    arguments: Arguments = None,
    file: File = None,
    name: Name = "",
    sets: Sets = None,
    root: Root = "",
    origins: Origins = False,
    form: AsFormat = Format.text,
    no_color: NoColor = False,
) -> None:
    """Show the topology that files make together: includes, overlays, templates, defaults and variables resolved."""
    from orchestrator.cli import load, screen
    from orchestrator.contract import documents
    from orchestrator.topology.emit import emit
    from orchestrator.topology.plain import plain

    files = target.only_files(arguments, file)
    colour = screen.colourful(sys.stderr, no_color)
    topology = load.topology(files, target.sets(sets), name, root=root, colour=colour)
    data = plain(topology)
    if form is Format.text:
        print(emit(data, topology.whence if origins else lambda path: ""), end="")
    else:
        told = {"version": 1, "topology": data, "origins": _origins(data, topology.whence)} if origins else data
        print(documents.text(told))


def _origins(data: Any, whence: Any, path: tuple[Any, ...] = ()) -> dict[str, str]:
    """Give where each scalar and each list was written, by its key path."""
    from orchestrator.topology.findings import written

    if isinstance(data, dict) and data:
        return {key: text for name, item in data.items() for key, text in _origins(item, whence, (*path, name)).items()}
    told = whence(path)
    return {written(path): told} if told else {}
