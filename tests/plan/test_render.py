from __future__ import annotations

import json

from orchestrator.plan import model, render
from orchestrator.plan.build import build
from tests.plan.meshes import MARKET, node, plan, read

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
        "none (0)",
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
