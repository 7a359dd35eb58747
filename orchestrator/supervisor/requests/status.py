"""What a supervisor alone knows of its processes: its answer to ``ps``. What they use the client sees for itself."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from orchestrator.contract.messages import Message
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy.state import ALIVE, MeshState, ProcessState


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
        "processes": [_process(mesh, process, now) for process in mesh.processes.values()],
    }


def _process(mesh: MeshState, process: ProcessState, now: float) -> Message:
    alive = process.state in ALIVE
    planned, node, suspended = mesh.planned(process.name), mesh.node(process.name), mesh.passing[process.name].suspended
    return {
        "name": process.name,
        "node": planned.node,
        "state": "suspended" if suspended else process.state,
        "start": node.start,
        "terminal": bool(process.returns),
        "since": round(now - (suspended or process.since), 3),
        "waits": mesh.held.get(planned.node, "") if process.state == "waiting" else "",
        "unstarted": process.unstarted,
        "pid": process.pid or None,
        "generation": process.generation,
        "restarts": process.restarts,
        "uptime": round(now - process.started, 3) if alive else None,
        "exit": _exit(process, now),
        "started": process.started,
        "mute": process.state == "unresponsive",
        "runs": process.opened or not node.library,
    }


def _exit(process: ProcessState, now: float) -> Message | None:
    if not process.exited:
        return None
    status = process.status
    return {
        "status": status if status is not None and status >= 0 else None,
        "signal": signal.Signals(-status).name if status is not None and status < 0 else None,
        "ago": round(now - process.exited_at, 3),
        "reason": process.reason[-1] if process.reason else ("nobody saw how it ended" if status is None else None),
    }
