"""The verbs for single processes: ``stop``, ``start``, ``restart``, ``kill``. Pure, as the policy is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.supervisor.policy import lifecycle, reconcile, stopping
from orchestrator.supervisor.policy.effects import Effect, Save, Signal
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState, ProcessState


def stop(mesh: MeshState, names: Iterable[str], now: float) -> Iterator[Effect]:
    """Let processes stop, and stay so; what has ended by itself stays as it is."""
    for process in [mesh.processes[name] for name in names]:
        if process.state in OVER and not process.requested and not process.resume_as:
            continue
        process.requested = "stop"
        if process.resume_as:
            process.resume_as = "stopped"
            yield from stopping.stop(mesh, process, now)
        elif process.state in ("waiting", "backoff"):
            lifecycle.enter(process, "stopped", now)
        yield Save(process.name)
    yield from _go_on(mesh, now)


def start(mesh: MeshState, names: Iterable[str], now: float) -> Iterator[Effect]:
    """Let processes start that do not run; one that is about to stop starts anew once it has."""
    for process in [mesh.processes[name] for name in names]:
        if process.state in ALIVE and process.requested:
            process.requested = "restart"
        elif process.state in OVER and process.requested != "restart":
            _begin_anew(process, now)
        yield Save(process.name)
    yield from _go_on(mesh, now)


def restart(mesh: MeshState, names: Iterable[str], now: float) -> Iterator[Effect]:
    """Let processes stop and start anew; one that does not run starts."""
    for process in [mesh.processes[name] for name in names]:
        if process.state in ALIVE:
            process.requested = "restart"
        elif process.state != "waiting" and process.requested != "restart":
            _begin_anew(process, now)
        yield Save(process.name)
    yield from _go_on(mesh, now)


def kill(mesh: MeshState, names: Iterable[str], signal: str) -> Iterator[Effect]:
    """Send a signal to those that run; what follows is as if anybody had sent it."""
    for name in names:
        if mesh.processes[name].pid:
            yield Signal(name, signal)


def _begin_anew(process: ProcessState, now: float) -> None:
    process.requested, process.stopping = "", False
    # Whoever asks gives it all its attempts again.
    process.attempts, process.unready, process.delay = [], 0, 0.0
    lifecycle.enter(process, "waiting", now)


def _go_on(mesh: MeshState, now: float) -> Iterator[Effect]:
    yield from reconcile.apply_requests(mesh, now)
    yield from reconcile.reconcile(mesh, now)
