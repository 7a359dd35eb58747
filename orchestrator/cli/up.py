"""``up``: start a mesh and stay with it, or start it and leave it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import target
from orchestrator.cli.mistake import Mistake
from orchestrator.cli.options import Build, File, Name, NoColor, Profiles, Quiet, RemoveOrphans, Root, Sets, duration

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.cli.attached import Interrupts
    from orchestrator.cli.follow import Run
    from orchestrator.contract.folders import Folders
    from orchestrator.control.launch import Keeper
    from orchestrator.plan.model import Plan

Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="FILE", help="The topology; - is standard input.", show_default=False)
]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Leave it running once all is ready.")]
For = Annotated[float | None, typer.Option("--for", metavar="10s", parser=duration, help="Stop it after this time.")]
Within = Annotated[
    float | None,
    typer.Option(
        "--wait-timeout", metavar="10s", parser=duration, help="With -d: how long to wait until all is ready."
    ),
]


def up(
    arguments: Arguments = None,
    file: File = None,
    name: Name = "",
    sets: Sets = None,
    profiles: Profiles = None,
    root: Root = "",
    detach: Detach = False,
    stop_after: For = None,
    wait_timeout: Within = None,
    no_color: NoColor = False,
    quiet: Quiet = False,
    build: Build = False,
    remove_orphans: RemoveOrphans = False,
) -> None:
    """Start a mesh and show what its processes print, until it ends or Ctrl-C drains it."""
    _check(detach, stop_after, wait_timeout)
    positional, nodes = target.split(arguments)
    if nodes:
        raise Mistake(f"{nodes[0]}: starting single nodes is not supported yet; a file ends in .yaml or holds a /")
    from orchestrator.cli import load, screen
    from orchestrator.control import launch

    colour = screen.colourful(sys.stderr, no_color)
    keeper = launch.warm()  # it loads while the topology is read
    try:
        topology = load.topology(target.files(positional, file), target.sets(sets), name, root=root, colour=colour)
        plan = load.planned(topology, profiles or (), colour=colour)
        from orchestrator.cli import preflight, verdict

        for line in verdict.warnings(topology, plan, root, colour=colour):
            if not quiet:
                print(line, file=sys.stderr)
        with load.mistakes(colour):
            preflight.check(topology, plan)
        from orchestrator.cli.attached import Interrupts, Lost

        interrupts = Interrupts()
        try:
            status = _up(plan, keeper, interrupts, detach, stop_after, wait_timeout, no_color, quiet)
        except Lost as lost:
            print(lost, file=sys.stderr)
            status = 1
    finally:
        launch.dismiss(keeper)
    raise typer.Exit(status)


def _check(detach: bool, stop_after: float | None, wait_timeout: float | None) -> None:
    if sys.platform != "linux":
        raise Mistake(f"meshes run on Linux, this is {sys.platform}; plan works here")
    if detach and stop_after is not None:
        raise Mistake("--for stays until the time is over, -d leaves at once: choose one")
    if wait_timeout is not None and not detach:
        raise Mistake("--wait-timeout goes with -d; --for bounds a run that is watched")


def _up(
    plan: Plan,
    warm: Keeper,
    interrupts: Interrupts,
    detach: bool,
    stop_after: float | None,
    wait_timeout: float | None,
    no_color: bool,
    quiet: bool,
) -> int:
    from orchestrator.cli.attached import Attached
    from orchestrator.cli.screen import note
    from orchestrator.contract import folders
    from orchestrator.control import meshes
    from orchestrator.plan import model

    of = folders.of(plan.mesh)
    try:
        folders.make(of)
    except (folders.FolderError, OSError) as error:
        raise Mistake(str(error)) from None
    with contextlib.ExitStack() as starting:
        if not starting.enter_context(meshes.starting(of)):
            raise Mistake(f"{plan.mesh}: another up is just starting it")
        wanted = model.dump(plan)
        again, lost = _runs(of), meshes.lost(of)
        if again and stop_after is not None:
            raise Mistake(f"{plan.mesh} runs already; --for is for a mesh that this command starts")
        if (again or lost) and not _alike(of.plan, wanted):
            raise Mistake(_other_plan(of, again))
        run = _run(of, plan, known=again or lost, logs=not detach, no_color=no_color, quiet=quiet)
        if again and run.story.stopping:
            raise Mistake(f"{plan.mesh} is just being stopped; try again when it is gone")
        attached = Attached(of, run, interrupts, stop_after)
        keeper = None if again else _start(warm, of, wanted, owned=not detach)
        if keeper is not None and not detach:
            return attached.own(keeper, starting.close)
        if keeper is None:
            note(f"{plan.mesh} runs already" + ("" if detach else "; Ctrl-C leaves it running"), quiet)
        if detach:
            status = attached.leave(keeper, starting.close, wait_timeout)
            note(_hint(of, plan.mesh, status), quiet)
            return status
    status_or_none = attached.watch()
    if status_or_none is None:
        note(f"{plan.mesh} goes on; orchestrator down {plan.mesh} ends it", quiet)
    return status_or_none or 0


def _alike(path: Path, wanted: bytes) -> bool:
    """Tell whether a plan on disk and another one differ at most in where things stand in which files."""
    from dataclasses import replace

    from orchestrator.plan import model

    def essence(text: bytes) -> Plan:
        return replace(model.load(text), files=(), declared={})

    try:
        return essence(path.read_bytes()) == essence(wanted)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _other_plan(of: Folders, runs: bool) -> str:
    name = of.run.name
    if runs:
        return f"{name} runs already, with another plan; down ends it, --name gives this one a name of its own"
    return (
        f"{name} ended without a stop, and what is left of it may run, with another plan: up with its former file "
        f"takes that over, then down; or remove {of.run}"
    )


def _start(keeper: Keeper, of: Folders, plan: bytes, *, owned: bool) -> Keeper:
    from orchestrator.control import launch

    try:
        launch.start(keeper, of, plan, owned=owned)
    except OSError as error:
        raise Mistake(f"{of.run.name}: cannot be started: {error}") from None
    return keeper


def _runs(of: Folders) -> bool:
    """Tell whether the mesh runs; one that is over but for its last breath is waited for."""
    import time

    from orchestrator.control import meshes
    from orchestrator.control.tail import Tail, last_run

    tail = Tail(of.events)
    run = last_run(tail)
    tail.close()
    deadline = time.monotonic() + 10
    while meshes.runs(of):
        if not (run and run[-1]["event"] == "ended") or time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False


def _run(of: Folders, plan: Plan, *, known: bool, logs: bool, no_color: bool, quiet: bool) -> Run:
    """Open the files of a run: of a ``known`` one the events are read, of a new one they begin where the file ends."""
    from orchestrator.cli.follow import Run
    from orchestrator.cli.screen import colourful
    from orchestrator.control.tail import Log, Tail, last_run
    from orchestrator.report.log import Prefixes
    from orchestrator.report.story import Story

    names = [process.name for process in plan.processes]
    tail = Tail(of.events, at_end=not known)
    story = Story(
        plan.mesh,
        Prefixes(names, colour=colourful(sys.stderr, no_color)),
        colour=colourful(sys.stderr, no_color),
        quote=not logs,
    )
    for event in last_run(tail) if known else []:
        story.tell(event)
    read = [Log(of.logs, name, at_end=True) for name in names] if logs else []
    return Run(of, tail, story, read, Prefixes(names, colour=colourful(sys.stdout, no_color)), quiet)


def _hint(of: Folders, mesh: str, status: int) -> str:
    from orchestrator.control import meshes

    if not meshes.runs(of):
        return ""
    if status:
        return f"{mesh} goes on, not all of it; more: orchestrator ps -m {mesh}; end: orchestrator down {mesh}"
    return f"{mesh} is up; orchestrator logs -m {mesh} -f shows its output, orchestrator down {mesh} ends it"
