"""``journal``: what durable edges have on disk, whether the mesh runs or not."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import MeshName
from orchestrator.cli.signature import but
from orchestrator.client import select_mesh
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Action(StrEnum):
    """What to do."""

    ls = "ls"
    cat = "cat"
    verify = "verify"
    prune = "prune"


What = Annotated[Action, typer.Argument(help="ls: list them; cat: print messages; verify: check; prune: make room.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PROCESS.SOCKET...]", help="Which ones; a process or a node means its own. Default: all."),
]
Every = Annotated[
    bool, typer.Option("--all", "-a", help="cat: also messages that are acknowledged, while they are there.")
]
Drop = Annotated[
    bool, typer.Option("--drop", help="prune: also messages that no receiver has acknowledged. They are lost.")
]
Yes = Annotated[bool, typer.Option("--yes", help="prune --drop: without that nothing is dropped.")]


def journal(
    action: What,
    names: Names = None,
    mesh: MeshName = "",
    every: Every = False,
    drop: Drop = False,
    yes: Yes = False,
    output: Annotated[Output, but(no_color=None)] = PLAIN,
) -> None:
    """Inspect the journals of durable edges: their messages, their integrity, how many are unacknowledged."""
    from orchestrator.client import journals
    from orchestrator.report import journals as report

    name, why = select_mesh.mesh(mesh, None)
    output.note(why)
    chosen = journals.select(name, names or ())
    with journals.refusals():
        match action:
            case Action.ls:
                _list(chosen, output)
            case Action.cat:
                _print(chosen, output, every=every)
            case Action.verify:
                _verify(chosen, output)
            case Action.prune:
                print(report.removed(*journals.prune(chosen, drop=drop, agreed=yes)))


def _list(chosen: Sequence[Path], output: Output) -> None:
    from orchestrator.client import journals
    from orchestrator.report import journals as report

    found = journals.summaries(chosen)
    if output.json:
        print(json.dumps(report.document(found)))
        return
    output.lines(report.summaries(found) if found else [])
    print(report.waiting(found), file=sys.stderr)


def _print(chosen: Sequence[Path], output: Output, *, every: bool) -> None:
    from orchestrator.client import journals
    from orchestrator.report import journals as report

    for name, kept in journals.messages(chosen, every=every):
        print(json.dumps(report.message_document(name, kept)) if output.json else report.message(name, kept))


def _verify(chosen: Sequence[Path], output: Output) -> None:
    from orchestrator.client import journals
    from orchestrator.report import journals as report

    bad = False
    for found, name, faults in journals.verified(chosen):
        bad = bad or bool(faults)
        output.lines(
            [json.dumps({"journal": name, "faults": faults})] if output.json else report.verdict(found, name, faults)
        )
    if bad:
        raise typer.Exit(1)
