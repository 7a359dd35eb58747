"""The gate of a wave: what is asked of those that wait in it, when it opens, and who keeps it closed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from orchestrator.contract.node_messages import Expected, Gate, Go, Ping, Touch
from orchestrator.contract.wiring import pack_markers
from orchestrator.supervisor.policy import gate_rules, lifecycle
from orchestrator.supervisor.policy.effects import Ask, Effect, Report, Save
from orchestrator.supervisor.policy.state import OVER, MeshState, ProcessState, Transition


def expect(mesh: MeshState, name: str) -> Iterator[Effect]:
    """Tell a process in a closed gate what it has to wait for, where that is news."""
    transition = mesh.transitions[name]
    if not transition.greeted or mesh.processes[name].released:
        return
    expected = gate_rules.expectation(mesh, name)
    if transition.gate and expected == transition.expected:
        return
    mesh.gate_number += 1
    transition.gate, transition.expected = mesh.gate_number, expected
    packed = {socket: Expected(each.handshakes, pack_markers(each.markers)) for socket, each in expected.items()}
    yield Ask(name, Gate(transition.gate, packed))


def expect_again(mesh: MeshState, name: str) -> Iterator[Effect]:
    """Tell those in a closed gate what has changed, since a peer of theirs has come or gone."""
    for peer in dict.fromkeys(peer.process for peer in mesh.tables.peers[name]):
        if mesh.processes[peer].state in ("starting", "connected"):
            yield from expect(mesh, peer)


def ask_helpers(mesh: MeshState, process: ProcessState, transition: Transition) -> Iterator[Effect]:
    """Ask the running peers of a process to touch their sockets, and which of its markers they have seen."""
    if process.released or not transition.greeted:
        transition.next = lifecycle.NEVER
        return
    helpers = gate_rules.helpers(mesh, process.name)
    for helper, sockets in helpers.items():
        seen: dict[str, list[str]] = {}
        for socket, marker in sorted(transition.unconfirmed.get(helper, ())):
            seen.setdefault(socket, []).append(marker)
        asked = {socket: tuple(markers) for socket, markers in seen.items()}
        yield Ask(helper, Touch(tuple(sorted(sockets)), asked))
    if not helpers:
        transition.next = lifecycle.NEVER


def gate_of(mesh: MeshState, name: str) -> list[ProcessState]:
    """Return the others that pass a gate together with a process: the first incarnations of its wave."""
    node = mesh.node(name).name
    if node in mesh.gates:
        return []
    wave = mesh.plan.waves[mesh.tables.wave[node]]
    members = [process for each in wave if mesh.plan.node[each].library for process in mesh.of(each)]
    return [process for process in members if not mesh.is_manual(process.name)]


def is_closed(mesh: MeshState, wave: int) -> bool:
    """Return whether the gate of a wave stays closed; who kept it closed before mostly still does, so looks first."""
    names = mesh.tables.waves[wave]
    place = mesh.tables.blockers.get(wave, 0)
    for number in chain(range(place, len(names)), range(place)):
        if _holds_closed(mesh, mesh.processes[names[number]]):
            mesh.tables.blockers[wave] = number
            return True
    return False


def _holds_closed(mesh: MeshState, process: ProcessState) -> bool:
    """Return whether the gate of a process's wave is closed as long as it is as it is."""
    if process.state == "waiting":
        return mesh.planned(process.name).node not in mesh.held
    wired = process.state == "connected" and is_wired(process, mesh.transitions[process.name])
    return not wired and passes_gate(mesh, process)


def passes_gate(mesh: MeshState, process: ProcessState) -> bool:
    """Return whether a process passes the gate of its wave."""
    return process.state not in OVER and mesh.node(process.name).library and mesh.awaited(process.name)


def is_wired(process: ProcessState, transition: Transition) -> bool:
    """Return whether a process has met its last gate, and all publishers have its subscriptions."""
    met_last = transition.greeted and transition.gate and transition.met_gate == transition.gate
    return bool(met_last and not any(transition.unconfirmed.values()))


def gate_report(mesh: MeshState, number: int, members: list[ProcessState], now: float) -> dict[str, object]:
    """Return what the event of an open gate tells."""
    subscriptions: dict[str, int] = {}
    for process in members:
        for socket, of in mesh.transitions[process.name].expected.items():
            if of.markers:
                subscriptions[f"{process.name}.{socket}"] = len(of.markers)
    return {
        "wave": number,
        "seconds": round(now - mesh.begun, 3),
        "processes": len(members),
        "links": gate_rules.links(mesh, number),
        "subscriptions": subscriptions,
    }


def release(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Let a process pass its gate: its program may run."""
    process.released = True
    transition = mesh.transitions[process.name]
    transition.next = lifecycle.NEVER
    transition.unconfirmed.clear()
    yield Ask(process.name, Go())
    if mesh.node(process.name).ready.how == "library":
        yield from become_ready(mesh, process, now)
    else:
        lifecycle.enter(process, "connected", now)
        yield Save(process.name)


def become_ready(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Note that a process is ready."""
    lifecycle.enter(process, "ready", now)
    process.ready_at = now
    mesh.transitions[process.name].kill_at = lifecycle.NEVER
    yield Report("ready", {"process": process.name})
    yield Save(process.name)


def report_blockers(mesh: MeshState) -> Iterator[Effect]:
    """Report who keeps which gate closed, and ask each what it waits for."""
    if waiting := gate_rules.blockers(mesh):
        yield Report("blocked", {"waiting": waiting})
        for each in waiting:
            if mesh.transitions[each["process"]].greeted:
                yield Ask(each["process"], Ping())
