"""Which types of sockets can talk, and to how many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.zeromq.sockets import compatible

if TYPE_CHECKING:
    from orchestrator.lint.core.index import End, TopologyView

PAIRS = ("PAIR", "CHANNEL")


@rule("Z101")
def incompatible_sockets(index: TopologyView) -> Iterator[RuleHit]:
    """Two sockets are joined that cannot talk.

    These can talk: PAIR with PAIR, PUB and XPUB with SUB and XSUB, REQ with REP and ROUTER, DEALER with REP, DEALER and
    ROUTER, ROUTER with ROUTER, PUSH with PULL; of the draft ones SERVER with CLIENT, RADIO with DISH, SCATTER with
    GATHER, and DGRAM, PEER and CHANNEL each with its own kind. STREAM talks to programs that are not ours alone.

    Why it matters: libzmq refuses the peer during the handshake and tells nobody: nothing arrives, ever. The connecting
    side does not try again after this error, so it stays deaf even when the other side is replaced by one that would
    fit.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: PULL}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z101

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_socket(3), RFC 28 to 31; measured: no message, and no new attempt after a wrong socket type.
    """
    for (bound, kind), pairs in index.pairs.items():
        if compatible(kind, bound):
            continue
        for pair in pairs:
            outside = index.nodes[pair.bind.node].external or index.nodes[pair.connect.node].external
            if outside and "STREAM" in (bound, kind):
                continue
            hint = f"{_declared(index, pair.connect, kind)}, {_declared(index, pair.bind, bound)}"
            sockets = index.nodes[pair.connect.node].sockets
            fits = [name for name, each in sockets.items() if compatible(each.type, bound)]
            if len(fits) == 1:
                hint += f"; {pair.connect.node} has one socket that fits: {pair.connect.node}.{fits[0]}"
            yield RuleHit(index.place(pair.edge, pair.connect), f"{kind} cannot talk to {bound}", "", hint)


def _declared(index: TopologyView, end: End, kind: str) -> str:
    where = index.topology.where_value("nodes", end.node, "sockets", end.socket, "type")
    return f"{end} is a {kind} ({where})"


@rule("Z105")
def pair_many_peers(index: TopologyView) -> Iterator[RuleHit]:
    """A PAIR or CHANNEL has more than one peer.

    Why it matters: it talks to the first that comes; every other one is refused without a word, and stays so for ever.

    Bad:
        nodes:
          boss: {python: "boss:main", sockets: {work: PAIR}}
          worker: {python: "worker:main", replicas: 2, sockets: {work: PAIR}}
        edges:
          work: {bind: boss.work, connect: worker.work}  # Z105

    Good:
        nodes:
          boss: {python: "boss:main", sockets: {work: DEALER}}
          worker: {python: "worker:main", replicas: 2, sockets: {work: DEALER}}
        edges:
          work: {bind: boss.work, connect: worker.work}

    Source: zmq_socket(3), "exclusive pair"; measured: the second peer's messages never arrive.
    """
    if not any(True for _ in index.of_type(*PAIRS)):
        return
    for place, count in index.most_peers.items():
        kind = index.socket(place).type
        if count > 1 and kind in PAIRS:
            edges = [edge for edge in index.edges if edge in index.on(place)]
            message = f"{'.'.join(place)}, a {kind}, would have {count} peers; all but one are ignored"
            hint = "DEALER and ROUTER talk to many, or give each peer a socket of its own"
            yield RuleHit(("edges", edges[-1]), message, "one peer", hint, key=True)
