"""One call from a topology to its plan. Pure: the same topology gives the same plan, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from orchestrator.plan import expand, items, model, order, profiles
from orchestrator.plan.edges import Joined, join
from orchestrator.plan.found import Found
from orchestrator.plan.members import Members, members
from orchestrator.plan.pairing import End
from orchestrator.plan.variables import varies
from orchestrator.topology.load import uncollected
from orchestrator.topology.model import Node, Topology
from orchestrator.zeromq.sockets import compatible, feeds


def build(topology: Topology, profiles: Sequence[str] = ()) -> model.Plan:
    """Decide everything about a mesh. Raise Problems, all at once, for what only expansion can find.

    Nodes that have profiles run only where one of those is among ``profiles``.
    """
    with uncollected():
        return _build(topology, tuple(dict.fromkeys(profiles)))


def _build(whole: Topology, chosen: tuple[str, ...]) -> model.Plan:
    found = Found(whole)
    off = profiles.off(whole, chosen, found)
    topology = profiles.without(whole, off, found)
    every = members(topology, found)
    for each in every.values():
        if each.node.each is not None:
            items.check(each, found)
    found.check()
    joined = join(topology, every, found)
    processes = expand.processes(topology.name, every, joined, found)
    found.check()
    ours = {name: each for name, each in every.items() if not each.node.external}
    depends = {name: tuple(each.node.depends_on) for name, each in ours.items()}
    return model.Plan(
        mesh=topology.name,
        files=tuple(topology.files),
        nodes=tuple(_node(each) for each in ours.values()),
        processes=processes,
        endpoints=tuple(draft.done() for draft in joined.endpoints),
        edges=tuple(joined.edges),
        waves=order.waves(depends),
        drain=order.drain(_flows(ours, joined), depends),
        logs=model.Logs(topology.logs.max_size, topology.logs.files),
        external=tuple(name for name in every if name not in ours),
        profiles=chosen,
        off=off,
        declared=_declared(topology, ours),
    )


def _node(members: Members) -> model.Node:
    node = members.node
    how = node.ready.how if node.ready else "wired" if node.python else "listening"
    return model.Node(
        name=members.name,
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
        processes=members.processes,
        start=node.start,
    )


def _search(node: Node) -> tuple[str, ...]:
    """Give where modules are found: in the working directory, unless it differs by process, and beside the file."""
    if node.working_dir is None or varies(node.working_dir):
        return (node.folder,)
    return tuple(dict.fromkeys((os.path.normpath(os.path.join(node.folder, node.working_dir)), node.folder)))


def _declared(topology: Topology, ours: Mapping[str, Members]) -> dict[str, str]:
    declared = {}
    for name, each in ours.items():
        declared[name] = str(topology.where("nodes", name))
        for socket in each.node.sockets:
            declared[f"{name}.{socket}"] = str(topology.where("nodes", name, "sockets", socket))
    return declared


def _flows(ours: Mapping[str, Members], joined: Joined) -> dict[str, dict[str, None]]:
    """Give, for each node, those that its messages go to; where they go both ways, each stands at the other."""
    flows: dict[str, dict[str, None]] = {name: {} for name in ours}
    for binding, connecting in joined.ends.values():
        for one in binding:
            for other in connecting:
                if not one.external and not other.external and compatible(one.type, other.type):
                    _flow(flows, one, other)
    return flows


def _flow(flows: dict[str, dict[str, None]], one: End, other: End) -> None:
    forth, back = feeds(one.type, other.type), feeds(other.type, one.type)
    if forth or not back:
        flows[one.members.name][other.members.name] = None
    if back or not forth:
        flows[other.members.name][one.members.name] = None
