"""Peers that vanish, and what is lost with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.identity_map import IdentityMap
from orchestrator.lint.core.places import at, like_it
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z1_wiring.binding_side import losing, recovers
from orchestrator.lint.rules.z2_endpoints.reach import far_connects
from orchestrator.lint.rules.z3_flow.start import ungated
from orchestrator.zeromq.sockets import SPLITTERS, TYPES

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView

SHORT_TIMEOUT = 5000
"""Milliseconds that a busy reader can well be away."""


@rule("Z310", "warning")
def half_open_peer(index: TopologyView) -> Iterator[RuleHit]:
    """A receiver of another host's messages cannot see that the connection is gone.

    ``tcp_keepalive`` or ``heartbeat_ivl`` finds out and connects anew.

    Why it matters: it sends nothing, so when the other host, or a firewall between, vanishes without a goodbye, it
    waits on a dead connection for ever.

    Bad:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://10.0.0.1:9000", security: none}  # Z310

    Good:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: "", tcp_keepalive: true}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://10.0.0.1:9000", security: none}

    Source: tcp(7), zmq_setsockopt(3), ZMQ_TCP_KEEPALIVE and ZMQ_HEARTBEAT_IVL.
    """
    told: set[str] = set()
    for each in far_connects(index):
        for end in index.ends[each.edge][1] if each.edge not in told else ():
            socket = index.socket((end.node, end.socket))
            if index.nodes[end.node].external or (TYPES[socket.type].sends and socket.type != "XSUB"):
                continue
            if socket.options.get("tcp_keepalive", 0) != 1 and not socket.options.get("heartbeat_ivl"):
                told.add(each.edge)
                message = f"{end} would wait for ever on a connection that died without a goodbye"
                yield RuleHit(("edges", each.edge), message, "", "tcp_keepalive or heartbeat_ivl on it", key=True)
                break


@rule("Z311", "warning")
def heartbeat_under_backpressure(index: TopologyView) -> Iterator[RuleHit]:
    """A heartbeat with a short timeout cuts peers that are only busy.

    Why it matters: a reader at its high-water mark reads no answers to heartbeats either. After the timeout it counts
    as dead, the connection is cut, and messages are lost.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, heartbeat_ivl: 500ms}}}  # Z311
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, heartbeat_ivl: 5s, heartbeat_timeout: 60s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_HEARTBEAT_TIMEOUT; measured: timeout 500 ms, reader busy for 2 s, up to 641 of 5,000
    messages lost.
    """
    for group, interval in index.declaring("heartbeat_ivl"):
        if group.socket.type not in ("PUSH", "PULL", "DEALER") or not isinstance(interval, int):
            continue
        timeout = group.socket.options.get("heartbeat_timeout", interval)
        if isinstance(timeout, int) and timeout <= SHORT_TIMEOUT:
            for place in group.places:
                message = f"a peer that is busy for {timeout} ms is cut, and messages are lost"
                hint = f"heartbeat_timeout well above {SHORT_TIMEOUT} ms"
                yield RuleHit(at(place, "heartbeat_ivl"), message, hint, key=True)


@rule("Z314", "info")
def queue_dies_with_peer(index: TopologyView) -> Iterator[RuleHit]:
    """A PUSH or DEALER binds: what it has queued for a peer is lost with that peer.

    One that connects keeps its queue, and delivers it when the peer comes again. Nothing is said where Z118 or Z319
    speak of the edge, nor of devices, nor where the edge's delivery asks anew.

    Why it matters: when a worker crashes, up to a high-water mark of messages that were sent for it is gone, without an
    error.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}  # Z314

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: measured: of 5,000 queued messages 4,921 arrive after the peer's restart where the sender connects, and none
    where it binds.
    """
    told: IdentityMap[tuple[str, SocketRef, int]] = IdentityMap()
    others = losing(index).keys() | ungated(index).keys()
    for (bound, _), pairs in index.pairs.items():
        for pair in pairs if bound in SPLITTERS else ():
            if pair.edge in others or recovers(index, pair):
                continue
            place = (pair.bind.node, pair.bind.socket)
            key = index.socket(place)
            edge, first, count = told.get(key, (pair.edge, place, 0))
            told[key] = (edge, first, count + (place != first))
    for edge, place, count in told.values():
        message = f"what {like_it(place, count)} has queued for a peer is lost with that peer: it binds"
        yield RuleHit(("edges", edge), message, key=True)


@rule("Z315", "warning")
def immediate_loses_on_reconnect(index: TopologyView) -> Iterator[RuleHit]:
    """``immediate`` on a PUSH or DEALER that connects, to a peer that can come again.

    Why it matters: without it the queue outlives the connection. With it the queue is thrown away when the connection
    breaks: all that was sent and not yet delivered is lost. What has arrived and was not read is lost too, and where
    that happens in the middle of a message of several parts, another peer's parts are taken for the rest, or libzmq
    ends the process.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, immediate: true}}}  # Z315
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_IMMEDIATE; measured: none of 20,000 messages arrives after the peer's
    restart, 4,921 of 5,000 without it. In the middle of a message: "Assertion failed: !_more", libzmq 4.3.5, fq.cpp.
    """
    for group, _ in index.declaring("immediate"):
        if group.socket.type not in SPLITTERS:
            continue
        for place in group.places:
            edges = index.connecting.get(place, ())
            again = next((end.node for edge in edges for end in index.ends[edge][0] if index.restarts(end.node)), None)
            if again is not None:
                message = f"what waits for {again} is lost when its connection breaks"
                yield RuleHit(at(place, "immediate"), message, "", "leave immediate out", key=True)
