"""A graph for mermaid (mermaid.js.org/syntax/flowchart.html), which GitHub and many editors draw."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from orchestrator.plan.graph.model import Graph, Vertex

MOST_ARROWS, MOST_CHARACTERS = 500, 50_000
"""What mermaid draws unless it is told otherwise (maxEdges and maxTextSize of its configuration)."""

_ESCAPED = {ord(character): f"#{ord(character)};" for character in '"#&<>`|[]{}()\\\n'}


def mermaid(graph: Graph) -> str:
    """Return the source of a flowchart, from left to right."""
    return "\n".join(_lines(graph))


def too_large(graph: Graph, source: str) -> bool:
    """Return whether mermaid would refuse to draw this."""
    return len(graph.arrows) > MOST_ARROWS or len(source) > MOST_CHARACTERS


def _lines(graph: Graph) -> Iterator[str]:
    ids = {vertex.name: f"n{number}" for number, vertex in enumerate(graph.vertices)}
    yield "flowchart LR"
    for group, members in groupby(graph.vertices, key=lambda vertex: vertex.group):
        if group:
            yield f'  subgraph g-{group}["{_text(group)}"]'
        for vertex in members:
            yield f"  {'  ' if group else ''}{ids[vertex.name]}{_shape(vertex)}"
        if group:
            yield "  end"
    for arrow in graph.arrows:
        line = "<-->" if arrow.both else "-->"
        label = f"{_text(arrow.edge)}<br/>{arrow.pattern()}"
        yield f'  {ids[arrow.source]} {line}|"{label}"| {ids[arrow.target]}'
    if outside := [ids[vertex.name] for vertex in graph.vertices if vertex.external]:
        yield "  classDef external stroke-dasharray: 5 5"
        yield f"  class {','.join(outside)} external"


def _shape(vertex: Vertex) -> str:
    label = _text(vertex.name) + (f"<br/>{_text(vertex.note)}" if vertex.note else "")
    return f'(["{label}"])' if vertex.external else f'["{label}"]'


def _text(text: str) -> str:
    return text.translate(_ESCAPED)
