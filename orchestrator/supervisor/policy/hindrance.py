"""Why a process that was told to stop has not left yet: whom it waits for, or that it does not look. Pure."""

from __future__ import annotations

from orchestrator.shortlist import first
from orchestrator.supervisor.policy import drain_rules
from orchestrator.supervisor.policy.state import ALIVE, MeshState
from orchestrator.zeromq.sockets import TYPES

SLOW = 2.0
"""Seconds after which it is said why a process has not left yet."""

BEFORE = 0.5
"""Seconds before the end of the grace at which it is asked again."""

NAMED = 3
"""How many of those that it waits for are named."""


def reason(mesh: MeshState, name: str) -> str:
    """Return what keeps a process from leaving, empty where nobody knows."""
    transition = mesh.transitions[name]
    if transition.ended:
        readers = _readers(mesh, name, [each.name for each in mesh.planned(name).sockets if TYPES[each.type].sends])
        return f"its program has ended, and {readers} not read all that it sent" if readers else ""
    if readers := _readers(mesh, name, transition.full):
        return f"{readers} not taken what it sends at {', '.join(transition.full)}"
    if transition.heedless and drain_rules.all_finished(drain_rules.receivers_of(mesh, name), transition.drained):
        return "it never looked at node.stopping"
    return ""


def _readers(mesh: MeshState, name: str, sockets: list[str]) -> str:
    """Name those who receive from sockets of a process, with ``has`` or ``have`` behind."""
    found = [
        peer.process
        for peer in mesh.tables.peers[name]
        if peer.socket in sockets and mesh.processes[peer.process].state in ALIVE
    ]
    names = list(dict.fromkeys(found))
    if not names:
        return ""
    return f"{' or '.join(first(names, NAMED))} {'has' if len(names) == 1 else 'have'}"
