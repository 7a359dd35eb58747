"""Processes that use more memory than they may: they are killed, as by the kernel, and their restart policy decides."""

from __future__ import annotations

import os
from collections.abc import Iterator

from orchestrator.supervisor.effects import Effect, Report, Signal
from orchestrator.supervisor.state import ALIVE, Mesh

EVERY = 1.0
"""Seconds between two looks."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def limited(mesh: Mesh) -> dict[str, int]:
    """Give the processes that have a limit, in bytes, and run."""
    return {
        name: limit
        for name, process in mesh.processes.items()
        if process.pid
        and process.state in ALIVE
        and (bounds := mesh.node(name).bounds) is not None
        and (limit := bounds.memory) is not None
    }


def resident(pid: int) -> int:
    """Give the resident memory of a process in bytes (proc(5), statm); 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def judge(name: str, size: int, limit: int) -> Iterator[Effect]:
    """Kill a process that has grown beyond its limit."""
    if size > limit:
        text = f"uses {size / 2**20:.0f} MiB, more than limits.memory, {limit / 2**20:.0f} MiB: killed by SIGKILL"
        yield Report("killed", {"process": name, "signal": "KILL", "text": text})
        yield Signal(name, "KILL")
