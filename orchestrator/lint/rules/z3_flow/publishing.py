"""What publishers drop: before a subscriber is there, and when it is slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at, like_it
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.zeromq.sockets import PUBLISHERS, SUBSCRIBERS

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z302", "info")
def late_subscriber_loses(index: TopologyView) -> Iterator[RuleHit]:
    """A SUB starts later than its PUB by construction.

    It waits for the publisher by ``depends_on``, or is started by hand, so what was published before is not for it.

    Why it matters: state that is published once, at the start, never reaches it.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", depends_on: feed, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z302

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 1, "slow joiner"; RFC 29.
    """
    for pair, pub, sub in index.joined(sorted(PUBLISHERS), sorted(SUBSCRIBERS)):
        node = index.nodes[sub.node]
        if pub.node in node.depends_on or (node.start == "manual" and index.nodes[pub.node].start == "auto"):
            message = f"{sub.node} starts after {pub.node}, and misses what it publishes before"
            yield RuleHit(("edges", pair.edge), message, key=True)


@rule("Z309", "info")
def sub_drop_at_hwm(index: TopologyView) -> Iterator[RuleHit]:
    """A PUB with libzmq's high-water mark has several subscribers.

    ``sndhwm`` and the subscriber's ``rcvhwm`` say how far behind it may be.

    Why it matters: it drops what it cannot queue for a slow one: 1,000 messages by default, for each of them.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}  # Z309
          bot: {python: "bot:main", replicas: 24, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 100000}}}
          bot: {python: "bot:main", replicas: 24, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_socket(3), ZMQ_PUB; ZeroMQ guide, chapter 2, "High-Water Marks".
    """
    for group in index.of_type(*PUBLISHERS):
        if "sndhwm" in group.socket.options:
            continue
        found = [place for place in group.places if index.most_peers.get(place, 0) >= 3]
        found = [place for place in found if place not in index.delivering["replay"]]  # who misses something gets it
        if found:
            message = f"{like_it(found[0], len(found) - 1)} drops for a subscriber that is 1,000 messages behind"
            yield RuleHit(at(found[0]), message, "", "sndhwm says how many", key=True)
