"""Whether a process that runs still does anything: what its main thread does, and what it answers. Pure.

A thread that waits lets the processor go of its own will, and the kernel counts that: voluntary_ctxt_switches, proc(5).
Only where it has not done so from one look to the next is it asked, by a signal: one that waits in poll is left alone,
since a signal would have pyzmq wait anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from orchestrator.contract.node_messages import Ping
from orchestrator.plan.model import Live
from orchestrator.supervisor.policy.effects import Ask, Effect, Report, Save, Signal
from orchestrator.supervisor.policy.lifecycle import enter
from orchestrator.supervisor.policy.state import MeshState

EVERY = 2.0
"""Seconds between two looks at a process without ``live``: it is shown, and not touched."""

Health = Literal["ok", "ping", "unresponsive", "dead"]


class Thread(NamedTuple):
    """What the kernel shows of a main thread: how often it has waited, and what it does now."""

    switches: int
    does: Literal["polls", "sleeps", "runs"]


@dataclass(slots=True, eq=False, repr=False)
class Watch:
    """What is known of one incarnation: when it was asked what it has not answered (0: nothing), and how often in vain.

    Times are seconds of CLOCK_MONOTONIC; ``spent`` are the nanoseconds of cpu that it had used at the last look.
    """

    generation: int
    looked: float
    switches: int = -1
    spent: int | None = None
    asked: float = 0.0
    misses: int = 0


def observe(watch: Watch, thread: Thread, *, answered: bool, live: Live | None, now: float) -> Health:
    """Return the health of a process by its main thread; ``answered``: nothing that it was asked is open."""
    moved = thread.switches != watch.switches
    watch.switches = thread.switches
    waits = thread.does == "polls" or (thread.does == "sleeps" and live is None)
    if moved or waits or (watch.asked and answered):
        watch.asked, watch.misses = 0.0, 0
        return "ok"
    if not watch.asked:
        watch.asked = now
        return "ping"
    if live is not None and now - watch.asked >= live.timeout * (watch.misses + 1):
        watch.misses += 1
    return "dead" if live is not None and watch.misses >= live.retries else "unresponsive"


def probe_result(watch: Watch, *, fine: bool, live: Live, now: float) -> Health:
    """Return the health of a process by what a command or a URL says of it."""
    if fine:
        watch.asked, watch.misses = 0.0, 0
        return "ok"
    watch.asked = watch.asked or now
    watch.misses += 1
    return "dead" if watch.misses >= live.retries else "unresponsive"


def suspend(mesh: MeshState, name: str, stopped: bool, now: float) -> Iterator[Effect]:
    """Note that a signal has stopped a process, in whatever state it is, or that it goes on."""
    transition = mesh.transitions[name]
    since, transition.suspended = transition.suspended, now if stopped else 0.0
    what = "is suspended: a signal has stopped it" if stopped else f"goes on, after {now - since:.0f} s"
    yield Report("note", {"text": f"{name} {what}"})


def react(mesh: MeshState, name: str, health: Health, watch: Watch, now: float) -> Iterator[Effect]:
    """Yield what follows from the health of a process."""
    process = mesh.processes[name]
    since = now - (watch.asked or process.since)
    if health == "ping":
        yield Ask(name, Ping())
    elif health == "ok" and process.state == "unresponsive":
        enter(process, "ready", now)
        yield Report("note", {"text": f"{name} answers again"})
        yield Save(name)
    elif health == "unresponsive" and process.state == "ready":
        enter(process, "unresponsive", watch.asked)
        yield Report("note", {"text": f"{name} does not answer, for {since:.0f} s"})
        yield Save(name)
    elif health == "dead":
        text = f"has not answered for {since:.0f} s: killed by SIGKILL"
        yield Report("killed", {"process": name, "signal": "KILL", "text": text})
        yield Signal(name, "KILL")
