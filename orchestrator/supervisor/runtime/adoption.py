"""Processes that live although what a predecessor left does not tell of them: it was lost, or is of another version."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator

from orchestrator.contract import exits, launch
from orchestrator.contract.exits import Child
from orchestrator.contract.folders import Folders
from orchestrator.contract.peer import credentials
from orchestrator.supervisor.policy.state import MeshState, ProcessState
from orchestrator.supervisor.runtime import store


def listening(folders: Folders, names: Iterable[str]) -> Iterator[Child]:
    """Find who listens on the control sockets of these processes."""
    for name in names:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control, contextlib.suppress(OSError, ValueError):
            control.connect(folders.control(name))
            pid = credentials(control).pid
            order = launch.load(folders.file(name, "launch.json").read_bytes())
            yield Child(name, order.generation, pid, exits.start_ticks(pid))


def adopt(mesh: MeshState, children: Iterable[Child], now: float) -> int:
    """Put living processes into the mesh where it does not know them, or an earlier incarnation; say how many."""
    count = 0
    for child in children:
        process = mesh.processes.get(child.process)
        if process is None or process.generation > child.generation:
            continue
        if process.generation < child.generation:
            # Whether its program runs is told by its hello; one without our library has no gate.
            library = mesh.node(child.process).library
            mesh.processes[child.process] = ProcessState(
                child.process,
                "starting" if library else "ready",
                child.generation,
                started=now,
                since=now,
                restarts=process.restarts,
                attempts=process.attempts,
                released=not library,
                ready_at=0.0 if library else now,
            )
            count += 1
        # Also where a predecessor asked for a start and did not live to hear the answer.
        mesh.processes[child.process].pid, mesh.processes[child.process].ticks = child.pid, child.ticks
    return count


def remarks(left: store.Left, adopted: int) -> Iterator[str]:
    """Say what was wrong with what a predecessor of a living mesh left."""
    found = f"{adopted} processes were found by their keeper or their control sockets"
    if not left.mesh:
        yield f"state.jsonl tells nothing of a mesh that runs: {found}"
    elif (version := left.mesh.get("version")) != store.VERSION:
        yield f"state.jsonl is of version {version or 'none'}, not {store.VERSION}, and is not used: {found}"
    elif adopted:
        yield f"state.jsonl did not know of starts: {found}"
    if left.unreadable:
        yield f"state.jsonl: {left.unreadable} lines cannot be read, and were left out"
