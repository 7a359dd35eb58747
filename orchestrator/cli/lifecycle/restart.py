"""``restart``: drain processes and start them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.lifecycle import acting
from orchestrator.cli.options import MeshName, Processes
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from orchestrator.control.messages import Outcome

Rolling = Annotated[bool, typer.Option("--rolling", help="One after the other, each once the one before is ready.")]


def restart(processes: Processes = None, mesh: MeshName = "", rolling: Rolling = False, output: Output = PLAIN) -> None:
    """Drain processes, start them anew, and wait until they are ready."""
    from orchestrator.client.wait_processes import unready

    of, names = acting.chosen("restart", processes, mesh, output)
    outcomes: dict[str, Outcome] = {}
    for turn in [[name] for name in names] if rolling else [names]:
        outcomes |= acting.timed(output, lambda turn=turn: of.restart(*turn, remark=output.note))  # type: ignore[misc]
        if unready(outcomes):
            break
    acting.leave(of, outcomes, output)
