"""The part of a plan that one host needs. Pure."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.plan.model import Plan


def share(plan: Plan, host: str) -> Plan:
    """Return one host's part: its processes and the endpoints that they use, in the order of the whole mesh."""
    processes = tuple(process for process in plan.processes if process.host == host)
    local = {process.name for process in processes}
    used: set[str] = set()
    for process in processes:
        for socket in process.sockets:
            used.update(socket.binds)
            used.update(connection.endpoint for connection in socket.connects)
    return replace(
        plan,
        nodes=tuple(
            replace(node, processes=tuple(name for name in node.processes if name in local)) for node in plan.nodes
        ),
        processes=processes,
        endpoints=tuple(endpoint for endpoint in plan.endpoints if endpoint.name in used),
        edges=tuple(
            replace(edge, endpoints=tuple(name for name in edge.endpoints if name in used)) for edge in plan.edges
        ),
    )
