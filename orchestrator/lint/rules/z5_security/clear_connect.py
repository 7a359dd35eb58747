"""Connections that others can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.reach import KNOWN, consents, far_connects

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z505", "warning", of_hosts=True)
def clear_connect(index: TopologyView) -> Iterator[RuleHit]:
    """A connection to another host, in the clear.

    A tunnel (ssh, a VPN) protects it; ``security: none``, written out, says that you know.

    Why it matters: whoever is between can read and change what goes over it, or be the other side.

    Bad:
        nodes:
          exchange: {external: true, sockets: {orders: PULL}}
          book: {python: "book:main", sockets: {orders: PUSH}}
        edges:
          orders: {bind: exchange.orders, connect: book.orders, endpoint: "tcp://10.0.0.1:9000"}  # Z505

    Good:
        nodes:
          exchange: {external: true, sockets: {orders: PULL}}
          book: {python: "book:main", sockets: {orders: PUSH}}
        edges:
          orders: {bind: exchange.orders, connect: book.orders, endpoint: "tcp://10.0.0.1:9000", security: none}

    Source: zmq_curve(7), zmq_null(7).
    """
    told: set[str] = set()
    for each in far_connects(index):
        if each.edge not in told and not consents(index, each.edge, (each.end.node, each.end.socket)):
            told.add(each.edge)
            message = f"the connection to {each.end.node} on another host is in the clear"
            yield RuleHit(each.path, message, "a tunnel, such as ssh or a VPN", f"or {KNOWN}")
