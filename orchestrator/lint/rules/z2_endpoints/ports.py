"""Ports that this user, or anybody, may not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.written import bound_ports

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z206", "warning")
def privileged_port(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A socket binds a port that this user may not bind.

    Ports below ip_unprivileged_port_start, 1024 where nothing else is set, need CAP_NET_BIND_SERVICE.

    Why it matters: the bind fails with EACCES when the process starts.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:80", security: none}  # Z206

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:8080", security: none}

    Source: ip(7), capabilities(7).
    """
    if facts.first_free_port:
        for each, first, _ in bound_ports(index):
            if first < facts.first_free_port:
                message = f"port {first} is below {facts.first_free_port}, where this user may not bind"
                yield RuleHit(each.path, message, f"a port from {facts.first_free_port} on")


@rule("Z207", "warning")
def ephemeral_port(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A socket binds a port that the kernel gives to outgoing connections.

    Why it matters: some day one of them has it first, and the bind fails: after a reboot, or under load, and never when
    tried.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:40000", security: none}  # Z207

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5600", security: none}

    Source: ip(7), ip_local_port_range.
    """
    if facts.ephemeral_ports:
        low, high = facts.ephemeral_ports
        for each, first, last in bound_ports(index):
            if first <= high and last >= low:
                message = f"port {max(first, low)} is one of {low} to {high}, which the kernel gives to anybody"
                yield RuleHit(each.path, message, f"a port below {low}", "or `transport: tcp` instead, and none")
