"""``top``: processes by what they use, and edges by what flows on them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from orchestrator.cli import target
from orchestrator.cli.mistake import Mistake
from orchestrator.cli.options import AsFormat, Format, Mesh, NoColor, Processes, Quiet

if TYPE_CHECKING:
    from orchestrator.control.messages import Edges, Status


def top(
    arguments: Processes = None,
    mesh: Mesh = "",
    form: AsFormat = Format.text,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    """Show who uses what and what flows, anew each second; once where the output is no terminal."""
    from orchestrator.cli import screen
    from orchestrator.cli.watching import EVERY, watch
    from orchestrator.report.edges import rates

    positional, patterns = target.split(arguments)
    name, why = target.mesh(mesh, positional)
    screen.note(why, quiet)
    wanted = set(target.match(patterns, target.processes(name)))
    before: Edges | None = None

    def look() -> list[str]:
        nonlocal before
        status, now = _ask(name)
        rate, before = rates(before, now), now
        status["processes"] = sorted(
            (one for one in status["processes"] if one["name"] in wanted), key=lambda one: -(one["cpu"] or 0.0)
        )
        return _lines(status, now, rate, form, screen.colourful(sys.stdout, no_color))

    if form is Format.text and sys.stdout.isatty() and sys.stdin.isatty():
        watch(look)
        return
    look()
    time.sleep(EVERY)
    screen.data(look())


def _lines(status: Status, now: Edges, rate: dict[str, float | None], form: Format, colour: bool) -> list[str]:
    from orchestrator.report.edges import edges
    from orchestrator.report.status import status as processes

    if form is Format.json:
        from orchestrator.contract import documents

        flows = {name: {**edge, "rate": rate[name]} for name, edge in now["edges"].items()}
        return [documents.text({**status, "edges": flows}, escaped=True)]
    head, *rows = processes(status, colour=colour, each=True)
    table = edges(now, rate, colour=colour)
    return [head, *table, "", *rows] if table else [head, *rows]


def _ask(name: str) -> tuple[Status, Edges]:
    from orchestrator.control import client

    try:
        of = target.running(name).supervisor
        return client.ask(of, {"verb": "ps"}), client.ask(of, {"verb": "edges"})
    except (client.Unreachable, client.Refused) as error:
        raise Mistake(f"{name}: {error}") from None
