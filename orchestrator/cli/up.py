"""``up``: start a mesh and stay with it, or start it and leave it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import DEFAULT, Build, RemoveOrphans, Selected, duration
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from orchestrator.client.launch import Keeper
    from orchestrator.client.session import Limit
    from orchestrator.client.start import Agree, Examined
    from orchestrator.contract.folders import Folders
    from orchestrator.plan.model import Plan

Detach = Annotated[bool, typer.Option("--detach", "-d", help="Leave it running once all is ready.")]
For = Annotated[float | None, typer.Option("--for", metavar="10s", parser=duration, help="Stop it after this time.")]
Timeout = Annotated[
    float | None, typer.Option("--timeout", metavar="60s", parser=duration, help="Stop it after this time, and fail.")
]
Within = Annotated[
    float | None,
    typer.Option(
        "--wait-timeout", metavar="10s", parser=duration, help="With -d: how long to wait until all is ready."
    ),
]

Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Send external nodes also what another mesh of this name has left.")
]


def up(
    selected: Selected = DEFAULT,
    detach: Detach = False,
    stop_after: For = None,
    timeout: Timeout = None,
    wait_timeout: Within = None,
    yes: Yes = False,
    output: Output = PLAIN,
    build: Build = False,
    remove_orphans: RemoveOrphans = False,
) -> None:
    """Start a mesh and show what its processes print, until it ends or Ctrl-C drains it."""
    _check(detach, stop_after, timeout, wait_timeout)
    if nodes := select_files.split(selected.arguments)[1]:
        raise UsageError(f"{nodes[0]}: starting single nodes is not supported yet; a file ends in .yaml or holds a /")
    from orchestrator.client import launch, start
    from orchestrator.client.session import Limit

    keeper = launch.prestart()  # it loads while the topology is read
    try:
        examined = start.examined(selected.selection(), color=output.color(sys.stderr), remark=output.note)
        limit = Limit.earliest(stop_after, timeout)
        status = _up(examined, _agree(yes), keeper, detach, limit, wait_timeout, output)
    finally:
        launch.cancel(keeper)
    raise typer.Exit(status)


def _agree(yes: bool) -> Agree:
    """Return what tells that another mesh has left messages, and asks before external nodes get them unless ``yes``."""

    def agree(plan: Plan, lines: Sequence[str]) -> None:
        from orchestrator.client import stream_origins

        if plan.external and not yes:
            if not sys.stdin.isatty():
                raise stream_origins.refusal(plan, lines)
            said = "\n".join(lines)
            print(
                f"{said}\n{stream_origins.whom(plan)}; start it all the same? [y/N] ",
                end="",
                file=sys.stderr,
                flush=True,
            )
            if sys.stdin.readline().strip().lower() not in ("y", "yes"):
                raise UsageError(f"{plan.mesh} is not started")
        for line in lines:
            print(f"{plan.mesh}: {line}", file=sys.stderr)

    return agree


def _check(detach: bool, stop_after: float | None, timeout: float | None, wait_timeout: float | None) -> None:
    if sys.platform != "linux":
        raise UsageError(f"meshes run on Linux, this is {sys.platform}; plan works here")
    if detach and stop_after is not None:
        raise UsageError("--for stays until the time is over, -d leaves at once: choose one")
    if detach and timeout is not None:
        raise UsageError("--timeout stays until the time is over, -d leaves at once; --wait-timeout bounds its wait")
    if wait_timeout is not None and not detach:
        raise UsageError("--wait-timeout goes with -d; --for and --timeout bound a run that is watched")


def _up(
    what: Examined,
    agree: Agree,
    prestart: Keeper,
    detach: bool,
    limit: Limit | None,
    within: float | None,
    output: Output,
) -> int:
    from orchestrator.client.interrupts import Interrupts
    from orchestrator.client.open_run import opened
    from orchestrator.client.session import Attached
    from orchestrator.client.start import Attempt

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
            output.note(_hint(attempt.folders, name, status, run.story.failed))
            return status
    finally:
        attempt.release()
    status_or_none = attached.watch()
    if status_or_none is None:
        output.note(f"{name} goes on; orchestrator down {name} ends it")
    return status_or_none or 0


def _hint(of: Folders, mesh: str, status: int, failed: Collection[str]) -> str:
    from orchestrator.client import meshes
    from orchestrator.report.text import some

    if not meshes.runs(of):
        return ""
    if status:
        without = f"without {some(sorted(failed))}" if failed else "not all of it"
        return f"{mesh} goes on, {without}; more: orchestrator ps -m {mesh}; end: orchestrator down {mesh}"
    return f"{mesh} is up; orchestrator logs -m {mesh} -f shows its output, orchestrator down {mesh} ends it"
