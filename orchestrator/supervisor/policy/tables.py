"""What a plan means for the processes that there are, looked up by name: made anew whenever either changes. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from orchestrator.plan.links import ExternalLink, Peer, links
from orchestrator.plan.model import Plan, Socket


@dataclass(slots=True, repr=False)
class Tables:
    """The links of each process, those to external programs, its sockets, and for each node its wave and its group in
    the drain, by number.

    ``waves`` names the processes of each wave. ``blockers`` is no table but a memory: which of them, by number, kept
    the gate of its wave closed last.
    """

    peers: dict[str, list[Peer]]
    external: list[ExternalLink]
    sockets: dict[tuple[str, str], Socket]
    waves: tuple[tuple[str, ...], ...]
    wave: dict[str, int]
    group: dict[str, int]
    blockers: dict[int, int] = field(default_factory=dict, compare=False)


def tables(plan: Plan, processes: Container[str]) -> Tables:
    """Return the tables of a plan, with those of its processes that there are."""
    there = [process for process in plan.processes if process.name in processes]
    peers, external, _ = links(plan)
    if len(there) < len(plan.processes):
        peers = {each.name: [peer for peer in peers[each.name] if peer.process in processes] for each in there}
        external = [link for link in external if link.process in processes]
    return Tables(
        peers=peers,
        external=external,
        sockets={(process.name, socket.name): socket for process in there for socket in process.sockets},
        waves=tuple(
            tuple(name for node in wave for name in plan.node[node].processes if name in processes)
            for wave in plan.waves
        ),
        wave={node: number for number, wave in enumerate(plan.waves) for node in wave},
        group={node: number for number, group in enumerate(plan.drain) for node in group.nodes},
    )
