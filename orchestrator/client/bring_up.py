"""Starting a mesh, or joining the one that runs, and staying with it or leaving it."""

from __future__ import annotations

from collections.abc import Collection

from orchestrator.client import meshes
from orchestrator.client.interrupts import Interrupts
from orchestrator.client.launch import Keeper
from orchestrator.client.open_run import opened
from orchestrator.client.session import Attached, Limit
from orchestrator.client.start import Agree, Attempt, Examined
from orchestrator.project.errors import UsageError
from orchestrator.report.output import Output
from orchestrator.report.text import some


def bring_up(
    what: Examined,
    agree: Agree,
    prestart: Keeper,
    output: Output,
    *,
    detach: bool,
    limit: Limit | None,
    within: float | None,
) -> int:
    """Have a mesh run, and show it until it ends, or until it is ready with ``detach``, at most ``within`` seconds.

    Return the status to exit with. Raise UsageError, and MeshGoneError.
    """
    name = what.plan.mesh
    interrupts = Interrupts()
    attempt = Attempt(what, agree, new_for="" if limit is None else "--timeout" if limit.fails else "--for")
    try:
        run = opened(attempt.folders, what.plan, output, known=attempt.known, logs=not detach)
        if attempt.runs and run.story.stopping:
            raise UsageError(f"{name} is just being stopped; try again when it is gone")
        attached = Attached(attempt.folders, run, interrupts, limit)
        keeper = attempt.start(prestart, owned=not detach)
        if keeper is not None and not detach:
            return attached.own(keeper, attempt.release)
        if keeper is None:
            output.note(f"{name} runs already" + ("" if detach else "; Ctrl-C leaves it running"))
        if detach:
            status = attached.leave(keeper, attempt.release, within)
            if meshes.runs(attempt.folders):
                output.note(next_commands(name, status, run.story.failed))
            return status
    finally:
        attempt.release()
    return attached.watch(output.note)


def next_commands(mesh: str, status: int, failed: Collection[str]) -> str:
    """Say how a mesh was left, and what shows more of it and ends it."""
    if status:
        without = f"without {some(sorted(failed))}" if failed else "not all of it"
        return f"{mesh} goes on, {without}; more: orchestrator ps -m {mesh}; end: orchestrator down {mesh}"
    return f"{mesh} is up; orchestrator logs -m {mesh} -f shows its output, orchestrator down {mesh} ends it"
