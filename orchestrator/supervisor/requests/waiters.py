"""Clients that wait for processes: until they are ready, or have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from orchestrator.control import verbs
from orchestrator.control.messages import Outcome, Outcomes
from orchestrator.supervisor.errors import Refusal
from orchestrator.supervisor.policy import hindrance
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState, ProcessState

ANSWER_AFTER = 5.0
"""Seconds after which a client is told that what it waits for has not come: one that is gone is not served for ever."""


class Waiters:
    """Answers ``wait``; to be told whenever something may have changed."""

    def __init__(self, mesh: MeshState) -> None:
        self._mesh = mesh
        self._changed: asyncio.Future[None] | None = None

    def changed(self) -> None:
        """Let all who wait look again."""
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
        self._changed = None

    async def wait(self, request: verbs.Wait) -> Outcomes:
        """Answer once all processes have settled, it becomes known why one does not leave, or after a while.

        Raise Refusal.
        """
        if unknown := [name for name in request.processes if name not in self._mesh.processes]:
            raise Refusal(f"no process {unknown[0]}")
        loop = asyncio.get_running_loop()
        until = loop.time() + (ANSWER_AFTER if request.within is None else min(ANSWER_AFTER, request.within))
        what = request.what
        wanted = self._wanted(what, request.processes)
        known = self._hindered(wanted).keys()
        while pending := [name for name, generation in wanted.items() if self._why(name, what, generation) is None]:
            news = self._mesh.phase == "ended" or self._hindered(wanted).keys() - known
            if news or (left := until - loop.time()) <= 0:
                break
            if self._changed is None:
                self._changed = loop.create_future()
            await asyncio.wait([self._changed], timeout=left)
        processes = {name: self._outcome(name, what, generation) for name, generation in wanted.items()}
        return {
            "mesh": self._mesh.phase,
            "pending": pending,
            "wanted": wanted,
            "processes": processes,
            "hindered": self._hindered(wanted),
        }

    def _hindered(self, names: Iterable[str]) -> dict[str, str]:
        """Return what keeps those of these processes from leaving of which it is known."""
        explained = [name for name in names if self._mesh.transitions[name].explained]
        return {name: why for name in explained if (why := hindrance.reason(self._mesh, name))}

    def _wanted(self, what: str, processes: Mapping[str, int]) -> dict[str, int]:
        """Return the processes with the generation that is waited for; 0 where any will do."""
        if not processes:
            return {name: 0 for name in self._mesh.processes if self._mesh.awaited(name)}
        if what != "over":
            return dict(processes)
        return {name: generation or next_end(self._mesh.processes[name]) for name, generation in processes.items()}

    def _why(self, name: str, what: str, generation: int) -> str | None:
        process = self._mesh.processes[name]
        match what:
            case "ready":
                return ready(self._mesh, process, generation)
            case "ended":
                return ended(process, generation)
            case _:
                return over(process, generation)

    def _outcome(self, name: str, what: str, generation: int) -> Outcome:
        process = self._mesh.processes[name]
        again = what == "over" and not (process.state in OVER and not process.returning)
        return {
            "state": (again and process.over >= generation and process.over_as) or process.state,
            "generation": process.generation,
            "status": process.status,
            "stopping": process.stopping,
            "killed": process.force_killed,
            "reason": process.reason[-1] if process.reason else "",
            "why": self._why(name, what, generation) or "",
        }


def next_end(process: ProcessState) -> int:
    """Return the generation that ends next, or has ended last of a process that is over."""
    return process.generation + (process.state not in ALIVE and (process.state not in OVER or process.returning))


# What was waited for is None as long as it may come by itself, empty once it has come or the process has ended by
# itself, else why it does not come. Each looks at what stays true once it is, not at a state that passes.


def ready(mesh: MeshState, process: ProcessState, generation: int) -> str | None:
    """Say whether a generation of a process, or a later one, is ready."""
    if process.is_up and process.generation >= generation:
        return ""
    if process.state in OVER and not process.returning:
        if process.unstarted:
            return f"not started: {process.unstarted}"
        return _came_between(mesh, process, generation) or ""
    if process.state == "waiting" and (whom := mesh.held.get(mesh.planned(process.name).node)):
        return f"waits for {whom}"
    return _came_between(mesh, process, generation)


def _came_between(mesh: MeshState, process: ProcessState, generation: int) -> str | None:
    """Say which command keeps a generation, which another one has asked for, from coming."""
    if not generation:
        return None
    if mesh.phase != "running":
        return "the mesh is being stopped"
    if process.requested == "stop":
        return "stopped by another command meanwhile"
    if process.resume_as:
        return "taken by a terminal meanwhile"
    return None


def ended(process: ProcessState, generation: int) -> str | None:
    """Say whether a generation has ended, and stays the last one."""
    if process.state in ALIVE and process.generation <= generation:
        return None
    if process.state in OVER and not process.returning:
        return ""
    return "taken by a terminal meanwhile" if process.resume_as else "started again by another command meanwhile"


def over(process: ProcessState, generation: int) -> str | None:
    """Say whether a process has ended for good, as this generation or a later one."""
    if process.state in OVER and not process.returning:
        return ""
    return "" if process.over_as and process.over >= generation else None
