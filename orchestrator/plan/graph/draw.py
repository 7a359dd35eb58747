"""Who talks to whom, in one of the languages of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.plan.graph import dot, mermaid, text
from orchestrator.plan.graph.model import By, graph

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan

_DRAWS = {"mermaid": mermaid.mermaid, "dot": dot.dot, "text": text.text}


def draw(plan: Plan, by: By, language: str) -> tuple[str, str]:
    """Return a picture in mermaid, dot or text, and what to say where its program would not draw it."""
    made = graph(plan, by)
    source = _DRAWS[language](made)
    if language != "mermaid" or not mermaid.too_large(made, source):
        return source, ""
    return source, (
        f"mermaid draws at most {mermaid.MOST_ARROWS} arrows and {mermaid.MOST_CHARACTERS} characters "
        "unless maxEdges and maxTextSize say more; --by node folds, --format dot has no limit"
    )
