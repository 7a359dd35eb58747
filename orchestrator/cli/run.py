"""``run``: one process of a running mesh, in this terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from orchestrator.cli.options import MeshName, Remarks, processes
from orchestrator.client import select_mesh
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Handover, Runs

Process = Annotated[
    str,
    typer.Argument(
        metavar="PROCESS", help="Its name: bot-3, or bot where there is one.", autocompletion=processes,
        show_default=False,
    ),
]  # fmt: skip
Command = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- COMMAND", help="What to run instead of what its node says.", show_default=False),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Stop it first where it runs, and do not ask.")]

ANSWER_WITHIN = 10.0
"""Seconds that a supervisor has to answer: its keeper may be starting it anew."""


def run(
    process: Process, command: Command = None, mesh: MeshName = "", yes: Yes = False, output: Remarks = PLAIN
) -> None:
    """Be one process of a running mesh: wired as it is, in this terminal, with a debugger if wanted.

    It is one of start: manual, or one that has ended, or one that is stopped for it and starts again afterwards.
    """
    found, why = select_mesh.mesh(mesh, None)
    of = select_mesh.running(found)
    output.note(why)
    name = select_mesh.one(process, select_mesh.processes(found))
    _check(command or ())
    be(of, name, command or (), yes=yes, output=output)


def be(of: Folders, name: str, command: Sequence[str], *, yes: bool, output: Output) -> NoReturn:
    """Turn into one process of a running mesh, or into a command in its place. Raise UsageError."""
    from orchestrator.client.exec_process import become
    from orchestrator.contract import launch

    given, descriptors = _take(of, name, stop=yes)
    if "launch" not in given:
        _agree(name, given["state"])
        output.note(f"stopping {name}")
        given, descriptors = _take(of, name, stop=True)
    if "launch" not in given:
        raise UsageError(f"{name} is {given['state']}, and was not stopped")
    if given["again"]:
        output.note(f"{name} was stopped for this; it starts again when this one has ended")
    with open(given["launch"], "rb") as file:
        order = launch.load(file.read())
    become(of, order, descriptors, command)


def _check(command: Sequence[str]) -> None:
    from shutil import which

    if command and "/" not in command[0] and which(command[0]) is None:
        raise UsageError(f"{command[0]}: no such command")


def _agree(name: str, state: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"{name} is {state}; --yes stops it first")
    print(f"{name} is {state}; stop it and run it here? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError(f"{name} goes on")


def _take(of: Folders, name: str, *, stop: bool) -> tuple[Handover | Runs, list[int]]:
    import time

    from orchestrator.client import connection, meshes
    from orchestrator.control.verbs import Run

    deadline = time.monotonic() + ANSWER_WITHIN
    while True:
        try:
            # However long the process takes to stop: its grace bounds that.
            return connection.take(of.supervisor, Run(name, os.getpid(), stop), None)
        except connection.Refused as refused:
            raise UsageError(f"{of.run.name}: {refused}") from None
        except connection.Unreachable as error:
            if time.monotonic() > deadline or not meshes.runs(of):
                raise UsageError(f"{of.run.name}: its supervisor does not answer: {error}") from None
            time.sleep(0.05)
