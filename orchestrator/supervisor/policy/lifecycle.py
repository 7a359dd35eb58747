"""The lives of single processes: which state follows which, and what a new incarnation begins with."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.contract.node_messages import Touch
from orchestrator.supervisor.policy import gate_rules
from orchestrator.supervisor.policy.effects import Ask, Effect, Unlisten
from orchestrator.supervisor.policy.state import MeshState, ProcessState, State, Transition

NEVER = float("inf")

ENDS: tuple[State, ...] = ("backoff", "done", "failed", "stopped")
"""What an exit leads to."""

TRANSITIONS: dict[State, tuple[State, ...]] = {
    "waiting": ("starting", "failed", "stopped"),
    "starting": ("connected", "ready", "draining", *ENDS, "waiting"),
    "connected": ("connected", "ready", "leaving", "draining", *ENDS, "waiting"),
    "ready": ("unresponsive", "leaving", "draining", *ENDS, "waiting"),
    "unresponsive": ("ready", "leaving", "draining", *ENDS, "waiting"),
    "leaving": ("leaving", "draining", *ENDS, "waiting"),
    "draining": ("draining", *ENDS, "waiting"),
    "backoff": ("starting", "waiting", "stopped"),
    "done": ("starting", "waiting", "backoff", "done", "stopped"),
    "failed": ("starting", "waiting", "backoff", "failed", "stopped"),
    "stopped": ("starting", "waiting", "backoff", "stopped"),
}
"""The states that may follow each state. Of those that run only one in a terminal goes straight to ``waiting``: once it
has ended there, it takes up the state that it had. One that rests takes it up likewise, when a terminal that has
claimed it gives it back.
"""


def enter(process: ProcessState, state: State, now: float) -> None:
    """Note a new state, which must be one that may follow the one before."""
    assert state in TRANSITIONS[process.state], f"{process.name}: {process.state} to {state}"
    process.state, process.since = state, now


def new_incarnation(mesh: MeshState, process: ProcessState, now: float) -> None:
    """Let the next incarnation of a process be the one that is expected."""
    process.generation += 1
    process.started, process.ready_at = now, 0.0
    process.released = process.stopping = process.force_killed = process.failing = process.clean = False
    process.left, process.untold, process.unstarted = None, "", ""
    enter(process, "starting", now)
    mesh.transitions[process.name] = Transition()


def clear_incarnation(mesh: MeshState, process: ProcessState) -> None:
    """Drop what an ended incarnation was waiting for."""
    mesh.transitions[process.name] = Transition()


def release_peers(mesh: MeshState, name: str) -> Iterator[Effect]:
    """Let those who outlive a process let go of it before its successor connects."""
    for survivor, sockets in gate_rules.survivors(mesh, name).items():
        yield Ask(survivor, Touch(tuple(sorted(sockets)), {}))


def unlisten(mesh: MeshState, process: ProcessState) -> Unlisten:
    """Give up the listeners of a process that is over.

    Who reconnects would hang in the backlog of nobody: a receiver would not run dry, a sender not leave.
    """
    return Unlisten(tuple(bound for socket in mesh.planned(process.name).sockets for bound in socket.binds))
