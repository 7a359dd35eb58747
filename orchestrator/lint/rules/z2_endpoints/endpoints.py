"""Z2: addresses, and who can bind or reach them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import Address, Index
from orchestrator.lint.core.registry import Finding, rule
from orchestrator.topology.problems import Severity
from orchestrator.zeromq.endpoints import ABSTRACT_LIMIT, IPC_PATH_LIMIT, Endpoint, parse

NEEDED = {"pgm": "pgm", "epgm": "pgm", "norm": "norm", "tipc": "tipc", "vmci": "vmci", "ws": "WS", "wss": "WSS"}
"""What a transport needs that is not in every libzmq, by zmq_has(3)'s names."""

UDP = frozenset({"RADIO", "DISH", "DGRAM"})


def is_name(endpoint: Endpoint) -> bool:
    """Tell whether the host is a name, of a host or of an interface."""
    if not endpoint.host or endpoint.host == "*":
        return False
    try:
        ip_address(endpoint.host.strip("[]"))
    except ValueError:
        return True
    return False


def public_binds(index: Index) -> Iterator[Address]:
    """Give the addresses that ours bind and other machines can reach."""
    for each in index.addresses:
        parsed = None if index.nodes[each.end.node].external else each.parsed
        if parsed is not None and not parsed.loopback:
            yield each


def far_connects(index: Index) -> Iterator[Address]:
    """Give the addresses of external nodes on other machines, to which ours connect."""
    for each in index.addresses:
        parsed = each.parsed if index.nodes[each.end.node].external else None
        if parsed is not None and parsed.host != "*" and not parsed.loopback:
            yield each


KNOWN = "`security: none`, which says that you know"


def consents(index: Index, edge: str, place: tuple[str, str]) -> bool:
    """Tell whether ``security`` is written on an edge, or on one that shares its bound socket."""
    edges = {edge, *index.binding.get(place, ())}
    return any(index.written("edges", each, "security") is not None for each in edges) or (
        index.written("defaults", "edge", "security") is not None
    )


@rule("Z201")
def inproc_across_processes(index: Index, facts: Facts) -> Iterator[Finding]:
    """An inproc address is written on an edge.

    inproc joins threads of one process and one context; nodes are processes, so the peers never find each other.

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
    for each in _once(index):
        if each.text.startswith("inproc://"):
            message = f"{each.text} does not leave its process"
            yield Finding(each.path, message, "ipc:// or tcp://", "without endpoint one is chosen")


@rule("Z202")
def ipc_path_too_long(index: Index, facts: Facts) -> Iterator[Finding]:
    """An ipc path is longer than the kernel takes.

    A path holds at most 107 bytes, an abstract name 106 behind its ``@``. Paths that the launcher makes always fit.

    Bad:
        vars: {deep: a-long-name-of-a-folder-in-a-folder}
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks:
            bind: feed.ticks
            connect: bot.ticks
            endpoint: ipc:///var/lib/${deep}/${deep}/${deep}/${node}.ticks  # Z202

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "ipc:///run/feed.ticks"}

    Source: unix(7); zmq_ipc(7); measured: ENAMETOOLONG.
    """
    told: set[str] = set()
    for each in index.addresses:
        if each.edge not in told and (too_long := _too_long(each.text)):
            told.add(each.edge)
            yield Finding(each.path, too_long, "", "without endpoint a short one is chosen")


def _too_long(text: str) -> str:
    if not text.startswith("ipc://"):
        return ""
    address = text.removeprefix("ipc://")
    abstract = address.startswith("@")
    size, limit = len(address.encode(errors="replace")), ABSTRACT_LIMIT + 1 if abstract else IPC_PATH_LIMIT
    what = "name" if abstract else "path"
    return f"an ipc {what} of {size - abstract} bytes; at most {limit - abstract}" if size > limit else ""


@rule("Z203")
def ipc_across_hosts(index: Index, facts: Facts) -> Iterator[Finding]:
    """An ipc edge joins nodes on different hosts.

    An ipc path is a file of one machine; the connecting side would wait for it on its own for ever.

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
            yield Finding(path, f"ipc does not reach from {' to '.join(found)}", "tcp, or auto")


