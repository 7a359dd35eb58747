"""``journal``: what durable edges have on disk, whether the mesh runs or not."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import MeshName
from orchestrator.cli.signature import but
from orchestrator.client import select_mesh
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output


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
    from orchestrator.contract import folders
    from orchestrator.delivery.journal import reader
    from orchestrator.delivery.journal.errors import JournalError

    name, why = select_mesh.mesh(mesh, None)
    output.note(why)
    known = reader.journals(folders.of(name).journals)
    chosen = _chosen(names or (), known, name)
    try:
        match action:
            case Action.ls:
                _list(chosen, output)
            case Action.cat:
                _print(chosen, output, every=every)
            case Action.verify:
                _verify(chosen, output)
            case Action.prune:
                _prune(chosen, drop=drop, yes=yes)
    except JournalError as error:
        raise UsageError(str(error)) from None


def _chosen(names: Sequence[str], known: list[Path], mesh: str) -> list[Path]:
    """Return the journals that are meant. Raise UsageError."""
    wanted: set[Path] = set()
    for name in names:
        found = {path for path in known if name in _called(path.name)}
        if not found:
            there = ", ".join(path.name for path in known) or "none"
            raise UsageError(f"{mesh} has no journal {name}; there are: {there}")
        wanted |= found
    return [path for path in known if path in wanted] if names else known


def _called(journal: str) -> tuple[str, ...]:
    """Return what may be said for a journal: its name, its process, and the node of that."""
    process = journal.partition(".")[0]
    return journal, process, process.rpartition("-")[0]


def _list(chosen: list[Path], output: Output) -> None:
    from orchestrator.delivery.journal import reader
    from orchestrator.report.text import count, size, table

    accounts = [reader.account(path) for path in chosen]
    if output.json:
        fields = reader.JournalSummary.__dataclass_fields__
        print(json.dumps({"version": 1, "journals": [{key: getattr(one, key) for key in fields} for one in accounts]}))
        return
    if not accounts:
        print("no journals", file=sys.stderr)
        return
    rows = [("JOURNAL", "WAITING", "MESSAGES", "SEGMENTS", "SIZE", "IN USE")]
    for one in accounts:
        used = "yes" if one.held else "no"
        rows.append((one.name, f"{one.unacknowledged:,}", f"{one.messages:,}", str(one.segments), size(one.size), used))
    print("\n".join(table(rows)))
    waiting = sum(one.unacknowledged for one in accounts)
    print(f"{count(waiting, 'message')} that no receiver has acknowledged", file=sys.stderr)


def _print(chosen: list[Path], output: Output, *, every: bool) -> None:
    from orchestrator.contract.wiring import from_bytes
    from orchestrator.delivery.journal import reader
    from orchestrator.report.text import visible

    for path in chosen:
        for kept in reader.contents(path, acknowledged=every):
            if output.json:
                body = from_bytes(kept.body)
                print(json.dumps({"journal": path.name, "number": kept.number, "state": kept.state, "body": body}))
            else:
                print(f"{path.name} {kept.number} {kept.state} {visible(kept.body.decode(errors='backslashreplace'))}")


def _verify(chosen: list[Path], output: Output) -> None:
    from orchestrator.delivery.journal import reader
    from orchestrator.report.text import count

    bad = False
    for path in chosen:
        faults = reader.faults(path)
        bad = bad or bool(faults)
        if output.json:
            print(json.dumps({"journal": path.name, "faults": faults}))
        elif faults:
            print("\n".join(f"{path.name}: {fault}" for fault in faults))
        else:
            found = reader.account(path)
            print(f"{path.name}: {count(found.messages, 'message')} in {count(found.segments, 'segment')}, all right")
    if bad:
        raise typer.Exit(1)


def _prune(chosen: list[Path], *, drop: bool, yes: bool) -> None:
    from orchestrator.delivery.journal import reader
    from orchestrator.report.text import count, size

    held = [path.name for path in chosen if reader.held(path)]
    if held:
        raise UsageError(f"{held[0]}: a process has this journal, and makes room by itself; stop it first")
    lost = sum(reader.account(path).unacknowledged for path in chosen) if drop else 0
    if lost and not yes:
        raise UsageError(f"{count(lost, 'message')} that no receiver has acknowledged would be lost; say --yes")
    gone = sum(reader.prune(path, drop=drop) for path in chosen)
    print(f"{size(gone)} removed" + (f", and {count(lost, 'message')} lost" if lost else ""))
