"""Journals, and the mesh that they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import Path, RuleHit, rule
from orchestrator.lint.rules.z1_delivery.kinds import delivering
from orchestrator.topology.merge.exclusive import RUNS
from orchestrator.topology.names import mesh_name

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.parse.document import Turned


@rule("Z122", "warning")
def journals_of_another_mesh(index: TopologyView) -> Iterator[RuleHit]:
    """A file laid over another makes a program of an external node, or the reverse, and the mesh keeps its name.

    Give one of the two a name of its own.

    Why it matters: journals of ``durable`` and ``replay`` edges belong to the mesh's name. So what the one mesh had
    still to deliver, such as the orders of a day on paper, the other one delivers to whoever is outside.

    Bad:
        include: live.yaml
        nodes:
          exchange: {python: "exchange:main"}  # Z122

        # live.yaml
        name: desk
        nodes:
          exchange: {external: true, sockets: {orders: REP}}
          risk: {python: "risk:main", sockets: {orders: REQ, audit: PUSH}}
          book: {python: "book:main", sockets: {audit: PULL}}
        edges:
          orders: {bind: exchange.orders, connect: risk.orders, endpoint: "tcp://127.0.0.1:9000", security: none}
          audit: {bind: book.audit, connect: risk.audit, delivery: durable}

    Good:
        name: desk-on-paper
        include: live.yaml
        nodes:
          exchange: {python: "exchange:main"}

        # live.yaml
        name: desk
        nodes:
          exchange: {external: true, sockets: {orders: REP}}
          risk: {python: "risk:main", sockets: {orders: REQ, audit: PUSH}}
          book: {python: "book:main", sockets: {audit: PULL}}
        edges:
          orders: {bind: exchange.orders, connect: risk.orders, endpoint: "tcp://127.0.0.1:9000", security: none}
          audit: {bind: book.audit, connect: risk.audit, delivery: durable}

    Source: the topology language.
    """
    keeping = [name for name, delivery in delivering(index).items() if delivery.kind in ("durable", "replay")]
    for name, turned in index.topology.turned.items() if keeping else ():
        node = index.nodes.get(name)
        if node is None or node.external is turned.external or not _same_name(index.topology.name, turned):
            continue
        runs = "external" if node.external else next(key for key in RUNS if getattr(node, key))
        was = "is external" if turned.external else "is a program"
        message = (
            f"in {turned.file} {name} {was}, and both meshes are called {index.topology.name}: their journals are one"
        )
        path: Path = ("nodes", name, runs)
        yield RuleHit(path, message, "", f"write another `name` in {index.topology.where(*path).file}", key=True)


def _same_name(name: str, turned: Turned) -> bool:
    """Tell whether a mesh is called as it was before a file was laid over it; not where variables make the name."""
    before = turned.name if turned.name is not None else mesh_name(turned.file)
    return str(before) == name
