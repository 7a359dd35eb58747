"""The drain: who stops when, and which of its sockets may run dry. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.contract.node_messages import Stop
from orchestrator.plan.links import Peer
from orchestrator.plan.model import Socket
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState, ProcessState
from orchestrator.zeromq.sockets import TYPES, feeds

QUIET = 0.5
"""Seconds after which a socket that nobody upstream feeds counts as dry when it is empty."""

KEEPING = frozenset({"durable", "replay"})
"""Deliveries whose senders keep what they have sent."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """The receiving sockets of a stopping process: those that read to their end since all who feed them are over, those
    that are cut since somebody outside goes on to feed them, and those that stop once they are idle.
    """

    finished: tuple[str, ...]
    cut: tuple[str, ...]
    idle: tuple[str, ...]


def unreachable(mesh: MeshState, name: str) -> dict[str, tuple[int, ...]]:
    """Return for each socket of a process which of its connections, by number, lead to a receiver that is over."""
    found: dict[str, list[int]] = {}
    for socket in mesh.planned(name).sockets:
        for number, link in enumerate(socket.connects):
            to = mesh.plan.endpoint[link.endpoint]
            over = bool(to.process) and mesh.processes[to.process].state in OVER
            if over and feeds(socket.type, mesh.tables.sockets[to.process, to.socket].type):
                found.setdefault(socket.name, []).append(number)
    return {socket: tuple(numbers) for socket, numbers in found.items()}


def deserted(mesh: MeshState, name: str) -> list[str]:
    """Return the sockets of a process that nobody will take anything of any more: all that may receive it are over."""
    return [
        socket.name
        for socket in mesh.planned(name).sockets
        if TYPES[socket.type].sends and not _externally_fed(mesh, name, socket.name) and _alone(mesh, name, socket.name)
    ]


def _alone(mesh: MeshState, name: str, socket: str) -> bool:
    """Return whether all peers of a socket are over for good."""
    peers = [peer for peer in mesh.tables.peers[name] if peer.socket == socket]
    return all(_over_for_good(mesh.processes[peer.process]) for peer in peers)


def _over_for_good(process: ProcessState) -> bool:
    return process.state in OVER and process.requested != "restart" and process.resume_as not in ("waiting", "backoff")


def is_leaving(mesh: MeshState, name: str) -> bool:
    """Return whether a process that runs is to stop, now or when its turn comes."""
    process = mesh.processes[name]
    return process.state in ALIVE and (process.stopping or bool(process.requested) or mesh.phase == "draining")


def receivers_that_are_over(mesh: MeshState, name: str) -> dict[bool, list[str]]:
    """Return the processes that ``unreachable`` is about: under True those for whom what waits is kept in a journal."""
    sockets = {socket.name: socket for socket in mesh.planned(name).sockets}
    edges: dict[str, dict[str, bool]] = {}
    for socket, numbers in unreachable(mesh, name).items():
        for number in numbers:
            link = sockets[socket].connects[number]
            edges.setdefault(mesh.plan.endpoint[link.endpoint].process, {})[link.edge] = keeps(sockets[socket])
    parts = [(kept, f"{to}{on}") for to, of in edges.items() for kept, on in _parts(of)]
    return {each: [to for kept, to in parts if kept is each] for each in (False, True)}


def _parts(edges: dict[str, bool]) -> Iterator[tuple[bool, str]]:
    """Yield False where something of these edges is lost, True where something is kept; of both with their names."""
    both = len(set(edges.values())) == 2
    for kept in sorted(set(edges.values())):
        yield kept, f" ({', '.join(edge for edge in edges if edges[edge] is kept)})" if both else ""


def keeps(socket: Socket) -> bool:
    """Return whether what a socket has sent stays in its journal until it is taken, or for those who come later."""
    return socket.delivery is not None and socket.delivery["kind"] in KEEPING


def absent_receivers(mesh: MeshState) -> Iterator[tuple[bool, str]]:
    """Yield the processes that do not run although others may still have something for them.

    With True where that stays in journals, with False where it is lost.
    """
    for name, process in mesh.processes.items():
        absent = process.state == "failed" or (process.state in OVER and mesh.is_manual(name))
        peers = mesh.tables.peers[name] if absent else []
        waiting = [peer for peer in peers if peer.binds and _waits_for(mesh, name, peer)]
        edges = {peer.edge: keeps(mesh.tables.sockets[peer.process, peer.peer_socket]) for peer in waiting}
        yield from ((kept, f"{name}{on}") for kept, on in _parts(edges))


def _waits_for(mesh: MeshState, name: str, peer: Peer) -> bool:
    sends = feeds(mesh.tables.sockets[peer.process, peer.peer_socket].type, mesh.tables.sockets[name, peer.socket].type)
    return sends and mesh.processes[peer.process].state in ALIVE


def due(mesh: MeshState) -> Iterator[int]:
    """Yield the groups whose turn it is and that have not been told."""
    for number, group in enumerate(mesh.plan.drain):
        if not mesh.draining.issuperset(group.nodes) and all(_gone(mesh, before) for before in group.after):
            yield number


def over(mesh: MeshState) -> bool:
    """Return whether all processes have ended."""
    return all(process.state in OVER for process in mesh.processes.values())


def _gone(mesh: MeshState, group: int) -> bool:
    return all(process.state in OVER for node in mesh.plan.drain[group].nodes for process in mesh.of(node))


def receivers_of(mesh: MeshState, name: str) -> Receivers:
    """Sort the receiving sockets of a process by who feeds them."""
    finished: list[str] = []
    cut: list[str] = []
    idle: list[str] = []
    for socket in mesh.planned(name).sockets:
        kind = TYPES[socket.type]
        if not kind.receives or socket.type == "PUB":
            continue
        if socket.type == "REQ":
            # It waits for a reply that still comes, since who answers stops later; unless that is over already.
            if not _externally_fed(mesh, name, socket.name) and _alone(mesh, name, socket.name):
                finished.append(socket.name)
            continue
        feeders = [peer for peer in mesh.tables.peers[name] if peer.socket == socket.name]
        upstream = [
            mesh.processes[peer.process]
            for peer in feeders
            if feeds(mesh.tables.sockets[peer.process, peer.peer_socket].type, socket.type)
        ]
        if _externally_fed(mesh, name, socket.name):
            cut.append(socket.name)
        elif len(upstream) == len(feeders) and not any(process.state in ALIVE for process in upstream):
            # The listener of one that may come back is kept, and a connection in its backlog looks like one of its own.
            kept = any(mesh.keeps_listeners(peer.process) for peer in feeders if not peer.binds)
            (idle if kept else finished).append(socket.name)
        elif mesh.phase == "running":
            # It stops alone, and those who feed it go on.
            cut.append(socket.name)
        else:
            idle.append(socket.name)
    return Receivers(tuple(finished), tuple(cut), tuple(idle))


def _externally_fed(mesh: MeshState, name: str, socket: str) -> bool:
    found = mesh.tables.sockets[name, socket]
    endpoints = [mesh.plan.endpoint[link.endpoint] for link in found.connects]
    external = any(not endpoint.process for endpoint in endpoints)
    open_to_all = any(mesh.plan.endpoint[bound].peers == 0 for bound in found.binds)
    return external or open_to_all


def stop_request(receivers: Receivers, lost: dict[str, tuple[int, ...]], left: float, elapsed: float) -> Stop:
    """Return the request that stops a process, with the seconds it has left and those since the first request."""
    return Stop(
        grace=round(left, 3),
        dry=receivers.finished,
        cut=receivers.cut,
        quiet=receivers.idle if elapsed >= QUIET else (),
        lost=lost,
    )


def all_finished(receivers: Receivers, drained: set[str]) -> bool:
    """Return whether a process need not be asked again."""
    return drained >= {*receivers.finished, *receivers.cut, *receivers.idle}


def grace(mesh: MeshState, process: ProcessState, now: float) -> float:
    """Return the seconds that a process may take to stop from now on."""
    return max(0.0, min(mesh.node(process.name).stop.grace, mesh.deadline - now))
