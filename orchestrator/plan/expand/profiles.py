"""Nodes of profiles that nobody asked for are off: they are left out, and so are their ends of edges."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from orchestrator.plan.collector import Diagnostics
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.diagnostics.hints import like
from orchestrator.topology.model import Topology


def off(topology: Topology, profiles: Sequence[str], found: Diagnostics) -> dict[str, tuple[str, ...]]:
    """Return the nodes that are off, with their profiles. An unknown profile is added to ``found``."""
    having = {name: node.profiles for name, node in topology.nodes.items() if node.profiles}
    known = dict.fromkeys(profile for each in having.values() for profile in each)
    for profile in profiles:
        if profile not in known:
            there = f"known: {', '.join(known)}" if known else "no node has any"
            near = like(profile, known)
            hint = f"did you mean {near}?" if near else there
            found.note(Diagnostic("--profile", 0, 0, "", f"no node has the profile {profile[:70]!r}", "", hint, "S030"))
    return {name: each for name, each in having.items() if not set(each).intersection(profiles)}


def without(topology: Topology, missing: Collection[str], found: Diagnostics) -> Topology:
    """Return a topology without nodes that are off; who depends on them is added to ``found``."""
    if not missing:
        return topology
    nodes = {name: node for name, node in topology.nodes.items() if name not in missing}
    for name, node in nodes.items():
        for other in node.depends_on:
            if other in missing:
                needed = topology.nodes[other].profiles
                message = f"{name} waits for {other}, which is off without --profile {' or '.join(needed)}"
                hint = f"ask for it, or write `profiles: [{', '.join(needed)}]` in {name} too"
                found.add("Z102", ("nodes", name, "depends_on", other), message, "", hint)
    edges = {}
    for name, edge in topology.edges.items():
        bind, connect = (_left(ends, topology, missing) for ends in (edge.bind, edge.connect))
        if bind and (connect or not edge.connect):
            changed = len(bind) < len(edge.bind) or len(connect) < len(edge.connect)
            edges[name] = edge.model_copy(update={"bind": bind, "connect": connect}) if changed else edge
    return topology.model_copy(update={"nodes": nodes, "edges": edges})


def _left(ends: tuple[str, ...], topology: Topology, missing: Collection[str]) -> tuple[str, ...]:
    return tuple(end for end in ends if _node_of(end, topology) not in missing)


def _node_of(end: str, topology: Topology) -> str:
    """Return the node of ``node.socket`` or ``process.socket``; the name of a node or item may hold hyphens."""
    name = end.partition(".")[0]
    while name not in topology.nodes and "-" in name:
        name = name.rpartition("-")[0]
    return name
