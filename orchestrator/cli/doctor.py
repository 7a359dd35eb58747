"""``doctor``: whether meshes can run here."""

from __future__ import annotations

import json
import sys

import typer

from orchestrator.cli.options import AsFormat, NoColor, Quiet
from orchestrator.report.output_format import Format


def doctor(form: AsFormat = Format.text, no_color: NoColor = False, quiet: Quiet = False) -> None:
    """Look at what this machine, its kernel and its libzmq have of what a mesh needs; 1 where none can run."""
    from orchestrator.project.doctor import checks
    from orchestrator.report import console
    from orchestrator.report.doctor import document, lines

    found = [check for check in checks() if not quiet or check.health in ("limited", "missing")]
    if form is Format.json:
        print(json.dumps(document(found), indent=2, ensure_ascii=False))
    else:
        console.data(lines(found, colour=console.colourful(sys.stdout, no_color)))
    raise typer.Exit(int(any(check.health == "missing" for check in found)))
