"""Which senders of an edge can be heard, and how. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orchestrator.errors import OrchestratorError
from orchestrator.plan.model import Edge, Plan, Socket


class NotTappableError(OrchestratorError):
    """Nobody can listen to this edge without taking part in it; the message says why, and what helps."""


@dataclass(frozen=True, slots=True)
class Source:
    """One sender: ``socket`` is ``process.socket``, or that of an external node.

    Its messages come from the endpoint of that name, as they are (``plain``), with others in a frame (``batch``) or
    with numbers (``replay``); or they stand in its ``journal``, and there is no endpoint.
    """

    edge: str
    socket: str
    kind: Literal["plain", "batch", "replay", "journal"]
    endpoint: str = ""


def sources(plan: Plan, name: str) -> list[Source]:
    """Return the senders of an edge. Raise Deaf, or KeyError where there is no such edge."""
    edge = {each.name: each for each in plan.edges}[name]
    sending = _sending(plan, edge)
    if any(socket.delivery and socket.delivery["kind"] == "durable" for socket in sending.values()):
        return [Source(name, socket, "journal") for socket in sending]
    bound = {end.rpartition(" ")[2] for end in edge.bind}
    if bound != {"PUB"}:
        raise NotTappableError(f"{name}: {_why(edge, bound)}")
    endpoints = [plan.endpoint[each] for each in edge.endpoints]
    found = {f"{each.process or each.node}.{each.socket}": each.name for each in endpoints}
    return [Source(name, socket, _kind(sending.get(socket)), endpoint) for socket, endpoint in found.items()]


def _sending(plan: Plan, edge: Edge) -> dict[str, Socket]:
    """Return the sockets of our processes that send on an edge, and keep nothing to themselves."""
    return {
        f"{process.name}.{socket.name}": socket
        for process in plan.processes
        for socket in process.sockets
        if edge.name in socket.edges and socket.type in ("PUB", "PUSH")
    }


def _kind(socket: Socket | None) -> Literal["plain", "batch", "replay"]:
    if socket is None:
        return "plain"
    if socket.delivery is not None:
        return "replay"
    return "plain" if socket.batch is None else "batch"


def _why(edge: Edge, bound: set[str]) -> str:
    types = bound | {end.rpartition(" ")[2] for end in edge.connect}
    if "PUB" in types:
        return "its publishers connect, and only one that binds can be heard by others: bind at the publisher"
    if "XPUB" in types:
        return "the program behind an XPUB hears who subscribes, so that a listener would not go unnoticed"
    if "PUSH" in types:
        return "each message goes to one PULL, and a listener would take it away; delivery: durable keeps it readable"
    return f"what goes between {' and '.join(sorted(types))} goes to one peer, and nobody else can hear it"
