"""Transports, and what they reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.ipc_paths import too_long
from orchestrator.lint.rules.z2_endpoints.written import once
from orchestrator.zeromq.endpoints import parse

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity

NEEDED = {"pgm": "pgm", "epgm": "pgm", "norm": "norm", "tipc": "tipc", "vmci": "vmci", "ws": "WS", "wss": "WSS"}
"""What a transport needs that is not in every libzmq, by zmq_has(3)'s names."""

UDP = frozenset({"RADIO", "DISH", "DGRAM"})


@rule("Z201")
def inproc_across_processes(index: TopologyView) -> Iterator[RuleHit]:
    """An inproc address is written on an edge.

    Why it matters: inproc joins threads of one process and one context; nodes are processes, so the peers never find
    each other.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "inproc://ticks"}  # Z201

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_inproc(7).
    """
    for each in once(index):
        if each.text.startswith("inproc://"):
            message = f"{each.text} does not leave its process"
            yield RuleHit(each.path, message, "ipc:// or tcp://", "without endpoint one is chosen")


@rule("Z203")
def ipc_across_hosts(index: TopologyView) -> Iterator[RuleHit]:
    """An ipc edge joins nodes on different hosts.

    Why it matters: an ipc path is a file of one machine; the connecting side would wait for it on its own for ever.

    Bad:
        nodes:
          feed: {python: "feed:main", resources: {host: alpha.lan}, sockets: {ticks: PUB}}
          bot: {python: "bot:main", resources: {host: beta.lan}, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, transport: ipc}  # Z203

    Good:
        nodes:
          feed: {python: "feed:main", resources: {host: alpha.lan}, sockets: {ticks: PUB}}
          bot: {python: "bot:main", resources: {host: beta.lan}, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_ipc(7).
    """
    hosts = {name: node.resources.host for name, node in index.nodes.items() if node.resources.host}
    for edge, (binding, connecting) in index.ends.items() if hosts else ():
        declared = index.edges[edge]
        if declared.transport != "ipc" and not (declared.endpoint or "").startswith("ipc://"):
            continue
        found = dict.fromkeys(hosts[end.node] for end in (*binding, *connecting) if end.node in hosts)
        if len(found) > 1:
            path = ("edges", edge, "transport" if declared.endpoint is None else "endpoint")
            yield RuleHit(path, f"ipc does not reach from {' to '.join(found)}", "tcp, or auto")


@rule("Z204", of_hosts=True)
def wildcard_connect(index: TopologyView) -> Iterator[RuleHit]:
    """Peers are to connect to ``*`` or 0.0.0.0.

    These mean every interface, and only a bind can use them. libzmq refuses to connect to ``*``; 0.0.0.0 works on Linux
    alone, where it means this machine, so it is a warning.

    Why it matters: the edge never carries a message, or carries it on one kind of system alone.

    Bad:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://*:9000"}  # Z204

    Good:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://127.0.0.1:9000"}

    Source: zmq_tcp(7); measured: EINVAL for ``*``.
    """
    for each in once(index):
        parsed = each.parsed if index.nodes[each.end.node].external else None
        if parsed is not None and parsed.host in ("*", "0.0.0.0", "[::]"):
            severity: Severity | None = None if parsed.host == "*" else "warning"
            message = f"nobody can connect to {parsed.host}, and {each.end.node}, which binds it, is external"
            yield RuleHit(each.path, message, "the host where it runs", severity=severity)


@rule("Z205")
def bad_endpoint(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """An address that libzmq refuses, or reads as another one.

    Transports are lower case. Ports are 1 to 65535: libzmq binds 70000 as 4464 without a word. ``tcp://host:*`` and
    ``:0`` let the kernel choose, so only a bind can use them, and nobody would learn the port: write ``transport: tcp``
    instead. udp is for RADIO, DISH and DGRAM. ws, pgm, norm and others are not in every libzmq.

    Why it matters: libzmq refuses some of these when the process starts, and takes others for something else, without a
    word.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:70000", security: none}  # Z205

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:7000", security: none}

    Source: zmq_tcp(7), zmq_udp(7); measured: what libzmq makes of each.
    """
    told: set[str] = set()
    for each in index.addresses:
        if each.edge in told or too_long(each.text):
            continue
        try:
            parsed = parse(each.text)
        except ValueError as error:
            told.add(each.edge)
            yield RuleHit(each.path, str(error))
            continue
        kind = index.socket((each.end.node, each.end.socket)).type
        needed = NEEDED.get(parsed.transport)
        told.add(each.edge)
        if parsed.transport == "udp" and kind not in UDP:
            yield RuleHit(each.path, f"{kind} sockets cannot use udp", "tcp:// or ipc://")
        elif needed and facts.has.get(needed) is False:
            yield RuleHit(each.path, f"this libzmq was built without {parsed.transport}", "tcp:// or ipc://")
        elif parsed.wildcard:
            message = f"{parsed} is known only once it is bound, so nobody could connect to it"
            yield RuleHit(each.path, message, "", f"write `transport: {parsed.transport}` instead")
