"""``stop``, ``start``, ``restart`` and ``kill``: for single processes of a mesh that goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import AsFormat, Mesh, Processes, Quiet
from orchestrator.client import select_mesh, wait_processes
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Outcome

SignalName = Annotated[str, typer.Option("--signal", "-s", metavar="HUP", help="Which signal: HUP, SIGHUP or 1.")]
Rolling = Annotated[bool, typer.Option("--rolling", help="One after the other, each once the one before is ready.")]


def stop(processes: Processes = None, mesh: Mesh = "", form: AsFormat = Format.text, quiet: Quiet = False) -> None:
    """Drain processes, those that feed the others first; they stay stopped until start."""
    from orchestrator.report.outcomes import stopped_badly

    of, names = _chosen("stop", processes, mesh, quiet)
    outcomes = wait_processes.acted(of, "stop", "ended", names, quiet)
    bad = any(map(stopped_badly, outcomes.values()))
    wait_processes.leave(of, outcomes, form, max(wait_processes.overtaken(outcomes), int(bad)))


def start(processes: Processes = None, mesh: Mesh = "", form: AsFormat = Format.text, quiet: Quiet = False) -> None:
    """Start processes that do not run, and wait until they are ready."""
    of, names = _chosen("start", processes, mesh, quiet)
    outcomes = wait_processes.acted(of, "start", "ready", names, quiet)
    wait_processes.leave(of, outcomes, form, wait_processes.unready(outcomes))


def restart(
    processes: Processes = None,
    mesh: Mesh = "",
    rolling: Rolling = False,
    form: AsFormat = Format.text,
    quiet: Quiet = False,
) -> None:
    """Drain processes, start them anew, and wait until they are ready."""
    of, names = _chosen("restart", processes, mesh, quiet)
    outcomes: dict[str, Outcome] = {}
    for turn in [[name] for name in names] if rolling else [names]:
        outcomes |= wait_processes.acted(of, "restart", "ready", turn, quiet)
        if wait_processes.unready(outcomes):
            break
    wait_processes.leave(of, outcomes, form, wait_processes.unready(outcomes))


def kill(
    processes: Processes = None,
    mesh: Mesh = "",
    signal: SignalName = "KILL",
    form: AsFormat = Format.text,
    quiet: Quiet = False,
) -> None:
    """Send a signal, KILL unless another is named; the restart policy applies to who ends by it."""
    number = _signal(signal)
    of, names = _chosen("kill", processes, mesh, quiet)
    sent = wait_processes.tell(of, "kill", names, signal=number)
    if form is Format.json:
        print(json.dumps({"mesh": of.run.name, "signal": f"SIG{number}", "processes": list(sent)}, indent=2))


def _signal(text: str) -> str:
    """Give the name, without SIG, of a signal that is given by name or number. Raise Mistake."""
    from signal import Signals

    try:
        known = Signals(int(text)) if text.isdecimal() else Signals[f"SIG{text.upper().removeprefix('SIG')}"]
    except (KeyError, ValueError):
        raise Mistake(f"{text}: no such signal; write HUP, SIGHUP or 1") from None
    return known.name.removeprefix("SIG")


def _chosen(verb: str, arguments: Sequence[str] | None, mesh: str, quiet: bool) -> tuple[Folders, list[str]]:
    """Give the mesh and the processes that are meant. Raise Mistake where none is named."""
    from orchestrator.report.console import note

    positional, patterns = select_files.split(arguments)
    if not patterns:
        instead = "; down stops the mesh" if verb in ("stop", "kill") else ""
        raise Mistake(f"{verb} what? Name processes, or '*' for all{instead}")
    name, why = select_mesh.mesh(mesh, positional)
    of = select_mesh.running(name)
    note(why, quiet)
    names = select_mesh.match(patterns, select_mesh.processes(name))
    if verb != "kill":
        from orchestrator.client import inputs

        note(inputs.remark(of))
    return of, names
