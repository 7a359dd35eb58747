"""Ending: the drain of a mesh, the stop of a process, and what becomes of one that does not stop in time."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.contract.node_messages import Desert
from orchestrator.plan.order import stages
from orchestrator.supervisor.policy import drain_rules, gates, hindrance, lifecycle, outcome
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Save, Signal
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState, ProcessState, Transition

FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.05
"""Seconds between repeated requests to helpers and to stopping processes: doubled from the first to the longest."""


PATIENCE = 1.0
"""Seconds between SIGTERM and SIGKILL once the grace is over."""


def down(mesh: MeshState, reason: str, now: float, bound: float | None = None) -> Iterator[Effect]:
    """Drain the mesh, from sources to sinks. ``bound`` seconds are all that the whole of it may take."""
    if bound is not None:
        mesh.deadline = min(mesh.deadline, now + bound)
        for name, transition in mesh.transitions.items():
            if mesh.processes[name].state == "draining":
                transition.kill_at = min(transition.kill_at, mesh.deadline)
    if mesh.phase != "running":
        return
    mesh.phase, mesh.drained, mesh.reason = "draining", now, reason
    yield Report("draining", {"order": stages(mesh.plan.drain), "reason": reason})
    for kept, name in drain_rules.absent_receivers(mesh):
        what = "stays in their journals" if kept else "is lost"
        mesh.absent += [] if kept else [name.partition(" ")[0]]
        yield Report("note", {"text": f"{name} does not run; what others still have for it {what}"})
    for process in mesh.processes.values():
        if process.state in ("waiting", "backoff"):
            lifecycle.enter(process, "stopped", now)
            yield Save(process.name)
            yield lifecycle.unlisten(mesh, process)
        elif process.state in OVER and mesh.is_manual(process.name):
            yield lifecycle.unlisten(mesh, process)
    for process in mesh.processes.values():
        yield from tell_deserted(mesh, process)
    yield from continue_drain(mesh, now)


def kill(mesh: MeshState, now: float) -> Iterator[Effect]:
    """End everything at once."""
    mesh.killing = True
    yield from down(mesh, "killed", now, bound=0.0)
    for process in mesh.processes.values():
        if process.state in ALIVE:
            process.stopping = True
            yield from _kill(mesh, process)
            mesh.transitions[process.name].kill_at = now + PATIENCE


def continue_drain(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Tell the groups whose turn it is; end when all have left."""
    while turns := list(drain_rules.due(mesh)):
        for number in turns:
            for node in mesh.plan.drain[number].nodes:
                mesh.draining.add(node)
                for process in mesh.of(node):
                    yield from stop(mesh, process, now)
    if drain_rules.over(mesh) and mesh.phase == "draining":
        mesh.phase = "ended"
        mesh.exit_status = outcome.exit_status(mesh)
        yield Report("ended", outcome.end_report(mesh, now))
        yield End(mesh.exit_status)


def stop(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Tell a process to stop, once."""
    if process.state not in ALIVE or process.stopping:
        return
    process.stopping = True
    if process.pid:
        yield from begin_stop(mesh, process, now)


def begin_stop(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Tell a process that has a pid to stop: by its drain, or by a signal."""
    process.stopping = True
    node, transition = mesh.node(process.name), mesh.transitions[process.name]
    lifecycle.enter(process, "draining", now)
    transition.kill_at = now + drain_rules.grace(mesh, process, now)
    yield Save(process.name)
    if node.library and node.stop.drain and process.released:
        yield from ask_to_stop(mesh, process, transition, now)
    else:
        yield Signal(process.name, node.stop.signal)
    yield from tell_deserted(mesh, process)


def ask_to_stop(mesh: MeshState, process: ProcessState, transition: Transition, now: float) -> Iterator[Effect]:
    """Tell a process to drain, again and again while it has something to wait for."""
    receivers = drain_rules.receivers_of(mesh, process.name)
    elapsed = now - process.since
    left = max(0.0, transition.kill_at - now)
    lost = drain_rules.unreachable(mesh, process.name)
    yield Ask(process.name, drain_rules.stop_request(receivers, lost, left, elapsed))
    waits = not drain_rules.all_finished(receivers, transition.drained)
    transition.next = now + max(transition.pause, FIRST_PAUSE) if waits else _later(process, transition, now)


def _later(process: ProcessState, transition: Transition, now: float) -> float:
    """Return when to ask a process again that has nothing to wait for, only to say why it is still there."""
    times = (process.since + hindrance.SLOW, transition.kill_at - hindrance.BEFORE)
    return next((at for at in times if at > now), lifecycle.NEVER)


def explain(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Say, once, what keeps a process from leaving that was told to stop a while ago."""
    transition = mesh.transitions[process.name]
    slow = process.state == "draining" and now - process.since >= hindrance.SLOW
    if slow and not transition.explained and (why := hindrance.reason(mesh, process.name)):
        transition.explained = True
        yield Report("note", {"text": f"{process.name} has not stopped yet: {why}"})


def tell_deserted(mesh: MeshState, process: ProcessState) -> Iterator[Effect]:
    """Tell a process that is to stop, or that others wait for in a drain, of which sockets nobody takes anything."""
    transition = mesh.transitions[process.name]
    if not process.released or not mesh.node(process.name).library or not drain_rules.is_leaving(mesh, process.name):
        return
    found = drain_rules.deserted(mesh, process.name)
    if found and found != transition.deserted:
        transition.deserted = found
        yield Ask(process.name, Desert(tuple(found)))


def out_of_time(mesh: MeshState, process: ProcessState, transition: Transition, now: float) -> Iterator[Effect]:
    """Force a process whose time is over: by SIGTERM, and then by SIGKILL."""
    if process.state != "draining":
        yield from _too_late(mesh, process, transition, now)
    elif transition.term_sent or now >= mesh.deadline:
        yield from _kill(mesh, process)
        transition.kill_at = now + PATIENCE
    else:
        transition.term_sent = True
        transition.kill_at = min(now + PATIENCE, max(mesh.deadline, now))
        why = hindrance.reason(mesh, process.name)
        text = f"did not stop in time{f', since {why}' if why else ''}: SIGTERM"
        yield Report("killed", {"process": process.name, "signal": "TERM", "text": text})
        yield Signal(process.name, "TERM")
    process.force_killed = process.force_killed or process.state == "draining"


def _too_late(mesh: MeshState, process: ProcessState, transition: Transition, now: float) -> Iterator[Effect]:
    """End a process that is not ready in time, unless another one that has not even loaded is to blame."""
    yield from gates.report_blockers(mesh)
    others = [mesh.transitions[each.name].imported for each in gates.gate_of(mesh, process.name) if each.state in ALIVE]
    if transition.imported and not process.released and not all(others):
        transition.kill_at = now + mesh.node(process.name).ready.within
        return
    transition.kill_at = now + PATIENCE
    within = mesh.node(process.name).ready.within
    yield Report("note", {"text": f"{process.name} is not ready within {within:g} s: killed"})
    yield Signal(process.name, "KILL")


def _kill(mesh: MeshState, process: ProcessState) -> Iterator[Effect]:
    process.force_killed = True
    yield Report("killed", {"process": process.name, "signal": "KILL", "text": "killed by SIGKILL"})
    yield Signal(process.name, "KILL")
