from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.topologies import node, plan, problems

NODES: dict[str, Any] = {
    "app": node(out="PUB", log="PUSH"),
    "probe": {**node(2, ticks="SUB"), "profiles": ["debug", "test"]},
    "trace": {**node(log="PULL"), "profiles": "debug"},
}
EDGES: dict[str, Any] = {
    "ticks": {"bind": "app.out", "connect": ["probe-1.ticks"]},
    "log": {"bind": "trace.log", "connect": "app.log"},
    "outside": {"bind": "app.out", "connect": [], "endpoint": "tcp://127.0.0.1:9000"},
}


def test_nodes_of_profiles_are_off_and_their_edges_too() -> None:
    made = plan(NODES, EDGES)
    assert [each.name for each in made.nodes] == ["app"]
    assert [edge.name for edge in made.edges] == ["outside"]
    assert made.off == {"probe": ("debug", "test"), "trace": ("debug",)}
    assert made.process["app"].sockets[1].edges == ()
    assert made.waves == (("app",),)


def test_a_profile_switches_its_nodes_on() -> None:
    made = plan(NODES, EDGES, "test")
    assert [process.name for process in made.processes] == ["app", "probe-0", "probe-1"]
    assert [edge.name for edge in made.edges] == ["ticks", "outside"]
    assert (made.profiles, made.off) == (("test",), {"trace": ("debug",)})
    assert len(plan(NODES, EDGES, "debug").edges) == 3


def test_ends_are_dropped_and_the_rest_of_the_edge_stays() -> None:
    edges = {"ticks": {"bind": "app.out", "connect": ["probe.ticks", "screen.ticks"]}}
    made = plan({**NODES, "screen": node(ticks="SUB")}, edges)
    assert made.edges[0].connect == ("screen.ticks SUB",)
    assert made.links == 1


def test_an_item_of_a_node_that_is_off() -> None:
    nodes = {"app": node(out="PUB"), "cam": {**node(i="SUB"), "each": ["a-b", "c"], "profiles": "x"}}
    edges = {"e": {"bind": "app.out", "connect": "cam-a-b.i"}}
    assert plan(nodes, edges).edges == ()
    assert plan(nodes, edges, "x").links == 1


@given(st.lists(st.sampled_from(["debug", "test"])))
def test_profiles_asked_for_twice_and_in_any_order(chosen: list[str]) -> None:
    made = plan(NODES, EDGES, *chosen)
    assert {each.name for each in made.nodes} | made.off.keys() == NODES.keys()
    assert len(made.edges) == 1 + ("debug" in chosen) + bool(chosen)


def test_an_unknown_profile() -> None:
    (problem,) = problems(NODES, EDGES, "debgu")
    assert str(problem) == "--profile: no node has the profile 'debgu'; did you mean debug?"
    (problem,) = problems({"a": node()}, {}, "x")
    assert problem.suggestion == "no node has any"


def test_who_waits_for_a_node_that_is_off() -> None:
    nodes = {**NODES, "late": {**node(), "depends_on": ["trace"]}}
    (problem,) = problems(nodes, EDGES)
    assert problem.message == "late waits for trace, which is off without --profile debug"
    assert problem.line > 1
    assert len(plan(nodes, EDGES, "debug").waves) == 2
