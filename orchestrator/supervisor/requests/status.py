"""The state of a mesh for clients: the document of ``ps``. Reads the kernel's figures, touches no process."""

from __future__ import annotations

import signal
from collections import defaultdict

from orchestrator.contract.messages import Message
from orchestrator.observe import groups
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy.state import ALIVE, MeshState, ProcessState
from orchestrator.supervisor.runtime import link_monitor, outside_monitor
from orchestrator.supervisor.runtime.liveness_monitor import doing

NOTHING: Message = {"count": None, "cpu": None, "memory": None}


class Status:
    """Makes the document; remembers the processes, since cpu percents are counted from one look to the next."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, float]] = {}

    def document(self, mesh: MeshState, endpoints: dict[str, Endpoint], problem: str, now: float) -> Message:
        """Give the document of ``ps --format json``, version 1."""
        pids = {process.pid: name for name, process in mesh.processes.items() if process.pid}
        self._known = {pid: known for pid, known in self._known.items() if pid in pids}
        of = groups.members(pids)
        owners = {pid: pids[leader] for leader, group in of.items() for pid in [leader, *group]}
        found = _links(mesh, endpoints, owners)
        far = _outside(mesh, endpoints, owners)
        return {
            "version": 1,
            "mesh": mesh.plan.mesh,
            "files": list(mesh.plan.files),
            "state": mesh.condition,
            "uptime": round(now - mesh.begun, 3),
            "problem": problem,
            "processes": [
                self._process(mesh, process, found[name], of.get(process.pid, []), now)
                | ({"outside": far[name]} if name in far else {})
                for name, process in mesh.processes.items()
            ],
        }

    def _process(self, mesh: MeshState, process: ProcessState, found: Message, group: list[int], now: float) -> Message:
        alive = process.state in ALIVE
        suspended = mesh.passing[process.name].suspended
        return {
            "name": process.name,
            "node": mesh.planned(process.name).node,
            "state": "suspended" if suspended else process.state,
            "start": mesh.node(process.name).start,
            "terminal": bool(process.returns),
            "since": round(now - (suspended or process.since), 3),
            "doing": doing(process.pid) if process.state == "unresponsive" else "",
            "waits": mesh.held.get(mesh.planned(process.name).node, "") if process.state == "waiting" else "",
            "unstarted": process.unstarted,
            "pid": process.pid or None,
            "generation": process.generation,
            "restarts": process.restarts,
            "uptime": round(now - process.started, 3) if alive else None,
            "exit": _exit(process, now),
            **self._usage(process, group, now),
            "links": found,
        }

    def _usage(self, process: ProcessState, group: list[int], now: float) -> Message:
        used = groups.usage(group)
        if not used.processes:
            return NOTHING
        # At first since it has started. Who was reaped by nobody of the group takes its time along.
        spent, since = self._known.get(process.pid, (0.0, process.started))
        self._known[process.pid] = used.cpu, now
        cpu = 100 * max(0.0, used.cpu - spent) / max(now - since, 0.01)
        return {"count": used.processes, "cpu": round(cpu, 1), "memory": groups.memory(group, used)}


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


def _links(mesh: MeshState, endpoints: dict[str, Endpoint], pids: dict[int, str]) -> defaultdict[str, Message]:
    """Give for each process and edge how many links are declared and how many are up, between passed gates."""
    up = link_monitor.up(mesh, endpoints, pids)
    found: defaultdict[str, Message] = defaultdict(dict)
    for name, peers in mesh.tables.peers.items():
        for peer in peers:
            binder, connector = (name, peer.process) if peer.binds else (peer.process, name)
            link = found[name].setdefault(peer.edge, {"up": 0, "declared": 0})
            link["declared"] += 1
            link["up"] += min(1, up[peer.endpoint, binder, connector])
    return found


def _outside(mesh: MeshState, endpoints: dict[str, Endpoint], pids: dict[int, str]) -> dict[str, Message]:
    """Give for each process with links to external nodes how many of them are up; where it binds any number may be."""
    far = outside_monitor.links(mesh.plan)
    up = outside_monitor.up(far, endpoints, pids)
    found: defaultdict[str, Message] = defaultdict(dict)
    for each in far:
        link = found[each.process].setdefault(each.edge, {"up": 0, "declared": 0})
        link["up"] += up[each] if each.binds else min(1, up[each])
        link["declared"] += max(1, up[each]) if each.binds else 1
    return dict(found)
