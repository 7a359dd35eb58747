"""The files of a run, opened to be followed."""

from __future__ import annotations

import sys

from orchestrator.client.files import Log, Tail, last_run
from orchestrator.client.run_view import Run
from orchestrator.contract.folders import Folders
from orchestrator.plan.model import Plan
from orchestrator.report.log import Prefixes
from orchestrator.report.output import Output
from orchestrator.report.progress import Story


def opened(of: Folders, plan: Plan, output: Output, *, known: bool, logs: bool) -> Run:
    """Open a run: of a ``known`` one the events are read, of a new one they begin where the file ends."""
    names = [process.name for process in plan.processes]
    tail = Tail(of.events, at_end=not known)
    color = output.color(sys.stderr)
    story = Story(plan.mesh, Prefixes(names, color=color), color=color, quote=not logs)
    for event in last_run(tail) if known else []:
        story.tell(event)
    read = [Log(of.logs, name, at_end=True) for name in names] if logs else []
    return Run(of, tail, story, read, Prefixes(names, color=output.color()), output)
