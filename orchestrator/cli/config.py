"""``config``: the topology that files make together, with nothing left to merge or replace."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli.options import DEFAULT, Selected
from orchestrator.cli.signature import but
from orchestrator.report.output import PLAIN, Output

Origins = Annotated[bool, typer.Option("--origins", help="Where each value was written, and by which variables.")]


def config(
    selected: Annotated[Selected, but(profiles=None)] = DEFAULT, origins: Origins = False, output: Output = PLAIN
) -> None:
    """Show the topology that files make together: includes, overlays, templates, defaults and variables resolved."""
    from orchestrator.project import accepted
    from orchestrator.topology.dump import origins as written
    from orchestrator.topology.dump.plain_data import plain
    from orchestrator.topology.dump.yaml_writer import emit

    topology = accepted.topology(selected.selection(), color=output.color(sys.stderr))
    data = plain(topology)
    if not output.json:
        print(emit(data, topology.provenance if origins else lambda path: ""), end="")
    elif origins:
        output.document({"version": 1, "topology": data, "origins": written.origins(data, topology.provenance)})
    else:
        output.document(data)
