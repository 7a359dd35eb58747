"""Z1, of what edges add to ZeroMQ: who can take part in it."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import End, Index, Place
from orchestrator.lint.core.registry import Finding, Path, rule
from orchestrator.topology.load import mesh_name
from orchestrator.topology.model import Batch, Delivery, Edge
from orchestrator.topology.rivals import RUNS
from orchestrator.topology.source import Turned

BATCHABLE = frozenset({"PUSH", "PULL", "PUB", "SUB", "PAIR"})
"""Types whose messages can share a frame: no reply belongs to one of them, and no frame of theirs names a peer."""

TYPES = {
    "retry": (frozenset({"REQ", "REP"}), frozenset({"ROUTER", "DEALER"}), "REQ and REP", "nobody replies"),
    "durable": (frozenset({"PUSH", "PULL"}), frozenset[str](), "PUSH and PULL", "no message is one receiver's alone"),
    "replay": (frozenset({"PUB", "SUB"}), frozenset[str](), "PUB and SUB", "no message has a topic, and goes to all"),
}
"""By delivery the types that it is for, those that may stand between them, their names, and what others lack."""

KEYS = {
    "retry": frozenset({"timeout", "times", "deduplicate"}),
    "durable": frozenset({"fsync", "max_size", "on_full", "hand_over_after"}),
    "replay": frozenset({"from", "keep"}),
}
"""By delivery the keys that say something of it."""


def delivering(index: Index) -> dict[str, Delivery]:
    """Give what edges add to ZeroMQ that are not plain."""
    found = {name: edge.delivery for name, edge in index.topology.edges.items() if edge.delivery is not None}
    return {name: delivery for name, delivery in found.items() if delivery.kind != "plain"}


def batched(index: Index) -> dict[str, Batch]:
    """Give the edges whose messages share frames."""
    return {name: edge.batch for name, edge in index.topology.edges.items() if edge.batch is not None}


@rule("Z112")
def mixed_edges(index: Index, facts: Facts) -> Iterator[Finding]:
    """The edges of one socket differ in ``batch`` or ``delivery``.

    A socket has one queue for all its edges: what it sends is a batch for every peer, or for none, and asked again of
    every peer, or of none.

    Bad:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
          log: {python: "log:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, batch: {messages: 100}}
          logged: {bind: log.work, connect: source.work}  # Z112

    Good:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
          log: {python: "log:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, batch: {messages: 100}}
          logged: {bind: log.work, connect: source.work, batch: {messages: 100}}

    Source: the topology language.
    """
    if not batched(index) and not delivering(index):
        return
    first: dict[Place, str] = {}
    for name, edge in index.topology.edges.items():
        for end in (*index.ends[name][0], *index.ends[name][1]):
            other = first.setdefault((end.node, end.socket), name)
            differs = _differs(index.topology.edges[other], edge)
            if differs:
                message = f"{end.node}.{end.socket} has another {differs} on edge {other}"
                hint = f"write the same {differs} on both, or use two sockets"
                yield Finding(("edges", name), message, "", hint, key=True)
                break


def _differs(one: Edge, other: Edge) -> str:
    if one.batch != other.batch:
        return "batch"
    return "delivery" if (one.delivery or Delivery()) != (other.delivery or Delivery()) else ""


@rule("Z113")
def net_needs_library(index: Index, facts: Facts) -> Iterator[Finding]:
    """A program that is not known to speak ``batch``, or what an edge delivers by, takes part in it.

    Messages share frames there (``batch/1``), begin with another head (``retry/1``), or are spoken of between the
    sockets (``durable/1``, ``replay/1``; see docs/delivery.md). Our
    library writes and reads them; a ``command:`` has to say that it does so too, and an external program cannot say it.

    Bad:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {command: ./worker, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, batch: {messages: 100}}  # Z113

    Good:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {command: ./worker, speaks: batch, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, batch: {messages: 100}}

    Source: the topology language; a reader of plain messages gets the frame as one of them.
    """
    kinds = {name: delivery.kind for name, delivery in delivering(index).items()}
    for name, key, word in [
        # Under a delivery that has frames of its own ``batch`` says how full they are.
        *((name, "batch", "batch") for name in batched(index) if kinds.get(name) not in ("durable", "replay")),
        *((name, "delivery", kind) for name, kind in kinds.items()),
    ]:
        for end in (*index.ends[name][0], *index.ends[name][1]):
            node = index.nodes[end.node]
            if node.external:
                message, hint = f"{end.node} is external: whether it speaks {word} is not known", f"remove {key} here"
            elif node.device is not None and word != "retry":
                message, hint = f"the device {end.node} passes plain messages on, and no {word}", f"remove {key} here"
            elif node.callable is None and word not in node.speaks:
                message = f"{end.node} does not say that it speaks {word}"
                hint = f"write `speaks: {word}` in {end.node} if it does, or remove {key} here"
            else:
                continue
            yield Finding(("edges", name, key), message, "", hint)


@rule("Z119")
def unbatchable(index: Index, facts: Facts) -> Iterator[Finding]:
    """An edge batches what cannot share a frame.

    Only PUSH and PULL, PUB and SUB, and PAIR can: a REQ waits for the reply to one message, a ROUTER's first frame
    names a peer, an XPUB receives subscriptions. And ``conflate`` keeps the last frame, which would be some messages
    and not the last one.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: {type: REQ, rcvtimeo: 1s}}}
          server: {python: "server:main", sockets: {ask: REP}}
        edges:
          ask: {bind: server.ask, connect: client.ask, batch: {messages: 100}}  # Z119

    Good:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, batch: {messages: 100}}

    Source: RFC 28 and 29; zmq_setsockopt(3), ZMQ_CONFLATE.
    """
    for name in batched(index):
        ends = [*index.ends[name][0], *index.ends[name][1]]
        wrong = next(filter(None, (_unbatchable(index, end) for end in ends)), None)
        if wrong:
            yield Finding(("edges", name, "batch"), wrong, "PUSH and PULL, PUB and SUB, or PAIR", "remove batch here")


def _unbatchable(index: Index, end: End) -> str:
    socket = index.socket((end.node, end.socket))
    if socket.type not in BATCHABLE:
        return f"the messages of {end.node}.{end.socket}, a {socket.type}, cannot share a frame"
    return f"{end.node}.{end.socket} conflates: it keeps the last frame alone" if socket.options.get("conflate") else ""


@rule("Z120")
def undeliverable(index: Index, facts: Facts) -> Iterator[Finding]:
    """An edge delivers what its sockets cannot.

    ``retry`` needs a reply to each message: only a REQ waits for one, and only a REP gives one; a ROUTER and a DEALER
    may stand between them, as a queue. ``durable`` needs messages that are one receiver's each, as those of a PUSH,
    and ``replay`` those of a PUB, which have a topic. And a socket that conflates would keep the last frame alone, of
    whatever is said on such an edge.

    Bad:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, delivery: retry}  # Z120

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          questions: {bind: server.answer, connect: client.ask, delivery: retry}
          work: {bind: worker.work, connect: source.work, delivery: durable}

    Source: RFC 28, 29 and 30; zmq_setsockopt(3), ZMQ_CONFLATE.
    """
    for name, delivery in delivering(index).items():
        own, between, names, lack = TYPES[delivery.kind]
        places = [(end.node, end.socket) for side in index.ends[name] for end in side]
        types = {index.socket(place).type for place in places}
        conflating = next((place for place in places if index.socket(place).options.get("conflate")), None)
        if not own & types or not own | between >= types:
            message = f"between {' and '.join(dict.fromkeys(index.socket(place).type for place in places))} {lack}"
            yield Finding(("edges", name, "delivery"), message, names, "remove delivery here")
        elif conflating is not None:
            message = f"{'.'.join(conflating)} conflates: it keeps the last frame alone"
            yield Finding(("edges", name, "delivery"), message, "", "remove conflate, or delivery here")


@rule("Z121", "warning")
def key_of_another_delivery(index: Index, facts: Facts) -> Iterator[Finding]:
    """A delivery is given a key that says nothing of its kind.

    Each kind has keys of its own: ``timeout``, ``times`` and ``deduplicate`` say how a request is retried, ``fsync``,
    ``max_size``, ``on_full`` and ``hand_over_after`` how what is durable is kept, ``from`` and ``keep`` what is
    replayed. On another kind they change nothing.

    Bad:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, delivery: {kind: durable, timeout: 2s}}  # Z121

    Good:
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, delivery: {kind: durable, hand_over_after: 2s}}

    Source: the topology language.
    """
    for name, edge in index.topology.edges.items():
        if edge.delivery is None:
            continue
        own = KEYS.get(edge.delivery.kind, frozenset())
        for key in edge.delivery.model_fields_set - own - {"kind"}:
            yield Finding(
                ("edges", name, "delivery", key),
                f"{key} says nothing of {edge.delivery.kind}",
                "",
                "remove it",
                key=True,
            )


@rule("Z122", "warning")
def journals_of_another_mesh(index: Index, facts: Facts) -> Iterator[Finding]:
    """A file laid over another makes a program of an external node, or the reverse, and the mesh keeps its name.

    Journals of ``durable`` and ``replay`` edges belong to the mesh's name. So what the one mesh had still to deliver,
    such as the orders of a day on paper, the other one delivers to whoever is outside. Give one of the two a name of
    its own.

    Bad:
        include: live.yaml
        nodes:
          exchange: {python: "exchange:main"}  # Z122

        # live.yaml
        name: desk
        nodes:
          exchange: {external: true, sockets: {orders: REP}}
          risk: {python: "risk:main", sockets: {orders: REQ, audit: PUSH}}
          book: {python: "book:main", sockets: {audit: PULL}}
        edges:
          orders: {bind: exchange.orders, connect: risk.orders, endpoint: "tcp://127.0.0.1:9000", security: none}
          audit: {bind: book.audit, connect: risk.audit, delivery: durable}

    Good:
        name: desk-on-paper
        include: live.yaml
        nodes:
          exchange: {python: "exchange:main"}

        # live.yaml
        name: desk
        nodes:
          exchange: {external: true, sockets: {orders: REP}}
          risk: {python: "risk:main", sockets: {orders: REQ, audit: PUSH}}
          book: {python: "book:main", sockets: {audit: PULL}}
        edges:
          orders: {bind: exchange.orders, connect: risk.orders, endpoint: "tcp://127.0.0.1:9000", security: none}
          audit: {bind: book.audit, connect: risk.audit, delivery: durable}

    Source: the topology language.
    """
    keeping = [name for name, delivery in delivering(index).items() if delivery.kind in ("durable", "replay")]
    for name, turned in index.topology.turned.items() if keeping else ():
        node = index.nodes.get(name)
        if node is None or node.external is turned.external or not _same_name(index.topology.name, turned):
            continue
        runs = "external" if node.external else next(key for key in RUNS if getattr(node, key))
        was = "is external" if turned.external else "is a program"
        message = (
            f"in {turned.file} {name} {was}, and both meshes are called {index.topology.name}: their journals are one"
        )
        path: Path = ("nodes", name, runs)
        yield Finding(path, message, "", f"write another `name` in {index.topology.where(*path).file}", key=True)


def _same_name(name: str, turned: Turned) -> bool:
    """Tell whether a mesh is called as it was before a file was laid over it; not where variables make the name."""
    before = turned.name if turned.name is not None else mesh_name(turned.file)
    return str(before) == name
