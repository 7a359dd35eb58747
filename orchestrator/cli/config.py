"""``config``: the topology that files make together, with nothing left to merge or replace."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from orchestrator.cli.options import File, Name, Root, Selected, Sets, Topology
from orchestrator.report.output import PLAIN, Output

Origins = Annotated[bool, typer.Option("--origins", help="Where each value was written, and by which variables.")]


def config(
    arguments: Topology = None,
    file: File = None,
    name: Name = "",
    sets: Sets = None,
    root: Root = "",
    origins: Origins = False,
    output: Output = PLAIN,
) -> None:
    """Show the topology that files make together: includes, overlays, templates, defaults and variables resolved."""
    from orchestrator.contract import documents
    from orchestrator.project import accepted
    from orchestrator.topology.dump.plain_data import plain
    from orchestrator.topology.dump.yaml_writer import emit

    selection = Selected(arguments, file, name, sets, root=root).selection()
    topology = accepted.topology(selection, colour=output.color(sys.stderr))
    data = plain(topology)
    if not output.json:
        print(emit(data, topology.provenance if origins else lambda path: ""), end="")
    else:
        told = {"version": 1, "topology": data, "origins": _origins(data, topology.provenance)} if origins else data
        print(documents.text(told))


def _origins(data: Any, provenance: Any, path: tuple[Any, ...] = ()) -> dict[str, str]:
    """Give where each scalar and each list was written, by its key path."""
    from orchestrator.topology.collector import written

    if isinstance(data, dict) and data:
        return {
            key: text for name, item in data.items() for key, text in _origins(item, provenance, (*path, name)).items()
        }
    told = provenance(path)
    return {written(path): told} if told else {}
