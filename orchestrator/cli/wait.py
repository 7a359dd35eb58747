"""``wait``: until a mesh, or some of its processes, are ready or have ended."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import until_interrupt
from orchestrator.cli.options import MeshName, Processes, duration
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

Ready = Annotated[bool, typer.Option("--ready", help="Until they are ready; 1 where one is not and will not be.")]
Exit = Annotated[bool, typer.Option("--exit", help="Until they have ended for good, with the status of who failed.")]
Timeout = Annotated[
    float | None, typer.Option("--timeout", metavar="10s", parser=duration, help="How long; then end with 1.")
]


def wait(
    processes: Processes = None,
    mesh: MeshName = "",
    ready: Ready = False,
    exit_: Exit = False,
    timeout: Timeout = None,
    output: Output = PLAIN,
) -> None:
    """Wait until a mesh, or some of its processes, are ready or have ended."""
    from orchestrator.client.wait_processes import unready
    from orchestrator.report.outcomes import lines

    if ready == exit_:
        raise UsageError("wait for what? --ready or --exit")
    of, patterns = chosen(processes, mesh, output)
    names = of.processes(*patterns) if patterns else []
    began = time.monotonic()
    if exit_:
        status, state, outcomes = of.wait_end(*names, within=timeout)
    else:
        with until_interrupt("not waiting any longer; it goes on"):
            outcomes = of.wait(*names, within=timeout, remark=output.note)
        status, state = int(unready(outcomes)), ""
    if state:
        output.note(f"{of.name}: {state}")
    else:
        for line in lines(outcomes, time.monotonic() - began):
            output.note(line)
    output.outcomes(of.name, outcomes)
    raise typer.Exit(status)
