"""What was asked of single processes, and whose turn it is. Pure.

Of those that are asked to stop, or to start anew, sources leave first, so that the others can read what was sent. One
that starts anew waits for those behind it: they would never run dry if it fed them again.
"""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.plan.model import Plan
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState, ProcessState

PAUSE = 0.02
"""Seconds before a process starts anew as asked: its peers let go of the former one meanwhile."""


def to_stop(mesh: MeshState) -> list[ProcessState]:
    """Return the processes that are to be told to stop now."""
    leaving = _leaving(mesh)
    behind = _behind(mesh.plan, leaving.values())
    return [mesh.processes[name] for name, group in leaving.items() if group not in behind]


def to_start(mesh: MeshState) -> list[ProcessState]:
    """Return the processes that have stopped and are to start anew now."""
    coming = [each for each in mesh.processes.values() if each.requested == "restart" and each.state in OVER]
    ahead = _ahead(mesh.plan, _leaving(mesh).values()) if coming else set()
    return [process for process in coming if _group(mesh, process.name) not in ahead]


def _leaving(mesh: MeshState) -> dict[str, int]:
    """Return the groups of those that have yet to end, as asked. One in a terminal goes its own way."""
    return {
        name: _group(mesh, name)
        for name, process in mesh.processes.items()
        if process.requested and process.state in ALIVE and not process.resume_as
    }


def _group(mesh: MeshState, process: str) -> int:
    return mesh.tables.group[mesh.planned(process).node]


def _behind(plan: Plan, groups: Iterable[int]) -> set[int]:
    """Return the groups that are fed by these, near and far. Groups stand in the order in which they drain."""
    found: set[int] = set()
    reached = {*groups}
    for number, group in enumerate(plan.drain if reached else ()):
        if not reached.isdisjoint(group.after):
            found.add(number)
            reached.add(number)
    return found


def _ahead(plan: Plan, groups: Iterable[int]) -> set[int]:
    """Return the groups that feed these, near and far."""
    found: set[int] = set()
    given = {*groups}
    for number in reversed(range(len(plan.drain))):
        if number in given or number in found:
            found.update(plan.drain[number].after)
    return found
