"""``config``: the topology that files make together, with nothing left to merge or replace."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from orchestrator.cli.options import AsFormat, File, Name, NoColor, Root, Sets
from orchestrator.project import select_files
from orchestrator.report.output_format import Format

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
    from orchestrator.contract import documents
    from orchestrator.project import examine
    from orchestrator.report import console
    from orchestrator.topology.dump.plain_data import plain
    from orchestrator.topology.dump.yaml_writer import emit

    files = select_files.only_files(arguments, file)
    colour = console.colourful(sys.stderr, no_color)
    topology = examine.topology(files, select_files.sets(sets), name, root=root, colour=colour)
    data = plain(topology)
    if form is Format.text:
        print(emit(data, topology.whence if origins else lambda path: ""), end="")
    else:
        told = {"version": 1, "topology": data, "origins": _origins(data, topology.whence)} if origins else data
        print(documents.text(told))


def _origins(data: Any, whence: Any, path: tuple[Any, ...] = ()) -> dict[str, str]:
    """Give where each scalar and each list was written, by its key path."""
    from orchestrator.topology.collector import written

    if isinstance(data, dict) and data:
        return {key: text for name, item in data.items() for key, text in _origins(item, whence, (*path, name)).items()}
    told = whence(path)
    return {written(path): told} if told else {}
