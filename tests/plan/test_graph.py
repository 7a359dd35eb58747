from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from orchestrator.plan.build import build
from orchestrator.plan.graph.dot import dot
from orchestrator.plan.graph.mermaid import mermaid, too_large
from orchestrator.plan.graph.model import OUTSIDE, Graph, Vertex, graph
from orchestrator.plan.graph.text import text
from orchestrator.plan.links import links
from orchestrator.plan.model import Plan
from tests.plan.test_build import meshes
from tests.support.topologies import MARKET, node, plan, read

ROOT = Path(__file__).parents[2]
MODULES = Path(os.environ.get("ORCHESTRATOR_TEST_NODE_MODULES", ROOT / "tests/programs/node_modules"))

NODES: dict[str, Any] = {
    "feed": node(None, ticks="PUB", ctl="REP", log="XPUB"),
    "bot": node(3, ticks="SUB", orders="PUSH", pair="PAIR"),
    "book": node(None, orders="PULL", fills="SUB", asks="REQ", out="PUB", pair="PAIR"),
    "cam": {**node(f="PUSH"), "each": ["left", "right"], "start": "manual"},
    "sink": {**node(f="PULL"), "each": ["left", "right"]},
    "none": node(0),
    "exchange": {"external": True, "sockets": {"fills": "PUB", "in": "SUB"}},
}
EDGES: dict[str, Any] = {
    "ticks": {"bind": "feed.ticks", "connect": "bot.ticks"},
    "orders": {"bind": "book.orders", "connect": "bot.orders"},
    "fills": {"bind": "exchange.fills", "connect": "book.fills", "endpoint": "tcp://127.0.0.1:9000"},
    "ctl": {"bind": "feed.ctl", "connect": "book.asks"},
    "pair": {"bind": "bot-1.pair", "connect": "book.pair"},
    "f": {"bind": "sink.f", "connect": "cam.f", "pairing": "same"},
    "out": {"bind": "book.out", "connect": [], "endpoint": "tcp://127.0.0.1:9001"},
    "log": {"bind": "feed.log", "connect": "exchange.in", "endpoint": "tcp://127.0.0.1:9002"},
}
TEXT = """\
FROM                        EDGE    SOCKETS              TO                   LINKS
feed                        ticks   PUB binds -> SUB     bot (3 processes)    3
bot (3 processes)           orders  PUSH -> PULL binds   book                 3
exchange (external)         fills   PUB binds -> SUB     book                 outside
book                        ctl     REQ <-> REP binds    feed                 1
bot (3 processes)           pair    PAIR binds <-> PAIR  book                 1
cam (2 processes, by hand)  f       PUSH -> PULL binds   sink (2 processes)   2
book                        out     PUB binds ->         programs outside     outside
feed                        log     XPUB binds -> SUB    exchange (external)  outside
none (0 processes)          -"""

MERMAID = """\
flowchart LR
  n0["feed"]
  n1["bot<br/>24 processes"]
  n2["book"]
  n3(["exchange<br/>external"])
  n0 -->|"ticks<br/>PUB binds → SUB"| n1
  n1 -->|"orders<br/>PUSH → PULL binds"| n2
  n3 -->|"fills<br/>PUB binds → SUB"| n2
  classDef external stroke-dasharray: 5 5
  class n3 external"""


@pytest.fixture(scope="module")
def every() -> Plan:
    return plan(NODES, EDGES)


def test_text(every: Plan) -> None:
    assert text(graph(every)) == TEXT


def test_mermaid() -> None:
    assert mermaid(graph(build(read(MARKET)))) == MERMAID


def test_dot_marks_who_binds(every: Plan) -> None:
    lines = dot(graph(every)).splitlines()
    assert '  "bot" [label="bot\\n3 processes"]' in lines
    assert '  "exchange" [label="exchange\\nexternal", style="rounded,dashed"]' in lines
    ends = {line.split('"')[5].split("\\n")[0]: line.partition("dir=both, ")[2] for line in lines if "->" in line}
    assert ends["ticks"] == "arrowtail=dot, arrowhead=normal]"
    assert ends["orders"] == "arrowtail=none, arrowhead=dotnormal]"
    assert ends["ctl"] == "arrowtail=normal, arrowhead=dotnormal]"


def test_each_process(every: Plan) -> None:
    drawn = graph(every, "process")
    assert [(v.name, v.group, v.note) for v in drawn.vertices if v.group == "cam"] == [
        ("cam-left", "cam", "by hand"),
        ("cam-right", "cam", "by hand"),
    ]
    assert [(arrow.source, arrow.target) for arrow in drawn.arrows if arrow.edge == "f"] == [
        ("cam-left", "sink-left"),
        ("cam-right", "sink-right"),
    ]
    assert [(a.source, a.target, a.links) for a in drawn.arrows if a.edge in ("log", "out")] == [
        ("book", OUTSIDE, 0),
        ("feed", "exchange", 0),
    ]


