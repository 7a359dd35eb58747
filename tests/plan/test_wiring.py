from __future__ import annotations

import json
import subprocess
import sys

from orchestrator.contract.wiring import load
from orchestrator.plan.addresses import resolve, symbolic
from orchestrator.plan.wiring import command_of, environment_of, wiring_of
from tests.support.topologies import node, plan

NODES = {
    "feed": node(None, ticks="PUB"),
    "bot": {
        "command": "./bot ${endpoint.orders} ${endpoints.ticks-in} $${endpoint.x}",
        "replicas": 2,
        "args": {"seed": "${index}"},
        "env": {"WHERE": "${endpoint.ticks-in}", "ORCHESTRATOR_MESH": "mine"},
        "sockets": {"ticks-in": {"type": "SUB", "subscribe": "A"}, "orders": "PUSH"},
    },
    "book": node(None, orders="PULL"),
}
EDGES = {
    "ticks": {"bind": "feed.ticks", "connect": "bot.ticks-in"},
    "orders": {"bind": "book.orders", "connect": "bot.orders", "transport": "tcp"},
}
MADE = plan(NODES, EDGES)
ENDPOINTS = resolve(MADE.endpoints, lambda name: f"/run/{name}", {"book.orders": "tcp://127.0.0.1:4000"})


def test_addresses() -> None:
    assert ENDPOINTS["feed.ticks"].address == ENDPOINTS["feed.ticks"].connect == "ipc:///run/feed.ticks"
    assert ENDPOINTS["book.orders"].connect == "tcp://127.0.0.1:4000"
    assert list(resolve(MADE.endpoints, str, {})) == ["feed.ticks"]
    assert [symbolic(endpoint) for endpoint in MADE.endpoints] == ["ipc://$RUN/feed.ticks", "tcp://127.0.0.1:$PORT"]


def test_wiring() -> None:
    wiring = wiring_of(MADE, "bot-1", 7, ENDPOINTS, control="/run/c", control_fd=3)
    assert (wiring.mesh, wiring.node, wiring.process, wiring.index, wiring.count) == ("mesh", "bot", "bot-1", 1, 2)
    assert (wiring.generation, wiring.control, wiring.control_fd, wiring.args) == (7, "/run/c", 3, {"seed": 1})
    ticks = wiring.sockets["ticks-in"]
    assert (ticks.type, ticks.bind, ticks.connect) == ("SUB", (), ("ipc:///run/feed.ticks",))
    assert (ticks.options, ticks.edges, ticks.peers) == ({"subscribe": ["A"]}, ("ticks",), 1)
    assert ticks.declared.count(":") >= 2
    assert load(wiring.dump()) == wiring


def test_wiring_of_who_binds() -> None:
    book = wiring_of(MADE, "book", 1, ENDPOINTS, fds={"book.orders": 4}).sockets["orders"]
    assert (book.bind, book.fd, book.peers) == (("tcp://127.0.0.1:4000",), (4,), 2)
    assert wiring_of(MADE, "book", 1, ENDPOINTS).sockets["orders"].fd == (None,)


def test_environment() -> None:
    found = environment_of(MADE, "bot-1", ENDPOINTS, "/run/w.json", "/run/n")
    assert found == {
        "WHERE": "ipc:///run/feed.ticks",
        "ORCHESTRATOR_MESH": "mesh",
        "ORCHESTRATOR_NODE": "bot",
        "ORCHESTRATOR_PROCESS": "bot-1",
        "ORCHESTRATOR_INDEX": "1",
        "ORCHESTRATOR_COUNT": "2",
        "ORCHESTRATOR_KEY": "",
        "ORCHESTRATOR_ARGS": '{"seed": 1}',
        "ORCHESTRATOR_WIRING": "/run/w.json",
        "NOTIFY_SOCKET": "/run/n",
        "ZMQ_TICKS_IN_CONNECT": "ipc:///run/feed.ticks",
        "ZMQ_ORDERS_CONNECT": "tcp://127.0.0.1:4000",
    }
    assert environment_of(MADE, "book", ENDPOINTS, "w")["ZMQ_ORDERS_BIND"] == "tcp://127.0.0.1:4000"


def test_command() -> None:
    assert command_of(MADE, "bot-0", ENDPOINTS) == (
        "./bot",
        "tcp://127.0.0.1:4000",
        "ipc:///run/feed.ticks",
        "${endpoint.x}",
    )


def test_what_is_too_long_is_left_out() -> None:
    nodes = {"hub": {**node(None, x="SUB"), "args": {"text": "x" * 65_536}}, "many": node(3000, x="PUB")}
    made = plan(nodes, {"e": {"bind": "many.x", "connect": "hub.x"}})
    endpoints = resolve(made.endpoints, lambda name: f"/run/orchestrator/mesh/{name}", {})
    found = environment_of(made, "hub", endpoints, "w")
    assert not {"ORCHESTRATOR_ARGS", "ZMQ_X_CONNECT"} & found.keys()
    assert len(wiring_of(made, "hub", 1, endpoints).sockets["x"].connect) == 3000


def test_the_supervisor_needs_no_yaml() -> None:
    code = (
        "import sys, orchestrator.plan.model, orchestrator.plan.wiring, orchestrator.plan.addresses, "
        "orchestrator.plan.links, orchestrator.plan.order, orchestrator.plan.share; "
        "print([name for name in ('pydantic', 'yaml', 'orchestrator.topology') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(out.stdout) == []
