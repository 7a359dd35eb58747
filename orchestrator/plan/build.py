"""One call from a topology to its plan. Pure: the same topology gives the same plan, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from orchestrator.plan import expand, model, order
from orchestrator.plan.edges import End, Joined, join
from orchestrator.plan.found import Found
from orchestrator.plan.variables import varies
from orchestrator.topology.load import uncollected
from orchestrator.topology.model import Node, Topology
from orchestrator.zeromq.sockets import compatible, feeds


def build(topology: Topology) -> model.Plan:
    """Decide everything about a mesh. Raise Problems, all at once, for what only expansion can find."""
    with uncollected():
        return _build(topology)


def _build(topology: Topology) -> model.Plan:
    found = Found(topology)
    members = expand.names(topology, found)
    found.check()
    joined = join(topology, members, found)
    processes = expand.processes(topology, members, joined, found)
    depends = {name: tuple(topology.nodes[name].depends_on) for name in members}
    found.check()
    return model.Plan(
        mesh=topology.name,
        files=tuple(topology.files),
        nodes=tuple(_node(topology, name, members[name]) for name in members),
        processes=processes,
        endpoints=tuple(draft.done() for draft in joined.endpoints.values()),
        edges=tuple(joined.edges),
        waves=order.waves(depends),
        drain=order.drain(_flows(members, joined), depends),
        logs=model.Logs(topology.logs.max_size, topology.logs.files),
        external=tuple(name for name in topology.nodes if name not in members),
    )


def _node(topology: Topology, name: str, members: tuple[str, ...]) -> model.Node:
    node = topology.nodes[name]
    how = node.ready.how if node.ready else "wired" if node.python else "listening"
    return model.Node(
        name=name,
        python=node.python or "",
        interpreter=node.interpreter or "",
        search=_search(node),
        library=bool(node.python) or how == "wired",
        kind=node.kind,
        critical=node.critical,
        restart=model.Restart(
            policy=node.restart.policy,
            delay=node.restart.delay,
            max_delay=node.restart.max_delay,
            max_attempts=node.restart.max_attempts,
            window=node.restart.window,
        ),
        ready=model.Ready(how, node.ready.within) if node.ready else model.Ready(how),
        stop=model.Stop(node.stop.signal, node.stop.grace, node.stop.drain),
        depends_on=dict(node.depends_on),
        processes=members,
        declared=str(topology.where("nodes", name)),
        start=node.start,
    )


def _search(node: Node) -> tuple[str, ...]:
    """Give where modules are found: in the working directory, unless it differs by process, and beside the file."""
    if node.working_dir is None or varies(node.working_dir):
        return (node.folder,)
    return tuple(dict.fromkeys((os.path.normpath(os.path.join(node.folder, node.working_dir)), node.folder)))


def _flows(members: Mapping[str, Sequence[str]], joined: Joined) -> dict[str, dict[str, None]]:
    """Give, for each node, those that its messages go to; where they go both ways, each stands at the other."""
    flows: dict[str, dict[str, None]] = {name: {} for name in members}
    for binding, connecting in joined.ends.values():
        for one in binding:
            for other in connecting:
                if not one.external and not other.external and compatible(one.type, other.type):
                    _flow(flows, one, other)
    return flows


def _flow(flows: dict[str, dict[str, None]], one: End, other: End) -> None:
    forth, back = feeds(one.type, other.type), feeds(other.type, one.type)
    if forth or not back:
        flows[one.node][other.node] = None
    if back or not forth:
        flows[other.node][one.node] = None
