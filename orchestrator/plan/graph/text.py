"""A graph as a table, for terminals."""

from __future__ import annotations

from orchestrator.plan.graph.model import Graph


def text(graph: Graph) -> str:
    """Return a line for each arrow, then the vertices that none touches."""
    names = {each.name: f"{each.name} ({each.note})" if each.note else each.name for each in graph.vertices}
    rows = [
        (names[each.source], each.edge, each.pattern("->", "<->"), names[each.target], str(each.links or "outside"))
        for each in graph.arrows
    ]
    touched = {name for each in graph.arrows for name in (each.source, each.target)}
    rows += [(told, "-", "", "", "") for name, told in names.items() if name not in touched]
    lines = [("FROM", "EDGE", "SOCKETS", "TO", "LINKS"), *rows]
    line = "  ".join(f"%-{max(map(len, column))}s" for column in zip(*lines, strict=True))
    return "\n".join((line % cells).rstrip() for cells in lines)
