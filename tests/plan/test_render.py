from __future__ import annotations

import json

from orchestrator.plan import model, render
from orchestrator.plan.build import build
from tests.support.topologies import MARKET, node, plan, read, topology

MARKET_TEXT = """\
PROCESS          RUNS                            SOCKETS
feed             python feed:main                ticks PUB binds, 24 peers
bot-0 .. bot-23  python bot:main                 ticks SUB connects to 1, orders PUSH to 1
book             ./book --in ${endpoint.orders}  orders PULL binds, 24 peers, fills SUB connects to 1
exchange         external                        fills PUB binds
EDGE    BIND                CONNECT          LINKS      ENDPOINT
ticks   feed.ticks PUB      bot.ticks SUB    24         ipc://$RUN/feed.ticks
orders  book.orders PULL    bot.orders PUSH  24         ipc://$RUN/book.orders
fills   exchange.fills PUB  book.fills SUB   1 outside  tcp://127.0.0.1:9000
START  all at one gate   STOP  feed, then bot, then book"""


def test_the_market() -> None:
    assert render.text(build(read(MARKET))) == MARKET_TEXT


def test_the_market_as_json() -> None:
    made = build(read(MARKET))
    assert model.load(render.as_json(made)) == made
    assert json.loads(render.as_json(made))["version"] == model.VERSION


def test_processes_that_differ_have_rows_of_their_own() -> None:
    made = plan(
        {"a": node(2, o="PUSH"), "b": node(3, i="PULL"), "none": node(0)},
        {"e": {"bind": "a.o", "connect": "b.i", "pairing": "spread"}},
    )
    assert [line.split("  ")[0] for line in render.text(made).splitlines()] == [
        "PROCESS",
        "a-0",
        "a-1",
        "b-0 .. b-2",
        "none",
        "EDGE",
        "e",
        "START",
    ]
    assert "ipc://$RUN/a-0.o .. ipc://$RUN/a-1.o" in render.text(made)


def test_words_that_differ_and_words_with_spaces() -> None:
    made = plan({"a": {"command": ["./x", "${index}", "a b", "\x1b[31m"], "replicas": 9}})
    assert render.text(made).splitlines()[1] == "a-0 .. a-8  ./x ... 'a b' '\\x1b[31m'"


def test_start_in_waves() -> None:
    nodes = {"db": node(), "app": {**node(), "depends_on": ["db"]}, "cache": node()}
    assert render.text(plan(nodes)).splitlines()[-1] == "START  db, cache, then app   STOP  app, cache, then db"


def test_items_and_processes_apart_are_folded() -> None:
    made = plan(
        {
            "camera": {**node(frames="PUSH"), "each": ["left", "right"]},
            "many": {**node(), "each": [f"i{number}" for number in range(30)]},
            "ring": node(5, up="PUSH", down="PULL"),
        },
        {
            "e": {"bind": "ring-1.down", "connect": "ring-0.up"},
            "f": {"bind": "ring-3.down", "connect": "ring-0.up"},
        },
    )
    rows = [line.split("  ")[0] for line in render.text(made).splitlines()]
    assert rows[1:6] == [
        "camera-{left,right}",
        "many-{i0,i1,i2,i3,i4,i5,i6,i7,22 more}",
        "ring-0",
        "ring-1, ring-3",
        "ring-2, ring-4",
    ]


def test_what_runs_is_cut_and_an_empty_node_says_so() -> None:
    made = plan({"a": {"command": ["./x", "y" * 1000]}, "none": {"command": "./x", "replicas": 0}})
    _, first, second, *_ = render.text(made).splitlines()
    assert len(first) < 80
    assert first.endswith("...")
    assert second == f"none     {'-':60}  no process: there are 0 of it"


def test_nodes_by_hand_and_nodes_that_are_off() -> None:
    nodes = {
        "app": node(out="PUB"),
        "debugger": {**node(ticks="SUB"), "start": "manual"},
        "probe": {**node(), "profiles": ["debug", "test"]},
    }
    edges = {"e": {"bind": "app.out", "connect": "debugger.ticks"}}
    lines = render.text(build(topology(nodes, edges))).splitlines()
    assert lines[2] == "debugger  by hand: python m:main  ticks SUB connects to 1"
    assert lines[3] == "probe     off                     started with --profile debug or test"
    assert lines[-1].startswith("START  all at one gate; by hand: debugger   STOP  app, then debugger")
    lines = render.text(build(topology(nodes, edges), ["test"])).splitlines()
    assert lines[3] == "probe     python m:main"
    assert lines[-1] == "PROFILES  test"
