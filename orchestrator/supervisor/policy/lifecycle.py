"""The lives of single processes: which state follows which, and what a new incarnation begins with."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.supervisor.policy import gate_rules
from orchestrator.supervisor.policy.effects import Ask, Effect, Unlisten
from orchestrator.supervisor.policy.state import Mesh, Passing, ProcessState, State

NEVER = float("inf")


def enter(process: ProcessState, state: State, now: float) -> None:
    """Note a new state."""
    process.state, process.since = state, now


def new_incarnation(mesh: Mesh, process: ProcessState, now: float) -> None:
    """Let the next incarnation of a process be the one that is expected."""
    process.generation += 1
    process.started, process.ready_at = now, 0.0
    process.opened = process.stopping = process.killed = process.failing = process.clean = False
    process.left, process.untold, process.unstarted = None, "", ""
    enter(process, "starting", now)
    mesh.passing[process.name] = Passing()


def clear_incarnation(mesh: Mesh, process: ProcessState) -> None:
    """Drop what an ended incarnation was waiting for."""
    mesh.passing[process.name] = Passing()


def release_peers(mesh: Mesh, name: str) -> Iterator[Effect]:
    """Let those who outlive a process let go of it before its successor connects."""
    for survivor, sockets in gate_rules.survivors(mesh, name).items():
        yield Ask(survivor, {"do": "touch", "sockets": sorted(sockets), "seen": {}})


def unlisten(mesh: Mesh, process: ProcessState) -> Unlisten:
    """Give up the listeners of a process that is over.

    Who reconnects would hang in the backlog of nobody: a receiver would not run dry, a sender not leave.
    """
    return Unlisten(tuple(bound for socket in mesh.planned(process.name).sockets for bound in socket.binds))
