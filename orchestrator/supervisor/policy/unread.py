"""What was on its way when processes left: what is known of it, and of whom nothing is. Pure."""

from __future__ import annotations

from orchestrator.contract.node_messages import Unread
from orchestrator.control.messages import InFlight, UnreadAt
from orchestrator.supervisor.policy.state import MeshState, ProcessState


def of(mesh: MeshState, name: str) -> list[UnreadAt]:
    """Return what a process has left unread: of which socket and edge, sent to whom or received, and how much."""
    return [_entry(mesh, name, each) for each in mesh.processes[name].left or ()]


def _entry(mesh: MeshState, name: str, told: Unread) -> UnreadAt:
    socket = next((each for each in mesh.planned(name).sockets if each.name == told.socket), None)
    edges, peer = list(socket.edges) if socket else [], ""
    number = told.connect
    if socket is not None and number is not None and number < len(socket.connects):
        link = socket.connects[number]
        endpoint = mesh.plan.endpoint[link.endpoint]
        edges, peer = [link.edge], endpoint.name if endpoint.process else ""
    elif told.pid:
        process = next((each.name for each in mesh.processes.values() if each.pid == told.pid), "")
        links = [each for each in mesh.tables.peers[name] if each.process == process and each.socket == told.socket]
        if links:
            edges, peer = [links[0].edge], f"{process}.{links[0].peer_socket}"
    tapped = told.pid and not peer and told.then == "lost"  # by somebody who is none of the mesh
    return {
        "socket": told.socket,
        "way": told.way,
        "then": "dropped" if tapped else told.then,
        "messages": told.messages,
        "bytes": told.bytes,
        "edge": ", ".join(edges),
        "peer": peer,
    }


def loses(mesh: MeshState) -> list[str]:
    """Return the processes that are known to have lost messages when they left."""
    return [name for name in mesh.processes if any(each["then"] == "lost" for each in of(mesh, name))]


def summary(mesh: MeshState) -> InFlight:
    """Return what the event of a mesh's end tells of what was on its way.

    ``lost`` names the processes that lost ``messages`` and ``bytes``, at least; ``kept`` are messages that stay in
    journals. ``unknown`` maps the reasons why nothing is known to the processes of which that is so.
    """
    entries = {name: of(mesh, name) for name in mesh.processes}
    lost = [each for found in entries.values() for each in found if each["then"] == "lost"]
    kept = [each for found in entries.values() for each in found if each["then"] == "kept"]
    unknown: dict[str, list[str]] = {}
    for name, process in mesh.processes.items():
        if (why := _why_unknown(mesh, process, entries[name])) is not None:
            unknown.setdefault(why, []).append(name)
    return {
        "lost": loses(mesh),
        "messages": sum(each["messages"] or 0 for each in lost),
        "bytes": sum(each["bytes"] for each in lost if each["messages"] is None),
        "kept": sum(each["messages"] or 0 for each in kept),
        "keepers": [name for name, found in entries.items() if any(each["then"] == "kept" for each in found)],
        "unknown": unknown,
    }


def _why_unknown(mesh: MeshState, process: ProcessState, entries: list[UnreadAt]) -> str | None:
    """Say why nobody knows what a process still had; None where it is known."""
    if not mesh.planned(process.name).sockets:
        return None
    if process.state == "failed" and process.generation:
        return "failed"
    if process.name in mesh.absent:
        return "absent"
    if any(each["then"] == "dropped" for each in entries):
        return "dropped"
    return process.untold or None
