"""What to do about what happens: (state, event, now) -> effects. Pure: it changes only the state it is given.

Times are seconds of CLOCK_MONOTONIC. Every function gives the effects to carry out, in order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, count

from orchestrator.contract.messages import Message
from orchestrator.contract.wiring import pack_markers
from orchestrator.plan.model import Node
from orchestrator.plan.order import stages
from orchestrator.supervisor.policy import dependencies, drain_rules, gate_rules, hindrance, outcome, stop_order, unread
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Save, Signal, Start, Unlisten
from orchestrator.supervisor.policy.restart import Decision, decide, pause
from orchestrator.supervisor.policy.state import ALIVE, OVER, Mesh, Passing, ProcessState, State

NEVER = float("inf")
FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.05
"""Seconds between repeated requests to helpers and to stopping processes: doubled from the first to the longest."""

PATIENCE = 1.0
"""Seconds between SIGTERM and SIGKILL once the grace is over."""

REPORT_EVERY = 3.0
"""Seconds between reports of what blocks a gate."""

_numbers = count(time.monotonic_ns())


def begin(mesh: Mesh, now: float) -> Iterator[Effect]:
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
    yield from advance(mesh, now)
    if (reason := _end_of_all(mesh)) is not None:
        yield from down(mesh, reason, now)


def resume(mesh: Mesh, now: float) -> Iterator[Effect]:
    """Go on where a predecessor stopped: living processes say hello again, the rest starts or drains."""
    for process in mesh.processes.values():
        if process.state in ALIVE and not process.ready_at and not process.terminal:
            mesh.passing[process.name].kill_at = now + mesh.node(process.name).ready.within
        elif process.state in OVER and not mesh.kept(process.name):
            yield _unlisten(mesh, process)
    if mesh.phase == "running":
        for process in list(mesh.processes.values()):
            if process.state in ALIVE and process.stopping:
                yield from _halt(mesh, process, now)
        yield from obey(mesh, now)
        yield from advance(mesh, now)
        return
    mesh.draining = {
        number
        for number, group in enumerate(mesh.plan.drain)
        if any(process.stopping for node in group.nodes for process in mesh.of(node))
    }
    for process in list(mesh.processes.values()):
        if process.state in ("waiting", "backoff"):
            enter(process, "stopped", now)
            yield _unlisten(mesh, process)
        elif process.state in ALIVE and process.stopping:
            yield from _halt(mesh, process, now)
    yield from _drain_on(mesh, now)


def refuse(mesh: Mesh, reason: str, now: float) -> Iterator[Effect]:
    """End a mesh that cannot begin."""
    mesh.phase, mesh.verdict, mesh.reason, mesh.drained = "ended", 1, reason, now
    yield Report("ended", outcome.end_report(mesh, now))
    yield End(1)


def started(mesh: Mesh, name: str, pid: int, ticks: int, now: float) -> Iterator[Effect]:
    """Note that the keeper has started a process."""
    process = mesh.processes[name]
    process.pid, process.ticks = pid, ticks
    yield Report("started", {"process": name, "pid": pid, "generation": process.generation})
    yield Save(name)
    if process.stopping or mesh.phase != "running":
        yield from _halt(mesh, process, now)


def said(mesh: Mesh, name: str, message: Message, now: float) -> Iterator[Effect]:
    """Take in what a process says of its own accord."""
    process, passing = mesh.processes[name], mesh.passing[name]
    match message.get("say"):
        case "hello" if message.get("generation") == process.generation and process.state in ALIVE:
            yield from _hello(mesh, process, str(message.get("phase")), now)
        case "wired" if not process.opened:
            passing.satisfied = int(message.get("gate", 0))
            yield from _wired(mesh, process, now)
            if passing.unseen:
                # Its subscriptions are on their way, and the next look may be far off.
                passing.pause, passing.next = 0.0, now
                yield from _nudge(mesh, process, passing, now)
        case "ready":
            yield from notified(mesh, name, now)
        case "leaving" if process.opened and process.state in ALIVE:
            yield from _leaving(mesh, process, bool(message.get("failed")), now)
        case "left":
            process.left = message.get("unread", [])
            if found := [
                each for each in unread.of(mesh, name) if each["messages"] or each["bytes"] or each["then"] != "dropped"
            ]:
                yield Report("unread", {"process": name, "generation": process.generation, "unread": found})
            yield Save(name)


def _leaving(mesh: Mesh, process: ProcessState, failed: bool, now: float) -> Iterator[Effect]:
    """Note that a program has returned or raised: its process stays until what it sent is read, or its time is over."""
    process.failing, mesh.passing[process.name].ended = failed, True
    if process.state != "draining":
        enter(process, "leaving", now)
        mesh.passing[process.name].kill_at = NEVER
    yield Save(process.name)
    yield from expect_anew(mesh, process.name)
    yield from advance(mesh, now)


def answered(mesh: Mesh, name: str, answer: Message, now: float) -> Iterator[Effect]:
    """Take in what a process answers: markers that it has seen, sockets that are dry, what its gate waits for."""
    passing = mesh.passing[name]
    passing.waiting = answer.get("waiting") or passing.waiting
    passing.dry |= set(answer.get("dry", ()))
    if "dry" in answer:
        passing.heedless, passing.full = answer.get("looked") is False, list(answer.get("full", ()))
        yield from _explain(mesh, mesh.processes[name], now)
    for socket, marker in [(socket, each) for socket, seen in answer.get("seen", {}).items() for each in seen]:
        subscriber = str(marker).split(".", 1)[0]
        waiting = mesh.passing.get(subscriber)
        if waiting is None or name not in waiting.unseen:
            continue
        waiting.unseen[name].discard((socket, marker))
        if not waiting.unseen[name]:
            del waiting.unseen[name]
            yield from _wired(mesh, mesh.processes[subscriber], now)


def notified(mesh: Mesh, name: str, now: float) -> Iterator[Effect]:
    """Note that a process says that it is ready, or is seen to listen."""
    process = mesh.processes[name]
    if process.state in ("starting", "wired", "unknown") and mesh.node(name).ready.how != "wired":
        yield from _ready(mesh, process, now)
        yield from advance(mesh, now)


def exited(mesh: Mesh, name: str, status: int | None, reason: list[str], now: float) -> Iterator[Effect]:
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
    elif decision.will in ("restart", "failed") and process.wish and not process.stopping:
        # It ended by itself just before it was to be told.
        decision = Decision("stopped")
    lasted = now - process.started
    forget(mesh, process)
    process.pid, process.exited, process.status, process.clean = 0, True, status, clean
    process.untold = outcome.untold(node, process)
    process.exited_at, process.reason, process.opened = now, [] if clean else reason, False
    if decision.will == "restart":
        process.attempts = [at for at in process.attempts if now - at <= node.restart.window] + [now]
        process.unready = 0 if process.ready_at else process.unready + 1
        process.delay = decision.delay
        process.restarts += 1
        enter(process, "backoff", now)
    else:
        enter(process, decision.will, now)
        if not process.returning:
            process.over, process.over_as = process.generation, process.state
    yield _exit_report(process, node, decision, lasted)
    yield Save(name)
    if decision.will == "restart" or process.returns or process.wish:
        yield from part(mesh, name)
    yield from after_end(mesh, process, now)
    if process.state == "backoff" and not process.delay:
        yield from _start(mesh, process, now)


def part(mesh: Mesh, name: str) -> Iterator[Effect]:
    """Let those who outlive a process let go of it before its successor connects."""
    for survivor, sockets in gate_rules.survivors(mesh, name).items():
        yield Ask(survivor, {"do": "touch", "sockets": sorted(sockets), "seen": {}})


def down(mesh: Mesh, reason: str, now: float, bound: float | None = None) -> Iterator[Effect]:
    """Drain the mesh, from sources to sinks. ``bound`` seconds are all that the whole of it may take."""
    if bound is not None:
        mesh.deadline = min(mesh.deadline, now + bound)
        for name, passing in mesh.passing.items():
            if mesh.processes[name].state == "draining":
                passing.kill_at = min(passing.kill_at, mesh.deadline)
    if mesh.phase != "running":
        return
    mesh.phase, mesh.drained, mesh.reason = "draining", now, reason
    yield Report("draining", {"order": stages(mesh.plan.drain), "reason": reason})
    for kept, name in drain_rules.missed(mesh):
        what = "stays in their journals" if kept else "is lost"
        mesh.absent += [] if kept else [name.partition(" ")[0]]
        yield Report("note", {"text": f"{name} does not run; what others still have for it {what}"})
    for process in mesh.processes.values():
        if process.state in ("waiting", "backoff"):
            enter(process, "stopped", now)
            yield Save(process.name)
            yield _unlisten(mesh, process)
        elif process.state in OVER and mesh.apart(process.name):
            yield _unlisten(mesh, process)
    for process in mesh.processes.values():
        yield from _desert(mesh, process)
    yield from _drain_on(mesh, now)


def kill(mesh: Mesh, now: float) -> Iterator[Effect]:
    """End everything at once."""
    mesh.killing = True
    yield from down(mesh, "killed", now, bound=0.0)
    for process in mesh.processes.values():
        if process.state in ALIVE:
            process.stopping = True
            yield from _kill(mesh, process)
            mesh.passing[process.name].kill_at = now + PATIENCE


def tick(mesh: Mesh, now: float) -> Iterator[Effect]:
    """Do what has come due."""
    for name, process in mesh.processes.items():
        if process.state == "backoff" and now >= process.since + pause(process):
            yield from _start(mesh, process, now)
        elif process.state in ALIVE:
            yield from _nudge(mesh, process, mesh.passing[name], now)
    if now >= mesh.reported:
        mesh.reported = NEVER if mesh.up or mesh.phase != "running" else now + REPORT_EVERY
        if not mesh.up and mesh.phase == "running":
            yield from _report_blockers(mesh)


def next_due(mesh: Mesh) -> float:
    """Give when ``tick`` has something to do."""
    return min([mesh.reported, *(_due(mesh, process) for process in mesh.processes.values())])


def _due(mesh: Mesh, process: ProcessState) -> float:
    if process.state == "backoff":
        return process.since + pause(process)
    if process.state not in ALIVE:
        return NEVER
    passing = mesh.passing.get(process.name)
    return min(passing.next, passing.kill_at) if passing else NEVER


def _nudge(mesh: Mesh, process: ProcessState, passing: Passing, now: float) -> Iterator[Effect]:
    if now >= passing.kill_at:
        yield from _out_of_time(mesh, process, passing, now)
    elif now >= passing.next:
        passing.pause = min(max(passing.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        passing.next = now + passing.pause
        if process.state == "draining":
            yield from _ask_to_stop(mesh, process, passing, now)
        else:
            yield from _ask_helpers(mesh, process, passing)


# ---- starting


def advance(mesh: Mesh, now: float) -> Iterator[Effect]:
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
                    yield from _start(mesh, process, now)
    if waiting:
        yield from _abandon(mesh, now)
    yield from _open_gates(mesh, now)
    if not mesh.up and all(each.is_up or not mesh.awaited(each.name) for each in mesh.processes.values()):
        mesh.up = True
        expected = sum(map(mesh.awaited, mesh.processes))
        yield Report("up", {"seconds": round(now - mesh.begun, 3), "processes": expected})
        for node, whom in mesh.held.items():
            yield Report("note", {"text": f"{node} waits for {whom}"})


def _abandon(mesh: Mesh, now: float) -> Iterator[Effect]:
    waiting = {process.name: process for process in mesh.processes.values() if process.state == "waiting"}
    failed = {mesh.planned(process.name).node for process in mesh.processes.values() if _failed(process)}
    lost = {name: needed for name in waiting if failed for needed in mesh.node(name).depends_on if needed in failed}
    for name, needed in lost.items():
        process = waiting[name]
        causes = (each.unstarted for each in mesh.of(needed) if each.state == "failed")
        process.unstarted = next(filter(None, causes), f"{needed} failed")
        enter(process, "failed", now)
        yield Report("unstarted", {"process": name, "reason": process.unstarted})
        yield Save(name)
    for name in lost:
        yield from after_end(mesh, waiting[name], now)


def _failed(process: ProcessState) -> bool:
    """Tell whether a process has failed for good; one that was stopped by hand may come back, however it ended."""
    return process.state == "failed" and process.wish != "stop"


def _start(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    come(mesh, process, now)
    mesh.passing[process.name].kill_at = now + mesh.node(process.name).ready.within
    yield Start(process.name)
    # Peers that wait in a closed gate must know that one more will come, or that it is back.
    yield from expect_anew(mesh, process.name)


def come(mesh: Mesh, process: ProcessState, now: float) -> None:
    """Let the next incarnation of a process be the one that is expected."""
    process.generation += 1
    process.started, process.ready_at = now, 0.0
    process.opened = process.stopping = process.killed = process.failing = process.clean = False
    process.left, process.untold, process.unstarted = None, "", ""
    enter(process, "starting", now)
    mesh.passing[process.name] = Passing()


def _hello(mesh: Mesh, process: ProcessState, phase: str, now: float) -> Iterator[Effect]:
    passing = mesh.passing[process.name]
    first = not passing.hello
    passing.hello = True
    passing.loaded = phase != "starting"
    if process.opened:
        yield from _desert(mesh, process)
    if process.stopping:
        yield from _ask_to_stop(mesh, process, passing, now)
        return
    if process.opened:
        # A supervisor that has taken over repeats what may not have arrived.
        if phase in ("starting", "gate"):
            yield Ask(process.name, {"do": "go"})
        return
    if phase == "running" or not mesh.gated:
        yield from _pass(mesh, process, now)
        yield from advance(mesh, now)
        return
    yield from _expect(mesh, process.name)
    if first:
        passing.unseen.update(gate_rules.unconfirmed(mesh, process.name))
        passing.next = now
        yield from _ask_helpers(mesh, process, passing)


def _expect(mesh: Mesh, name: str) -> Iterator[Effect]:
    passing = mesh.passing[name]
    if not passing.hello or mesh.processes[name].opened:
        return
    expected = gate_rules.expectation(mesh, name)
    if passing.gate and expected == passing.expected:
        return
    passing.gate, passing.expected = next(_numbers), expected
    packed = {socket: {**each, "markers": pack_markers(each["markers"])} for socket, each in expected.items()}
    yield Ask(name, {"do": "gate", "id": passing.gate, "expect": packed})


def expect_anew(mesh: Mesh, name: str) -> Iterator[Effect]:
    """Tell those in a closed gate what has changed, since a peer of theirs has come or gone."""
    for peer in {peer.process for peer in mesh.peers[name]}:
        if mesh.processes[peer].state in ("starting", "wired"):
            yield from _expect(mesh, peer)


def _ask_helpers(mesh: Mesh, process: ProcessState, passing: Passing) -> Iterator[Effect]:
    if process.opened or not passing.hello:
        passing.next = NEVER
        return
    helpers = gate_rules.helpers(mesh, process.name)
    for helper, sockets in helpers.items():
        seen: dict[str, list[str]] = {}
        for socket, marker in sorted(passing.unseen.get(helper, ())):
            seen.setdefault(socket, []).append(marker)
        yield Ask(helper, {"do": "touch", "sockets": sorted(sockets), "seen": seen})
    if not helpers:
        passing.next = NEVER


def _wired(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    passing = mesh.passing[process.name]
    if not _is_wired(process, passing):
        return
    if process.state == "starting":
        enter(process, "wired", now)
    yield from _open_gates(mesh, now)


def _is_wired(process: ProcessState, passing: Passing) -> bool:
    publishers_wait = any(passing.unseen.values())
    return bool(passing.hello and passing.gate and passing.satisfied == passing.gate and not publishers_wait)


def _gate_of(mesh: Mesh, name: str) -> list[ProcessState]:
    """Give the others that pass a gate together with a process: the first incarnations of its wave."""
    node = mesh.node(name).name
    wave = next(wave for wave in mesh.plan.waves if node in wave)
    number = mesh.plan.waves.index(wave)
    if number in mesh.gates:
        return []
    members = [process for each in wave if mesh.plan.node[each].library for process in mesh.of(each)]
    return [process for process in members if not mesh.apart(process.name)]


def _open_gates(mesh: Mesh, now: float) -> Iterator[Effect]:
    passed = False
    for number, wave in enumerate(mesh.plan.waves):
        if number not in mesh.gates and _is_closed(mesh, number):
            continue
        members = [process for node in wave for process in mesh.of(node)]
        if number not in mesh.gates:
            mesh.gates[number] = now
            coming = [each for each in members if _comes(mesh, each)]
            if coming:
                yield Report("gate", _gate_report(mesh, number, coming, now))
        for process in members:
            if process.state == "wired" and not process.opened and _is_wired(process, mesh.passing[process.name]):
                yield from _pass(mesh, process, now)
                passed = True
    if passed:
        yield from advance(mesh, now)


def _is_closed(mesh: Mesh, wave: int) -> bool:
    """Tell whether the gate of a wave stays closed; first look at who kept it so before, since it mostly still does."""
    names = mesh.waves[wave]
    place = mesh.holding.get(wave, 0)
    for number in chain(range(place, len(names)), range(place)):
        if _holds_closed(mesh, mesh.processes[names[number]]):
            mesh.holding[wave] = number
            return True
    return False


def _comes(mesh: Mesh, process: ProcessState) -> bool:
    """Tell whether a process passes the gate of its wave."""
    return process.state not in OVER and mesh.node(process.name).library and mesh.awaited(process.name)


def _holds_closed(mesh: Mesh, process: ProcessState) -> bool:
    """Tell whether the gate of a process's wave is closed as long as it is as it is."""
    if process.state == "waiting":
        return mesh.planned(process.name).node not in mesh.held
    wired = process.state == "wired" and _is_wired(process, mesh.passing[process.name])
    return not wired and _comes(mesh, process)


