"""Starting a mesh: looking whether it can be, telling its keeper, and waiting for the first answer."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.client import connection, inputs, launch, meshes
from orchestrator.client.errors import MeshError, MeshGoneError
from orchestrator.client.remarks import silent
from orchestrator.contract import folders
from orchestrator.control.verbs import Info
from orchestrator.project.errors import UsageError
from orchestrator.report import console

if TYPE_CHECKING:
    from orchestrator.client.launch import Keeper
    from orchestrator.contract.folders import Folders
    from orchestrator.plan.model import Plan
    from orchestrator.project.selection import Selection
    from orchestrator.topology.model import Topology

ANSWER_WITHIN = 30.0
"""Seconds that a new supervisor has for its first answer."""

GONE_WITHIN = 10.0
"""Seconds that a mesh which has told its end has to be gone."""

Agree = Callable[["Plan", Sequence[str]], object]
"""Is given lines on what another mesh has left in journals; raises UsageError where it is not to be sent."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What is to be started: which files are meant, and what they say. ``color``: of what is wrong with them."""

    selection: Selection
    topology: Topology
    plan: Plan
    color: bool = False


def examined(selection: Selection, *, color: bool, remark: Callable[[str], object]) -> Examined:
    """Read files, and look whether they can be started here. Raise UsageError with all that is wrong."""
    from orchestrator.project import accepted, preflight, refusal

    topology, plan, warnings = accepted.mesh(selection, "warning", color=color)
    if warnings:
        from orchestrator.report.problems import heading

        for one in warnings:
            remark(heading(one, color=color))
    with refusal.mistakes(color):
        preflight.check(topology, plan)
    return Examined(selection, topology, plan, color)


class Attempt:
    """One attempt to start a mesh, while no other client tries; ``runs`` where that is not needed.

    Raise UsageError where it cannot be, with nothing started. ``new_for`` names a flag that only a new mesh uses.
    """

    def __init__(self, what: Examined, agree: Agree, *, new_for: str = "") -> None:
        plan = what.plan
        self._plan = _dumped(plan)
        self._lock = contextlib.ExitStack()
        self.folders = folders.of(plan.mesh)
        folders.make(self.folders)
        if not self._lock.enter_context(meshes.starting(self.folders)):
            raise UsageError(f"{plan.mesh}: another up is just starting it")
        with contextlib.ExitStack() as failed:
            failed.callback(self.release)
            self.runs, self.lost = _runs(self.folders), meshes.lost(self.folders)
            if self.runs and new_for:
                raise UsageError(f"{plan.mesh} runs already; {new_for} is for a mesh that this command starts")
            if self.known and (differs := inputs.differences(self.folders.plan, plan)):
                raise UsageError(_other_plan(self.folders, self.runs, differs))
            self._begin = None if self.known else _looked(what, self.folders, agree)
            failed.pop_all()

    @property
    def known(self) -> bool:
        """Whether there is something of this mesh already: it runs, or what is left of it is taken over."""
        return self.runs or self.lost

    def start(self, keeper: Keeper, *, owned: bool) -> Keeper | None:
        """Tell a warm keeper to start it; None where it runs. Raise UsageError."""
        if self.runs:
            return None
        try:
            if self._begin is not None:
                self._begin()
            launch.start(keeper, self.folders, self._plan, owned=owned)
        except OSError as error:
            raise UsageError(f"{self.folders.run.name}: cannot be started: {error}") from None
        return keeper

    def release(self) -> None:
        """Let other clients try."""
        self._lock.close()


def detached(selection: Selection, within: float | None) -> str:
    """Start a mesh unless it runs, wait until all of it is ready, and return its name. Raise as ``Mesh.up``."""
    from orchestrator.client import wait_processes

    prestart, frozen = launch.prestart(), gc.get_freeze_count()
    try:
        what = examined(selection, color=False, remark=silent)
        attempt = Attempt(what, refuse)
        try:
            _meet(attempt.folders, attempt.start(prestart, owned=False))
        finally:
            attempt.release()
    finally:
        launch.cancel(prestart)
        if not frozen:
            gc.unfreeze()  # what was examined lives as long as a command, but not as long as a program
    of = attempt.folders
    outcomes = wait_processes.settle(of, "ready", {}, within=within)
    if wait_processes.unready(outcomes):
        from orchestrator.report.outcomes import lines

        raise MeshError("\n".join(lines(outcomes, 0.0)))
    return what.plan.mesh


