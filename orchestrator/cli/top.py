"""``top``: processes by what they use, and edges by what flows on them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from orchestrator.cli.chosen import chosen
from orchestrator.cli.options import MeshName, Processes
from orchestrator.report.output import PLAIN, Output

if TYPE_CHECKING:
    from orchestrator.control.messages import Edges, Status


def top(arguments: Processes = None, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Show who uses what and what flows, anew each second; once where the output is no terminal."""
    from orchestrator.cli.live_view import EVERY, watch
    from orchestrator.report.edges import rates

    of, patterns = chosen(arguments, mesh, output)
    wanted = set(of.processes(*patterns))
    before: Edges | None = None

    def look() -> list[str]:
        nonlocal before
        status, now = of.ps(), of.edges()
        rate, before = rates(before, now), now
        status["processes"] = sorted(
            (one for one in status["processes"] if one["name"] in wanted), key=lambda one: -(one["cpu"] or 0.0)
        )
        return _lines(status, now, rate, output)

    if output.terminal and sys.stdin.isatty():
        watch(look)
        return
    look()
    time.sleep(EVERY)
    output.lines(look())


def _lines(status: Status, now: Edges, rate: dict[str, float | None], output: Output) -> list[str]:
    from orchestrator.report.edges import edges
    from orchestrator.report.status import status as processes

    if output.json:
        from orchestrator.contract import documents

        flows = {name: {**edge, "rate": rate[name]} for name, edge in now["edges"].items()}
        return [documents.text({**status, "edges": flows}, escaped=True)]
    head, *rows = processes(status, color=output.color(), each=True)
    table = edges(now, rate, color=output.color())
    return [head, *table, "", *rows] if table else [head, *rows]
