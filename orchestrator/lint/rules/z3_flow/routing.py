"""Whom ROUTER, PUSH and DEALER send to, and what they drop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at, like_it
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.programs.nodes import proxies
from orchestrator.lint.rules.z1_wiring.binding_side import losing
from orchestrator.zeromq.sockets import SPLITTERS

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z307", "info")
def round_robin_to_slow(index: TopologyView) -> Iterator[RuleHit]:
    """A PUSH or DEALER deals out to several peers in turn.

    A low ``sndhwm``, or workers that ask for work, even it out. Nothing is said of devices, whose name says what they
    do, nor where Z118 speaks.

    Why it matters: each gets the same number, fast or slow, up to its high-water mark: behind a slow peer messages wait
    while others are idle.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}  # Z307
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: ROUTER}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: REQ}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Source: ZeroMQ guide, chapter 3, "The Load Balancing Pattern".
    """
    told = {(pair.bind.node, pair.bind.socket) for pair in losing(index).values()}
    told |= index.delivering["durable"]  # credit decides there
    for group in index.of_type(*SPLITTERS):
        dealing = [place for place in group.places if index.most_peers.get(place, 0) > 1 and place not in told]
        dealing = [place for place in dealing if index.nodes[place[0]].device is None]
        if dealing:
            message = f"{like_it(dealing[0], len(dealing) - 1)} deals out in turn, to fast and slow alike"
            yield RuleHit(at(dealing[0]), message, key=True)


@rule("Z308", "info")
def router_silent_drop(index: TopologyView) -> Iterator[RuleHit]:
    """A ROUTER drops what it cannot deliver, without a word.

    ``router_mandatory`` makes an error of it. A node with a DEALER beside the ROUTER is taken for a queue, where that
    would be wrong.

    Why it matters: a reply to a peer that has gone, or whose queue is full, vanishes.

    Bad:
        nodes:
          server: {python: "server:main", sockets: {clients: ROUTER}}  # Z308
          client: {python: "client:main", sockets: {server: DEALER}}
        edges:
          clients: {bind: server.clients, connect: client.server}

    Good:
        nodes:
          server: {python: "server:main", sockets: {clients: {type: ROUTER, router_mandatory: true}}}
          client: {python: "client:main", sockets: {server: DEALER}}
        edges:
          clients: {bind: server.clients, connect: client.server}

    Source: zmq_setsockopt(3), ZMQ_ROUTER_MANDATORY.
    """
    for group in index.of_type("ROUTER"):
        if group.socket.options.get("router_mandatory"):
            continue
        found = [place for place in group.places if index.on(place) and not _is_queue(index, place[0])]
        if found:
            message = f"{like_it(found[0], len(found) - 1)} drops in silence what it cannot deliver"
            yield RuleHit(at(found[0]), message, "", "router_mandatory: true makes an error of it", key=True)


def _is_queue(index: TopologyView, node: str) -> bool:
    declared = index.nodes[node]
    return declared.external or any(socket.type == "DEALER" for socket in declared.sockets.values())


@rule("Z316")
def mandatory_in_a_queue(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """``router_mandatory`` on the ROUTER of a proxy.

    Why it matters: the first reply to a client that has gone is an error then, and the proxy ends with it: one vanished
    client stops the service for all.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          queue:
            python: queue_program:main
            sockets: {front: {type: ROUTER, router_mandatory: true}, back: DEALER}  # Z316
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: queue.front, connect: client.ask}
          work: {bind: queue.back, connect: server.answer}

        # queue_program.py
        import threading
        import zmq

        def main(node):
            threading.Thread(target=relay, args=(node,), daemon=True).start()
            node.stopping.wait()

        def relay(node):
            with node.thread_socket("front") as front, node.thread_socket("back") as back:
                zmq.proxy(front, back)

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          queue: {python: "queue_program:main", sockets: {front: ROUTER, back: DEALER}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: queue.front, connect: client.ask}
          work: {bind: queue.back, connect: server.answer}

    Source: zmq_proxy(3), zmq_setsockopt(3), ZMQ_ROUTER_MANDATORY; measured: the proxy ends with EHOSTUNREACH.
    """
    for group, _ in index.declaring("router_mandatory"):
        for place in group.places if group.socket.type == "ROUTER" else ():
            if proxies(place[0], facts):
                message = "a reply to a client that has gone ends the proxy, for all"
                yield RuleHit(at(place, "router_mandatory"), message, "", "leave router_mandatory out", key=True)
