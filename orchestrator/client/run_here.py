"""Running one process of a mesh in this terminal: it is taken from the supervisor, stopped first where it runs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from shutil import which
from typing import TYPE_CHECKING, NoReturn

from orchestrator.client import connection, meshes
from orchestrator.client.exec_process import become
from orchestrator.contract import launch
from orchestrator.control.verbs import Run
from orchestrator.project.errors import UsageError
from orchestrator.report import console
from orchestrator.report.output import Output

if TYPE_CHECKING:
    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Handover, Runs

ANSWER_WITHIN = 10.0
"""Seconds that a supervisor has to answer: its keeper may be starting it anew."""


def run_here(of: Folders, name: str, command: Sequence[str], *, yes: bool, output: Output) -> NoReturn:
    """Turn into one process of a running mesh, or into a command in its place. Raise UsageError.

    ``yes``: it is stopped first where it runs, and nobody is asked.
    """
    require_command(command)
    given, descriptors = _take(of, name, stop=yes)
    if "launch" not in given:
        agree(name, given["state"])
        output.note(f"stopping {name}")
        given, descriptors = _take(of, name, stop=True)
    if "launch" not in given:
        raise UsageError(f"{name} is {given['state']}, and was not stopped")
    if given["again"]:
        output.note(f"{name} was stopped for this; it starts again when this one has ended")
    with open(given["launch"], "rb") as file:
        order = launch.load(file.read())
    become(of, order, descriptors, command)


def require_command(command: Sequence[str]) -> None:
    """Raise UsageError where a command is not there."""
    if command and "/" not in command[0] and which(command[0]) is None:
        raise UsageError(f"{command[0]}: no such command")


def agree(name: str, state: str) -> None:
    """Ask whether a process is to be stopped. Raise UsageError where it is not, or where nobody is there to ask."""
    if not sys.stdin.isatty():
        raise UsageError(f"{name} is {state}; --yes stops it first")
    if not console.confirmed(f"{name} is {state}; stop it and run it here?"):
        raise UsageError(f"{name} goes on")


def _take(of: Folders, name: str, *, stop: bool) -> tuple[Handover | Runs, list[int]]:
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
