"""Which side binds, and who connects to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.zeromq.sockets import SPLITTERS

if TYPE_CHECKING:
    from orchestrator.lint.core.index import Pair, TopologyView


@rule("Z110", "info")
def bind_on_the_moving_side(index: TopologyView) -> Iterator[RuleHit]:
    """The side that is scaled binds, the one that stays connects.

    Nothing is said where a PUSH or DEALER connects: that is how it keeps its queue over a peer's death, and leaves a
    peer without loss (Z118, Z314).

    Why it matters: every process that comes or goes then rewires the other side.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", replicas: 4, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: bot.ticks, connect: feed.ticks}  # Z110

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", replicas: 4, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 2, "Handling Multiple Sockets"; measured: removing peers without loss.
    """
    moving = index.several
    for edge, (binding, connecting) in index.ends.items() if moving else ():
        types = {index.socket((end.node, end.socket)).type for end in connecting}
        if not types or not types.isdisjoint(SPLITTERS):
            continue
        if any(end.node in moving for end in binding) and not any(end.node in moving for end in connecting):
            node = next(end.node for end in binding if end.node in moving)
            yield RuleHit(("edges", edge), f"{node} can be scaled, and binds", key=True)


@rule("Z118", "info")
def lossy_scale_down(index: TopologyView) -> Iterator[RuleHit]:
    """A PUSH or DEALER binds, and the other side can be scaled.

    Where workers come and go without loss, they bind and the sender connects. Nothing is said of devices, nor where the
    edge's delivery asks anew.

    Why it matters: a binding sender cannot leave one peer: when a worker goes, what is in flight to it can be lost.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}  # Z118

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_unbind(3), zmq_disconnect(3); measured: an unbind delivers 56 to 79 of 5,000 messages.
    """
    for edge, pair in losing(index).items():
        message = f"{pair.bind} binds, so what is in flight to a process of {pair.connect.node} that goes can be lost"
        yield RuleHit(("edges", edge), message, key=True)


def losing(index: TopologyView) -> dict[str, Pair]:
    """Return the edges on which a sender binds and loses what is in flight to a process that goes, each with a pair.

    Not those whose delivery asks anew, nor those of devices: who puts one between wants both sides to come and go.
    """
    moving = index.several
    found: dict[str, Pair] = {}
    for (bound, _), pairs in index.pairs.items() if moving else ():
        for pair in pairs if bound in SPLITTERS else ():
            if pair.connect.node in moving and not recovers(index, pair):
                found.setdefault(pair.edge, pair)
    return found


def recovers(index: TopologyView, pair: Pair) -> bool:
    """Tell whether what a binding sender has for a lost peer is asked for again, or is for a device to care of."""
    place = (pair.bind.node, pair.bind.socket)
    again = index.delivering["retry"] | index.delivering["durable"]
    return place in again or index.nodes[pair.bind.node].device is not None


@rule("Z111", "info")
def binder_of_no_one(index: TopologyView) -> Iterator[RuleHit]:
    """A socket binds an address that nobody can learn.

    The address is made by the launcher, and no process of this mesh connects to it. Leaves of a tree are no finding.

    Why it matters: what such a PUB sends is for nobody, and a PUSH waits in its first send for ever.

    Bad:
        vars: {bots: 0}
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", replicas: "${bots}", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z111

    Good:
        vars: {bots: 2}
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", replicas: "${bots}", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: the topology language.
    """
    told: set[str] = set()
    for endpoint in index.plan.endpoints:
        if endpoint.peers or endpoint.transport == "fixed":
            continue
        edges = index.binding[endpoint.node, endpoint.socket]
        edge = edges[0]
        if edge not in told and index.trees.isdisjoint(edges):
            told.add(edge)
            yield RuleHit(("edges", edge), f"nobody connects to {endpoint.name}", key=True)
