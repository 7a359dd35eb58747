"""The links of a plan, seen from both of their ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.plan.model import Plan


@dataclass(frozen=True, slots=True)
class Peer:
    """One link as a process sees it: its own socket, the peer's process and socket, and whether it binds itself."""

    socket: str
    edge: str
    process: str
    peer_socket: str
    endpoint: str
    binds: bool


def links(plan: Plan) -> dict[str, list[Peer]]:
    """Give the links of every process, in the order of the plan. Those to external programs are none of ours."""
    peers: dict[str, list[Peer]] = {process.name: [] for process in plan.processes}
    shared: dict[tuple[str, str, str], Peer] = {}
    for process in plan.processes:
        for socket in process.sockets:
            for link in socket.connects:
                endpoint = plan.endpoint[link.endpoint]
                if not endpoint.process:
                    continue
                key = (socket.name, link.edge, link.endpoint)
                peer = shared.get(key)
                if peer is None:
                    shared[key] = peer = Peer(
                        socket.name, link.edge, endpoint.process, endpoint.socket, endpoint.name, binds=False
                    )
                peers[process.name].append(peer)
                peers[endpoint.process].append(
                    Peer(endpoint.socket, link.edge, process.name, socket.name, endpoint.name, binds=True)
                )
    return peers
