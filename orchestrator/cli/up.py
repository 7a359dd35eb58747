"""``up``: start a mesh and stay with it, or start it and leave it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import (
    AsFormat,
    Build,
    File,
    Name,
    NoColor,
    Profiles,
    Quiet,
    RemoveOrphans,
    Root,
    Sets,
    duration,
)
from orchestrator.client import inputs
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from orchestrator.client.launch import Keeper
    from orchestrator.client.session import Interrupts, Limit
    from orchestrator.contract.folders import Folders
    from orchestrator.plan.model import Plan

Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="FILE", help="The topology; - is standard input.", show_default=False)
]
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
    arguments: Arguments = None,
    file: File = None,
    name: Name = "",
    sets: Sets = None,
    profiles: Profiles = None,
    root: Root = "",
    detach: Detach = False,
    stop_after: For = None,
    timeout: Timeout = None,
    wait_timeout: Within = None,
    form: AsFormat = Format.text,
    no_color: NoColor = False,
    quiet: Quiet = False,
    yes: Yes = False,
    build: Build = False,
    remove_orphans: RemoveOrphans = False,
) -> None:
    """Start a mesh and show what its processes print, until it ends or Ctrl-C drains it."""
    _check(detach, stop_after, timeout, wait_timeout)
    positional, nodes = select_files.split(arguments)
    if nodes:
        raise Mistake(f"{nodes[0]}: starting single nodes is not supported yet; a file ends in .yaml or holds a /")
    from orchestrator.client import launch
    from orchestrator.project import examine, refusal
    from orchestrator.report import console

    colour = console.colourful(sys.stderr, no_color)
    keeper = launch.warm()  # it loads while the topology is read
    try:
        files, given = select_files.files(positional, file), select_files.sets(sets)
        topology = examine.topology(files, given, name, root=root, colour=colour)
        plan = examine.planned(topology, profiles or (), colour=colour)
        from orchestrator.client import address_conflicts, stream_origins
        from orchestrator.project import precheck, preflight

        for line in precheck.warnings(topology, plan, root, colour=colour):
            if not quiet:
                print(line, file=sys.stderr)
        with refusal.mistakes(colour):
            preflight.check(topology, plan)
        from orchestrator.client.session import Interrupts, Limit, Lost

        def note_inputs(of: Folders) -> None:
            inputs.write(
                of, files=files, sources=topology.sources, sets=given, profiles=profiles or (), root=root, name=name
            )

        def look(of: Folders) -> Callable[[], None]:
            """Look at what is not ours alone, just before the start; give what notes down that it comes."""
            with refusal.mistakes(colour):
                address_conflicts.check(topology, plan)
            told = stream_origins.check(of, plan, yes=yes)
            for line in told:
                print(f"{plan.mesh}: {line}", file=sys.stderr)

            def begin() -> None:
                stream_origins.write(of, plan, agreed=bool(told and plan.external))
                note_inputs(of)

            return begin

        interrupts = Interrupts()
        limit = Limit.earliest(stop_after, timeout)
        try:
            status = _up(plan, look, keeper, interrupts, detach, limit, wait_timeout, form, no_color, quiet)
        except Lost as lost:
            print(lost, file=sys.stderr)
            status = 1
    finally:
        launch.dismiss(keeper)
    raise typer.Exit(status)


def _check(detach: bool, stop_after: float | None, timeout: float | None, wait_timeout: float | None) -> None:
    if sys.platform != "linux":
        raise Mistake(f"meshes run on Linux, this is {sys.platform}; plan works here")
    if detach and stop_after is not None:
        raise Mistake("--for stays until the time is over, -d leaves at once: choose one")
    if detach and timeout is not None:
        raise Mistake("--timeout stays until the time is over, -d leaves at once; --wait-timeout bounds its wait")
    if wait_timeout is not None and not detach:
        raise Mistake("--wait-timeout goes with -d; --for and --timeout bound a run that is watched")


def _up(
    plan: Plan,
    look: Callable[[Folders], Callable[[], None]],
    warm: Keeper,
    interrupts: Interrupts,
    detach: bool,
    limit: Limit | None,
    wait_timeout: float | None,
    form: Format,
    no_color: bool,
    quiet: bool,
) -> int:
    from orchestrator.client import meshes
    from orchestrator.client.open_run import opened
    from orchestrator.client.session import Attached
    from orchestrator.contract import folders
    from orchestrator.report.console import note

    wanted = _dumped(plan)
    of = folders.of(plan.mesh)
    folders.make(of)
    with contextlib.ExitStack() as starting:
        if not starting.enter_context(meshes.starting(of)):
            raise Mistake(f"{plan.mesh}: another up is just starting it")
        again, lost = _runs(of), meshes.lost(of)
        if again and limit is not None:
            flag = "--timeout" if limit.fails else "--for"
            raise Mistake(f"{plan.mesh} runs already; {flag} is for a mesh that this command starts")
        if (again or lost) and (differs := inputs.differences(of.plan, plan)):
            raise Mistake(_other_plan(of, again, differs))
        begin = None if again or lost else look(of)
        run = opened(of, plan, known=again or lost, logs=not detach, no_color=no_color, quiet=quiet, form=form)
        if again and run.story.stopping:
            raise Mistake(f"{plan.mesh} is just being stopped; try again when it is gone")
        attached = Attached(of, run, interrupts, limit)
        keeper = None if again else _start(warm, of, wanted, begin, owned=not detach)
        if keeper is not None and not detach:
            return attached.own(keeper, starting.close)
        if keeper is None:
            note(f"{plan.mesh} runs already" + ("" if detach else "; Ctrl-C leaves it running"), quiet)
        if detach:
            status = attached.leave(keeper, starting.close, wait_timeout)
            note(_hint(of, plan.mesh, status, run.story.failed), quiet)
            return status
    status_or_none = attached.watch()
    if status_or_none is None:
        note(f"{plan.mesh} goes on; orchestrator down {plan.mesh} ends it", quiet)
    return status_or_none or 0


def _dumped(plan: Plan) -> bytes:
    """Give a plan as JSON. Raise Mistake where some name of the machine in it is not UTF-8."""
    from orchestrator.plan import model

    try:
        return model.dump(plan)
    except UnicodeEncodeError as error:
        before, behind = error.object[: error.start], error.object[error.start :]
        text = before[before.rfind('"') + 1 :] + behind.partition('"')[0]
        shown = text.encode("utf-8", "surrogateescape").decode(errors="backslashreplace")
        raise Mistake(f"{shown}: is not UTF-8, as all paths and values of a mesh have to be") from None


def _other_plan(of: Folders, runs: bool, differs: list[str]) -> str:
    name, what = of.run.name, inputs.brief(differs)
    if runs:
        return f"{name} runs already, with another plan ({what}); down ends it, --name gives this one a name of its own"
    return (
        f"{name} ended without a stop, and what is left of it may run, with another plan ({what}): up with its former "
        f"file takes that over, then down; or remove {of.run}"
    )


def _start(keeper: Keeper, of: Folders, plan: bytes, begin: Callable[[], None] | None, *, owned: bool) -> Keeper:
    from orchestrator.client import launch

    try:
        if begin is not None:
            begin()
        launch.start(keeper, of, plan, owned=owned)
    except OSError as error:
        raise Mistake(f"{of.run.name}: cannot be started: {error}") from None
    return keeper


def _runs(of: Folders) -> bool:
    """Tell whether the mesh runs; one that is over but for its last breath is waited for."""
    import time

    from orchestrator.client import meshes
    from orchestrator.client.files import Tail, last_run

    tail = Tail(of.events)
    run = last_run(tail)
    tail.close()
    deadline = time.monotonic() + 10
    while meshes.runs(of):
        if not (run and run[-1]["event"] == "ended") or time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False


def _hint(of: Folders, mesh: str, status: int, failed: Collection[str]) -> str:
    from orchestrator.client import meshes
    from orchestrator.report.text import some

    if not meshes.runs(of):
        return ""
    if status:
        without = f"without {some(sorted(failed))}" if failed else "not all of it"
        return f"{mesh} goes on, {without}; more: orchestrator ps -m {mesh}; end: orchestrator down {mesh}"
    return f"{mesh} is up; orchestrator logs -m {mesh} -f shows its output, orchestrator down {mesh} ends it"
