"""What comes due by itself as time passes."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.supervisor.policy import gates, lifecycle, reconcile, stopping
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.restart import pause
from orchestrator.supervisor.policy.state import ALIVE, MeshState, ProcessState, Transition

REPORT_EVERY = 3.0
"""Seconds between reports of what blocks a gate."""


def tick(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Do what has come due."""
    for name, process in mesh.processes.items():
        if process.state == "backoff" and now >= process.since + pause(process):
            yield from reconcile.start(mesh, process, now)
        elif process.state in ALIVE:
            yield from retry_due(mesh, process, mesh.transitions[name], now)
    if now >= mesh.reported:
        mesh.reported = lifecycle.NEVER if mesh.up or mesh.phase != "running" else now + REPORT_EVERY
        if not mesh.up and mesh.phase == "running":
            yield from gates.report_blockers(mesh)


def next_due(mesh: MeshState) -> float:
    """Return when ``tick`` has something to do."""
    return min([mesh.reported, *(_due(mesh, process) for process in mesh.processes.values())])


def _due(mesh: MeshState, process: ProcessState) -> float:
    if process.state == "backoff":
        return process.since + pause(process)
    if process.state not in ALIVE:
        return lifecycle.NEVER
    transition = mesh.transitions.get(process.name)
    return min(transition.next, transition.kill_at) if transition else lifecycle.NEVER


def retry_due(mesh: MeshState, process: ProcessState, transition: Transition, now: float) -> Iterator[Effect]:
    """Repeat what a process was asked, or force it, where either is due."""
    if now >= transition.kill_at:
        yield from stopping.out_of_time(mesh, process, transition, now)
    elif now >= transition.next:
        transition.pause = min(max(transition.pause * 2, stopping.FIRST_PAUSE), stopping.LONGEST_PAUSE)
        transition.next = now + transition.pause
        if process.state == "draining":
            yield from stopping.ask_to_stop(mesh, process, transition, now)
        else:
            yield from gates.ask_helpers(mesh, process, transition)
