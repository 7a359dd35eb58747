"""Names that peers have at a ROUTER."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z410")
def routing_id_clash(index: TopologyView) -> Iterator[RuleHit]:
    """Several peers of one ROUTER have the same ``routing_id``.

    Why it matters: the ROUTER talks to the first and ignores the others, which wait for ever (with ``router_handover``
    each one takes the name from the one before).

    Bad:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", replicas: 3, sockets: {work: {type: DEALER, routing_id: worker}}}  # Z410
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Good:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", replicas: 3, sockets: {work: {type: DEALER, routing_id: "${process}"}}}
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_ROUTING_ID; measured: the second peer gets no answer.
    """
    named = {place for group in index.with_option("routing_id") for place in group.places}
    told: set[SocketRef] = set()
    seen: dict[tuple[str, str, str], str] = {}
    for router, peer, place, identity in _named_peers(index, named) if named else ():
        first = seen.setdefault((*router, identity), peer)
        if first != peer and place not in told:
            told.add(place)
            message = f"{first} and {peer} would both be {identity} to {'.'.join(router)}"
            yield RuleHit(at(place, "routing_id"), message, "", 'routing_id: "${process}", or none')


def _named_peers(index: TopologyView, named: set[SocketRef]) -> Iterator[tuple[tuple[str, str], str, SocketRef, str]]:
    """Give each socket of a process with a routing id, and the ROUTER sockets of processes that it is wired to."""
    endpoint = index.plan.endpoint
    bound: dict[str, tuple[str, SocketRef, str]] = {}
    for process in index.plan.processes:
        for socket in process.sockets:
            if (place := (process.node, socket.name)) in named:
                identity = str(socket.options.get("routing_id"))
                for name in socket.binds:
                    bound[name] = (f"{process.name}.{socket.name}", place, identity)
                for link in socket.connects:
                    owner = endpoint[link.endpoint]
                    if owner.process and index.socket((owner.node, owner.socket)).type == "ROUTER":
                        router = (owner.process, owner.socket)
                        yield router, f"{process.name}.{socket.name}", place, identity
    for process in index.plan.processes if bound else ():
        for socket in process.sockets:
            for link in socket.connects if socket.type == "ROUTER" else ():
                if link.endpoint in bound:
                    yield (process.name, socket.name), *bound[link.endpoint]


@rule("Z411")
def routing_id_reserved(index: TopologyView) -> Iterator[RuleHit]:
    """A ``routing_id`` that libzmq refuses: empty, or of more than 255 bytes.

    One that begins with a zero byte is a warning: such names are libzmq's own, for peers that have none, and one of
    them can be given to another peer.

    Why it matters: the program ends when it sets the option, or takes a name that another peer gets later.

    Bad:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: {hex: "0001"}}}}  # Z411
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Good:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: {hex: "0101"}}}}
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_ROUTING_ID.
    """
    for group, identity in index.declaring("routing_id"):
        if isinstance(identity, bytes) and identity.startswith(b"\0"):
            for place in group.places:
                message = "names that begin with a zero byte are libzmq's own"
                yield RuleHit(at(place, "routing_id"), message, severity="warning", key=True)


@rule("Z413", "warning")
def routing_id_restart(index: TopologyView) -> Iterator[RuleHit]:
    """A named peer restarts, and its ROUTER may still know the old one.

    ``router_handover`` lets the new one take over. Where the ROUTER is a ``python:`` node, whose library can let it see
    the death first, it is information.

    Why it matters: a ROUTER that was busy while its peer died ignores the new peer of that name for ever.

    Bad:
        nodes:
          broker: {command: ./broker, sockets: {workers: ROUTER}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: w1}}}  # Z413
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Good:
        nodes:
          broker: {command: ./broker, sockets: {workers: {type: ROUTER, router_handover: true}}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: w1}}}
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_ROUTER_HANDOVER; measured: deaf for good without it.
    """
    for group, _ in index.declaring("routing_id"):
        for place in group.places:
            node = index.nodes[place[0]]
            if node.external or node.restart.policy == "never":
                continue
            routers = [
                peer
                for peer in index.peers(place)
                if index.socket(peer).type == "ROUTER" and not index.socket(peer).options.get("router_handover")
            ]
            if routers:
                foreign = next((peer for peer in routers if not index.ours(peer[0])), None)
                severity: Severity | None = None if foreign else "info"
                message = f"{'.'.join(foreign or routers[0])} may ignore {place[0]} after a restart"
                hint = "router_handover: true on the ROUTER"
                yield RuleHit(at(place, "routing_id"), message, "", hint, severity, key=True)
