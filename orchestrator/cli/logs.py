"""``logs``: what processes printed, also after the mesh has ended."""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated

import typer

from orchestrator.cli.chosen import chosen
from orchestrator.cli.following import until_interrupt
from orchestrator.cli.options import CURRENT, MeshName, Period, Processes
from orchestrator.cli.signature import but
from orchestrator.report.output import PLAIN, Output
from orchestrator.report.output_format import Format

Times = Annotated[bool, typer.Option("--timestamps", "-t", help="Begin each line with its time, in UTC.")]
LogFormat = Annotated[
    Format, typer.Option("--log-format", "--format", help="Lines as they were printed, or a JSON object each.")
]
NoPrefix = Annotated[bool, typer.Option("--no-log-prefix", help="Leave out who wrote a line.")]


def logs(
    arguments: Processes = None,
    mesh: MeshName = "",
    period: Period = CURRENT,
    times: Times = False,
    no_log_prefix: NoPrefix = False,
    output: Annotated[Output, but(format=(LogFormat, Format.text))] = PLAIN,
) -> None:
    """Show what processes printed in the current or last run, also after the mesh has ended."""
    from orchestrator.report.log import Prefixes, as_json

    of, patterns = chosen(arguments, mesh, output)
    prefixes = Prefixes(
        of.processes(*patterns),
        color=output.color(),
        prefix=not no_log_prefix,
        commands=os.environ.get("GITHUB_ACTIONS") == "true",
    )
    line = as_json if output.json else partial(prefixes.record, times=times)
    with until_interrupt(goes_on=period.follow):
        for record in of.logs(*patterns, **period.limits()):
            print(line(record), flush=period.follow)