def _gate_report(mesh: Mesh, number: int, members: list[ProcessState], now: float) -> dict[str, object]:
    subscriptions: dict[str, int] = {}
    for process in members:
        for socket, of in mesh.passing[process.name].expected.items():
            if of["markers"]:
                subscriptions[f"{process.name}.{socket}"] = len(of["markers"])
    return {
        "wave": number,
        "seconds": round(now - mesh.begun, 3),
        "processes": len(members),
        "links": gate_rules.links(mesh, number),
        "subscriptions": subscriptions,
    }


def _pass(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    process.opened = True
    passing = mesh.passing[process.name]
    passing.next = NEVER
    passing.unseen.clear()
    yield Ask(process.name, {"do": "go"})
    if mesh.node(process.name).ready.how == "wired":
        yield from _ready(mesh, process, now)
    else:
        enter(process, "wired", now)
        yield Save(process.name)


def _ready(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    enter(process, "ready", now)
    process.ready_at = now
    mesh.passing[process.name].kill_at = NEVER
    yield Report("ready", {"process": process.name})
    yield Save(process.name)


# ---- ending


def forget(mesh: Mesh, process: ProcessState) -> None:
    """Drop what an ended incarnation was waiting for."""
    mesh.passing[process.name] = Passing()


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


def after_end(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    """Decide what the end of a process means for the others."""
    if process.state in OVER and not mesh.kept(process.name):
        yield _unlisten(mesh, process)
    if process.state in OVER:
        yield from _leave_alone(mesh, process, now)
    if mesh.phase == "running":
        yield from expect_anew(mesh, process.name)
        if (reason := _reason_to_drain(mesh, process)) is not None:
            yield from down(mesh, reason, now)
        else:
            yield from obey(mesh, now)
            yield from advance(mesh, now)
    if mesh.phase == "draining":
        yield from _drain_on(mesh, now)


def obey(mesh: Mesh, now: float) -> Iterator[Effect]:
    """Go on with what was asked of single processes: tell those to stop whose turn it is, start those that may."""
    for process in mesh.processes.values():
        if process.wish:
            yield from _desert(mesh, process)
    for process in stop_order.to_stop(mesh):
        absent = {} if process.stopping else drain_rules.receivers_that_are_over(mesh, process.name)
        for kept, of in absent.items():
            what = "stays in its journal" if kept else "is lost"
            if of:
                text = f"{process.name}: what it still has for {', '.join(of)} {what}, since that does not run"
                yield Report("note", {"text": text})
        yield from stop(mesh, process, now)
    for process in stop_order.to_start(mesh):
        process.wish, process.stopping, process.delay = "", False, stop_order.PAUSE
        enter(process, "backoff", now)
        yield Save(process.name)


def _leave_alone(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    """Tell those who are leaving and send to a process that is over."""
    for name in {peer.process for peer in mesh.peers[process.name]}:
        yield from _desert(mesh, mesh.processes[name])
        if mesh.processes[name].state == "draining":
            mesh.passing[name].next = min(mesh.passing[name].next, now)


def _desert(mesh: Mesh, process: ProcessState) -> Iterator[Effect]:
    """Tell a process that is to stop, or that others wait for in a drain, of which sockets nobody takes anything."""
    passing = mesh.passing[process.name]
    if not process.opened or not mesh.node(process.name).library or not drain_rules.is_leaving(mesh, process.name):
        return
    found = drain_rules.deserted(mesh, process.name)
    if found and found != passing.deserted:
        passing.deserted = found
        yield Ask(process.name, {"do": "desert", "sockets": found})


def _unlisten(mesh: Mesh, process: ProcessState) -> Unlisten:
    """Give up the listeners of a process that is over.

    Who reconnects would hang in the backlog of nobody: a receiver would not run dry, a sender not leave.
    """
    return Unlisten(tuple(bound for socket in mesh.planned(process.name).sockets for bound in socket.binds))


def _reason_to_drain(mesh: Mesh, process: ProcessState) -> str | None:
    node = mesh.node(process.name)
    if process.state == "failed" and node.kind == "main":
        return f"{process.name} failed"
    if process.state == "failed" and node.critical:
        return f"{process.name}, which is critical, failed"
    return _end_of_all(mesh)


def _end_of_all(mesh: Mesh) -> str | None:
    mains = [node.name for node in mesh.plan.nodes if node.kind == "main"]
    if mains and all(process.state == "done" for name in mains for process in mesh.of(name)):
        return f"{', '.join(mains)} done"
    over = drain_rules.over(mesh) and not any(process.returns or process.wish for process in mesh.processes.values())
    by_hand = mesh.plan.nodes and all(node.start == "manual" for node in mesh.plan.nodes)
    return "nothing runs any more" if over and not by_hand else None


def _drain_on(mesh: Mesh, now: float) -> Iterator[Effect]:
    """Tell the groups whose turn it is; end when all have left."""
    while turns := list(drain_rules.due(mesh)):
        for number in turns:
            mesh.draining.add(number)
            for node in mesh.plan.drain[number].nodes:
                for process in mesh.of(node):
                    yield from stop(mesh, process, now)
    if drain_rules.over(mesh) and mesh.phase == "draining":
        mesh.phase = "ended"
        mesh.verdict = outcome.verdict(mesh)
        yield Report("ended", outcome.end_report(mesh, now))
        yield End(mesh.verdict)


def stop(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    """Tell a process to stop, once."""
    if process.state not in ALIVE or process.stopping:
        return
    process.stopping = True
    if process.pid:
        yield from _halt(mesh, process, now)


def _halt(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    """Tell a process that has a pid to stop: by its drain, or by a signal."""
    process.stopping = True
    node, passing = mesh.node(process.name), mesh.passing[process.name]
    enter(process, "draining", now)
    passing.kill_at = now + drain_rules.grace(mesh, process, now)
    yield Save(process.name)
    if node.library and node.stop.drain and process.opened:
        yield from _ask_to_stop(mesh, process, passing, now)
    else:
        yield Signal(process.name, node.stop.signal)
    yield from _desert(mesh, process)


def _ask_to_stop(mesh: Mesh, process: ProcessState, passing: Passing, now: float) -> Iterator[Effect]:
    inflow = drain_rules.inflow(mesh, process.name)
    elapsed = now - process.since
    left = max(0.0, passing.kill_at - now)
    yield Ask(process.name, drain_rules.stop_request(inflow, drain_rules.lost(mesh, process.name), left, elapsed))
    waits = not drain_rules.all_dry(inflow, passing.dry)
    passing.next = now + max(passing.pause, FIRST_PAUSE) if waits else _later(process, passing, now)


def _later(process: ProcessState, passing: Passing, now: float) -> float:
    """Return when to ask a process again that has nothing to wait for, only to say why it is still there."""
    times = (process.since + hindrance.SLOW, passing.kill_at - hindrance.BEFORE)
    return next((at for at in times if at > now), NEVER)


def _explain(mesh: Mesh, process: ProcessState, now: float) -> Iterator[Effect]:
    """Say, once, what keeps a process from leaving that was told to stop a while ago."""
    passing = mesh.passing[process.name]
    slow = process.state == "draining" and now - process.since >= hindrance.SLOW
    if slow and not passing.explained and (why := hindrance.reason(mesh, process.name)):
        passing.explained = True
        yield Report("note", {"text": f"{process.name} has not stopped yet: {why}"})


def _out_of_time(mesh: Mesh, process: ProcessState, passing: Passing, now: float) -> Iterator[Effect]:
    if process.state != "draining":
        yield from _too_late(mesh, process, passing, now)
    elif passing.signalled or now >= mesh.deadline:
        yield from _kill(mesh, process)
        passing.kill_at = now + PATIENCE
    else:
        passing.signalled = True
        passing.kill_at = min(now + PATIENCE, max(mesh.deadline, now))
        why = hindrance.reason(mesh, process.name)
        text = f"did not stop in time{f', since {why}' if why else ''}: SIGTERM"
        yield Report("killed", {"process": process.name, "signal": "TERM", "text": text})
        yield Signal(process.name, "TERM")
    process.killed = process.killed or process.state == "draining"


def _too_late(mesh: Mesh, process: ProcessState, passing: Passing, now: float) -> Iterator[Effect]:
    """End a process that is not ready in time, unless another one that has not even loaded is to blame."""
    yield from _report_blockers(mesh)
    others = [mesh.passing[each.name].loaded for each in _gate_of(mesh, process.name) if each.state in ALIVE]
    if passing.loaded and not process.opened and not all(others):
        passing.kill_at = now + mesh.node(process.name).ready.within
        return
    passing.kill_at = now + PATIENCE
    within = mesh.node(process.name).ready.within
    yield Report("note", {"text": f"{process.name} is not ready within {within:g} s: killed"})
    yield Signal(process.name, "KILL")


def _kill(mesh: Mesh, process: ProcessState) -> Iterator[Effect]:
    process.killed = True
    yield Report("killed", {"process": process.name, "signal": "KILL", "text": "killed by SIGKILL"})
    yield Signal(process.name, "KILL")


def _report_blockers(mesh: Mesh) -> Iterator[Effect]:
    if waiting := gate_rules.blockers(mesh):
        yield Report("blocked", {"waiting": waiting})
        for each in waiting:
            if mesh.passing[each["process"]].hello:
                yield Ask(each["process"], {"do": "ping"})


def state_of(mesh: Mesh) -> str:
    """Give the state of a mesh in a word."""
    if mesh.phase != "running":
        return mesh.phase
    if any(process.state == "failed" for process in mesh.processes.values()):
        return "degraded"
    return "running" if mesh.up else "starting"


def enter(process: ProcessState, state: State, now: float) -> None:
    """Note a new state."""
    process.state, process.since = state, now
