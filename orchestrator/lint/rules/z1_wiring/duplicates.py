"""Two ways to one socket, two sockets at one address."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.lint.core.index import Index, Place
from orchestrator.lint.core.registry import Finding, rule


@rule("Z106", "warning")
def duplicate_path(index: Index) -> Iterator[Finding]:
    """One socket of a process reaches the same bound socket twice.

    Over two addresses every message is delivered twice, or one peer gets two turns; over one and the same address
    PUSH, PULL and XSUB make a second connection too, while SUB, REQ and DEALER ignore the second call.

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
            seen: dict[Place, str] = {}
            for link in wired.connects:
                endpoint = index.plan.endpoint[link.endpoint]
                bound = (endpoint.process or endpoint.node, endpoint.socket)
                first = seen.setdefault(bound, link.edge)
                if first != link.edge and link.edge not in told:
                    told.add(link.edge)
                    message = f"{process}.{socket} would connect twice to {'.'.join(bound)}, by edge {first} too"
                    yield Finding(("edges", link.edge), message, "", "remove one of the two", key=True)


@rule("Z107")
def duplicate_endpoint(index: Index) -> Iterator[Finding]:
    """Two sockets bind one address, or overlapping ones.

    Over tcp the second bind fails, also where one says ``*`` and the other 127.0.0.1. Over ipc it is worse: the second
    steals the path without a word, and new peers reach it alone. One fixed address on several processes of a node is
    the same mistake: a range of ports gives each its own.

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
    taken: dict[tuple[str, object], list[tuple[str, str, str]]] = {}
    told: set[str] = set()
    for each in index.addresses:
        parsed = each.parsed if index.is_on(each.end.node) else None
        if parsed is None or parsed.wildcard or parsed.transport == "inproc":
            continue
        processes = index.processes(each.end) if each.end.process != each.process else (each.process,)
        if each.process in index.plan.process:
            processes = (each.process,)
        for number, process in enumerate(processes, each.place):
            ports = parsed.ports or (0, 0)
            port = ports[0] + number if ports[1] > ports[0] else ports[0]
            owner = f"{process}.{each.end.socket}"
            key = (parsed.transport, port or parsed.address)
            host = "127.0.0.1" if parsed.host == "localhost" else parsed.host
            others = taken.setdefault(key, [])
            for other, other_host, other_text in others:
                if other != owner and each.edge not in told and _overlap(index, host, other_host, owner, other):
                    told.add(each.edge)
                    what = str(parsed) if other_text == each.text else f"{each.text}, which overlaps {other_text}:"
                    message = f"{other} and {owner} would both bind {what.rstrip(':')}"
                    hint = "an address of their own, by a range of ports (5600-5649) or ${index}"
                    yield Finding(each.path, message, hint)
            if len(others) < 8:
                others.append((owner, host, each.text))


def _overlap(index: Index, host: str, other: str, owner: str, other_owner: str) -> bool:
    """Tell whether two hosts overlap; two programs that are not ours are none of our business."""
    if all(name.partition(".")[0] not in index.plan.process for name in (owner, other_owner)):
        return False
    return host == other or bool({host, other} & {"*", "0.0.0.0", "[::]"})
