"""Circles in which all can wait at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z3_flow.requests import has_timeout
from orchestrator.plan.order import components

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z303", "warning")
def request_cycle(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """Nodes ask one another in a circle by REQ and REP.

    It is information where one of them has a timeout, written or in the program.

    Why it matters: each waits for the answer of the next before it can answer itself: when all ask at once, all wait
    for ever.

    Bad:
        nodes:
          a: {python: "a:main", sockets: {ask: REQ, answer: REP}}
          b: {python: "b:main", sockets: {ask: REQ, answer: REP}}
        edges:
          forth: {bind: b.answer, connect: a.ask}  # Z303
          back: {bind: a.answer, connect: b.ask}

    Good:
        nodes:
          a: {python: "a:main", sockets: {ask: REQ}}
          b: {python: "b:main", sockets: {answer: REP}}
        edges:
          forth: {bind: b.answer, connect: a.ask}

    Source: zmq_socket(3), request-reply pattern; measured: both wait.
    """
    for edge, nodes in _cycles(index, ("REQ",), ("REP",)):
        asking = [(name, socket) for name in nodes if name in index.nodes for socket in index.nodes[name].sockets]
        timed = any(index.socket(place).type == "REQ" and has_timeout(index, place, facts) for place in asking)
        severity: Severity | None = "info" if timed else None
        message = f"a circle of requests, all of them can wait at once: {' -> '.join(nodes)}"
        yield RuleHit(("edges", edge), message, "", "DEALER and ROUTER do not wait in turn", severity, key=True)


@rule("Z304", "info")
def push_pull_cycle(index: TopologyView) -> Iterator[RuleHit]:
    """Messages go round a circle of PUSH and PULL.

    It is sound as long as something bounds what is under way.

    Why it matters: when more comes in than goes out, all queues of the circle fill, and then everybody blocks in send.

    Bad:
        nodes:
          a: {python: "a:main", sockets: {out: PUSH, into: PULL}}
          b: {python: "b:main", sockets: {out: PUSH, into: PULL}}
        edges:
          forth: {bind: b.into, connect: a.out}  # Z304
          back: {bind: a.into, connect: b.out}

    Good:
        nodes:
          a: {python: "a:main", sockets: {out: PUSH}}
          b: {python: "b:main", sockets: {into: PULL}}
        edges:
          forth: {bind: b.into, connect: a.out}

    Source: zmq_socket(3): PUSH blocks at its high-water mark.
    """
    # In a tree each process has one above it: no circle, though node and node are the same.
    for edge, nodes in _cycles(index, ("PUSH",), ("PULL",), without=index.trees):
        message = f"a circle of queues, all of them can be full at once: {' -> '.join(nodes)}"
        yield RuleHit(("edges", edge), message, key=True)


def _cycles(
    index: TopologyView, types: Iterable[str], others: Iterable[str], without: Collection[str] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Give each circle of nodes whose sockets of these types feed those: its first edge, and its nodes.

    An edge in ``without`` alone joins no node with itself.
    """
    # What the drain order could sort has no circle.
    circles = {name for group in index.plan.drain if len(group.nodes) > 1 for name in group.nodes}
    graph: dict[str, dict[str, str]] = {}
    for pair, one, other in index.joined(types, others):
        if one.node == other.node:
            in_circle = pair.edge not in without
        else:
            in_circle = one.node in circles and other.node in circles
        if in_circle:
            graph.setdefault(one.node, {}).setdefault(other.node, pair.edge)
            graph.setdefault(other.node, {})
    if not graph:
        return
    place = {edge: number for number, edge in enumerate(index.edges)}
    for group in components(graph):
        inside = set(group)
        edges = [graph[node][after] for node in group for after in graph[node] if after in inside]
        if edges:
            nodes = group if len(group) <= 6 else [*group[:5], "..."]
            yield min(edges, key=place.__getitem__), [*nodes, group[0]]
