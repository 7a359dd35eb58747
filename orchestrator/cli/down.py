"""``down``: drain meshes, and wait until they are gone."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import until_interrupt
from orchestrator.cli.options import MeshName, RemoveOrphans, Volumes, duration, meshes
from orchestrator.client import select_mesh
from orchestrator.client.mesh import Mesh
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

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
    mesh: MeshName = "",
    now: Now = False,
    grace: Grace = None,
    every: All = False,
    output: Output = PLAIN,
    remove_orphans: RemoveOrphans = False,
    volumes: Volumes = False,
) -> None:
    """Drain meshes from sources to sinks, and wait until they are gone."""
    from orchestrator.client import follow_down

    wanted = [Mesh(name) for name in _wanted(names, mesh, every, output)]
    for each in wanted:  # all of them exist, or nothing is done
        select_mesh.require_running(each.folders)
    runs = [(each, *follow_down.stop(each, output, now=now, grace=grace)) for each in wanted]
    with until_interrupt("not waiting any longer; it goes on stopping"):
        for _, run, lines in runs:  # whoever reads that it stops may press Ctrl-C at once
            run.say(lines)
        statuses = [follow_down.follow(each, run, killed=now) for each, run, _ in runs]
    raise typer.Exit(max(statuses, default=0))


def _wanted(names: list[str] | None, mesh: str, every: bool, output: Output) -> list[str]:
    if every:
        if names or mesh:
            raise UsageError("--all needs no names")
        from orchestrator.client.meshes import running

        return running()
    positional, plain = select_files.split(names)
    if plain and not positional:
        return list(dict.fromkeys([*plain, *([mesh] if mesh else [])]))
    return list(dict.fromkeys([*plain, chosen(names, mesh, output)[0].name]))
