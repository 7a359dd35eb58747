"""``stop``: drain processes, which stay stopped."""

from __future__ import annotations

import typer

from orchestrator.cli.lifecycle import acting
from orchestrator.cli.options import MeshName, Processes
from orchestrator.report.output import PLAIN, Output


def stop(processes: Processes = None, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Drain processes, those that feed the others first; they stay stopped until start."""
    from orchestrator.client.wait_processes import overtaken
    from orchestrator.report.outcomes import stopped_badly

    of, names = acting.chosen("stop", processes, mesh, output)
    outcomes = acting.timed(output, lambda: of.stop(*names, remark=output.note))
    output.outcomes(of.name, outcomes)
    raise typer.Exit(int(overtaken(outcomes) or any(map(stopped_badly, outcomes.values()))))
