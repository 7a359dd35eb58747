"""Edges that retry, keep or replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z1_delivery.kinds import delivering

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView

TYPES = {
    "retry": (frozenset({"REQ", "REP"}), frozenset({"ROUTER", "DEALER"}), "REQ and REP", "nobody replies"),
    "durable": (frozenset({"PUSH", "PULL"}), frozenset[str](), "PUSH and PULL", "no message is one receiver's alone"),
    "replay": (frozenset({"PUB", "SUB"}), frozenset[str](), "PUB and SUB", "no message has a topic, and goes to all"),
}
"""By delivery the types that it is for, those that may stand between them, their names, and what others lack."""

KEYS = {
    "retry": frozenset({"timeout", "attempts", "deduplicate"}),
    "durable": frozenset({"fsync", "max_size", "on_full", "reassign_after"}),
    "replay": frozenset({"from", "keep"}),
}
"""By delivery the keys that say something of it."""


@rule("Z120")
def undeliverable(index: TopologyView) -> Iterator[RuleHit]:
    """An edge delivers what its sockets cannot.

    ``retry`` needs a reply to each message: only a REQ waits for one, and only a REP gives one; a ROUTER and a DEALER
    may stand between them, as a queue. ``durable`` needs messages that are one receiver's each, as those of a PUSH, and
    ``replay`` those of a PUB, which have a topic. And a socket that conflates would keep the last frame alone, of
    whatever is said on such an edge.

    Why it matters: nothing would be asked again, kept or replayed, though the file says so.

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
            yield RuleHit(("edges", name, "delivery"), message, names, "remove delivery here")
        elif conflating is not None:
            message = f"{'.'.join(conflating)} conflates: it keeps the last frame alone"
            yield RuleHit(("edges", name, "delivery"), message, "", "remove conflate, or delivery here")


@rule("Z121", "warning")
def key_of_another_delivery(index: TopologyView) -> Iterator[RuleHit]:
    """A delivery is given a key that says nothing of its kind.

    Each kind has keys of its own: ``timeout``, ``attempts`` and ``deduplicate`` say how a request is retried,
    ``fsync``, ``max_size``, ``on_full`` and ``reassign_after`` how what is durable is kept, ``from`` and ``keep``
    what is replayed. On another kind they change nothing.

    Why it matters: the number looks as if it counted, and nothing heeds it.

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
          work: {bind: worker.work, connect: source.work, delivery: {kind: durable, reassign_after: 2s}}

    Source: the topology language.
    """
    for name, edge in index.topology.edges.items():
        if edge.delivery is None:
            continue
        own = KEYS.get(edge.delivery.kind, frozenset())
        for key in edge.delivery.model_fields_set - own - {"kind"}:
            yield RuleHit(
                ("edges", name, "delivery", key),
                f"{key} says nothing of {edge.delivery.kind}",
                "",
                "remove it",
                key=True,
            )
