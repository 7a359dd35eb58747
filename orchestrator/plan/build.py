"""One call from a topology to its plan. Pure: the same topology gives the same plan, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from orchestrator.plan import expand, items, model, order, profiles
from orchestrator.plan.edges import Joined, join
from orchestrator.plan.found import Found
from orchestrator.plan.members import Members, members
from orchestrator.plan.places import Places
from orchestrator.plan.variables import varies
from orchestrator.topology.load import uncollected
from orchestrator.topology.model import Node, Restart, Topology
from orchestrator.zeromq.sockets import compatible, feeds

WIRED, LISTENING = model.Ready("wired"), model.Ready("listening")


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
    plain = not topology.variables
    processes = expand.processes(topology.name, every, found, plain=plain)
    found.check()
    ours = {name: each for name, each in every.items() if not each.external}
    depends = {name: each.node.depends_on for name, each in ours.items()}
    return model.Plan(
        mesh=topology.name,
        files=tuple(topology.files),
        nodes=tuple(_nodes(ours.values())),
        processes=processes,
        endpoints=tuple(draft.done() for draft in joined.endpoints),
        edges=tuple(joined.edges),
        waves=order.waves(depends),
        drain=order.drain(_flows(ours, joined), depends),
        logs=model.Logs(topology.logs.max_size, topology.logs.files),
        external=tuple(name for name in every if name not in ours),
        profiles=chosen,
        off=off,
        declared=Places(topology),
    )


def _nodes(members: Iterable[Members]) -> Iterator[model.Node]:
    """Give the nodes of the plan; equal parts of them, which are most, are made once."""
    restarts: dict[int, model.Restart] = {}
    stops: dict[int, model.Stop] = {}
    for each in members:
        node = each.node
        restart, stop = node.restart, node.stop
        if id(restart) not in restarts:
            restarts[id(restart)] = _restart(restart)
        if id(stop) not in stops:
            stops[id(stop)] = model.Stop(stop.signal, stop.grace, stop.drain)
        ready = _ready(node)
        yield model.Node(
            each.name,
            node.python or "",
            node.interpreter or "",
            (node.folder,) if node.working_dir is None else _search(node.folder, node.working_dir),
            bool(node.python) or ready.how == "wired",
            node.kind,
            node.critical,
            restarts[id(restart)],
            ready,
            stops[id(stop)],
            node.depends_on,
            each.processes,
            node.start,
        )


def _restart(restart: Restart) -> model.Restart:
    return model.Restart(
        policy=restart.policy,
        delay=restart.delay,
        max_delay=restart.max_delay,
        max_attempts=restart.max_attempts,
        window=restart.window,
    )


def _ready(node: Node) -> model.Ready:
    if node.ready is None:
        return WIRED if node.python else LISTENING
    return model.Ready(node.ready.how, node.ready.within)


def _search(folder: str, working_dir: str) -> tuple[str, ...]:
    """Give where modules are found: in the working directory, unless it differs by process, and beside the file."""
    if varies(working_dir):
        return (folder,)
    return tuple(dict.fromkeys((os.path.normpath(os.path.join(folder, working_dir)), folder)))


def _flows(ours: Mapping[str, Members], joined: Joined) -> dict[str, dict[str, None]]:
    """Give, for each node, those that its messages go to; where they go both ways, each stands at the other."""
    flows: dict[str, dict[str, None]] = {name: {} for name in ours}
    ways: dict[tuple[str, str], tuple[bool, bool]] = {}
    for binding, connecting in joined.ends.values():
        for one in binding:
            for other in connecting:
                if one.members.external or other.members.external:
                    continue
                pair = (one.type, other.type)
                if pair not in ways:
                    ways[pair] = _ways(*pair)
                forth, back = ways[pair]
                if forth:
                    flows[one.members.name][other.members.name] = None
                if back:
                    flows[other.members.name][one.members.name] = None
    return flows


def _ways(one: str, other: str) -> tuple[bool, bool]:
    """Tell whether messages flow from one type of socket to another, and back; both where there is no direction."""
    if not compatible(one, other):
        return False, False
    forth, back = feeds(one, other), feeds(other, one)
    return forth or not back, back or not forth
