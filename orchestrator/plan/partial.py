"""A plan of what can be planned: what is wrong is left out and said, so that all that is wrong is said in one run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orchestrator.plan.build import build
from orchestrator.plan.model import Plan
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.model import Node, Topology


class PartialPlan(NamedTuple):
    """What is left of a topology, its plan, what was wrong with the rest, and the nodes whose edges were left out."""

    topology: Topology
    plan: Plan
    problems: list[Diagnostic]
    cut: frozenset[str]

    def edges_dropped_for(self, problem: Diagnostic) -> bool:
        """Return whether a problem is that of a node, or of a socket of it, which had an edge that was left out."""
        part, _, rest = problem.path.partition(".")
        return part == "nodes" and rest.partition(".")[0] in self.cut


def plan_partially(topology: Topology, problems: Sequence[Diagnostic], profiles: Sequence[str] = ()) -> PartialPlan:
    """Plan what can be planned; ``problems`` are those that are known already."""
    said = list(problems)
    left, lost = _known(topology)
    left, cut = _without(left, problems) if problems else (left, frozenset())
    cut |= lost
    while True:
        try:
            return PartialPlan(left, build(left, profiles), said, cut)
        except InvalidTopologyError as found:
            said += found.problems
            before = left
            left, more = _without(left, found.problems)
            cut |= more
            if not all(problem.path for problem in found.problems):
                profiles = ()  # no node has one of them
            elif len(left.nodes) + len(left.edges) == len(before.nodes) + len(before.edges):
                left = left.model_copy(update={"nodes": {}, "edges": {}})


def _known(topology: Topology) -> tuple[Topology, frozenset[str]]:
    """Return a topology without what uses an unknown value, and the nodes that may have lost an edge by that."""
    unknown = topology.unknown
    if not unknown:
        return topology, frozenset()
    by_default = {str(path[1]) if len(path) > 1 else "" for path in unknown if path[0] == "defaults"}
    own = {(str(path[0]), str(path[1])) for path in unknown if len(path) > 1}
    all_nodes = ("nodes",) in unknown or not by_default.isdisjoint({"", "node", "socket"})
    all_edges = ("edges",) in unknown or not by_default.isdisjoint({"", "edge"})
    nodes = {} if all_nodes else {name: node for name, node in topology.nodes.items() if ("nodes", name) not in own}
    edges = {} if all_edges else {name: edge for name, edge in topology.edges.items() if ("edges", name) not in own}
    kept = {
        name: edge
        for name, edge in edges.items()
        if all(_node(end, topology) in nodes for end in (*edge.bind, *edge.connect))
    }
    kept_nodes = {name: _waiting_for(node, nodes) for name, node in nodes.items()}
    lost = frozenset(topology.nodes if len(kept) < len(topology.edges) or ("edges",) in unknown else ())
    return topology.model_copy(update={"nodes": kept_nodes, "edges": kept}), lost


def _without(topology: Topology, problems: Iterable[Diagnostic]) -> tuple[Topology, frozenset[str]]:
    """Return a topology without the edges and nodes that problems name, and the nodes that those edges joined."""
    named = [tuple(problem.path.split(".")) for problem in problems]
    edges = {path[1] for path in named if path[0] == "edges" and len(path) > 1}
    waiting = {path[1] for path in named if path[0] == "nodes" and path[2:3] == ("depends_on",)}
    # A socket that is wrong in one option is still a socket; one of no type is none.
    nodes = {path[1] for path in named if path[0] == "nodes" and path[2:3] not in (("depends_on",), ("sockets",))}
    untyped = {
        (name, socket) for name, node in topology.nodes.items() for socket, of in node.sockets.items() if not of.type
    }
    kept_nodes = {
        name: _typed(_waiting_for(node, () if name in waiting else topology.nodes.keys() - nodes))
        for name, node in topology.nodes.items()
        if name not in nodes
    }
    kept = {
        name: edge
        for name, edge in topology.edges.items()
        if name not in edges
        and not any(
            (node := _node(end, topology)) in nodes or (node, end.partition(".")[2]) in untyped
            for end in (*edge.bind, *edge.connect)
        )
    }
    gone = [edge for name, edge in topology.edges.items() if name not in kept]
    cut = frozenset(_node(end, topology) for edge in gone for end in (*edge.bind, *edge.connect))
    return topology.model_copy(update={"nodes": kept_nodes, "edges": kept}), cut


def _typed(node: Node) -> Node:
    if all(socket.type for socket in node.sockets.values()):
        return node
    return node.model_copy(update={"sockets": {name: each for name, each in node.sockets.items() if each.type}})


def _waiting_for(node: Node, known: Iterable[str]) -> Node:
    known = set(known)
    needed = {other: condition for other, condition in node.depends_on.items() if other in known}
    return node if needed == node.depends_on else node.model_copy(update={"depends_on": needed})


def _node(end: str, topology: Topology) -> str:
    """Return the node of ``node.socket`` or ``process.socket``; the name of a node or item may hold hyphens."""
    name = end.partition(".")[0]
    while name not in topology.nodes and "-" in name:
        name = name.rpartition("-")[0]
    return name
