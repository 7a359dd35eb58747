"""Asking the supervisor of a mesh that goes on: one that has died is started anew at once, and asked again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.contract.folders import Folders
from orchestrator.control import client, meshes
from orchestrator.control.messages import Message, Outcomes

WITHIN = 10.0
"""Seconds that a supervisor has to answer: its keeper may be starting it anew."""

AGAIN = 0.05
"""Seconds between two tries."""


def ask(of: Folders, request: Message) -> Any:
    """Ask until a supervisor answers. Raise client.Refused, or client.Unreachable where the mesh is gone or mute."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            return client.ask(of.supervisor, request, WITHIN)
        except client.Unreachable:
            if time.monotonic() > deadline or not meshes.runs(of):
                raise
            time.sleep(AGAIN)


def settle(of: Folders, what: str, processes: Mapping[str, int], within: float | None = None) -> Iterator[Outcomes]:
    """Wait until processes of these generations are ``ready`` or ``over``, or will not be so by themselves.

    Gives what is known every few seconds, at last with nobody pending. Raise as ``ask``, and TimeoutError with who is
    missing when ``within`` seconds are over.
    """
    deadline = time.monotonic() + within if within is not None else None
    while True:
        request: Message = {"verb": "wait", "for": what, "processes": dict(processes)}
        if deadline is not None:
            request["within"] = max(0.0, deadline - time.monotonic())
        found: Outcomes = ask(of, request)
        if found["pending"] and deadline is not None and time.monotonic() >= deadline:
            more = f" and {len(found['pending']) - 3} more" if len(found["pending"]) > 3 else ""
            raise TimeoutError(", ".join(found["pending"][:3]) + more)
        yield found
        if not found["pending"]:
            return
