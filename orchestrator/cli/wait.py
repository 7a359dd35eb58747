"""``wait``: until a mesh, or some of its processes, are ready or have ended."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from orchestrator.cli.options import AsFormat, Mesh, Processes, Quiet, duration
from orchestrator.client import select_mesh, wait_processes
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

Ready = Annotated[bool, typer.Option("--ready", help="Until they are ready; 1 where one is not and will not be.")]
Exit = Annotated[bool, typer.Option("--exit", help="Until they have ended for good, with the status of who failed.")]
Timeout = Annotated[
    float | None, typer.Option("--timeout", metavar="10s", parser=duration, help="How long; then end with 1.")
]


def wait(
    processes: Processes = None,
    mesh: Mesh = "",
    ready: Ready = False,
    exit_: Exit = False,
    timeout: Timeout = None,
    form: AsFormat = Format.text,
    quiet: Quiet = False,
) -> None:
    """Wait until a mesh, or some of its processes, are ready or have ended."""
    from orchestrator.report.console import note

    if ready == exit_:
        raise Mistake("wait for what? --ready or --exit")
    positional, patterns = select_files.split(processes)
    name, why = select_mesh.mesh(mesh, positional)
    names = select_mesh.match(patterns, select_mesh.processes(name)) if patterns else []
    note(why, quiet)
    if exit_:
        _wait_for_end(name, names, timeout, form, quiet)
    of = select_mesh.running(name)
    outcomes = wait_processes.settled(of, "ready", dict.fromkeys(names, 0), quiet, timeout)
    wait_processes.leave(of, outcomes, form, wait_processes.unready(outcomes))


def _wait_for_end(name: str, names: Sequence[str], timeout: float | None, form: Format, quiet: bool) -> NoReturn:
    from orchestrator.client import connection, wait_end
    from orchestrator.client.session import Lost
    from orchestrator.contract import folders
    from orchestrator.report.console import note
    from orchestrator.report.outcomes import lines

    of, began = folders.of(name), time.monotonic()
    deadline = float("inf") if timeout is None else began + timeout
    try:
        if not names:
            past = wait_end.of_mesh(of, deadline)
            assert past.ended is not None
            note(f"{name}: {past.ended['state']}", quiet)
            wait_processes.leave(of, past.outcomes, form, past.ended["status"])
        outcomes = wait_end.of_processes(of, names, deadline)
    except TimeoutError as late:
        print(f"{name}: not over after {timeout:g} s: {late}", file=sys.stderr)
        raise typer.Exit(1) from None
    except connection.Refused as refused:
        raise Mistake(f"{name}: {refused}") from None
    except Lost as gone:
        print(gone, file=sys.stderr)
        raise typer.Exit(1) from None
    for line in lines(outcomes, time.monotonic() - began):
        note(line, quiet)
    wait_processes.leave(of, outcomes, form, next(filter(None, map(wait_end.status, outcomes.values())), 0))
