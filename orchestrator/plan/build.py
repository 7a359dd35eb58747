"""One call from a topology to its plan. Pure: the same topology gives the same plan, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestrator.plan import model, order
from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.connect.edges import join
from orchestrator.plan.expand import items, profiles
from orchestrator.plan.expand.nodes import NodeBuilder
from orchestrator.plan.expand.processes import processes as expand
from orchestrator.plan.expand.replicas import NodeInstances, members
from orchestrator.plan.source_locations import Places
from orchestrator.topology.load import uncollected
from orchestrator.topology.model import Topology


def build(topology: Topology, profiles: Sequence[str] = ()) -> model.Plan:
    """Decide everything about a mesh. Raise InvalidTopologyError, all at once, for what only expansion can find.

    Nodes that have profiles run only where one of those is among ``profiles``.
    """
    with uncollected():
        return _build(topology, tuple(dict.fromkeys(profiles)))


def _build(whole: Topology, chosen: tuple[str, ...]) -> model.Plan:
    found = Diagnostics(whole)
    off = profiles.off(whole, chosen, found)
    topology = profiles.without(whole, off, found)
    every = members(topology, found)
    for each in every.values():
        if each.keys:
            items.check(each, found)
    found.check()
    joined = join(topology, every, found)
    ours = [each for each in every.values() if not each.external]
    nodes, processes = _expanded(topology, ours, found)
    found.check()
    depends = {each.name: each.depends_on for each in nodes}
    return model.Plan(
        mesh=topology.name,
        files=tuple(topology.files),
        nodes=tuple(nodes),
        processes=tuple(processes),
        endpoints=tuple([draft.done() for draft in joined.endpoints]),
        edges=tuple(joined.edges),
        waves=order.waves(depends),
        drain=order.drain(joined.flows, depends),
        logs=model.Logs(topology.logs.max_size, topology.logs.files),
        external=tuple([each.name for each in every.values() if each.external]),
        profiles=chosen,
        off=off,
        declared=Places(topology),
    )


def _expanded(
    topology: Topology, ours: Iterable[NodeInstances], found: Diagnostics
) -> tuple[list[model.Node], list[model.Process]]:
    """Return nodes and processes, in the order of the file; both of one node at once, while it is in the caches."""
    nodes: list[model.Node] = []
    processes: list[model.Process] = []
    made = NodeBuilder()
    plain = not topology.variables
    for each in ours:
        nodes.append(made.make(each))
        expand(topology.name, each, found, processes, plain=plain)
    return nodes, processes
