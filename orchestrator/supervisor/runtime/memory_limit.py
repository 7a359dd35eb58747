"""Processes that use more memory than they may: they are killed, as by the kernel, and their restart policy decides."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.observe import groups
from orchestrator.supervisor.policy.effects import Effect, Report, Signal
from orchestrator.supervisor.policy.state import ALIVE, MeshState

EVERY = 1.0
"""Seconds between two looks."""


def limited(mesh: MeshState) -> dict[str, int]:
    """Return the processes that have a limit, in bytes, and run."""
    return {
        name: limit
        for name, process in mesh.processes.items()
        if process.pid
        and process.state in ALIVE
        and (bounds := mesh.node(name).bounds) is not None
        and (limit := bounds.memory) is not None
    }


def look(mesh: MeshState) -> Iterator[Effect]:
    """Look at all that have a limit, and kill who has grown beyond it."""
    limits = limited(mesh)
    found = groups.members({mesh.processes[name].pid for name in limits})
    for name, limit in limits.items():
        pids = found[mesh.processes[name].pid]
        used = groups.usage(pids)
        # What is shared is dear to count, and never more than what is resident.
        if used.resident > limit:
            yield from judge(name, groups.memory(pids, used), limit, used.processes)


def judge(name: str, size: int, limit: int, processes: int = 1) -> Iterator[Effect]:
    """Kill a process that has grown beyond its limit, with those that it has started."""
    if size > limit:
        uses = "uses" if processes < 2 else f"and what it has started, {processes} processes, use"
        text = f"{uses} {size / 2**20:.0f} MiB, more than limits.memory, {limit / 2**20:.0f} MiB: killed by SIGKILL"
        yield Report("killed", {"process": name, "signal": "KILL", "text": text})
        yield Signal(name, "KILL")
