"""Limits that many peers reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView

DEFAULT_BACKLOG = 100
"""libzmq's backlog, in connections."""

DESCRIPTORS = 16
"""What a process has open beside its connections: standard streams, epoll, eventfds, listeners."""


@rule("Z414", "warning")
def backlog_below_peers(index: TopologyView) -> Iterator[RuleHit]:
    """More peers than the listening socket's backlog.

    Sockets of ours get the room they need; looked at are a ``backlog`` that is written, and ``command:`` nodes with
    libzmq's 100.

    Why it matters: when all connect at once, those that do not fit wait for the next try, and starting takes long.

    Bad:
        nodes:
          sink: {command: ./sink, sockets: {results: PULL}}
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}  # Z414

    Good:
        nodes:
          sink: {command: ./sink, sockets: {results: {type: PULL, backlog: 300}}}
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}

    Source: listen(2), zmq_setsockopt(3), ZMQ_BACKLOG.
    """
    told: set[SocketRef] = set()
    for endpoint in index.plan.endpoints:
        place = (endpoint.node, endpoint.socket)
        if endpoint.peers < 2 or place in told or not endpoint.process:
            continue
        backlog = index.socket(place).options.get("backlog", DEFAULT_BACKLOG)
        if not isinstance(backlog, int) or endpoint.peers <= backlog:
            continue
        written = index.writes(place, "backlog")
        if written or not index.ours(endpoint.node):
            told.add(place)
            path = at(place, "backlog") if written else ("edges", index.binding[place][0])
            message = f"{endpoint.peers} peers connect to {'.'.join(place)}, whose backlog is {backlog}"
            yield RuleHit(path, message, f"backlog: {endpoint.peers}", key=True)


@rule("Z415", "warning")
def descriptors_below_peers(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """More peers than a process may have descriptors open.

    Looked at are ``limits.nofile`` where it is written, and the limit of this session for ``command:`` nodes.

    Why it matters: each connection takes one. When they are used up new peers are not accepted, in silence.

    Bad:
        nodes:
          sink: {python: "sink:main", limits: {nofile: 256}, sockets: {results: PULL}}  # Z415
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}

    Good:
        nodes:
          sink: {python: "sink:main", limits: {nofile: 1024}, sockets: {results: PULL}}
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}

    Source: getrlimit(2); ZeroMQ guide, chapter 2, "Handling Errors and ETERM".
    """
    limits = {name: node.limits.nofile for name, node in index.nodes.items() if node.limits.nofile is not None}
    commands = {name for name, node in index.nodes.items() if node.command is not None and facts.open_files is not None}
    needed: dict[str, int] = {}
    for (name, _), count in index.most_peers.items() if limits or commands else ():
        if name in limits or name in commands:
            needed[name] = needed.get(name, DESCRIPTORS) + count
    for name, count in needed.items():
        limit = limits.get(name, facts.open_files)
        if limit is not None and count > limit:
            path = ("nodes", name, "limits", "nofile") if name in limits else ("nodes", name)
            message = f"{name} needs some {count} descriptors, and may have {limit}"
            yield RuleHit(path, message, f"limits: {{nofile: {2 * count}}}", key=True)