def refuse(plan: Plan, lines: Sequence[str]) -> None:
    """Raise UsageError: what another mesh has left is not sent to external nodes unless somebody agrees."""
    if plan.external:
        from orchestrator.client import stream_origins

        raise stream_origins.refusal(plan, lines)


def asking(yes: bool) -> Agree:
    """Return what tells that another mesh has left messages, and asks before external nodes get them unless ``yes``."""

    def agree(plan: Plan, lines: Sequence[str]) -> None:
        if plan.external and not yes:
            if not sys.stdin.isatty():
                refuse(plan, lines)
            from orchestrator.client import stream_origins

            said = "\n".join(lines)
            if not console.confirmed(f"{said}\n{stream_origins.whom(plan)}; start it all the same?"):
                raise UsageError(f"{plan.mesh} is not started")
        for line in lines:
            print(f"{plan.mesh}: {line}", file=sys.stderr)

    return agree


def did_not_start(of: Folders, keeper: Keeper, *, begun: bool) -> MeshGoneError:
    """End a keeper whose supervisor does not answer; return the error that says what it has printed."""
    if keeper.poll() is None:
        os.killpg(keeper.pid, signal.SIGKILL)  # it has a session of its own
        keeper.wait()
    if not begun and not meshes.runs(of):
        of.environment.unlink(missing_ok=True)  # nothing is left to take over
    said = "".join(f"\n  {line}" for line in launch.last_lines(of))
    return MeshGoneError(f"{of.run.name}: did not start; {of.keeper_log} says{said or ' nothing'}")


def _meet(of: Folders, keeper: Keeper | None) -> None:
    """Wait until a new supervisor answers. Raise MeshGoneError."""
    patience = time.monotonic() + ANSWER_WITHIN
    while keeper is not None:
        with contextlib.suppress(connection.Unreachable):
            connection.ask(of.supervisor, Info())
            return
        if keeper.poll() is not None or time.monotonic() > patience:
            raise did_not_start(of, keeper, begun=False)
        time.sleep(0.02)


def _looked(what: Examined, of: Folders, agree: Agree) -> Callable[[], None]:
    """Look at what is not this mesh's alone; return what notes down that it comes. Raise UsageError."""
    from orchestrator.client import address_conflicts, stream_origins
    from orchestrator.project import refusal

    with refusal.mistakes(what.color):
        address_conflicts.check(what.topology, what.plan)
    lines = stream_origins.check(of, what.plan)
    if lines:
        agree(what.plan, lines)

    def begin() -> None:
        stream_origins.write(of, what.plan, agreed=bool(lines and what.plan.external))
        inputs.write(of, what.selection, what.topology.sources)

    return begin


def _dumped(plan: Plan) -> bytes:
    """Return a plan as JSON. Raise UsageError where some name of the machine in it is not UTF-8."""
    from orchestrator.plan import model

    try:
        return model.dump(plan)
    except UnicodeEncodeError as error:
        before, behind = error.object[: error.start], error.object[error.start :]
        text = before[before.rfind('"') + 1 :] + behind.partition('"')[0]
        shown = text.encode("utf-8", "surrogateescape").decode(errors="backslashreplace")
        raise UsageError(f"{shown}: is not UTF-8, as all paths and values of a mesh have to be") from None


def _other_plan(of: Folders, runs: bool, differs: list[str]) -> str:
    name, what = of.run.name, inputs.brief(differs)
    if runs:
        return f"{name} runs already, with another plan ({what}); down ends it, --name gives this one a name of its own"
    return (
        f"{name} ended without a stop, and what is left of it may run, with another plan ({what}): up with its former "
        f"file takes that over, then down; or remove {of.run}"
    )


def _runs(of: Folders) -> bool:
    """Return whether the mesh runs; one that is over but for its last breath is waited for."""
    if not meshes.runs(of):
        return False
    from orchestrator.client.files import Tail, last_run

    tail = Tail(of.events)
    run = last_run(tail)
    tail.close()
    deadline = time.monotonic() + GONE_WITHIN
    while meshes.runs(of):
        if not (run and run[-1]["event"] == "ended") or time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False
