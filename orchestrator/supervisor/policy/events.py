"""What to do about what happens: (state, event, now) -> effects. Pure: it changes only the state it is given.

Times are seconds of CLOCK_MONOTONIC. Every function gives the effects to carry out, in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator.contract.node_messages import (
    Answer,
    Ending,
    Go,
    Hello,
    Leaving,
    Left,
    Pong,
    Ready,
    Said,
    SocketsReady,
    Touched,
    Unread,
)
from orchestrator.plan.model import Node
from orchestrator.supervisor.policy import (
    dependencies,
    gate_rules,
    gates,
    lifecycle,
    outcome,
    reconcile,
    stopping,
    timers,
    unread,
)
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Save
from orchestrator.supervisor.policy.restart import Decision, decide, pause
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState, ProcessState


def begin(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Start the first wave."""
    plan = mesh.plan
    mesh.held = dependencies.held(mesh)
    yield Report(
        "begin",
        {
            "mesh": plan.mesh,
            "processes": sum(map(mesh.awaited, mesh.processes)),
            "links": plan.links - gate_rules.links_by_hand(mesh),
            "gated": gate_rules.links(mesh),
            "files": list(plan.files),
        },
    )
    yield from reconcile.reconcile(mesh, now)
    if (reason := reconcile.end_of_all(mesh)) is not None:
        yield from stopping.down(mesh, reason, now)


def take_over(mesh: MeshState, now: float) -> Iterator[Effect]:
    """Go on where a predecessor stopped: living processes say hello again, the rest starts or drains."""
    for process in mesh.processes.values():
        if process.state in ALIVE and not process.ready_at and not process.foreground:
            mesh.transitions[process.name].kill_at = now + mesh.node(process.name).ready.within
        elif process.state in OVER and not mesh.keeps_listeners(process.name):
            yield lifecycle.unlisten(mesh, process)
    if mesh.phase == "running":
        for process in list(mesh.processes.values()):
            if process.state in ALIVE and process.stopping:
                yield from stopping.begin_stop(mesh, process, now)
        yield from reconcile.apply_requests(mesh, now)
        yield from reconcile.reconcile(mesh, now)
        return
    mesh.draining = {
        name
        for group in mesh.plan.drain
        if any(process.stopping for node in group.nodes for process in mesh.of(node))
        for name in group.nodes
    }
    for process in list(mesh.processes.values()):
        if process.state in ("waiting", "backoff"):
            lifecycle.enter(process, "stopped", now)
            yield lifecycle.unlisten(mesh, process)
        elif process.state in ALIVE and process.stopping:
            yield from stopping.begin_stop(mesh, process, now)
    yield from stopping.continue_drain(mesh, now)


def abort(mesh: MeshState, reason: str, now: float) -> Iterator[Effect]:
    """End a mesh that cannot begin."""
    mesh.phase, mesh.exit_status, mesh.reason, mesh.drained = "ended", 1, reason, now
    yield Report("ended", outcome.end_report(mesh, now))
    yield End(1)


def on_started(mesh: MeshState, name: str, pid: int, ticks: int, now: float) -> Iterator[Effect]:
    """Note that the keeper has started a process."""
    process = mesh.processes[name]
    process.pid, process.ticks = pid, ticks
    yield Report("started", {"process": name, "pid": pid, "generation": process.generation})
    yield Save(name)
    if process.stopping or mesh.phase != "running":
        yield from stopping.begin_stop(mesh, process, now)


def on_message(mesh: MeshState, name: str, message: Said | Answer, now: float) -> Iterator[Effect]:
    """Take in what a process says, or answers."""
    process, transition = mesh.processes[name], mesh.transitions[name]
    match message:
        case Hello(generation, phase) if generation == process.generation and process.state in ALIVE:
            yield from _on_hello(mesh, process, phase, now)
        case SocketsReady(gate) if not process.released:
            transition.met_gate = gate
            yield from _on_wired(mesh, process, now)
            if transition.unconfirmed:
                # Its subscriptions are on their way, and the next look may be far off.
                transition.pause, transition.next = 0.0, now
                yield from timers.retry_due(mesh, process, transition, now)
        case Ready():
            yield from on_ready(mesh, name, now)
        case Leaving(failed) if process.released and process.state in ALIVE:
            yield from _on_leaving(mesh, process, failed, now)
        case Left(left):
            yield from _on_left(mesh, process, left)
        case Pong(waiting=waiting):
            transition.waiting = waiting or transition.waiting
        case Ending():
            transition.drained |= {*message.dry}
            transition.heedless, transition.full = not message.looked, list(message.full)
            yield from stopping.explain(mesh, process, now)
        case Touched(seen):
            yield from _on_seen(mesh, name, seen, now)


def _on_left(mesh: MeshState, process: ProcessState, left: tuple[Unread, ...]) -> Iterator[Effect]:
    process.left = left
    found = [
        each for each in unread.of(mesh, process.name) if each["messages"] or each["bytes"] or each["then"] != "dropped"
    ]
    if found:
        yield Report("unread", {"process": process.name, "generation": process.generation, "unread": found})
    yield Save(process.name)


