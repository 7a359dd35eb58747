"""``graph``: who talks to whom, as a picture."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from orchestrator.cli import gc_policy
from orchestrator.cli.options import DEFAULT, Selected
from orchestrator.cli.signature import but
from orchestrator.report.output import PLAIN, Output


class Drawing(StrEnum):
    """What draws it."""

    mermaid = "mermaid"
    dot = "dot"
    text = "text"


class By(StrEnum):
    """What stands as one."""

    node = "node"
    process = "process"


AsDrawing = Annotated[Drawing, typer.Option("--format", help="mermaid, dot of Graphviz, or text for a terminal.")]
FoldedBy = Annotated[By, typer.Option("--by", help="Fold the processes of a node into one, or draw each.")]


def graph(
    selected: Selected = DEFAULT,
    by: FoldedBy = By.node,
    output: Annotated[Output, but(format=(AsDrawing, Drawing.mermaid))] = PLAIN,
) -> None:
    """Show who talks to whom over which edge, in which direction, and who binds."""
    gc_policy.begin()
    from orchestrator.plan.graph.draw import draw
    from orchestrator.project import accepted

    plan = accepted.plan(selected.selection(), color=output.color(sys.stderr))
    gc_policy.keep(plan)
    picture, remark = draw(plan, by.value, output.format)
    print(picture)
    output.note(remark)
