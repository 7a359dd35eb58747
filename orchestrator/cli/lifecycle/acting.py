"""The processes that a lifecycle verb is about, having them act, and telling how they fared."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from orchestrator.cli import chosen as selected
from orchestrator.cli.following import until_interrupt
from orchestrator.client.mesh import Mesh
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.report.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orchestrator.control.messages import Outcome

GOES_ON = "not waiting any longer; it goes on"


def chosen(verb: str, arguments: Sequence[str] | None, mesh: str, output: Output) -> tuple[Mesh, list[str]]:
    """Return the mesh and the processes that are meant. Raise UsageError where none is named."""
    if not select_files.split(arguments)[1]:
        instead = "; down stops the mesh" if verb in ("stop", "kill") else ""
        raise UsageError(f"{verb} what? Name processes, or '*' for all{instead}")
    of, patterns = selected.chosen(arguments, mesh, output, running=True)
    names = of.processes(*patterns)
    if verb != "kill":
        from orchestrator.client import inputs
        from orchestrator.report import console

        console.note(inputs.remark(of.folders))
    return of, names


def timed(output: Output, act: Callable[[], dict[str, Outcome]]) -> dict[str, Outcome]:
    """Have something done, and say how long it took and how the processes fared."""
    from orchestrator.report.outcomes import lines

    began = time.monotonic()
    with until_interrupt(GOES_ON):
        outcomes = act()
    for line in lines(outcomes, time.monotonic() - began):
        output.note(line)
    return outcomes


def leave(of: Mesh, outcomes: Mapping[str, Outcome], output: Output) -> None:
    """Print the outcomes, and end with 1 where one is not ready. Raise typer.Exit."""
    from orchestrator.client.wait_processes import unready

    output.outcomes(of.name, outcomes)
    raise typer.Exit(int(unready(outcomes)))
