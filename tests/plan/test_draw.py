"""Pictures by the name of their language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orchestrator.plan.graph.dot import dot
from orchestrator.plan.graph.draw import draw
from orchestrator.plan.graph.mermaid import mermaid
from orchestrator.plan.graph.model import By, Graph, graph
from orchestrator.plan.graph.text import text
from tests.plan.test_graph import EDGES, NODES
from tests.support.topologies import node, plan


@pytest.mark.parametrize(("language", "function"), [("mermaid", mermaid), ("dot", dot), ("text", text)])
@pytest.mark.parametrize("by", ["node", "process"])
def test_a_picture_is_drawn_in_the_language_that_is_asked_for(
    language: str, function: Callable[[Graph], str], by: By
) -> None:
    made = plan(NODES, EDGES)
    assert draw(made, by, language) == (function(graph(made, by)), "")


def test_of_what_mermaid_does_not_draw_it_is_said_what_does() -> None:
    made = plan({"a": node(30, x="ROUTER")}, {"e": {"bind": "a.x", "connect": "a.x", "pairing": "others"}})
    source, remark = draw(made, "process", "mermaid")
    assert source == mermaid(graph(made, "process"))
    assert remark.startswith("mermaid draws at most 500 arrows and 50000 characters unless ")
    assert remark.endswith("; --by node folds, --format dot has no limit")
    assert [draw(made, by, language)[1] for by, language in (("node", "mermaid"), ("process", "dot"))] == ["", ""]
