"""Options that bound memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.reach import far_connects, public_binds
from orchestrator.zeromq.sockets import TYPES

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z404", "info")
def unbounded_memory(index: TopologyView) -> Iterator[RuleHit]:
    """A high-water mark of 0: the queue has no limit.

    With peers on other machines or not ours, which may be slow on purpose, it is a warning.

    Why it matters: a peer that is slow or gone makes the process grow until the machine is out of memory.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 0}}}  # Z404
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 100000}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 2, "High-Water Marks".
    """
    open_to_others: set[str] | None = None
    for option in ("sndhwm", "rcvhwm"):
        for group in index.with_option(option):
            if group.socket.options[option] != 0:
                continue
            if open_to_others is None:
                open_to_others = _open_to_others(index)
            for place in group.places:
                if index.writes(place, option):
                    outside = any(edge in open_to_others for edge in index.on(place))
                    severity: Severity | None = "warning" if outside else None
                    message = f"{option} 0: the queue has no limit"
                    yield RuleHit(at(place, option), message, "a number of messages", severity=severity, key=True)


def _open_to_others(index: TopologyView) -> set[str]:
    """Give the edges with peers that are not ours, or on other machines."""
    public = {each.edge for each in (*public_binds(index), *far_connects(index))}
    for edge, (binding, connecting) in index.ends.items():
        if not connecting or any(index.nodes[end.node].external for end in (*binding, *connecting)):
            public.add(edge)
    return public


@rule("Z412", "info", of_hosts=True)
def maxmsgsize_missing(index: TopologyView) -> Iterator[RuleHit]:
    """A socket that other machines can reach takes messages of any size.

    Sockets that only send, PUB and PUSH, get no messages.

    Why it matters: one message of a stranger can take all memory; ``maxmsgsize`` cuts off who sends more.

    Bad:
        nodes:
          sink: {python: "sink:main", sockets: {results: PULL}}
          worker: {python: "worker:main", sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results, endpoint: "tcp://*:5558", security: none}  # Z412

    Good:
        nodes:
          sink: {python: "sink:main", sockets: {results: {type: PULL, maxmsgsize: 1MiB}}}
          worker: {python: "worker:main", sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results, endpoint: "tcp://*:5558", security: none}

    Source: zmq_setsockopt(3), ZMQ_MAXMSGSIZE.
    """
    told: set[str] = set()
    for each in public_binds(index):
        socket = index.socket((each.end.node, each.end.socket))
        if each.edge not in told and TYPES[socket.type].receives and "maxmsgsize" not in socket.options:
            told.add(each.edge)
            message = f"{each.end} takes messages of any size from other machines"
            yield RuleHit(each.path, message, "", "maxmsgsize on it")
