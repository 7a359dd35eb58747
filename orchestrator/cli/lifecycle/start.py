"""``start``: start processes that do not run."""

from __future__ import annotations

from orchestrator.cli.lifecycle import acting
from orchestrator.cli.options import MeshName, Processes
from orchestrator.report.output import PLAIN, Output


def start(processes: Processes = None, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Start processes that do not run, and wait until they are ready."""
    of, names = acting.chosen("start", processes, mesh, output)
    acting.leave(of, acting.timed(output, lambda: of.start(*names, remark=output.note)), output)