def _on_seen(mesh: MeshState, name: str, seen: Mapping[str, tuple[str, ...]], now: float) -> Iterator[Effect]:
    """Note which markers of subscribers have arrived at the sockets of a process."""
    for socket, marker in [(socket, each) for socket, markers in seen.items() for each in markers]:
        subscriber = marker.split(".", 1)[0]
        waiting = mesh.transitions.get(subscriber)
        if waiting is None or name not in waiting.unconfirmed:
            continue
        waiting.unconfirmed[name].discard((socket, marker))
        if not waiting.unconfirmed[name]:
            del waiting.unconfirmed[name]
            yield from _on_wired(mesh, mesh.processes[subscriber], now)


def _on_hello(mesh: MeshState, process: ProcessState, phase: str, now: float) -> Iterator[Effect]:
    transition = mesh.transitions[process.name]
    first = not transition.greeted
    transition.greeted = True
    transition.imported = phase != "starting"
    if process.released:
        yield from stopping.tell_deserted(mesh, process)
    if process.stopping:
        yield from stopping.ask_to_stop(mesh, process, transition, now)
        return
    if process.released:
        # A supervisor that has taken over repeats what may not have arrived.
        if phase in ("starting", "gate"):
            yield Ask(process.name, Go())
        return
    if phase == "running" or not mesh.gated:
        yield from gates.release(mesh, process, now)
        yield from reconcile.reconcile(mesh, now)
        return
    yield from gates.expect(mesh, process.name)
    if first:
        transition.unconfirmed.update(gate_rules.unconfirmed(mesh, process.name))
        transition.next = now
        yield from gates.ask_helpers(mesh, process, transition)


def _on_wired(mesh: MeshState, process: ProcessState, now: float) -> Iterator[Effect]:
    transition = mesh.transitions[process.name]
    if not gates.is_wired(process, transition):
        return
    if process.state == "starting":
        lifecycle.enter(process, "connected", now)
    yield from reconcile.open_gates(mesh, now)


def _on_leaving(mesh: MeshState, process: ProcessState, failed: bool, now: float) -> Iterator[Effect]:
    """Note that a program has returned or raised: its process stays until what it sent is read, or its time is over."""
    process.failing, mesh.transitions[process.name].ended = failed, True
    if process.state != "draining":
        lifecycle.enter(process, "leaving", now)
        mesh.transitions[process.name].kill_at = lifecycle.NEVER
    yield Save(process.name)
    yield from gates.expect_again(mesh, process.name)
    yield from reconcile.reconcile(mesh, now)


def on_ready(mesh: MeshState, name: str, now: float) -> Iterator[Effect]:
    """Note that a process says that it is ready, or is seen to listen."""
    process = mesh.processes[name]
    if process.state in ("starting", "connected") and mesh.node(name).ready.how != "library":
        yield from gates.become_ready(mesh, process, now)
        yield from reconcile.reconcile(mesh, now)


def on_exit(mesh: MeshState, name: str, status: int | None, reason: list[str], now: float) -> Iterator[Effect]:
    """Decide what follows a process's end. ``status`` as ProcessState has it, ``reason`` its last lines."""
    process, node = mesh.processes[name], mesh.node(name)
    if process.state not in ALIVE:
        return
    clean = outcome.is_clean(node, process, status)
    decision = decide(node, process, status, now)
    if process.stopping and outcome.is_forgiven(mesh, process, status):
        decision = Decision("stopped")
    elif decision.will == "restart" and mesh.phase != "running":
        decision = Decision("stopped" if status == 0 else "failed")
    elif decision.will in ("restart", "failed") and process.requested and not process.stopping:
        # It ended by itself just before it was to be told.
        decision = Decision("stopped")
    lasted = now - process.started
    lifecycle.clear_incarnation(mesh, process)
    process.pid, process.exited, process.status, process.clean = 0, True, status, clean
    process.untold = outcome.untold(node, process)
    process.exited_at, process.reason, process.released = now, [] if clean else reason, False
    if decision.will == "restart":
        process.attempts = [at for at in process.attempts if now - at <= node.restart.window] + [now]
        process.unready = 0 if process.ready_at else process.unready + 1
        process.delay = decision.delay
        process.restarts += 1
        lifecycle.enter(process, "backoff", now)
    else:
        lifecycle.enter(process, decision.will, now)
        if not process.returning:
            process.over, process.over_as = process.generation, process.state
    yield _exit_report(process, node, decision, lasted)
    yield Save(name)
    if decision.will == "restart" or process.resume_as or process.requested:
        yield from lifecycle.release_peers(mesh, name)
    yield from reconcile.after_end(mesh, process, now)
    if process.state == "backoff" and not process.delay:
        yield from reconcile.start(mesh, process, now)


def _exit_report(process: ProcessState, node: Node, decision: Decision, lasted: float) -> Report:
    return Report(
        "exited",
        {
            "process": process.name,
            "generation": process.generation,
            "status": process.status,
            "seconds": round(lasted, 3),
            "reason": process.reason,
            "will": decision.will,
            "clean": process.clean,
            "stopping": process.stopping,
            "attempt": decision.attempt,
            "max_attempts": node.restart.max_attempts,
            "delay": round(pause(process), 3) if decision.will == "restart" else 0.0,
        },
    )
