"""``init``: write a mesh to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import Name, Remarks
from orchestrator.report.output import PLAIN

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where to; it need not exist.", show_default=False)]


def init(folder: Folder = Path(), name: Name = "", output: Remarks = PLAIN) -> None:
    """Write a small mesh to begin with: a topology, two programs, a schema for editors. It overwrites nothing."""
    from orchestrator.project import new_mesh

    for path in new_mesh.write(folder, name):
        output.note(f"wrote {path}")
    output.note(f"next: {new_mesh.start_command(folder)}")
