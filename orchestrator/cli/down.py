"""``down``: drain meshes, and wait until they are gone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import target
from orchestrator.cli.mistake import Mistake
from orchestrator.cli.options import AsFormat, Format, Mesh, NoColor, Quiet, RemoveOrphans, Volumes, duration, meshes

if TYPE_CHECKING:
    from orchestrator.cli.follow import Run
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
    running = [target.running(name) for name in wanted]  # all of them exist, or nothing is done
    request = {"verb": "down", "now": now, "grace": grace}
    runs = [(of, _stop(of, request, form, no_color, quiet)) for of in running]
    try:
        statuses = [_wait(of, run, now) for of, run in runs]
    except KeyboardInterrupt:
        print("not waiting any longer; it goes on stopping", file=sys.stderr)
        raise typer.Exit(130) from None
    raise typer.Exit(max(statuses, default=0))


def _wanted(names: list[str] | None, mesh: str, every: bool, quiet: bool) -> list[str]:
    if every:
        if names or mesh:
            raise Mistake("--all needs no names")
        from orchestrator.control.meshes import running

        return running()
    positional, plain = target.split(names)
    if plain and not positional:
        return list(dict.fromkeys([*plain, *([mesh] if mesh else [])]))
    found, why = target.mesh(mesh, positional)
    from orchestrator.cli.screen import note

    note(why, quiet)
    return list(dict.fromkeys([*plain, found]))


def _stop(of: Folders, request: dict[str, Any], form: Format, no_color: bool, quiet: bool) -> Run:
    """Ask a supervisor to stop its mesh; give the run as it was before, to be followed."""
    from orchestrator.cli.follow import Run
    from orchestrator.cli.screen import colourful
    from orchestrator.control import asking, client, meshes
    from orchestrator.control.tail import Tail, last_run
    from orchestrator.report.log import Prefixes
    from orchestrator.report.story import Story

    name = of.run.name
    colour = colourful(sys.stderr, no_color)
    prefixes = Prefixes(list(target.processes(name)), colour=colour)
    tail = Tail(of.events)
    story = Story(name, prefixes, colour=colour)
    for event in last_run(tail):
        story.tell(event)
    try:
        order = asking.ask(of, request)["order"]
    except client.Refused as refused:
        raise Mistake(f"{name}: {refused}") from None
    except client.Unreachable as error:
        if meshes.runs(of):
            raise Mistake(f"{name}: its supervisor does not answer: {error}") from None
        order = None  # it ended by itself meanwhile
    run = Run(of, tail, story, [], prefixes, quiet, form)
    run.say(story.stop(order) if order else [])
    return run


def _wait(of: Folders, run: Run, killed: bool) -> int:
    """Wait until a mesh is gone; return 1 where somebody was forced or failed, or messages are known to be lost."""
    import time

    from orchestrator.cli.attached import lost
    from orchestrator.cli.follow import INTERVAL

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
