"""``down``: drain meshes, and wait until they are gone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.options import AsFormat, Mesh, NoColor, Quiet, RemoveOrphans, Volumes, duration, meshes
from orchestrator.client import select_mesh
from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from orchestrator.client.run_view import Run
    from orchestrator.contract.folders import Folders

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="MESH", help="Meshes by name, or a file.", autocompletion=meshes, show_default=False),
]
Now = Annotated[bool, typer.Option("--now", help="Kill instead of draining; messages on their way are lost.")]
Grace = Annotated[
    float | None, typer.Option("--grace", metavar="10s", parser=duration, help="Bound the whole drain, then kill.")
]
All = Annotated[bool, typer.Option("--all", help="All your meshes.")]


def down(
    names: Names = None,
    mesh: Mesh = "",
    now: Now = False,
    grace: Grace = None,
    every: All = False,
    form: AsFormat = Format.text,
    no_color: NoColor = False,
    quiet: Quiet = False,
    remove_orphans: RemoveOrphans = False,
    volumes: Volumes = False,
) -> None:
    """Drain meshes from sources to sinks, and wait until they are gone."""
    wanted = _wanted(names, mesh, every, quiet)
    running = [select_mesh.running(name) for name in wanted]  # all of them exist, or nothing is done
    request = {"verb": "down", "now": now, "grace": grace}
    runs = [(of, _stop(of, request, form, no_color, quiet)) for of in running]
    try:
        statuses = [_wait(of, run, now) for of, run in runs]
    except KeyboardInterrupt:
        print("not waiting any longer; it goes on stopping", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(max(statuses, default=0))


def _wanted(names: list[str] | None, mesh: str, every: bool, quiet: bool) -> list[str]:
    if every:
        if names or mesh:
            raise Mistake("--all needs no names")
        from orchestrator.client.meshes import running

        return running()
    positional, plain = select_files.split(names)
    if plain and not positional:
        return list(dict.fromkeys([*plain, *([mesh] if mesh else [])]))
    found, why = select_mesh.mesh(mesh, positional)
    from orchestrator.report.console import note

    note(why, quiet)
    return list(dict.fromkeys([*plain, found]))


def _stop(of: Folders, request: dict[str, Any], form: Format, no_color: bool, quiet: bool) -> Run:
    """Ask a supervisor to stop its mesh; give the run as it was before, to be followed."""
    from orchestrator.client import connection, meshes, requests
    from orchestrator.client.files import Tail, last_run
    from orchestrator.client.run_view import Run
    from orchestrator.report.console import colourful
    from orchestrator.report.log import Prefixes
    from orchestrator.report.progress import Story

    name = of.run.name
    colour = colourful(sys.stderr, no_color)
    prefixes = Prefixes(list(select_mesh.processes(name)), colour=colour)
    tail = Tail(of.events)
    story = Story(name, prefixes, colour=colour)
    for event in last_run(tail):
        story.tell(event)
    try:
        order = requests.ask(of, request)["order"]
    except connection.Refused as refused:
        raise Mistake(f"{name}: {refused}") from None
    except connection.Unreachable as error:
        if meshes.runs(of):
            raise Mistake(f"{name}: its supervisor does not answer: {error}") from None
        order = None  # it ended by itself meanwhile
    run = Run(of, tail, story, [], prefixes, quiet, form)
    run.say(story.stop(order) if order else [])
    return run


def _wait(of: Folders, run: Run, killed: bool) -> int:
    """Wait until a mesh is gone; return 1 where somebody was forced or failed, or messages are known to be lost."""
    import time

    from orchestrator.client.run_view import INTERVAL
    from orchestrator.client.session import lost

    while not run.story.ended:
        run.look()
        if run.gone():
            run.look()
            if not run.story.ended:
                print(lost(of), file=sys.stderr)
                return 1
        time.sleep(INTERVAL)
    run.finish()
    return int(not (killed or run.story.ended["drained"]))
