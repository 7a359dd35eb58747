"""How long a request is retried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import Path, RuleHit, rule
from orchestrator.lint.rules.z1_delivery.kinds import delivering

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z123", "warning")
def retries_outlast_grace(index: TopologyView) -> Iterator[RuleHit]:
    """A request is retried for as long as the grace in which its process must be gone, or longer.

    Looked at are numbers that are written.

    Why it matters: while a server does not answer, a client that drains waits for its requests, ``attempts`` of
    ``timeout`` each. After ``stop.grace`` it gets a signal instead, though nothing is wrong with it.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask, delivery: {kind: retry, timeout: 5s}}  # Z123

    Good:
        nodes:
          client: {python: "client:main", stop: {grace: 30s}, sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask, delivery: {kind: retry, timeout: 5s}}

    Source: docs/reference/delivery.md; docs/reference/commands.md, the drain.
    """
    for name, delivery in delivering(index).items():
        if delivery.kind != "retry":
            continue
        lasts = delivery.attempts * delivery.timeout
        written = bool({"attempts", "timeout"} & delivery.model_fields_set)
        for end in (*index.ends[name][0], *index.ends[name][1]):
            node = index.nodes[end.node]
            asks = index.socket((end.node, end.socket)).type == "REQ" and not node.external
            if not asks or lasts < node.stop.grace or not (written or "grace" in node.stop.model_fields_set):
                continue
            message = f"{end.node} may retry for {lasts:g}s, and is to be gone after a grace of {node.stop.grace:g}s"
            hint = f"`stop: {{grace: {lasts + 5:g}s}}` in {end.node}, or fewer or shorter attempts"
            path: Path = ("edges", name, "delivery")
            yield RuleHit(path, message, "", hint)
            break
