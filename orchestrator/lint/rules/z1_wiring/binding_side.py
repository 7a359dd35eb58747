"""Which side binds, and who connects to it."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.lint.core.index import Index, Pair
from orchestrator.lint.core.registry import Finding, rule
from orchestrator.lint.rules.z1_wiring.splitting import SPLITTERS


@rule("Z110", "info")
def bind_on_the_moving_side(index: Index) -> Iterator[Finding]:
    """The side that is scaled binds, the one that stays connects.

    Every process that comes or goes then rewires the other side. That has its use: a sender that connects keeps its
    queue over a peer's death, and can leave a peer without loss; one that binds cannot.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}  # Z110

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Source: ZeroMQ guide, chapter 2, "Handling Multiple Sockets"; measured: removing peers without loss.
    """
    moving = index.several
    for edge, (binding, connecting) in index.ends.items() if moving else ():
        if any(end.node in moving for end in binding) and not any(end.node in moving for end in connecting):
            node = next(end.node for end in binding if end.node in moving)
            yield Finding(("edges", edge), f"{node} can be scaled, and binds", key=True)


@rule("Z118", "info")
def lossy_scale_down(index: Index) -> Iterator[Finding]:
    """A PUSH or DEALER binds, and the other side can be scaled.

    A binding sender cannot leave one peer: when a worker goes, what is in flight to it can be lost. Where workers come
    and go without loss, they bind and the sender connects.

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
    moving = index.several
    told: set[str] = set()
    for (bound, _), pairs in index.pairs.items() if moving else ():
        for pair in pairs if bound in SPLITTERS else ():
            if pair.connect.node in moving and pair.edge not in told:
                told.add(pair.edge)
                yield Finding(("edges", pair.edge), _lossy(pair), key=True)


def _lossy(pair: Pair) -> str:
    return f"{pair.bind} binds, so what is in flight to a process of {pair.connect.node} that goes can be lost"


@rule("Z111", "info")
def binder_of_no_one(index: Index) -> Iterator[Finding]:
    """A socket binds an address that nobody can learn.

    The address is made by the launcher, and no process of this mesh connects to it. Leaves of a tree are no finding.

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
            yield Finding(("edges", edge), f"nobody connects to {endpoint.name}", key=True)