@rule("Z204")
def wildcard_connect(index: Index, facts: Facts) -> Iterator[Finding]:
    """Peers are to connect to ``*`` or 0.0.0.0.

    These mean every interface, and only a bind can use them. libzmq refuses to connect to ``*``; 0.0.0.0 works on
    Linux alone, where it means this machine, so it is a warning.

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
    for each in _once(index):
        parsed = each.parsed if index.nodes[each.end.node].external else None
        if parsed is not None and parsed.host in ("*", "0.0.0.0", "[::]"):
            severity: Severity | None = None if parsed.host == "*" else "warning"
            message = f"nobody can connect to {parsed.host}, and {each.end.node}, which binds it, is external"
            yield Finding(each.path, message, "the host where it runs", severity=severity)


@rule("Z205")
def bad_endpoint(index: Index, facts: Facts) -> Iterator[Finding]:
    """An address that libzmq refuses, or reads as another one.

    Transports are lower case. Ports are 1 to 65535: libzmq binds 70000 as 4464 without a word. ``tcp://host:*`` and
    ``:0`` let the kernel choose, so only a bind can use them, and nobody would learn the port: write ``transport: tcp``
    instead. udp is for RADIO, DISH and DGRAM. ws, pgm, norm and others are not in every libzmq.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:70000"}  # Z205

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:7000"}

    Source: zmq_tcp(7), zmq_udp(7); measured: what libzmq makes of each.
    """
    told: set[str] = set()
    for each in index.addresses:
        if each.edge in told or _too_long(each.text):
            continue
        try:
            parsed = parse(each.text)
        except ValueError as error:
            told.add(each.edge)
            yield Finding(each.path, str(error))
            continue
        kind = index.socket((each.end.node, each.end.socket)).type
        needed = NEEDED.get(parsed.transport)
        told.add(each.edge)
        if parsed.transport == "udp" and kind not in UDP:
            yield Finding(each.path, f"{kind} sockets cannot use udp", "tcp:// or ipc://")
        elif needed and facts.has.get(needed) is False:
            yield Finding(each.path, f"this libzmq was built without {parsed.transport}", "tcp:// or ipc://")
        elif parsed.wildcard:
            message = f"{parsed} is known only once it is bound, so nobody could connect to it"
            yield Finding(each.path, message, "", f"write `transport: {parsed.transport}` instead")


@rule("Z206", "warning")
def privileged_port(index: Index, facts: Facts) -> Iterator[Finding]:
    """A socket binds a port that this user may not bind.

    Ports below ip_unprivileged_port_start, 1024 where nothing else is set, need CAP_NET_BIND_SERVICE.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:80"}  # Z206

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:8080"}

    Source: ip(7), capabilities(7).
    """
    if facts.first_free_port:
        for each, first, _ in _bound_ports(index):
            if first < facts.first_free_port:
                message = f"port {first} is below {facts.first_free_port}, where this user may not bind"
                yield Finding(each.path, message, f"a port from {facts.first_free_port} on")


@rule("Z207", "warning")
def ephemeral_port(index: Index, facts: Facts) -> Iterator[Finding]:
    """A socket binds a port that the kernel gives to outgoing connections.

    Some day one of them has it first, and the bind fails: after a reboot, or under load, and never when tried.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:40000"}  # Z207

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5600"}

    Source: ip(7), ip_local_port_range.
    """
    if facts.ephemeral_ports:
        low, high = facts.ephemeral_ports
        for each, first, last in _bound_ports(index):
            if first <= high and last >= low:
                message = f"port {max(first, low)} is one of {low} to {high}, which the kernel gives to anybody"
                yield Finding(each.path, message, f"a port below {low}", "or `transport: tcp` instead, and none")


@rule("Z208")
def public_bind_without_curve(index: Index, facts: Facts) -> Iterator[Finding]:
    """A socket can be reached from other machines, and nothing protects it.

    Whoever reaches the port can read what is published and send what they like. ``security: none``, written out, says
    that you know.

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
            yield Finding(each.path, message, "127.0.0.1 where all peers are here", f"or {KNOWN}")


