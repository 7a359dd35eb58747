"""Addresses that others can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.reach import KNOWN, consents, public_binds
from orchestrator.lint.rules.z2_endpoints.written import once

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z208", of_hosts=True)
def public_bind_without_curve(index: TopologyView) -> Iterator[RuleHit]:
    """A socket can be reached from other machines, and nothing protects it.

    ``security: none``, written out, says that you know.

    Why it matters: whoever reaches the port can read what is published and send what they like.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://*:5556"}  # Z208

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://*:5556", security: none}

    Source: zmq_curve(7), zmq_null(7).
    """
    told: set[str] = set()
    for each in public_binds(index):
        if each.edge not in told and not consents(index, each.edge, (each.end.node, each.end.socket)):
            told.add(each.edge)
            message = f"{each.end} can be reached from other machines without encryption or keys"
            yield RuleHit(each.path, message, "127.0.0.1 where all peers are here", f"or {KNOWN}")


@rule("Z212", "warning", of_hosts=True)
def open_to_local_users(index: TopologyView) -> Iterator[RuleHit]:
    """Every user of this machine can connect.

    A path in a private folder, which is what an edge without transport and endpoint gets, admits one user alone. Where
    it must be tcp, ``security: none``, written out, says that you know.

    Why it matters: tcp on loopback and abstract ipc names know no owner: whoever has a process here can read what is
    published, and send what they like.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, transport: tcp}  # Z212

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: unix(7), zmq_tcp(7).
    """
    message = "every user of this machine can connect"
    for edge, declared in index.edges.items():
        if declared.endpoint is None and declared.transport == "tcp":
            place = next(((end.node, end.socket) for end in index.ends[edge][0]), ("", ""))
            if not consents(index, edge, place):
                yield RuleHit(("edges", edge, "transport"), message, "no transport: a path of your own", f"or {KNOWN}")
    for each in once(index):
        parsed = None if index.nodes[each.end.node].external else each.parsed
        local = parsed and (parsed.abstract or (parsed.transport not in ("ipc", "inproc") and parsed.loopback))
        if local and not consents(index, each.edge, (each.end.node, each.end.socket)):
            yield RuleHit(each.path, message, "no endpoint: a path of your own", f"or {KNOWN}")
