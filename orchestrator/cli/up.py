"""``up``: start a mesh and stay with it, or start it and leave it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orchestrator.cli.options import DEFAULT, Build, RemoveOrphans, Selected, duration
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

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
    from orchestrator.client.bring_up import bring_up
    from orchestrator.client.session import Limit

    keeper = launch.prestart()  # it loads while the topology is read
    try:
        examined = start.examined(selected.selection(), color=output.color(sys.stderr), remark=output.note)
        limit = Limit.earliest(stop_after, timeout)
        agree = start.asking(yes)
        status = bring_up(examined, agree, keeper, output, detach=detach, limit=limit, within=wait_timeout)
    finally:
        launch.cancel(keeper)
    raise typer.Exit(status)


def _check(detach: bool, stop_after: float | None, timeout: float | None, wait_timeout: float | None) -> None:
    if sys.platform != "linux":
        raise UsageError(f"meshes run on Linux, this is {sys.platform}; plan works here")
    if detach and stop_after is not None:
        raise UsageError("--for stays until the time is over, -d leaves at once: choose one")
    if detach and timeout is not None:
        raise UsageError("--timeout stays until the time is over, -d leaves at once; --wait-timeout bounds its wait")
    if wait_timeout is not None and not detach:
        raise UsageError("--wait-timeout goes with -d; --for and --timeout bound a run that is watched")
