"""How long a close waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.topology.diagnostics.diagnostic import Edit, Fix
from orchestrator.zeromq.sockets import TYPES

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z405", "warning")
def linger_forever(index: TopologyView) -> Iterator[RuleHit]:
    """``linger: -1`` on a service.

    Where nothing is written, linger is what is left of the grace.

    Why it matters: its close waits for ever for a peer that does not come, until the stop's grace is over and it is
    killed.

    How the fix is safe: it writes the stop's grace in the place of -1: after that the process is killed anyway.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: -1}}}  # Z405
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: 5s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_LINGER; ZeroMQ guide, chapter 1, "Making a Clean Exit".
    """
    for group, _ in index.declaring("linger", lambda linger: bool(linger == -1)):
        for place in group.places:
            node = index.nodes[place[0]]
            if node.kind == "service" and not node.external:
                path = at(place, "linger")
                written = index.written(*path)
                grace = f"{node.stop.grace:g}s"
                fix = Fix((Edit(*index.topology.where_value(*path), "-1", grace),)) if written == -1 else None
                message = "close waits for ever for a peer that does not come"
                yield RuleHit(path, message, f"the stop's grace, {grace}, or leave it out", fix=fix)


@rule("Z406", "info")
def linger_zero_loses(index: TopologyView) -> Iterator[RuleHit]:
    """``linger: 0`` on a socket that sends.

    On a REQ that is wanted: an answer could not be received any more.

    Why it matters: its close throws away what is not yet sent.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: 0}}}  # Z406
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: 5s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_LINGER.
    """
    for group, _ in index.declaring("linger", lambda linger: bool(linger == 0)):
        if TYPES[group.socket.type].sends and group.socket.type not in ("REQ", "XSUB"):
            for place in group.places:
                if not index.nodes[place[0]].external:
                    yield RuleHit(at(place, "linger"), "close throws away what is not yet sent", key=True)
