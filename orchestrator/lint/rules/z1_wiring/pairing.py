"""Which processes of two nodes are joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import REPORTED_ELSEWHERE, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView

WITHIN = frozenset({"others", "ring", "tree", "pairs"})
"""Pairings that are made for a node with itself."""


@rule("Z108", "warning")
def self_loop(index: TopologyView) -> Iterator[RuleHit]:
    """A node is wired to itself, and its processes would talk to themselves.

    ``others`` leaves each process's own socket out; ``ring``, ``tree`` and ``pairs`` are made for a node with itself
    too.

    Why it matters: a process that connects to its own socket and works in one thread waits for itself.

    Bad:
        nodes:
          peer: {python: "peer:main", replicas: 3, sockets: {say: PUB, hear: {type: SUB, subscribe: ""}}}
        edges:
          gossip: {bind: peer.say, connect: peer.hear, pairing: all}  # Z108

    Good:
        nodes:
          peer: {python: "peer:main", replicas: 3, sockets: {say: PUB, hear: {type: SUB, subscribe: ""}}}
        edges:
          gossip: {bind: peer.say, connect: peer.hear, pairing: others}

    Source: the topology language.
    """
    told: set[str] = set()
    for edge, bind, connect in index.within:
        pairing = index.edges[edge].pairing
        itself = not bind.process or connect.process in ("", bind.process)
        if edge not in told and itself and not (pairing and pairing.kind in WITHIN):
            told.add(edge)
            hint = "pairing: others leaves each process's own out"
            yield RuleHit(("edges", edge), f"{bind.node} is wired to itself", "", hint, key=True)


@rule("Z109")
def pairing_mismatch() -> Iterable[RuleHit]:
    """A pairing cannot be carried out between these nodes.

    ``same`` joins numbers with numbers, or items with items, so both sides must have the same; ``others``, ``ring`` and
    ``tree`` join a node with itself.

    Why it matters: nobody could say who is joined with whom, so the mesh cannot be planned.

    Bad:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 2, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames, pairing: same}  # Z109

    Good:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 3, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames, pairing: same}

    Source: the topology language.
    """
    return REPORTED_ELSEWHERE


@rule("Z114")
def pairing_missing() -> Iterable[RuleHit]:
    """Both sides of an edge have several processes, and nothing says which of them are joined.

    Why it matters: there is no good guess: each with each, each with its own number, or shares.

    Bad:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 3, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames}  # Z114

    Good:
        nodes:
          camera: {python: "camera:main", replicas: 3, sockets: {frames: PUSH}}
          viewer: {python: "viewer:main", replicas: 3, sockets: {frames: PULL}}
        edges:
          frames: {bind: camera.frames, connect: viewer.frames, pairing: same}

    Source: the topology language.
    """
    return REPORTED_ELSEWHERE
