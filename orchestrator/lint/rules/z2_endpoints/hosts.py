"""Hosts: names, and IPv6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.reach import is_name
from orchestrator.lint.rules.z2_endpoints.written import once

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z209", "warning", of_hosts=True)
def name_in_bind(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A socket binds a host's name.

    libzmq before 4.3.5 takes addresses and names of interfaces only, and refuses ``localhost`` too. It is a warning
    where ours is as old; of a ``command:``, which brings its own, information.

    Why it matters: the bind fails where the libzmq is older than the one of the machine it was tried on.

    Bad:
        nodes:
          feed: {command: ./feed, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://localhost:5556", security: none}  # Z209

    Good:
        nodes:
          feed: {command: ./feed, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5556", security: none}

    Source: zmq_tcp(7); measured with 4.3.4 and 4.3.5.
    """
    for each in once(index):
        node = index.nodes[each.end.node]
        parsed = None if node.external else each.parsed
        if parsed is None or not is_name(parsed):
            continue
        old = facts.libzmq is not None and facts.libzmq < (4, 3, 5)
        foreign = not index.ours(each.end.node)
        if old or foreign:
            severity: Severity | None = None if old else "info"
            message = f"libzmq before 4.3.5 cannot bind the name {parsed.host}"
            yield RuleHit(each.path, message, "an address such as 127.0.0.1", severity=severity)


@rule("Z210", of_hosts=True)
def ipv6_without_option(index: TopologyView) -> Iterator[RuleHit]:
    """An IPv6 address is used by a socket without ``ipv6: true``.

    Why it matters: without the option libzmq speaks IPv4 alone: it refuses to bind the address, and takes it for a
    connect that it never carries out.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", ipv6: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://[::1]:5556", security: none}  # Z210

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, ipv6: true}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", ipv6: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://[::1]:5556", security: none}

    Source: zmq_setsockopt(3), ZMQ_IPV6; measured: ENODEV on bind, silence on connect.
    """
    for each in once(index):
        parsed = each.parsed
        if parsed is None or not parsed.host.startswith("["):
            continue
        for end in (each.end, *index.ends[each.edge][1]):
            if not index.nodes[end.node].external and not index.socket((end.node, end.socket)).options.get("ipv6"):
                yield RuleHit(each.path, f"{end} does not speak IPv6", "ipv6: true on it, or an IPv4 address")
                break
