"""Edges whose messages share frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z1_delivery.kinds import batched

if TYPE_CHECKING:
    from orchestrator.lint.core.index import End, TopologyView

BATCHABLE = frozenset({"PUSH", "PULL", "PUB", "SUB", "PAIR"})
"""Types whose messages can share a frame: no reply belongs to one of them, and no frame of theirs names a peer."""


@rule("Z119")
def unbatchable(index: TopologyView) -> Iterator[RuleHit]:
    """An edge batches what cannot share a frame.

    Only PUSH and PULL, PUB and SUB, and PAIR can: a REQ waits for the reply to one message, a ROUTER's first frame
    names a peer, an XPUB receives subscriptions. And ``conflate`` keeps the last frame, which would be some messages
    and not the last one.

    Why it matters: a batch would reach a program that cannot take it apart, or the wrong one.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: {type: REQ, rcvtimeo: 1s}}}
          server: {python: "server:main", sockets: {ask: REP}}
        edges:
          ask: {bind: server.ask, connect: client.ask, batch: {messages: 100}}  # Z119

    Good:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, batch: {messages: 100}}

    Source: RFC 28 and 29; zmq_setsockopt(3), ZMQ_CONFLATE.
    """
    for name in batched(index):
        ends = [*index.ends[name][0], *index.ends[name][1]]
        wrong = next(filter(None, (_unbatchable(index, end) for end in ends)), None)
        if wrong:
            yield RuleHit(("edges", name, "batch"), wrong, "PUSH and PULL, PUB and SUB, or PAIR", "remove batch here")


def _unbatchable(index: TopologyView, end: End) -> str:
    socket = index.socket((end.node, end.socket))
    if socket.type not in BATCHABLE:
        return f"the messages of {end.node}.{end.socket}, a {socket.type}, cannot share a frame"
    return f"{end.node}.{end.socket} conflates: it keeps the last frame alone" if socket.options.get("conflate") else ""
