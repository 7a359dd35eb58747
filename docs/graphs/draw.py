"""Draw the examples: write docs/graphs.md and, by Graphviz, the pictures beside this file.

Run it as ``python docs/graphs/draw.py``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from orchestrator.plan.build import build
from orchestrator.plan.graph.dot import dot
from orchestrator.plan.graph.mermaid import mermaid
from orchestrator.plan.graph.model import Graph, graph
from orchestrator.topology.load import load

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

HEAD = """\
# The examples, drawn

`orchestrator graph FILE` writes the source of such a picture ([commands](reference/commands.md#graph)). An arrow goes
where messages go, both ways where they do; the dot at one of its ends, and the word *binds*, mark the socket that
binds. External nodes are dashed. This page and its pictures are made by `python docs/graphs/draw.py`.
"""


def examples() -> Iterator[tuple[str, Graph]]:
    """Give the name of each example, and its graph."""
    for file in sorted(ROOT.glob("topologies/*/topology.yaml")):
        yield file.parent.name, graph(build(load([file], {}, {})))


def section(name: str, drawn: Graph) -> str:
    """Give what the page says of one example."""
    return (
        f"## {name}\n\n![{name}](graphs/{name}.svg)\n\nThe same for mermaid, which GitHub draws:\n\n"
        f"```mermaid\n{mermaid(drawn)}\n```\n"
    )


def main() -> None:
    """Write the page and the pictures."""
    sections = []
    for name, drawn in examples():
        sections.append(section(name, drawn))
        subprocess.run(["dot", "-Tsvg", "-o", HERE / f"{name}.svg"], input=dot(drawn).encode(), check=True)
    (HERE.parent / "graphs.md").write_text("\n".join([HEAD, *sections]))


if __name__ == "__main__":
    main()
