"""Two ways to one socket, two sockets at one address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z2_endpoints.written import Claim, claims

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView


@rule("Z106", "warning")
def duplicate_path(index: TopologyView) -> Iterator[RuleHit]:
    """One socket of a process reaches the same bound socket twice.

    Why it matters: over two addresses every message is delivered twice, or one peer gets two turns; over one and the
    same address PUSH, PULL and XSUB make a second connection too, while SUB, REQ and DEALER ignore the second call.

    How the fix is safe: it takes away an edge that says what another one of the file says, word for word, and has lines
    of its own.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}
          fast: {bind: feed.ticks, connect: bot.ticks, transport: tcp}  # Z106

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_connect(3); measured with two addresses of one socket.
    """
    for (node, socket), edges in index.connecting.items():
        if len(edges) == 1 and len(index.ends[edges[0]][0]) == 1:
            continue
        told: set[str] = set()
        for process in (name for each in (index.plan.node.get(node),) if each for name in each.processes):
            wired = next(each for each in index.plan.process[process].sockets if each.name == socket)
            seen: dict[SocketRef, str] = {}
            for link in wired.connects:
                endpoint = index.plan.endpoint[link.endpoint]
                bound = (endpoint.process or endpoint.node, endpoint.socket)
                first = seen.setdefault(bound, link.edge)
                if first != link.edge and link.edge not in told:
                    told.add(link.edge)
                    message = f"{process}.{socket} would connect twice to {'.'.join(bound)}, by edge {first} too"
                    yield RuleHit(("edges", link.edge), message, "", "remove one of the two", key=True)


@rule("Z107")
def duplicate_endpoint(index: TopologyView) -> Iterator[RuleHit]:
    """Two sockets bind one address, or overlapping ones.

    One fixed address on several processes of a node is the same mistake: a range of ports gives each its own.

    Why it matters: over tcp the second bind fails, also where one says ``*`` and the other 127.0.0.1. Over ipc it is
    worse: the second steals the path without a word, and new peers reach it alone.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB, status: PUB}}
          bot:
            python: bot:main
            sockets: {ticks: {type: SUB, subscribe: ""}, status: {type: SUB, subscribe: ""}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5556", security: none}
          status: {bind: feed.status, connect: bot.status, endpoint: "tcp://127.0.0.1:5556", security: none}  # Z107

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB, status: PUB}}
          bot:
            python: bot:main
            sockets: {ticks: {type: SUB, subscribe: ""}, status: {type: SUB, subscribe: ""}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5556", security: none}
          status: {bind: feed.status, connect: bot.status, endpoint: "tcp://127.0.0.1:5557", security: none}

    Source: zmq_tcp(7), zmq_ipc(7); measured: EADDRINUSE over tcp, silence over ipc.
    """
    taken: dict[tuple[str, object], list[Claim]] = {}
    told: set[str] = set()
    for claim in claims(index):
        others = taken.setdefault(claim.key, [])
        for other in others:
            if other.owner != claim.owner and claim.edge not in told and claim.overlaps(other):
                told.add(claim.edge)
                what = claim.shown if other.text == claim.text else f"{claim.text}, which overlaps {other.text}"
                message = f"{other.owner} and {claim.owner} would both bind {what}"
                hint = "an address of their own, by a range of ports (5600-5649) or ${index}"
                yield RuleHit(("edges", claim.edge, "endpoint"), message, hint)
        if len(others) < 8:
            others.append(claim)
