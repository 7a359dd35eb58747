"""Addresses that several meshes bind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import REPORTED_ELSEWHERE, RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.written import Claim, claims
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.parse.position import Position

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.topology.model import Topology

CODE = "Z213"

Bound = tuple[str, Position, Claim]
"""The name of a mesh, and what it binds, with the place where the address is written."""


@rule(CODE, "info")
def address_of_two_meshes() -> Iterable[RuleHit]:
    """Two meshes that are checked together bind one fixed address.

    Nothing is said of meshes of one name, nor where both have the address from one line, as variants of a mesh do.

    Why it matters: only one of them can run at a time: the other is refused, since the address is taken.

    Bad:
        name: one
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
        edges:
          ticks: {bind: feed.ticks, connect: [], endpoint: "tcp://127.0.0.1:5556", security: none}

        # two.yaml
        name: two
        nodes:
          news: {python: "news:main", sockets: {news: PUB}}
        edges:
          news: {bind: news.news, connect: [], endpoint: "tcp://127.0.0.1:5556", security: none}  # Z213

    Good:
        name: one
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
        edges:
          ticks: {bind: feed.ticks, connect: [], endpoint: "tcp://127.0.0.1:5556", security: none}

        # two.yaml
        name: two
        nodes:
          news: {python: "news:main", sockets: {news: PUB}}
        edges:
          news: {bind: news.news, connect: [], endpoint: "tcp://127.0.0.1:5557", security: none}

    Source: zmq_tcp(7).
    """
    return REPORTED_ELSEWHERE


def bound(topology: Topology, plan: Plan) -> list[Bound]:
    """Return the fixed addresses that the processes of a mesh bind."""
    if not any(edge.endpoint for edge in topology.edges.values()):
        return []
    from orchestrator.lint.core.index import TopologyView

    path = ("edges", "", "endpoint")
    return [
        (topology.name, topology.where_value(path[0], claim.edge, path[2]), claim)
        for claim in claims(TopologyView(topology, plan))
        if claim.ours
    ]


def shared(meshes: Iterable[Sequence[Bound]]) -> Iterator[Diagnostic]:
    """Yield what two meshes bind, at the place of the later one; addresses may hold what is not to be shown."""
    from orchestrator.topology.collector import written

    taken: dict[tuple[str, object], list[Bound]] = {}
    told: set[tuple[str, str, str]] = set()
    for mesh in meshes:
        for name, place, claim in mesh:
            for other, there, theirs in taken.get(claim.key, ()):
                known = (name, other, claim.edge)
                if other != name and there != place and known not in told and claim.overlaps(theirs):
                    told.add(known)
                    path = written(("edges", claim.edge, "endpoint"))
                    message = f"{claim.owner} binds an address that {theirs.owner} of mesh {other} binds too ({there})"
                    yield Diagnostic(*place, path, message, "", "only one of them can run", CODE, "info")
        for each in mesh:
            taken.setdefault(each[2].key, []).append(each)
