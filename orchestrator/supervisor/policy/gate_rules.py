"""The gate: what each socket has to have seen before a program runs. Pure.

Processes that start together pass it together. One that starts alone later (a restart) passes it with the help of
those that run already: they enter libzmq, and publishers confirm the markers of its subscriptions.

``ORCHESTRATOR_GATE=0`` lets each program run as soon as it has loaded. It is for tests of this promise, and for
nothing else.
"""

from __future__ import annotations

from collections import defaultdict

from orchestrator.plan.model import Socket
from orchestrator.supervisor.policy.state import ALIVE, Expectation, MeshState, ProcessState
from orchestrator.zeromq.sockets import PUBLISHERS

REMEMBERING = frozenset({"PAIR", "ROUTER"})
"""Types that hold on to a dead peer until their own thread has entered libzmq."""


def expectation(mesh: MeshState, name: str) -> dict[str, Expectation]:
    """Return what each socket of a process must have seen, by its peers that are there now."""
    expected = {socket.name: Expectation() for socket in mesh.planned(name).sockets}
    for peer in mesh.tables.peers[name]:
        if not present(mesh, peer.process):
            continue
        # One that is apart may be there all the same, and must not pass for one that is waited for.
        if mesh.is_manual(peer.process):
            continue
        of = expected[peer.socket]
        of.handshakes += 1
        if awaits_marker(mesh.tables.sockets[name, peer.socket], mesh.tables.sockets[peer.process, peer.peer_socket]):
            of.markers.append(marker(mesh, peer.process, peer.peer_socket))
    return {socket: each for socket, each in expected.items() if each.handshakes}


def present(mesh: MeshState, name: str) -> bool:
    """Return whether a process uses our library and is there to shake hands."""
    process = mesh.processes[name]
    return mesh.node(name).library and process.state in ALIVE and not _leaves(process)


def marker(mesh: MeshState, name: str, socket: str) -> str:
    """Return the text of the marker of a process's socket."""
    return f"{name}.{socket}.{mesh.processes[name].generation}"


def awaits_marker(publisher: Socket, subscriber: Socket) -> bool:
    """Return whether a socket waits until a subscriber's marker has arrived."""
    return (
        publisher.type in PUBLISHERS
        and subscriber.type == "SUB"
        and bool(subscriber.options.get("subscribe"))
        and not subscriber.options.get("conflate")
        and not publisher.options.get("conflate")
    )


def unconfirmed(mesh: MeshState, name: str) -> dict[str, set[tuple[str, str]]]:
    """Return the running publishers that have to confirm the markers of a process: at which socket, and which."""
    wanted: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for peer in mesh.tables.peers[name]:
        publisher = mesh.tables.sockets[peer.process, peer.peer_socket]
        if not awaits_marker(publisher, mesh.tables.sockets[name, peer.socket]):
            continue
        # The program of a declared XPUB reads its own notifications, so nobody else can confirm them.
        confirms = publisher.type == "PUB" and mesh.node(peer.process).library and not mesh.is_manual(peer.process)
        if confirms and running(mesh.processes[peer.process]):
            wanted[peer.process].add((peer.peer_socket, marker(mesh, name, peer.socket)))
    return wanted


def running(process: ProcessState) -> bool:
    """Return whether a process's program runs."""
    return process.released and process.state in ALIVE and not _leaves(process)


def _leaves(process: ProcessState) -> bool:
    return process.stopping or process.state == "leaving"


def helpers(mesh: MeshState, name: str) -> dict[str, set[str]]:
    """Return the running processes whose help a starting one needs, and the sockets that must enter libzmq."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for peer in mesh.tables.peers[name]:
        if running(mesh.processes[peer.process]) and mesh.node(peer.process).library:
            wanted[peer.process].add(peer.peer_socket)
    return wanted


def survivors(mesh: MeshState, name: str) -> dict[str, set[str]]:
    """Return the running processes that have to forget a dead one before its successor connects, and which sockets."""
    return {
        process: kept
        for process, sockets in helpers(mesh, name).items()
        if (kept := {socket for socket in sockets if mesh.tables.sockets[process, socket].type in REMEMBERING})
    }


def links(mesh: MeshState, wave: int | None = None) -> int:
    """Count the links that gates wait for: between processes that use our library and come without anybody's hand.

    With ``wave`` those of its gate: among its processes, and to those of the waves before.
    """
    number = {process: of for of, names in enumerate(mesh.tables.waves) for process in names if _gated(mesh, process)}
    return sum(
        number[peer.process] < of or (number[peer.process] == of and not peer.binds)
        for process, of in number.items()
        if wave in (of, None)
        for peer in mesh.tables.peers[process]
        if peer.process in number
    )


def _gated(mesh: MeshState, process: str) -> bool:
    return mesh.node(process).library and mesh.awaited(process)


def links_by_hand(mesh: MeshState) -> int:
    """Count the links of which an end waits for somebody's hand."""
    return sum(
        not peer.binds and not (mesh.awaited(name) and mesh.awaited(peer.process))
        for name, peers in mesh.tables.peers.items()
        for peer in peers
    )


def blockers(mesh: MeshState) -> list[dict[str, str]]:
    """Name the processes that a closed gate waits for, and what each of them waits for."""
    found = []
    for name, process in mesh.processes.items():
        if process.state not in ("starting", "connected") or process.released or not mesh.node(name).library:
            continue
        if mesh.is_manual(name):
            continue
        transition = mesh.transitions[name]
        if not transition.imported:
            found.append({"process": name, "for": "its program to load"})
        elif transition.met_gate != transition.gate or not transition.gate:
            absent = _absent(mesh, name)
            what = ", ".join(f"{socket} {text}" for socket, text in transition.waiting.items()) or "its connections"
            found.append({"process": name, "for": what + (f" ({absent})" if absent else "")})
        elif transition.unconfirmed:
            publishers = ", ".join(sorted(transition.unconfirmed))
            found.append({"process": name, "for": f"{publishers} to see its subscriptions"})
    return found


def _absent(mesh: MeshState, name: str) -> str:
    late = {
        peer.process
        for peer in mesh.tables.peers[name]
        if not mesh.transitions[peer.process].imported and not mesh.is_manual(peer.process)
    }
    return ", ".join(sorted(late)[:3]) + (" ..." if len(late) > 3 else "")
