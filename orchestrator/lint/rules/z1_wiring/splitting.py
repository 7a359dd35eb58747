"""Sockets that deal their messages out in turn, where all are meant to get all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.zeromq.sockets import SPLITTERS

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z117", "info")
def push_splits(index: TopologyView) -> Iterator[RuleHit]:
    """A PUSH or DEALER feeds sockets of different nodes.

    Where all are meant to get all of them, that is PUB and SUB.

    Why it matters: it deals its messages out in turn, so each node gets a part of them, and none gets all.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {orders: PUSH}}  # Z117
          book: {python: "book:main", sockets: {orders: PULL}}
          journal: {python: "journal:main", sockets: {orders: PULL}}
        edges:
          book: {bind: book.orders, connect: feed.orders}
          journal: {bind: journal.orders, connect: feed.orders}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {orders: PUB}}
          book: {python: "book:main", sockets: {orders: {type: SUB, subscribe: ""}}}
          journal: {python: "journal:main", sockets: {orders: {type: SUB, subscribe: ""}}}
        edges:
          orders: {bind: feed.orders, connect: [book.orders, journal.orders]}

    Source: zmq_socket(3), round-robin; ZeroMQ guide, chapter 1, "Divide and Conquer".
    """
    for group in index.of_type(*SPLITTERS):
        for place in group.places:
            if index.most_peers.get(place, 0) < 2:
                continue
            nodes = sorted({node for node, _ in index.peers(place)})
            if len(nodes) > 1:
                message = f"{' and '.join(nodes[:5])} each get a part of what {'.'.join(place)} sends"
                yield RuleHit(("nodes", place[0], "sockets", place[1]), message, key=True)