@given(meshes())
def test_all_links_are_drawn_and_none_else(mesh: tuple[dict[str, Any], dict[str, Any]]) -> None:
    made = plan(*mesh)
    one, all_of_it = graph(made), graph(made, "process")
    assert sum(arrow.links for arrow in one.arrows) == sum(arrow.links for arrow in all_of_it.arrows) == made.links
    seen = sorted((name, peer.process) for name, peers in links(made).peers.items() for peer in peers)
    assert (
        sorted(
            pair for arrow in all_of_it.arrows for pair in ((arrow.source, arrow.target), (arrow.target, arrow.source))
        )
        == seen
    )
    for drawn in (one, all_of_it):
        names = [vertex.name for vertex in drawn.vertices]
        assert len(set(names)) == len(names)
        assert {name for arrow in drawn.arrows for name in (arrow.source, arrow.target)} <= set(names)
        for draw in (mermaid, dot, text):
            assert draw(drawn) == draw(drawn)


def test_profiles_decide_what_is_drawn() -> None:
    nodes = {"a": node(out="PUB"), "b": {**node(i="SUB"), "profiles": "x"}}
    edges = {"e": {"bind": "a.out", "connect": "b.i"}}
    assert text(graph(plan(nodes, edges))).splitlines()[1:] == ["a     -"]
    assert len(graph(plan(nodes, edges, "x")).arrows) == 1


def test_what_would_end_a_label_is_escaped() -> None:
    drawn = Graph("m", (Vertex('a"]\n', note="<b>&#"),), ())
    assert '["a#34;#93;#10;<br/>#60;b#62;#38;#35;"]' in mermaid(drawn)
    assert '"a\\"]' in dot(Graph("m", (Vertex('a"]'),), ()))


def test_mermaid_has_a_limit() -> None:
    nodes = {"a": node(30, x="ROUTER")}
    made = plan(nodes, {"e": {"bind": "a.x", "connect": "a.x", "pairing": "others"}})
    for drawn, expected in ((graph(made), False), (graph(made, "process"), True)):
        assert too_large(drawn, mermaid(drawn)) == expected


def test_graphviz_draws_it(every: Plan) -> None:
    program = shutil.which("dot")
    if program is None:
        pytest.skip("dot of Graphviz is missing")
    for by in ("node", "process"):
        drawn = graph(every, by)  # type: ignore[arg-type]
        said = subprocess.run([program, "-Tsvg"], input=dot(drawn), capture_output=True, text=True, timeout=60)
        assert (said.returncode, said.stderr) == (0, "")
        assert said.stdout.count('class="edge"') == len(drawn.arrows)
        assert said.stdout.count('class="node"') == len(drawn.vertices)


PARSE = """
import { JSDOM } from "jsdom";
const { window } = new JSDOM("");
globalThis.window = window; globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");
for (const text of JSON.parse(process.argv[1])) console.log((await mermaid.parse(text)).diagramType);
"""


def test_mermaid_parses_it(every: Plan) -> None:
    program = shutil.which("node")
    if program is None or not all((MODULES / name).exists() for name in ("mermaid", "jsdom")):
        pytest.skip(f"{MODULES}: the npm packages mermaid and jsdom are missing (ORCHESTRATOR_TEST_NODE_MODULES)")
    strange = Graph("m", (Vertex('a"]\n{', note="<b>&#;"), Vertex("end", external=True)), ())
    texts = json.dumps([*(mermaid(graph(every, by)) for by in ("node", "process")), mermaid(strange)])  # type: ignore[arg-type]
    command = [program, "--input-type=module", "-e", PARSE, texts]
    said = subprocess.run(command, cwd=MODULES.parent, capture_output=True, text=True, timeout=60)
    assert said.stdout.split() == ["flowchart-v2"] * 3, said.stderr


def drawing() -> Any:
    spec = importlib.util.spec_from_file_location("draw", ROOT / "docs/graphs/draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pictures_in_the_documentation_are_in_step_with_the_examples() -> None:
    page = (ROOT / "docs/graphs.md").read_text()
    draw = drawing()
    drawn = dict(draw.examples())
    named = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert {"market", "pipeline", "rpc"} <= set(named)
    assert page == "\n".join([draw.HEAD, *(draw.section(name, drawn[name]) for name in named)])
    for name in named:
        picture = (ROOT / f"docs/graphs/{name}.svg").read_text()
        assert {vertex.name for vertex in drawn[name].vertices} <= set(re.findall(r"<title>(.*?)</title>", picture))
        assert picture.count('class="edge"') == len(drawn[name].arrows)
