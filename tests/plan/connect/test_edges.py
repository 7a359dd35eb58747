from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.plan.links import links
from orchestrator.plan.model import Plan
from tests.support.topologies import node, plan, problems


def joined(binding: int | None, connecting: int | None, **edge: Any) -> Plan:
    nodes = {"a": node(binding, out="PUSH"), "b": node(connecting, into="PULL")}
    return plan(nodes, {"e": {"bind": "a.out", "connect": "b.into", **edge}})


def peers_of(made: Plan, process: str) -> list[str]:
    return [peer.process for peer in links(made).peers[process]]


counts = st.integers(0, 6)


@given(counts, counts)
def test_all_goes_to_every_binding_process(binding: int, connecting: int) -> None:
    made = joined(binding, connecting, pairing="all")
    assert made.links == binding * connecting
    assert all(endpoint.peers == connecting for endpoint in made.endpoints)


@given(counts)
def test_same_goes_to_the_one_with_its_number(count: int) -> None:
    made = joined(count, count, pairing="same")
    assert made.links == count
    assert all(peers_of(made, f"b-{i}") == [f"a-{i}"] for i in range(count))


@given(counts, counts)
def test_spread_goes_to_number_i_mod_n(binding: int, connecting: int) -> None:
    made = joined(binding, connecting, pairing="spread")
    assert made.links == (connecting if binding else 0)
    assert all(peers_of(made, f"b-{i}") == [f"a-{i % binding}"] for i in range(connecting) if binding)


@given(counts)
def test_others_goes_to_every_process_but_itself(count: int) -> None:
    made = plan({"a": node(count, x="PAIR")}, {"e": {"bind": "a.x", "connect": "a.x", "pairing": "others"}})
    assert made.links == count * max(0, count - 1)
    for process in made.processes:
        assert process.name not in [peer.process for peer in links(made).peers[process.name]]
        assert len(links(made).peers[process.name]) == 2 * (count - 1)


def test_without_replicas_nothing_need_be_said() -> None:
    assert joined(None, None).links == 1
    assert joined(None, 3).links == joined(3, None).links == 3


def test_pairing_must_be_said_where_both_sides_are_several() -> None:
    (problem,) = problems(
        {"a": node(2, out="PUSH"), "b": node(3, into="PULL")}, {"e": {"bind": "a.out", "connect": "b.into"}}
    )
    assert "pairing is missing" in problem.message


def test_same_needs_equal_numbers() -> None:
    (problem,) = problems(
        {"a": node(2, out="PUSH"), "b": node(3, into="PULL")},
        {"e": {"bind": "a.out", "connect": "b.into", "pairing": "same"}},
    )
    assert "b.into is 3, a.out 2" in problem.message


def test_one_process_of_a_node() -> None:
    nodes = {"a": node(3, out="PUSH"), "b": node(4, into="PULL")}
    made = plan(nodes, {"e": {"bind": "a-1.out", "connect": "b.into"}})
    assert [endpoint.name for endpoint in made.endpoints] == ["a-1.out"]
    assert made.links == 4
    assert [process.sockets[0].edges for process in made.processes[:3]] == [(), ("e",), ()]
    made = plan(nodes, {"e": {"bind": "a.out", "connect": "b-3.into"}})
    assert made.links == 3
    assert made.process["b-2"].sockets[0].connects == ()
    made = plan(nodes, {"e": {"bind": "a-2.out", "connect": "b-3.into", "pairing": "spread"}})
    assert peers_of(made, "b-3") == ["a-2"]


@pytest.mark.parametrize("reference", ["b-4.into", "c.into", "b.inot"])
def test_ends_that_do_not_exist(reference: str) -> None:
    found = problems(
        {"a": node(None, out="PUSH"), "b": node(4, into="PULL")}, {"e": {"bind": "a.out", "connect": [reference]}}
    )
    assert len(found) == 1
    assert reference.split(".")[reference == "b.inot"] in str(found[0])


def test_several_ends() -> None:
    nodes = {"a": node(None, out="PUB"), "b": node(2, x="SUB"), "c": node(None, x="SUB")}
    made = plan(nodes, {"e": {"bind": "a.out", "connect": ["b.x", "c.x"]}})
    assert made.links == 3
    assert made.endpoint["a.out"].peers == 3
    assert made.edges[0].connect == ("b.x SUB", "c.x SUB")


