"""Requests that wait for their answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at, like_it
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.programs.nodes import polls

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


def has_timeout(index: TopologyView, place: SocketRef, facts: Facts) -> bool:
    """Tell whether a REQ does not wait for ever: by its options or its edge, or since its program polls."""
    if place in index.delivering["retry"]:
        return True
    options = index.socket(place).options
    return options.get("rcvtimeo", -1) != -1 or bool(options.get("req_relaxed")) or polls(place[0], facts)


@rule("Z305", "warning")
def lockstep_fan_out(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A REQ has several peers, and waits for each of them without limit.

    With a timeout, written or in the program, it is information.

    Why it matters: it asks them in turn and in lockstep. When one is gone or slow, everything stands until it answers,
    though the others are free.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}  # Z305
          server: {python: "server:main", replicas: 3, sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: DEALER}}
          server: {python: "server:main", replicas: 3, sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Source: zmq_socket(3), ZMQ_REQ; ZeroMQ guide, chapter 4, "Brokerless Reliability"; measured: it stands.
    """
    for group in index.of_type("REQ"):
        for place in group.places:
            if (count := index.most_peers.get(place, 0)) < 2:
                continue
            severity: Severity | None = "info" if has_timeout(index, place, facts) else None
            message = f"{'.'.join(place)} asks {count} peers in lockstep"
            hint = "a DEALER, or rcvtimeo with req_relaxed and req_correlate"
            yield RuleHit(at(place), message, "", hint, severity, key=True)


@rule("Z306", "info")
def request_without_net(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A REQ waits without limit, and has no way to ask again.

    A timeout ends the wait; to ask again on the same socket it needs ``req_relaxed`` and ``req_correlate``. Nothing is
    said of a program that polls, nor of a ``command:``, whose options are its own.

    Why it matters: when the request or the answer is lost with a peer, it waits for ever.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}  # Z306
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask, delivery: retry}

    Source: ZeroMQ guide, chapter 4, "Client-Side Reliability (Lazy Pirate Pattern)".
    """
    for group in index.of_type("REQ"):
        options = group.socket.options
        safe = options.get("rcvtimeo", -1) != -1 or (options.get("req_relaxed") and options.get("req_correlate"))
        open_ended = [] if safe else [place for place in group.places if place not in index.delivering["retry"]]
        wired = [place for place in open_ended if index.on(place) and index.nodes[place[0]].command is None]
        wired = [place for place in wired if not polls(place[0], facts)]
        if wired:
            message = f"{like_it(wired[0], len(wired) - 1)} waits for an answer without limit"
            yield RuleHit(
                at(wired[0]),
                message,
                "",
                "delivery: retry on its edge, or rcvtimeo with req_relaxed and req_correlate",
                key=True,
            )
