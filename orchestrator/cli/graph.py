"""``graph``: who talks to whom, as a picture."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from orchestrator.cli import gc_policy
from orchestrator.cli.options import DEFAULT, NoColor, Quiet, Selected


class Drawing(StrEnum):
    """What draws it."""

    mermaid = "mermaid"
    dot = "dot"
    text = "text"


class By(StrEnum):
    """What stands as one."""

    node = "node"
    process = "process"


def graph(
    selected: Selected = DEFAULT,
    form: Annotated[
        Drawing, typer.Option("--format", help="mermaid, dot of Graphviz, or text for a terminal.")
    ] = Drawing.mermaid,
    by: Annotated[By, typer.Option("--by", help="Fold the processes of a node into one, or draw each.")] = By.node,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    """Show who talks to whom over which edge, in which direction, and who binds."""
    gc_policy.begin()
    from orchestrator.plan.graph import dot, mermaid, text
    from orchestrator.plan.graph.model import graph as drawn
    from orchestrator.project import accepted
    from orchestrator.report import console

    colour = console.colourful(sys.stderr, no_color)
    decided = accepted.plan(selected.selection(), colour=colour)
    gc_policy.keep(decided)
    made = drawn(decided, by.value)
    source = {Drawing.mermaid: mermaid.mermaid, Drawing.dot: dot.dot, Drawing.text: text.text}[form](made)
    print(source)
    if form is Drawing.mermaid and mermaid.too_large(made, source):
        console.note(
            f"mermaid draws at most {mermaid.MOST_ARROWS} arrows and {mermaid.MOST_CHARACTERS} characters "
            "unless maxEdges and maxTextSize say more; --by node folds, --format dot has no limit",
            quiet,
        )