def test_nobody_connects_twice_to_one_endpoint() -> None:
    nodes = {"a": node(None, out="PUB"), "b": node(3, x="SUB")}
    (problem,) = problems(nodes, {"e": {"bind": "a.out", "connect": ["b.x", "b-1.x"]}})
    assert "b-1.x would connect twice to a.out" in problem.message
    (problem,) = problems(nodes, {n: {"bind": "a.out", "connect": "b.x"} for n in ("e", "f")})
    assert "by edge e too" in problem.message


def test_nobody_connects_to_itself() -> None:
    (problem,) = problems({"a": node(2, x="PAIR")}, {"e": {"bind": "a.x", "connect": "a.x", "pairing": "all"}})
    assert "a-0.x would connect to itself" in problem.message


def test_edges_share_the_endpoint_of_a_bound_socket() -> None:
    nodes = {"a": node(None, out="PUB"), "b": node(None, x="SUB"), "c": node(None, x="SUB"), "d": node(None, x="SUB")}
    made = plan(
        nodes,
        {
            "e": {"bind": "a.out", "connect": "b.x"},
            "f": {"bind": "a.out", "connect": "c.x"},
            "g": {"bind": "a.out", "connect": "d.x", "transport": "tcp"},
        },
    )
    assert [(e.name, e.transport, e.peers) for e in made.endpoints] == [("a.out", "ipc", 2), ("a.out@2", "tcp", 1)]
    assert made.process["a"].sockets[0].binds == ("a.out", "a.out@2")
    assert made.process["a"].sockets[0].edges == ("e", "f", "g")


def test_one_edge_says_the_endpoint_for_all_of_its_transport() -> None:
    nodes = {"a": node(None, out="PUB"), "b": node(None, x="SUB"), "c": node(None, x="SUB")}
    edges = {
        "e": {"bind": "a.out", "connect": "b.x", "transport": "tcp"},
        "f": {"bind": "a.out", "connect": "c.x", "endpoint": "tcp://*:5600"},
    }
    (endpoint,) = plan(nodes, edges).endpoints
    assert (endpoint.transport, endpoint.address, endpoint.connect) == ("fixed", "tcp://*:5600", "tcp://127.0.0.1:5600")
    edges["e"] = {"bind": "a.out", "connect": "b.x", "endpoint": "tcp://*:5601"}
    (problem,) = problems(nodes, edges)
    assert "binds tcp://*:5601 on edge e" in problem.message


def test_a_range_gives_each_process_a_port_of_its_own() -> None:
    made = joined(3, None, endpoint="tcp://*:5600-5602")
    assert [e.address for e in made.endpoints] == ["tcp://*:5600", "tcp://*:5601", "tcp://*:5602"]
    assert [e.connect for e in made.endpoints][2] == "tcp://127.0.0.1:5602"


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("tcp://*:5600-5601", "too few"),
        ("tcp://*:5600", "a-0.out and a-1.out would both bind"),
        ("tcp://*:*", "transport: tcp"),
        ("inproc://x", "does not leave its process"),
        ("tcp://*:56000${index}", "1 to 65535"),
    ],
)
def test_endpoints_that_cannot_be(endpoint: str, said: str) -> None:
    found = problems(
        {"a": node(3, out="PUSH"), "b": node(None, into="PULL")},
        {"e": {"bind": "a.out", "connect": "b.into", "endpoint": endpoint}},
    )
    assert said in found[0].message + found[0].expected + found[0].suggestion
    assert found[0].path == "edges.e.endpoint"


def test_variables_in_endpoints() -> None:
    made = joined(2, None, endpoint="ipc:///run/x-${process}-${count}")
    assert [e.address for e in made.endpoints] == ["ipc:///run/x-a-0-2", "ipc:///run/x-a-1-2"]


def test_external_ends() -> None:
    nodes = {"out": {"external": True, "sockets": {"x": "PUB", "y": "PULL"}}, "b": node(2, x="SUB", y="PUSH")}
    made = plan(
        nodes,
        {
            "e": {"bind": "out.x", "connect": "b.x", "endpoint": "tcp://10.0.0.1:9000"},
            "f": {"bind": "b-0.y", "connect": [], "endpoint": "tcp://*:9001"},
            "g": {"bind": "b-1.y", "connect": "out.y", "endpoint": "tcp://*:9002"},
        },
    )
    assert made.external == ("out",)
    assert [process.name for process in made.processes] == ["b-0", "b-1"]
    assert (made.endpoint["out.x"].process, made.endpoint["out.x"].peers, made.links) == ("", 2, 0)
    assert [e.peers for e in made.endpoints[1:]] == [0, 0]
    assert links(made).peers == {"b-0": [], "b-1": []}
    assert made.process["b-1"].sockets[0].connects[0].endpoint == "out.x"
