"""The files of a run, opened to be followed."""

from __future__ import annotations

import sys

from orchestrator.cli.follow import Run
from orchestrator.cli.options import Format
from orchestrator.cli.screen import colourful
from orchestrator.contract.folders import Folders
from orchestrator.control.tail import Log, Tail, last_run
from orchestrator.plan.model import Plan
from orchestrator.report.log import Prefixes
from orchestrator.report.story import Story


def opened(
    of: Folders, plan: Plan, *, known: bool, logs: bool, no_color: bool, quiet: bool, form: Format = Format.text
) -> Run:
    """Open a run: of a ``known`` one the events are read, of a new one they begin where the file ends."""
    names = [process.name for process in plan.processes]
    tail = Tail(of.events, at_end=not known)
    colour = colourful(sys.stderr, no_color)
    story = Story(plan.mesh, Prefixes(names, colour=colour), colour=colour, quote=not logs)
    for event in last_run(tail) if known else []:
        story.tell(event)
    read = [Log(of.logs, name, at_end=True) for name in names] if logs else []
    return Run(of, tail, story, read, Prefixes(names, colour=colourful(sys.stdout, no_color)), quiet, form)
