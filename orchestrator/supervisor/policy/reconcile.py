"""What may go on once something has changed: starts, gates, what was asked of single processes, the end of all."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.supervisor.policy import dependencies, drain_rules, gates, lifecycle, stop_order, stopping
from orchestrator.supervisor.policy.effects import Effect, Report, Save, Start
from orchestrator.supervisor.policy.state import OVER, MeshState, ProcessState


def reconcile(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Start the nodes whose dependencies hold, open gates, and say so once all is up."""
    if mesh.phase != "running":
        return
    waiting = {mesh.planned(process.name).node for process in mesh.processes.values() if process.state == "waiting"}
    mesh.held = dependencies.held(mesh) if waiting else {}
    for wave in mesh.plan.waves if waiting else ():
        coming = [node for node in wave if node in waiting and node not in mesh.held]
        if coming and all(dependencies.hold(mesh, mesh.plan.node[node]) for node in coming):
            for process in [process for node in coming for process in mesh.of(node)]:
                if process.state == "waiting":
                    yield from start(mesh, process, now)
    if waiting:
        yield from _abandon(mesh, now)
    yield from open_gates(mesh, now)
    if not mesh.up and all(each.is_up or not mesh.awaited(each.name) for each in mesh.processes.values()):
        mesh.up = True
        expected = sum(map(mesh.awaited, mesh.processes))
        yield Report("up", {"seconds": round(now - mesh.begun, 3), "processes": expected})
        for node, whom in mesh.held.items():
            yield Report("note", {"text": f"{node} waits for {whom}"})


def _abandon(mesh: MeshState, now: float) -> Iterator[Effect]:
    waiting = {process.name: process for process in mesh.processes.values() if process.state == "waiting"}
    failed = {mesh.planned(process.name).node for process in mesh.processes.values() if _failed(process)}
    lost = {name: needed for name in waiting if failed for needed in mesh.node(name).depends_on if needed in failed}
    for name, needed in lost.items():
        process = waiting[name]
        causes = (each.unstarted for each in mesh.of(needed) if each.state == "failed")
        process.unstarted = next(filter(None, causes), f"{needed} failed")
        lifecycle.enter(process, "failed", now)
        yield Report("unstarted", {"process": name, "reason": process.unstarted})
        yield Save(name)
    for name in lost:
        yield from after_end(mesh, waiting[name], now)


def _failed(process: ProcessState) -> bool:
    """Return whether a process has failed for good; one that was stopped by hand may come back, however it ended."""
    return process.state == "failed" and process.requested != "stop"


def start(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Start the next incarnation of a process."""
    lifecycle.new_incarnation(mesh, process, now)
    mesh.transitions[process.name].kill_at = now + mesh.node(process.name).ready.within
    yield Start(process.name)
    # Peers that wait in a closed gate must know that one more will come, or that it is back.
    yield from gates.expect_again(mesh, process.name)


def open_gates(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Open the gates whose waves are complete, and let pass who waits in an open one."""
    passed = False
    for number, wave in enumerate(mesh.plan.waves):
        is_open = all(node in mesh.gates for node in wave)
        if not is_open and gates.is_closed(mesh, number):
            continue
        members = [process for node in wave for process in mesh.of(node)]
        if not is_open:
            mesh.gates |= dict.fromkeys(wave, now)
            coming = [each for each in members if gates.passes_gate(mesh, each)]
            if coming:
                yield Report("gate", gates.gate_report(mesh, number, coming, now))
        for process in members:
            waits = process.state == "connected" and not process.released
            if waits and gates.is_wired(process, mesh.transitions[process.name]):
                yield from gates.release(mesh, process, now)
                passed = True
    if passed:
        yield from reconcile(mesh, now)


def after_end(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Decide what the end of a process means for the others."""
    if process.state in OVER and not mesh.keeps_listeners(process.name):
        yield lifecycle.unlisten(mesh, process)
    if process.state in OVER:
        yield from _leave_alone(mesh, process, now)
    if mesh.phase == "running":
        yield from gates.expect_again(mesh, process.name)
        if (reason := _reason_to_drain(mesh, process)) is not None:
            yield from stopping.down(mesh, reason, now)
        else:
            yield from apply_requests(mesh, now)
            yield from reconcile(mesh, now)
    if mesh.phase == "draining":
        yield from stopping.continue_drain(mesh, now)


def apply_requests(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Go on with what was asked of single processes: return those to stop whose turn it is, start those that may."""
    for process in mesh.processes.values():
        if process.requested:
            yield from stopping.tell_deserted(mesh, process)
    for process in stop_order.to_stop(mesh):
        absent = {} if process.stopping else drain_rules.receivers_that_are_over(mesh, process.name)
        for kept, of in absent.items():
            what = "stays in its journal" if kept else "is lost"
            if of:
                text = f"{process.name}: what it still has for {', '.join(of)} {what}, since that does not run"
                yield Report("note", {"text": text})
        yield from stopping.stop(mesh, process, now)
    for process in stop_order.to_start(mesh):
        process.requested, process.stopping, process.delay = "", False, stop_order.PAUSE
        lifecycle.enter(process, "backoff", now)
        yield Save(process.name)


def _leave_alone(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    """Tell those who are leaving and send to a process that is over."""
    for name in dict.fromkeys(peer.process for peer in mesh.tables.peers[process.name]):
        yield from stopping.tell_deserted(mesh, mesh.processes[name])
        if mesh.processes[name].state == "draining":
            mesh.transitions[name].next = min(mesh.transitions[name].next, now)


def _reason_to_drain(mesh: MeshState, process: ProcessState) -> str | None:
    node = mesh.node(process.name)
    if process.state == "failed" and node.kind == "main":
        return f"{process.name} failed"
    if process.state == "failed" and node.critical:
        return f"{process.name}, which is critical, failed"
    return end_of_all(mesh)


def end_of_all(mesh: MeshState) -> str | None:
    """Return why nothing is left to do, or None."""
    mains = [node.name for node in mesh.plan.nodes if node.kind == "main"]
    if mains and all(process.state == "done" for name in mains for process in mesh.of(name)):
        return f"{', '.join(mains)} done"
    coming = any(process.resume_as or process.requested for process in mesh.processes.values())
    by_hand = mesh.plan.nodes and all(node.start == "manual" for node in mesh.plan.nodes)
    return "nothing runs any more" if drain_rules.over(mesh) and not coming and not by_hand else None
