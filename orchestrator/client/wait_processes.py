"""Waiting for processes that something was asked of, and saying how they fared."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Outcome


def tell(of: Folders, verb: str, processes: Iterable[str], **more: str) -> dict[str, int]:
    """Have something done to processes; give for each the generation that is to end, or to come. Raise Mistake."""
    from orchestrator.client import connection, requests

    try:
        acted: dict[str, Any] = requests.ask(of, {"verb": verb, "processes": list(processes), **more})
    except connection.Refused as refused:
        raise Mistake(f"{of.run.name}: {refused}") from None
    except connection.Unreachable as error:
        raise Mistake(f"{of.run.name}: its supervisor does not answer: {error}") from None
    return dict(acted["processes"])


def acted(of: Folders, verb: str, what: str, processes: Iterable[str], quiet: bool) -> dict[str, Outcome]:
    """Have something done to processes and wait for it, as ``tell`` and ``settled`` do."""
    began = time.monotonic()
    return settled(of, what, tell(of, verb, processes), quiet, began=began)


def settled(
    of: Folders,
    what: str,
    processes: Mapping[str, int],
    quiet: bool,
    within: float | None = None,
    began: float | None = None,
) -> dict[str, Outcome]:
    """Wait until these generations are ``ready`` or have ``ended``, or will not, and say so; give how they fared.

    The time that is told counts from ``began``. End the command with 1 when ``within`` seconds are over, or the mesh is
    before they are ready, with 130 after an interrupt.
    """
    from orchestrator.client import connection, requests
    from orchestrator.report.console import note
    from orchestrator.report.outcomes import lines
    from orchestrator.report.text import some

    began = began or time.monotonic()
    told: list[str] = []
    explained: set[str] = set()
    try:
        for found in requests.settle(of, what, processes, requests.FOREVER if within is None else began + within):
            for name, why in found.get("hindered", {}).items():
                if name in found["pending"] and name not in explained:
                    explained.add(name)
                    note(f"{of.run.name}: {name} has not stopped yet: {why}", quiet)
            if found["pending"] and found["pending"] != told:
                told = found["pending"]
                note(f"{of.run.name}: waiting for {some(told)}", quiet)
        outcomes = found["processes"]
    except KeyboardInterrupt:
        print("not waiting any longer; it goes on", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except TimeoutError as late:
        print(f"{of.run.name}: not {what} after {within:g} s: {late}", file=sys.stderr)
        raise typer.Exit(1) from None
    except connection.Refused as refused:
        raise Mistake(f"{of.run.name}: {refused}") from None
    except connection.Unreachable:
        if what != "ended":
            print(f"{of.run.name}: it has ended", file=sys.stderr)
            raise typer.Exit(1) from None
        outcomes = _ended_with_mesh(of, processes)
    for line in lines(outcomes, time.monotonic() - began):
        note(line, quiet)
    return outcomes


def _ended_with_mesh(of: Folders, processes: Iterable[str]) -> dict[str, Outcome]:
    """Give how processes fared that ended because their mesh did."""
    from orchestrator.client import wait_end
    from orchestrator.client.past_runs import NEVER
    from orchestrator.client.session import Lost

    try:
        past = wait_end.of_mesh(of, float("inf"))
    except Lost as gone:
        print(gone, file=sys.stderr)
        raise typer.Exit(1) from None
    return {name: past.outcomes.get(name, {**NEVER, "state": "stopped"}) for name in processes}


def leave(of: Folders, outcomes: Mapping[str, Outcome], form: Format, status: int) -> NoReturn:
    """Print the outcomes where they are asked for as data, and end the command."""
    if form is Format.json:
        from orchestrator.contract import documents

        document = {"mesh": of.run.name, "processes": [{"name": name, **each} for name, each in outcomes.items()]}
        print(documents.text(document))
    raise typer.Exit(status)


def unready(outcomes: Mapping[str, Outcome]) -> int:
    """Give the exit status of a command that wants processes to be ready: 1 where one is not."""
    from orchestrator.report.outcomes import FINE

    return int(any(each["state"] not in FINE or each["why"] for each in outcomes.values()))


def overtaken(outcomes: Mapping[str, Outcome]) -> int:
    """Give the exit status of a command that wants processes to have ended: 1 where one was started again meanwhile."""
    return int(any(each["why"] for each in outcomes.values()))
