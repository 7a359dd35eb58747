"""A plan as vertices and arrows, for every way to draw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from orchestrator.plan.model import Node, Plan
from orchestrator.zeromq.sockets import TYPES, feeds

OUTSIDE = "programs outside"
"""Stands for the peers of an edge without connecting ends; no node can have this name."""

By = Literal["node", "process"]


class Vertex(NamedTuple):
    """A node, or a process; ``group`` is the node of one of several processes. ``note`` says what is special."""

    name: str
    external: bool = False
    group: str = ""
    note: str = ""


class Arrow(NamedTuple):
    """What flows along an edge from one vertex to another; ``both`` says that it flows back too.

    The types of the two sockets may be empty where nobody knows them. ``links`` counts those of this mesh.
    """

    edge: str
    source: str
    target: str
    source_type: str
    target_type: str
    source_binds: bool
    both: bool
    links: int

    def pattern(self, forth: str = "→", both: str = "↔") -> str:
        """Return the two types with their direction, and which of them binds: ``PUB binds → SUB``."""
        ends = [self.source_type, self.target_type]
        ends[not self.source_binds] += " binds"
        return f"{ends[0]} {both if self.both else forth} {ends[1]}".strip()


class Graph(NamedTuple):
    """All of a mesh that is drawn."""

    mesh: str
    vertices: tuple[Vertex, ...]
    arrows: tuple[Arrow, ...]


class _End(NamedTuple):
    """One end of an edge: a node or process, its node, its socket and the type of that."""

    name: str
    node: str
    socket: str
    type: str


def graph(plan: Plan, by: By = "node") -> Graph:
    """Return the graph of a plan, folded by node or with all processes."""
    arrows = tuple(_by_node(plan) if by == "node" else _by_process(plan))
    outside = any(OUTSIDE in (arrow.source, arrow.target) for arrow in arrows)
    return Graph(plan.mesh, (*_vertices(plan, by), *([Vertex(OUTSIDE, external=True)] if outside else [])), arrows)


def _vertices(plan: Plan, by: By) -> Iterator[Vertex]:
    for node in plan.nodes:
        alone = node.processes == (node.name,)
        if by == "node" or not node.processes:
            yield Vertex(node.name, note=_note(node, "" if alone else _count(len(node.processes))))
        else:
            for process in node.processes:
                yield Vertex(process, group="" if alone else node.name, note=_note(node))
    for name in plan.external:
        yield Vertex(name, external=True, note="external")


def _note(node: Node, count: str = "") -> str:
    return ", ".join(filter(None, [count, "by hand" if node.start == "manual" else ""]))


def _count(processes: int) -> str:
    return "1 process" if processes == 1 else f"{processes} processes"


def _by_node(plan: Plan) -> Iterator[Arrow]:
    links: Counter[tuple[str, str, str, str, str]] = Counter()
    for process in plan.processes:
        for socket in process.sockets:
            for connection in socket.connects:
                there = plan.endpoint[connection.endpoint]
                links[connection.edge, there.node, there.socket, process.node, socket.name] += bool(there.process)
    drawn: set[tuple[str, str, str, str, str]] = set()
    for edge, binding, connecting in _ends(plan):
        for one in binding:
            for other in connecting:
                key = (edge, one.node, one.socket, other.node, other.socket)
                if key not in drawn:
                    drawn.add(key)
                    yield _arrow(edge, one._replace(name=one.node), other._replace(name=other.node), links[key])


def _by_process(plan: Plan) -> Iterator[Arrow]:
    found: dict[str, list[Arrow]] = {edge.name: [] for edge in plan.edges}
    ends = {edge: (binding, connecting) for edge, binding, connecting in _ends(plan)}
    types = {(end.node, end.socket): end.type for sides in ends.values() for side in sides for end in side}
    for process in plan.processes:
        for socket in process.sockets:
            here = _End(process.name, process.node, socket.name, socket.type)
            for connection in socket.connects:
                endpoint = plan.endpoint[connection.endpoint]
                kind = types[endpoint.node, endpoint.socket]
                there = _End(endpoint.process or endpoint.node, endpoint.node, endpoint.socket, kind)
                found[connection.edge].append(_arrow(connection.edge, there, here, int(bool(endpoint.process))))
    for edge in plan.edges:
        yield from found[edge.name]
        for other in ends[edge.name][1]:
            if other.name in plan.external or other.name == OUTSIDE:
                for name in edge.endpoints:
                    endpoint = plan.endpoint[name]
                    kind = types[endpoint.node, endpoint.socket]
                    yield _arrow(edge.name, _End(endpoint.process, endpoint.node, endpoint.socket, kind), other, 0)


def _ends(plan: Plan) -> Iterator[tuple[str, list[_End], list[_End]]]:
    """Yield each edge with its ends; where peers outside connect, they stand as one end without a type."""
    for edge in plan.edges:
        binding = [_end(plan, text) for text in edge.bind]
        connecting = [_end(plan, text) for text in edge.connect]
        yield edge.name, binding, connecting or [_End(OUTSIDE, OUTSIDE, "", "")]


def _end(plan: Plan, text: str) -> _End:
    reference, _, kind = text.partition(" ")
    name, _, socket = reference.partition(".")
    process = None if name in plan.node else plan.process.get(name)
    return _End(name, process.node if process else name, socket, kind)


def _arrow(edge: str, bound: _End, other: _End, links: int) -> Arrow:
    """Return the arrow of one pair, from where the work comes."""
    bound_first = feeds(bound.type, other.type) if other.type else TYPES[bound.type].sends
    if not bound_first and other.type and not feeds(other.type, bound.type):
        bound_first = True  # no direction: whoever binds stands first
    source, target = (bound, other) if bound_first else (other, bound)
    return Arrow(edge, source.name, target.name, source.type, target.type, bound_first, _both(source, target), links)


def _both(source: _End, target: _End) -> bool:
    """Return whether messages flow back too; an XSUB gives back subscriptions, which are none."""
    back = not source.type or (TYPES[source.type].receives and source.type != "XPUB")
    return back and (not target.type or (TYPES[target.type].sends and target.type != "XSUB"))
