"""A process in somebody's terminal: it takes the place of one that rests, and gives it back. Pure, as the policy is.

First ``claim``, which stops what runs; once nothing does, ``take``, or ``release`` where the terminal is gone; in the
end ``left``. Nobody's gate waits for such a process, no restart policy applies to it, and how it ends is its
terminal's to know.
"""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.supervisor.policy import gates, lifecycle, reconcile, stopping
from orchestrator.supervisor.policy.effects import Effect, Report, Save
from orchestrator.supervisor.policy.state import OVER, MeshState, ProcessState, State


def claim(mesh: MeshState, name: str, now: float) -> Iterator[Effect]:
    """Stop a process, so that a terminal can be it; it remembers what it goes back to."""
    process = mesh.processes[name]
    if not process.resume_as:
        process.resume_as = _afterwards(process)
    if process.requested == "restart":
        process.requested = ""  # the terminal's comes instead of the one that was asked for
    if process.state in ("waiting", "backoff"):
        lifecycle.enter(process, "stopped", now)
    yield from stopping.stop(mesh, process, now)
    yield Save(name)


def _afterwards(process: ProcessState) -> State:
    if process.requested == "stop":
        return "stopped"
    if process.state in OVER and process.requested != "restart":
        return process.state
    # With a short pause, in which its peers let go of the one in the terminal.
    return "backoff" if process.generation else "waiting"


def take(mesh: MeshState, name: str, pid: int, ticks: int, now: float) -> Iterator[Effect]:
    """Let a terminal's process be the next incarnation of one that was claimed and rests."""
    process = mesh.processes[name]
    lifecycle.new_incarnation(mesh, process, now)
    process.foreground, process.pid, process.ticks = True, pid, ticks
    yield Report("started", {"process": name, "pid": pid, "generation": process.generation, "terminal": True})
    yield Report("note", {"text": f"{name} runs in a terminal, pid {pid}"})
    yield Save(name)
    yield from gates.expect_again(mesh, name)
    yield from reconcile.reconcile(mesh, now)


def left(mesh: MeshState, name: str, now: float) -> Iterator[Effect]:
    """Hand back a process that has ended in its terminal."""
    process = mesh.processes[name]
    lifecycle.clear_incarnation(mesh, process)
    process.pid, process.foreground, process.released, process.clean = 0, False, False, True
    process.untold = ""  # its terminal has seen it
    if mesh.phase == "running":
        again = "; it starts again" if process.resume_as in ("backoff", "waiting") else ""
        yield Report("note", {"text": f"{name} has ended in its terminal{again}"})
    yield from lifecycle.release_peers(mesh, name)
    yield from release(mesh, name, now)


def release(mesh: MeshState, name: str, now: float) -> Iterator[Effect]:
    """Let a claimed process that rests be what it was before; one that ran starts again."""
    process = mesh.processes[name]
    state: State = "stopped"
    if mesh.phase == "running":
        state = process.resume_as or "stopped"
        process.stopping, process.delay = False, mesh.node(name).restart.delay
    process.resume_as = ""
    lifecycle.enter(process, state, now)
    if state in OVER:
        process.over, process.over_as = process.generation, state
    yield Save(name)
    yield from reconcile.after_end(mesh, process, now)
