"""Asking the supervisor of a mesh that goes on: one that has died is started anew at once, and asked again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Literal

from orchestrator.client import connection, meshes
from orchestrator.contract.codec import A, Request
from orchestrator.contract.folders import Folders
from orchestrator.control.messages import Outcomes
from orchestrator.control.verbs import Wait
from orchestrator.project.errors import UsageError
from orchestrator.shortlist import listed

WITHIN = 10.0
"""Seconds that a supervisor has to answer: its keeper may be starting it anew."""

AGAIN = 0.05
"""Seconds between two tries."""

FOREVER = float("inf")

Aim = Literal["ready", "ended", "over"]

NAMED = 3
"""How many processes that are missing are named."""


def ask(of: Folders, request: Request[A]) -> A:
    """Ask until a supervisor answers. Raise Refused, or Unreachable where the mesh is gone or mute."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            return connection.ask(of.supervisor, request, WITHIN)
        except connection.Unreachable:
            if time.monotonic() > deadline or not meshes.runs(of):
                raise
            time.sleep(AGAIN)


def answered(of: Folders, request: Request[A]) -> A:
    """Ask once. Raise UsageError where no supervisor answers, or where it refuses."""
    try:
        return connection.ask(of.supervisor, request)
    except (connection.Unreachable, connection.Refused) as error:
        raise UsageError(f"{of.run.name}: {error}") from None


def settle(of: Folders, what: Aim, processes: Mapping[str, int], deadline: float = FOREVER) -> Iterator[Outcomes]:
    """Wait until processes of these generations are ``ready``, ``ended`` or ``over``, or will not be so by themselves.

    Gives what is known every few seconds, at last with nobody pending; no processes are all that are to run. Raise as
    ``ask``, and TimeoutError with who is missing at the ``deadline``, by time.monotonic.
    """
    while True:
        left = max(0.0, deadline - time.monotonic())
        found = ask(of, Wait(what, dict(processes), None if left == FOREVER else left))
        if found["pending"] and time.monotonic() >= deadline:
            raise TimeoutError(listed(found["pending"], NAMED))
        yield found
        if not found["pending"]:
            return
        processes = found["wanted"]
