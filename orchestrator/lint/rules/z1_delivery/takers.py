"""Who can take part in an edge that adds something to ZeroMQ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.rules.z1_delivery.kinds import batched, delivering

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.model import Edge


@rule("Z112")
def mixed_edges(index: TopologyView) -> Iterator[RuleHit]:
    """The edges of one socket differ in ``batch`` or ``delivery``.

    Why it matters: a socket has one queue for all its edges: what it sends is a batch for every peer, or for none, and
    asked again of every peer, or of none.

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
    first: dict[SocketRef, str] = {}
    for name, edge in index.topology.edges.items():
        for end in (*index.ends[name][0], *index.ends[name][1]):
            other = first.setdefault((end.node, end.socket), name)
            differs = _differs(index.topology.edges[other], edge)
            if differs:
                message = f"{end.node}.{end.socket} has another {differs} on edge {other}"
                hint = f"write the same {differs} on both, or use two sockets"
                yield RuleHit(("edges", name), message, "", hint, key=True)
                break


def _differs(one: Edge, other: Edge) -> str:
    if one.batch != other.batch:
        return "batch"
    from orchestrator.topology.model import Delivery

    plain = Delivery.model_construct()
    return "delivery" if (one.delivery or plain) != (other.delivery or plain) else ""


@rule("Z113")
def net_needs_library(index: TopologyView) -> Iterator[RuleHit]:
    """A program that is not known to speak ``batch``, or what an edge delivers by, takes part in it.

    Messages share frames there (``batch/1``), begin with another head (``retry/1``), or are spoken of between the
    sockets (``durable/1``, ``replay/1``; see docs/reference/protocols.md). Our library writes and reads them; a
    ``command:`` has to say that it does so too, and an external program cannot say it.

    Why it matters: a program that reads plain messages takes a frame of many for one, and answers nothing that a
    delivery waits for.

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
            yield RuleHit(("edges", name, key), message, "", hint)
