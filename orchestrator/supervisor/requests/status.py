"""What a supervisor alone knows of its processes: its answer to ``ps``. What they use the client sees for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.contract.messages import Message
from orchestrator.control.endings import exit_document
from orchestrator.control.messages import ProcessTold
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy.state import ALIVE, MeshState, ProcessState

COLUMNS = tuple(ProcessTold.__annotations__)
"""What is said of each process, once: keys with every process would cost as much as all else of an answer."""


def status(mesh: MeshState, endpoints: Mapping[str, Endpoint], problem: str, now: float) -> Message:
    """Return the answer, which ``observe.status`` makes the document of."""
    return {
        "version": 1,
        "mesh": mesh.plan.mesh,
        "files": list(mesh.plan.files),
        "state": mesh.condition,
        "uptime": round(now - mesh.begun, 3),
        "problem": problem,
        "addresses": {name: each.connect for name, each in endpoints.items()},
        "columns": COLUMNS,
        "processes": [_row(mesh, process, now) for process in mesh.processes.values()],
    }


def _row(mesh: MeshState, process: ProcessState, now: float) -> list[Any]:
    alive, suspended = process.state in ALIVE, mesh.transitions[process.name].suspended
    planned, node = mesh.planned(process.name), mesh.node(process.name)
    return [
        process.name,
        planned.node,
        "suspended" if suspended else process.state,
        node.start,
        bool(process.resume_as),
        round(now - (suspended or process.since), 3),
        mesh.held.get(planned.node, "") if process.state == "waiting" else "",
        process.unstarted,
        process.pid or None,
        process.generation,
        process.restarts,
        round(now - process.started, 3) if alive else None,
        exit_document(process.status, process.reason, now - process.exited_at) if process.exited else None,
        process.started,
        process.state == "unresponsive",
        process.released or not node.library,
    ]
