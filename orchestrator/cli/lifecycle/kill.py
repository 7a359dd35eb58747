"""``kill``: send processes a signal."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.lifecycle import acting
from orchestrator.cli.options import MeshName, Processes
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

SignalName = Annotated[str, typer.Option("--signal", "-s", metavar="HUP", help="Which signal: HUP, SIGHUP or 1.")]


def kill(processes: Processes = None, mesh: MeshName = "", signal: SignalName = "KILL", output: Output = PLAIN) -> None:
    """Send a signal, KILL unless another is named; the restart policy applies to who ends by it."""
    number = _signal(signal)
    of, names = acting.chosen("kill", processes, mesh, output)
    sent = of.kill(*names, signal=number)
    if output.json:
        output.document({"mesh": of.name, "signal": f"SIG{number}", "processes": sent})


def _signal(text: str) -> str:
    """Return the name, without SIG, of a signal that is given by name or number. Raise UsageError."""
    from signal import Signals

    try:
        known = Signals(int(text)) if text.isdecimal() else Signals[f"SIG{text.upper().removeprefix('SIG')}"]
    except (KeyError, ValueError):
        raise UsageError(f"{text}: no such signal; write HUP, SIGHUP or 1") from None
    return known.name.removeprefix("SIG")
