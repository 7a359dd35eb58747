"""``top``: processes by what they use, and edges by what flows on them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from orchestrator.cli.options import AsFormat, Mesh, NoColor, Processes, Quiet
from orchestrator.client import select_mesh
from orchestrator.project import select_files
from orchestrator.project.errors import Mistake
from orchestrator.report.output_format import Format

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
    from orchestrator.cli.live_view import EVERY, watch
    from orchestrator.report import console
    from orchestrator.report.edges import rates

    positional, patterns = select_files.split(arguments)
    name, why = select_mesh.mesh(mesh, positional)
    console.note(why, quiet)
    wanted = set(select_mesh.match(patterns, select_mesh.processes(name)))
    before: Edges | None = None

    def look() -> list[str]:
        nonlocal before
        status, now = _ask(name)
        rate, before = rates(before, now), now
        status["processes"] = sorted(
            (one for one in status["processes"] if one["name"] in wanted), key=lambda one: -(one["cpu"] or 0.0)
        )
        return _lines(status, now, rate, form, console.colourful(sys.stdout, no_color))

    if form is Format.text and sys.stdout.isatty() and sys.stdin.isatty():
        watch(look)
        return
    look()
    time.sleep(EVERY)
    console.data(look())


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
    from orchestrator.client import connection

    try:
        of = select_mesh.running(name).supervisor
        return connection.ask(of, {"verb": "ps"}), connection.ask(of, {"verb": "edges"})
    except (connection.Unreachable, connection.Refused) as error:
        raise Mistake(f"{name}: {error}") from None
