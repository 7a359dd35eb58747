"""Waiting for the end of a mesh, or of some of its processes."""

from __future__ import annotations

import time
from collections.abc import Collection

from orchestrator.client import connection, meshes, requests
from orchestrator.client.errors import MeshGoneError
from orchestrator.client.files import Tail, events
from orchestrator.client.past_runs import Past
from orchestrator.client.presence import INTERVAL, Presence
from orchestrator.contract import statuses
from orchestrator.contract.folders import Folders
from orchestrator.control.messages import Outcome


def of_mesh(of: Folders, deadline: float) -> Past:
    """Wait until a mesh has ended, unless it has long since. Raise MeshGoneError, and TimeoutError."""
    past, presence, tail = Past(), Presence(of), Tail(of.events)
    past.tell(events(tail))
    goes_on = past.ended is None
    while True:
        for event in events(tail):
            if goes_on and past.ended and event["event"] == "begin":
                return past  # the next run of this mesh
            past.tell([event])
        if past.ended and not meshes.runs(of):
            return past
        if presence.gone():
            past.tell(events(tail))
            if past.ended:
                return past
            raise MeshGoneError.named(of.run.name)
        if time.monotonic() >= deadline:
            raise TimeoutError("the mesh goes on")
        time.sleep(INTERVAL)


def of_processes(of: Folders, names: Collection[str], deadline: float) -> dict[str, Outcome]:
    """Wait until processes have ended for good, or their mesh has, and return how they did. Raise as ``of_mesh``.

    A process that never ran is not in it once the mesh has ended.
    """
    try:
        *_, found = requests.settle(of, "over", dict.fromkeys(names, 0), deadline)
        return found["processes"]
    except connection.Unreachable:
        past = of_mesh(of, deadline)
        return {name: past.outcomes[name] for name in names if name in past.outcomes}


def status(outcome: Outcome) -> int:
    """Return the exit status of a command that ends as a process did: 0 unless it failed, 128 + n after a signal n."""
    return statuses.of_process(outcome["status"]) if outcome["state"] == "failed" else 0
