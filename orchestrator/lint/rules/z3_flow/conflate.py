"""Receivers that keep the last message alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView


@rule("Z313")
def conflate_many_subscriptions(index: TopologyView) -> Iterator[RuleHit]:
    """``conflate`` on a SUB with several prefixes, or on a PUB whose subscriber has several.

    Why it matters: conflate keeps the last message in each direction, and subscriptions are messages: of several one
    survives.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: [a, b], conflate: true}}}  # Z313
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: a, conflate: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3), ZMQ_CONFLATE; measured: one of two subscriptions, 40 of 40 times.
    """
    for group in index.with_option("conflate"):
        if not group.socket.options["conflate"]:
            continue
        for place in group.places:
            several = group.socket.type == "SUB" and len(set(group.socket.subscribe or ())) > 1
            other = place if several else None
            if group.socket.type == "PUB":
                other = next((peer for peer in index.peers(place) if _prefixes(index, peer) > 1), None)
            if other is not None:
                message = f"of the {_prefixes(index, other)} subscriptions of {'.'.join(other)} one survives"
                yield RuleHit(at(place, "conflate"), message, "one prefix, or no conflate", key=True)


def _prefixes(index: TopologyView, place: SocketRef) -> int:
    return len(set(index.socket(place).subscribe or ()))


@rule("Z317", "info")
def conflate_many_publishers(index: TopologyView) -> Iterator[RuleHit]:
    """A conflating receiver has several senders.

    Why it matters: it keeps the last message of each of them, not one in all: a reader that wants the newest must look
    at the others too.

    Bad:
        nodes:
          feed: {python: "feed:main", replicas: 3, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", conflate: true}}}  # Z317
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", conflate: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3), ZMQ_CONFLATE; measured with PUB and SUB, PUSH and PULL, whoever binds.
    """
    for group, _ in index.declaring("conflate"):
        for place in group.places if group.socket.type in ("SUB", "PULL") else ():
            if (count := index.most_peers.get(place, 0)) > 1:
                message = f"{'.'.join(place)} keeps a message of each of its {count} senders, not one in all"
                yield RuleHit(at(place, "conflate"), message, key=True)
