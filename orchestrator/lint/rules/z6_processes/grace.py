"""How long a stop takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import Path, RuleHit, rule
from orchestrator.zeromq.sockets import TYPES

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView

DOCKER, SYSTEMD = 10.0, 90.0
"""Seconds that a stop may take before the service manager kills."""


@rule("Z606", "warning")
def grace_shorter_than_linger(index: TopologyView) -> Iterator[RuleHit]:
    """A sender's ``linger`` is longer than the grace in which its process must be gone.

    Why it matters: after ``stop.grace`` the process is killed, and what it still held is lost: the linger promises what
    cannot be kept.

    Bad:
        nodes:
          feed: {python: "feed:main", stop: {grace: 5s}, sockets: {work: {type: PUSH, linger: 30s}}}  # Z606
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", stop: {grace: 40s}, sockets: {work: {type: PUSH, linger: 30s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_LINGER.
    """
    shortest = min((node.stop.grace for node in index.nodes.values()), default=0.0) * 1000
    for group, linger in index.declaring("linger", lambda linger: isinstance(linger, int) and linger > shortest):
        if not TYPES[group.socket.type].sends:
            continue
        for node, socket in group.places:
            grace = index.nodes[node].stop.grace
            if linger > grace * 1000 and not index.nodes[node].external:
                path: Path = ("nodes", node, "sockets", socket, "linger")
                message = f"linger of {linger / 1000:g}s, but {node} is killed after a grace of {grace:g}s"
                yield RuleHit(path, message, "a linger within the grace", "or a longer stop: {grace: ...}", key=True)


@rule("Z609", "info")
def grace_sum(index: TopologyView) -> Iterator[RuleHit]:
    """Stopping can take longer than a service manager waits.

    Why it matters: a drain goes from sources to sinks, so the graces along the longest way add up. systemd kills after
    90 s (docker after 10 s, which is said where a grace is written), whatever was still under way.

    Bad:
        nodes:
          feed: {python: "feed:main", stop: {grace: 60s}, sockets: {work: PUSH}}  # Z609
          worker: {python: "worker:main", stop: {grace: 60s}, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", stop: {grace: 3s}, sockets: {work: PUSH}}
          worker: {python: "worker:main", stop: {grace: 5s}, sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: systemd.service(5), TimeoutStopSec; docker stop.
    """
    way = _longest_way(index)
    graces = {name: index.nodes[name].stop.grace for name in way}
    longest = sum(graces.values())
    if longest <= DOCKER:
        return
    written = [name for name in way if _writes_grace(index, name)]
    if longest > SYSTEMD or written:
        who = f"systemd kills after {SYSTEMD:g}s" if longest > SYSTEMD else f"docker kills after {DOCKER:g}s"
        worst = max(written, key=graces.__getitem__, default=None)
        # What is written in one place is to blame only where it is most of it.
        blamed = worst is not None and graces[worst] * 2 >= longest
        path: Path = ("nodes", worst, "stop", "grace") if worst is not None and blamed else ("nodes",)
        shown = [f"{name} {graces[name]:g}s" for name in way[:6]] + ["..."] * (len(way) > 6)
        message = f"a drain can take {longest:g}s, one after the other: {', '.join(shown)}; {who} by default"
        yield RuleHit(path, message, key=True)


def _longest_way(index: TopologyView) -> list[str]:
    """Give the nodes that a drain waits for longest, one after the other: of each group the one of longest grace."""
    until: list[float] = []
    before: list[int | None] = []
    slowest: list[str | None] = []
    for group in index.plan.drain:
        name = max(group.nodes, key=lambda name: index.nodes[name].stop.grace, default=None)
        last = max(group.after, key=until.__getitem__, default=None)
        slowest.append(name)
        before.append(last)
        until.append((index.nodes[name].stop.grace if name else 0.0) + (until[last] if last is not None else 0.0))
    way: list[str] = []
    at = max(range(len(until)), key=until.__getitem__, default=None)
    while at is not None:
        way += [name] if (name := slowest[at]) else []
        at = before[at]
    return way[::-1]


def _writes_grace(index: TopologyView, node: str) -> bool:
    written = "stop" in index.nodes[node].model_fields_set
    return written and index.written("nodes", node, "stop", "grace") is not None
