from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.plan import model
from orchestrator.plan.addresses import resolve
from orchestrator.plan.build import build
from orchestrator.plan.links import links
from orchestrator.plan.share import share
from orchestrator.plan.wiring import wiring_of
from tests.support.topologies import MARKET, node, plan, problems, read, topology

TYPES = ("PUB", "SUB", "PUSH", "PULL", "REQ", "REP", "DEALER", "ROUTER", "PAIR")


@st.composite
def meshes(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [f"n{i}" for i in range(draw(st.integers(1, 5)))]
    nodes = {name: node(draw(st.none() | st.integers(0, 4)), x="DEALER", y="ROUTER", z="DEALER") for name in names}
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=6, unique=True))
    edges = {
        f"e{number}": {
            "bind": f"{one}.y",
            "connect": f"{other}.{draw(st.sampled_from('xz'))}",
            "pairing": draw(st.sampled_from(["all", "spread"])),
            "transport": draw(st.sampled_from(["auto", "ipc", "tcp"])),
        }
        for number, (one, other) in enumerate(pairs)
    }
    for number, name in enumerate(names):
        nodes[name]["depends_on"] = draw(st.lists(st.sampled_from(names[:number]), unique=True)) if number else []
    return nodes, edges


@given(meshes())
def test_a_plan_is_whole(mesh: tuple[dict[str, Any], dict[str, Any]]) -> None:
    made = plan(*mesh)
    names = [process.name for process in made.processes]
    assert len(set(names)) == len(names)
    assert [name for each in made.nodes for name in each.processes] == names
    assert len(made.endpoint) == len(made.endpoints)
    for process in made.processes:
        for socket in process.sockets:
            assert {made.endpoint[name].process for name in socket.binds} <= {process.name}
            assert all(connection.endpoint in made.endpoint for connection in socket.connects)
    seen = links(made).peers
    assert sum(map(len, seen.values())) == 2 * made.links
    assert sum(endpoint.peers for endpoint in made.endpoints) == made.links
    for name, peers in seen.items():
        for peer in peers:
            back = [(each.socket, each.edge, each.process) for each in seen[peer.process]]
            assert (peer.peer_socket, peer.edge, name) in back
    assert sorted(name for wave in made.waves for name in wave) == sorted(mesh[0])
    assert sorted(name for group in made.drain for name in group.nodes) == sorted(mesh[0])


@given(meshes())
def test_it_survives_json_and_is_the_same_each_time(mesh: tuple[dict[str, Any], dict[str, Any]]) -> None:
    made = plan(*mesh)
    assert model.load(model.dump(made)) == made
    assert model.dump(plan(*mesh)) == model.dump(made)


@given(meshes())
def test_the_share_of_the_one_host_is_everything(mesh: tuple[dict[str, Any], dict[str, Any]]) -> None:
    made = plan(*mesh)
    assert share(made, model.LOCAL) == made
    elsewhere = share(made, "other")
    assert (elsewhere.processes, elsewhere.endpoints, elsewhere.waves) == ((), (), made.waves)


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "import sys; from tests.support.topologies import *; from orchestrator.plan import model; "
        "sys.stdout.buffer.write(model.dump(build(read(MARKET))))"
    )
    expected = model.dump(build(read(MARKET)))
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60, env=environment)
        assert out.stdout == expected


def test_messages_without_direction_make_one_group() -> None:
    made = plan({"a": node(None, x="PAIR"), "b": node(None, x="PAIR")}, {"e": {"bind": "a.x", "connect": "b.x"}})
    assert [group.nodes for group in made.drain] == [("a", "b")]


def test_sources_drain_first_whoever_binds() -> None:
    for bind, connect in (("a.o", "b.i"), ("b.i", "a.o")):
        made = plan({"b": node(None, i="PULL"), "a": node(None, o="PUSH")}, {"e": {"bind": bind, "connect": connect}})
        assert made.drain == (model.Group(("a",), ()), model.Group(("b",), (0,)))


def test_a_loop_of_dependencies() -> None:
    found = problems({"a": {**node(), "depends_on": ["b"]}, "b": {**node(), "depends_on": ["a"]}})
    assert len(found) == 1


def test_ten_thousand_nodes() -> None:
    count = 10_000
    nodes = {f"n{i}": node(None, i="PULL", o="PUSH") for i in range(count)}
    edges = {f"e{i}": {"bind": f"n{i}.i", "connect": f"n{i - 1}.o"} for i in range(1, count)}
    read_once = topology(nodes, edges)
    began = time.process_time()
    made = build(read_once)
    assert time.process_time() - began < 10  # about one second on a quiet machine; ten are quadratic
    assert len(made.drain) == count


def test_where_nodes_and_sockets_are_declared() -> None:
    made = build(read(MARKET))
    assert list(made.declared) == [
        "feed",
        "feed.ticks",
        "bot",
        "bot.ticks",
        "bot.orders",
        "book",
        "book.orders",
        "book.fills",
    ]
    assert (made.declared["bot"], made.declared["bot.ticks"]) == ("-:13:3", "-:18:7")
    assert len(made.declared) == 8
    assert "exchange" not in made.declared
    assert wiring_of(made, "bot-3", 1, resolve(made.endpoints, str, {})).sockets["ticks"].declared == "-:18:7"