@rule("Z209", "warning")
def name_in_bind(index: Index, facts: Facts) -> Iterator[Finding]:
    """A socket binds a host's name.

    libzmq before 4.3.5 takes addresses and names of interfaces only, and refuses ``localhost`` too. It is a warning
    where ours is as old; of a ``command:``, which brings its own, information.

    Bad:
        nodes:
          feed: {command: ./feed, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://localhost:5556"}  # Z209

    Good:
        nodes:
          feed: {command: ./feed, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5556"}

    Source: zmq_tcp(7); measured with 4.3.4 and 4.3.5.
    """
    for each in _once(index):
        node = index.nodes[each.end.node]
        parsed = None if node.external else each.parsed
        if parsed is None or not is_name(parsed):
            continue
        old = facts.libzmq is not None and facts.libzmq < (4, 3, 5)
        foreign = not index.ours(each.end.node)
        if old or foreign:
            severity: Severity | None = None if old else "info"
            message = f"libzmq before 4.3.5 cannot bind the name {parsed.host}"
            yield Finding(each.path, message, "an address such as 127.0.0.1", severity=severity)


@rule("Z210")
def ipv6_without_option(index: Index, facts: Facts) -> Iterator[Finding]:
    """An IPv6 address is used by a socket without ``ipv6: true``.

    Without the option libzmq speaks IPv4 alone: it refuses to bind the address, and takes it for a connect that it
    never carries out.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", ipv6: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://[::1]:5556"}  # Z210

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, ipv6: true}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", ipv6: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://[::1]:5556"}

    Source: zmq_setsockopt(3), ZMQ_IPV6; measured: ENODEV on bind, silence on connect.
    """
    for each in _once(index):
        parsed = each.parsed
        if parsed is None or not parsed.host.startswith("["):
            continue
        for end in (each.end, *index.ends[each.edge][1]):
            if not index.nodes[end.node].external and not index.socket((end.node, end.socket)).options.get("ipv6"):
                yield Finding(each.path, f"{end} does not speak IPv6", "ipv6: true on it, or an IPv4 address")
                break


@rule("Z211", "warning")
def relative_ipc(index: Index, facts: Facts) -> Iterator[Finding]:
    """An ipc path is relative.

    Each process resolves it in the folder where it runs, so peers in different folders miss each other. Where all of
    them run in one folder it is information.

    Bad:
        nodes:
          feed: {python: "feed:main", working_dir: one, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "ipc://ticks"}  # Z211

    Good:
        nodes:
          feed: {python: "feed:main", working_dir: one, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "ipc:///tmp/ticks"}

    Source: zmq_ipc(7), unix(7).
    """
    for each in _once(index):
        if not each.text.startswith("ipc://") or each.text.startswith(("ipc:///", "ipc://@", "ipc://*")):
            continue
        ends = (each.end, *index.ends[each.edge][1])
        folders = {_folder(index, end.node) for end in ends}
        apart = len(folders) > 1 or None in folders
        severity: Severity | None = None if apart else "info"
        message = f"{each.text} is resolved in the folder where each process runs"
        yield Finding(each.path, message, "ipc:///PATH", "without endpoint one is chosen", severity)


def _folder(index: Index, node: str) -> str | None:
    """Give where a node's processes run; None where nobody knows."""
    declared = index.nodes[node]
    if declared.external or "${" in (declared.working_dir or ""):
        return None
    return os.path.normpath(os.path.join(declared.folder, declared.working_dir or ""))


@rule("Z212", "warning")
def open_to_local_users(index: Index, facts: Facts) -> Iterator[Finding]:
    """Every user of this machine can connect.

    tcp on loopback and abstract ipc names know no owner: whoever has a process here can read what is published, and
    send what they like. A path in a private folder, which is what an edge without transport and endpoint gets, admits
    one user alone. Where it must be tcp, ``security: none``, written out, says that you know.

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
                yield Finding(("edges", edge, "transport"), message, "no transport: a path of your own", f"or {KNOWN}")
    for each in _once(index):
        parsed = None if index.nodes[each.end.node].external else each.parsed
        local = parsed and (parsed.abstract or (parsed.transport not in ("ipc", "inproc") and parsed.loopback))
        if local and not consents(index, each.edge, (each.end.node, each.end.socket)):
            yield Finding(each.path, message, "no endpoint: a path of your own", f"or {KNOWN}")


def _once(index: Index) -> Iterator[Address]:
    """Give one address of each edge: what is wrong with one is wrong with all."""
    told = None
    for each in index.addresses:
        if each.edge != told:
            told = each.edge
            yield each


def _bound_ports(index: Index) -> Iterator[tuple[Address, int, int]]:
    """Give what ours bind, with the first and the last port, once an edge."""
    for each in _once(index):
        parsed = None if index.nodes[each.end.node].external else each.parsed
        if parsed is not None and parsed.ports:
            yield each, *parsed.ports
