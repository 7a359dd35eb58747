"""Z1: which sockets are joined, and by how many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import End, Index, Pair, Place
from orchestrator.lint.core.registry import ELSEWHERE, Finding, rule
from orchestrator.topology.problems import Severity
from orchestrator.zeromq.sockets import compatible

PAIRS = ("PAIR", "CHANNEL")
SPLITTERS = ("PUSH", "DEALER", "SCATTER")
WITHIN = frozenset({"others", "ring", "tree", "pairs"})
"""Pairings that are made for a node with itself."""


@rule("Z101")
def incompatible_sockets(index: Index, facts: Facts) -> Iterator[Finding]:
    """Two sockets are joined that cannot talk.

    libzmq refuses the peer during the handshake and tells nobody: nothing arrives, ever. The connecting side does not
    try again after this error, so it stays deaf even when the other side is replaced by one that would fit.

    These can talk: PAIR with PAIR, PUB and XPUB with SUB and XSUB, REQ with REP and ROUTER, DEALER with REP, DEALER
    and ROUTER, ROUTER with ROUTER, PUSH with PULL; of the draft ones SERVER with CLIENT, RADIO with DISH, SCATTER with
    GATHER, and DGRAM, PEER and CHANNEL each with its own kind. STREAM talks to programs that are not ours alone.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: PULL}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z101

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_socket(3), RFC 28 to 31; measured: no message, and no new attempt after a wrong socket type.
    """
    for (bound, kind), pairs in index.pairs.items():
        if compatible(kind, bound):
            continue
        for pair in pairs:
            outside = index.nodes[pair.bind.node].external or index.nodes[pair.connect.node].external
            if outside and "STREAM" in (bound, kind):
                continue
            hint = f"{_declared(index, pair.connect, kind)}, {_declared(index, pair.bind, bound)}"
            sockets = index.nodes[pair.connect.node].sockets
            fits = [name for name, each in sockets.items() if compatible(each.type, bound)]
            if len(fits) == 1:
                hint += f"; {pair.connect.node} has one socket that fits: {pair.connect.node}.{fits[0]}"
            yield Finding(index.place(pair.edge, pair.connect), f"{kind} cannot talk to {bound}", "", hint)


def _declared(index: Index, end: End, kind: str) -> str:
    where = index.topology.where_value("nodes", end.node, "sockets", end.socket, "type")
    return f"{end} is a {kind} ({where})"


@rule("Z102")
def unknown_reference(index: Index, facts: Facts) -> Iterable[Finding]:
    """An edge or ``depends_on`` names a node or socket that does not exist, or an ``extends`` no template.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.tick, connect: bot.ticks}  # Z102

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: the topology language.
    """
    return ELSEWHERE


@rule("Z103", "warning")
def unwired_socket(index: Index, facts: Facts) -> Iterator[Finding]:
    """A declared socket is on no edge.

    It is made, but neither binds nor connects: sends block or are dropped, and nothing arrives. Of a ``command:`` this
    is information, since it may make its own connections.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB, status: PUB}}  # Z103
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_send(3): without a peer PUSH, REQ and DEALER block, PUB and ROUTER drop.
    """
    wired = index.wired
    for group in index.alike if len(wired) < sum(len(group.places) for group in index.alike) else ():
        for place in group.places:
            node, name = place
            if place in wired or index.nodes[node].external:
                continue
            severity: Severity | None = None if index.nodes[node].callable is not None else "info"
            path = ("nodes", node, "sockets", name)
            yield Finding(path, f"{node}.{name} is on no edge", "", "wire it, or remove it", severity, key=True)


@rule("Z104", "info")
def isolated_node(index: Index, facts: Facts) -> Iterator[Finding]:
    """A node is on no edge.

    Nothing reaches it and nothing comes from it. That is right for a program that only has to run beside the others.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
          clock: {command: ./clock}  # Z104
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: the topology language.
    """
    wired = {node for node, _ in index.wired}
    for name in index.nodes:
        if name not in wired:
            yield Finding(("nodes", name), f"{name} is on no edge", key=True)


@rule("Z105")
def pair_many_peers(index: Index, facts: Facts) -> Iterator[Finding]:
    """A PAIR or CHANNEL has more than one peer.

    It talks to the first that comes; every other one is refused without a word, and stays so for ever.

    Bad:
        nodes:
          boss: {python: "boss:main", sockets: {work: PAIR}}
          worker: {python: "worker:main", replicas: 2, sockets: {work: PAIR}}
        edges:
          work: {bind: boss.work, connect: worker.work}  # Z105

    Good:
        nodes:
          boss: {python: "boss:main", sockets: {work: DEALER}}
          worker: {python: "worker:main", replicas: 2, sockets: {work: DEALER}}
        edges:
          work: {bind: boss.work, connect: worker.work}

    Source: zmq_socket(3), "exclusive pair"; measured: the second peer's messages never arrive.
    """
    if not any(True for _ in index.typed(*PAIRS)):
        return
    for place, count in index.most_peers.items():
        kind = index.socket(place).type
        if count > 1 and kind in PAIRS:
            edges = [edge for edge in index.edges if edge in index.on(place)]
            message = f"{'.'.join(place)}, a {kind}, would have {count} peers; all but one are ignored"
            hint = "DEALER and ROUTER talk to many, or give each peer a socket of its own"
            yield Finding(("edges", edges[-1]), message, "one peer", hint, key=True)


@rule("Z106", "warning")
def duplicate_path(index: Index, facts: Facts) -> Iterator[Finding]:
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
def duplicate_endpoint(index: Index, facts: Facts) -> Iterator[Finding]:
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
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5556"}
          status: {bind: feed.status, connect: bot.status, endpoint: "tcp://127.0.0.1:5556"}  # Z107

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB, status: PUB}}
          bot:
            python: bot:main
            sockets: {ticks: {type: SUB, subscribe: ""}, status: {type: SUB, subscribe: ""}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:5556"}
          status: {bind: feed.status, connect: bot.status, endpoint: "tcp://127.0.0.1:5557"}

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


@rule("Z108", "warning")
def self_loop(index: Index, facts: Facts) -> Iterator[Finding]:
    """A node is wired to itself, and its processes would talk to themselves.

    ``others`` leaves each process's own socket out; ``ring``, ``tree`` and ``pairs`` are made for a node with itself
    too. A process that connects to its own socket and works in one thread waits for itself.

    Bad:
        nodes:
          peer: {python: "peer:main", replicas: 3, sockets: {say: PUB, hear: {type: SUB, subscribe: ""}}}
        edges:
          gossip: {bind: peer.say, connect: peer.hear, pairing: all}  # Z108

    Good:
        nodes:
          peer: {python: "peer:main", replicas: 3, sockets: {say: PUB, hear: {type: SUB, subscribe: ""}}}
        edges:
          gossip: {bind: peer.say, connect: peer.hear, pairing: others}

    Source: the topology language.
    """
    told: set[str] = set()
    for edge, bind, connect in index.within:
        pairing = index.edges[edge].pairing
        itself = not bind.process or connect.process in ("", bind.process)
        if edge not in told and itself and not (pairing and pairing.kind in WITHIN):
            told.add(edge)
            hint = "pairing: others leaves each process's own out"
            yield Finding(("edges", edge), f"{bind.node} is wired to itself", "", hint, key=True)


@rule("Z109")
def pairing_mismatch(index: Index, facts: Facts) -> Iterable[Finding]:
    """A pairing cannot be carried out between these nodes.

    ``same`` joins numbers with numbers, or items with items, so both sides must have the same; ``others``, ``ring``
    and ``tree`` join a node with itself.

    Bad:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 2, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames, pairing: same}  # Z109

    Good:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 3, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames, pairing: same}

    Source: the topology language.
    """
    return ELSEWHERE


@rule("Z110", "info")
def bind_on_the_moving_side(index: Index, facts: Facts) -> Iterator[Finding]:
    """The side that is scaled binds, the one that stays connects.

    Every process that comes or goes then rewires the other side. That has its use: a sender that connects keeps its
    queue over a peer's death, and can leave a peer without loss; one that binds cannot.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}  # Z110

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Source: ZeroMQ guide, chapter 2, "Handling Multiple Sockets"; measured: removing peers without loss.
    """
    moving = index.several
    for edge, (binding, connecting) in index.ends.items() if moving else ():
        if any(end.node in moving for end in binding) and not any(end.node in moving for end in connecting):
            node = next(end.node for end in binding if end.node in moving)
            yield Finding(("edges", edge), f"{node} can be scaled, and binds", key=True)


@rule("Z111", "info")
def binder_of_no_one(index: Index, facts: Facts) -> Iterator[Finding]:
    """A socket binds an address that nobody can learn.

    The address is made by the launcher, and no process of this mesh connects to it. Leaves of a tree are no finding.

    Bad:
        vars: {bots: 0}
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", replicas: "${bots}", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z111

    Good:
        vars: {bots: 2}
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", replicas: "${bots}", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: the topology language.
    """
    told: set[str] = set()
    for endpoint in index.plan.endpoints:
        if endpoint.peers or endpoint.transport == "fixed":
            continue
        edges = index.binding[endpoint.node, endpoint.socket]
        edge = edges[0]
        if edge not in told and index.trees.isdisjoint(edges):
            told.add(edge)
            yield Finding(("edges", edge), f"nobody connects to {endpoint.name}", key=True)


@rule("Z114")
def pairing_missing(index: Index, facts: Facts) -> Iterable[Finding]:
    """Both sides of an edge have several processes, and nothing says which of them are joined.

    There is no good guess: each with each, each with its own number, or shares.

    Bad:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 3, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames}  # Z114

    Good:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 3, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames, pairing: same}

    Source: the topology language.
    """
    return ELSEWHERE


@rule("Z115")
def process_name_clash(index: Index, facts: Facts) -> Iterable[Finding]:
    """A process is named like another node or process.

    Commands, logs and references know processes by their names.

    Bad:
        nodes:
          bot: {python: "bot:main", replicas: 2}  # Z115
          bot-1: {python: "bot:other"}

    Good:
        nodes:
          bot: {python: "bot:main", replicas: 2}
          other-bot: {python: "bot:other"}

    Source: the topology language.
    """
    return ELSEWHERE


@rule("Z116")
def external_without_endpoint(index: Index, facts: Facts) -> Iterable[Finding]:
    """An edge with an external node does not say where it is.

    The launcher chooses addresses for programs that it starts; of others it cannot know them.

    Bad:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills}  # Z116

    Good:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://127.0.0.1:9000"}

    Source: the topology language.
    """
    return ELSEWHERE


@rule("Z117", "info")
def push_splits(index: Index, facts: Facts) -> Iterator[Finding]:
    """A PUSH or DEALER feeds sockets of different nodes.

    It deals its messages out in turn, so each node gets a part of them, and none gets all. Where all are meant to get
    all of them, that is PUB and SUB.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {orders: PUSH}}  # Z117
          book: {python: "book:main", sockets: {orders: PULL}}
          journal: {python: "journal:main", sockets: {orders: PULL}}
        edges:
          book: {bind: book.orders, connect: feed.orders}
          journal: {bind: journal.orders, connect: feed.orders}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {orders: PUB}}
          book: {python: "book:main", sockets: {orders: {type: SUB, subscribe: ""}}}
          journal: {python: "journal:main", sockets: {orders: {type: SUB, subscribe: ""}}}
        edges:
          orders: {bind: feed.orders, connect: [book.orders, journal.orders]}

    Source: zmq_socket(3), round-robin; ZeroMQ guide, chapter 1, "Divide and Conquer".
    """
    for group in index.typed(*SPLITTERS):
        for place in group.places:
            if index.most_peers.get(place, 0) < 2:
                continue
            nodes = sorted({node for node, _ in index.peers(place)})
            if len(nodes) > 1:
                message = f"{' and '.join(nodes[:5])} each get a part of what {'.'.join(place)} sends"
                yield Finding(("nodes", place[0], "sockets", place[1]), message, key=True)


@rule("Z118", "info")
def lossy_scale_down(index: Index, facts: Facts) -> Iterator[Finding]:
    """A PUSH or DEALER binds, and the other side can be scaled.

    A binding sender cannot leave one peer: when a worker goes, what is in flight to it can be lost. Where workers come
    and go without loss, they bind and the sender connects.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}  # Z118

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_unbind(3), zmq_disconnect(3); measured: an unbind delivers 56 to 79 of 5,000 messages.
    """
    moving = index.several
    told: set[str] = set()
    for (bound, _), pairs in index.pairs.items() if moving else ():
        for pair in pairs if bound in SPLITTERS else ():
            if pair.connect.node in moving and pair.edge not in told:
                told.add(pair.edge)
                yield Finding(("edges", pair.edge), _lossy(pair), key=True)


def _lossy(pair: Pair) -> str:
    return f"{pair.bind} binds, so what is in flight to a process of {pair.connect.node} that goes can be lost"
