"""A graph for Graphviz (graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from orchestrator.plan.graph.model import Arrow, Graph, Vertex


def dot(graph: Graph) -> str:
    """Return the source of a digraph, from left to right; a dot at an arrow's end marks the socket that binds."""
    return "\n".join(_lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    yield f"digraph {_text(graph.mesh)} {{"
    yield '  graph [rankdir=LR, fontname="Helvetica", nodesep=0.4]'
    yield '  node [shape=box, style=rounded, fontname="Helvetica"]'
    yield '  edge [fontname="Helvetica", fontsize=10]'
    for group, members in groupby(graph.vertices, key=lambda vertex: vertex.group):
        if group:
            yield f"  subgraph {_text(f'cluster_{group}')} {{"
            yield f"    label={_text(group)}"
        for vertex in members:
            yield f"  {'  ' if group else ''}{_text(vertex.name)}{_vertex(vertex)}"
        if group:
            yield "  }"
    for arrow in graph.arrows:
        yield f"  {_text(arrow.source)} -> {_text(arrow.target)} [{_arrow(arrow)}]"
    yield "}"


def _vertex(vertex: Vertex) -> str:
    said = [f"label={_text(vertex.name, vertex.note)}"] if vertex.note else []
    said += ['style="rounded,dashed"'] if vertex.external else []
    return f" [{', '.join(said)}]" if said else ""


def _arrow(arrow: Arrow) -> str:
    tail = f"{'dot' if arrow.source_binds else ''}{'normal' if arrow.both else ''}" or "none"
    head = "normal" if arrow.source_binds else "dotnormal"
    return f"label={_text(arrow.edge, arrow.pattern())}, dir=both, arrowtail={tail}, arrowhead={head}"


def _text(*lines: str) -> str:
    return '"{}"'.format("\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines))
