"""``stop``, ``start``, ``restart`` and ``kill``: for single processes of a mesh that goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import until_interrupt
from orchestrator.cli.options import MeshName, Processes
from orchestrator.client.mesh import Mesh
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orchestrator.control.messages import Outcome

SignalName = Annotated[str, typer.Option("--signal", "-s", metavar="HUP", help="Which signal: HUP, SIGHUP or 1.")]
Rolling = Annotated[bool, typer.Option("--rolling", help="One after the other, each once the one before is ready.")]

GOES_ON = "not waiting any longer; it goes on"


def stop(processes: Processes = None, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Drain processes, those that feed the others first; they stay stopped until start."""
    from orchestrator.client.wait_processes import overtaken
    from orchestrator.report.outcomes import stopped_badly

    of, names = _chosen("stop", processes, mesh, output)
    outcomes = _timed(output, lambda: of.stop(*names, remark=output.note))
    output.outcomes(of.name, outcomes)
    raise typer.Exit(int(overtaken(outcomes) or any(map(stopped_badly, outcomes.values()))))


def start(processes: Processes = None, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Start processes that do not run, and wait until they are ready."""
    of, names = _chosen("start", processes, mesh, output)
    _leave(of, _timed(output, lambda: of.start(*names, remark=output.note)), output)


def restart(processes: Processes = None, mesh: MeshName = "", rolling: Rolling = False, output: Output = PLAIN) -> None:
    """Drain processes, start them anew, and wait until they are ready."""
    from orchestrator.client.wait_processes import unready

    of, names = _chosen("restart", processes, mesh, output)
    outcomes: dict[str, Outcome] = {}
    for turn in [[name] for name in names] if rolling else [names]:
        outcomes |= _timed(output, lambda turn=turn: of.restart(*turn, remark=output.note))  # type: ignore[misc]
        if unready(outcomes):
            break
    _leave(of, outcomes, output)


def kill(processes: Processes = None, mesh: MeshName = "", signal: SignalName = "KILL", output: Output = PLAIN) -> None:
    """Send a signal, KILL unless another is named; the restart policy applies to who ends by it."""
    number = _signal(signal)
    of, names = _chosen("kill", processes, mesh, output)
    sent = of.kill(*names, signal=number)
    if output.json:
        output.document({"mesh": of.name, "signal": f"SIG{number}", "processes": sent})


def _timed(output: Output, act: Callable[[], dict[str, Outcome]]) -> dict[str, Outcome]:
    """Have something done, and say how long it took and how the processes fared."""
    from orchestrator.report.outcomes import lines

    began = time.monotonic()
    with until_interrupt(GOES_ON):
        outcomes = act()
    for line in lines(outcomes, time.monotonic() - began):
        output.note(line)
    return outcomes


def _leave(of: Mesh, outcomes: Mapping[str, Outcome], output: Output) -> None:
    from orchestrator.client.wait_processes import unready

    output.outcomes(of.name, outcomes)
    raise typer.Exit(int(unready(outcomes)))


def _signal(text: str) -> str:
    """Return the name, without SIG, of a signal that is given by name or number. Raise Mistake."""
    from signal import Signals

    try:
        known = Signals(int(text)) if text.isdecimal() else Signals[f"SIG{text.upper().removeprefix('SIG')}"]
    except (KeyError, ValueError):
        raise Mistake(f"{text}: no such signal; write HUP, SIGHUP or 1") from None
    return known.name.removeprefix("SIG")


def _chosen(verb: str, arguments: Sequence[str] | None, mesh: str, output: Output) -> tuple[Mesh, list[str]]:
    """Return the mesh and the processes that are meant. Raise Mistake where none is named."""
    if not select_files.split(arguments)[1]:
        instead = "; down stops the mesh" if verb in ("stop", "kill") else ""
        raise Mistake(f"{verb} what? Name processes, or '*' for all{instead}")
    of, patterns = chosen(arguments, mesh, output, running=True)
    names = of.processes(*patterns)
    if verb != "kill":
        from orchestrator.client import inputs
        from orchestrator.report import console

        console.note(inputs.remark(of.folders))
    return of, names
