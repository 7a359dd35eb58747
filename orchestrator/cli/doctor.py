"""``doctor``: whether meshes can run here."""

from __future__ import annotations

import typer

from orchestrator.report.output import PLAIN, Output


def doctor(output: Output = PLAIN) -> None:
    """Look at what this machine, its kernel and its libzmq have of what a mesh needs; 1 where none can run."""
    from orchestrator.project.doctor import checks

    found = [check for check in checks() if not output.quiet or check.health in ("limited", "missing")]
    if output.terminal:
        from orchestrator.report import terminal

        terminal.checks(found, color=output.color())
    else:
        from orchestrator.report.doctor import document, lines

        output.document(document(found)) if output.json else output.lines(lines(found))
    raise typer.Exit(int(any(check.health == "missing" for check in found)))
