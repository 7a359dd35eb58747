from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.plan import model
from orchestrator.plan.links import links
from orchestrator.plan.model import Plan
from tests.support.topologies import node, plan, problems

counts = st.integers(0, 9)
items = st.lists(st.sampled_from(["left", "right", "up", "down", "7", "B-2"]), unique=True, min_size=1)


def one(count: int, pairing: Any) -> Plan:
    """A node whose sockets are paired with one another."""
    edge = {"bind": "a.into", "connect": "a.out", "pairing": pairing}
    return plan({"a": node(count, into="PULL", out="PUSH")}, {"e": edge})


def two(left: Any, right: Any, pairing: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two nodes, given by their number or their items."""
    nodes = {
        name: {**node(**{socket: kind}), "each" if isinstance(of, list) else "replicas": of}
        for name, of, socket, kind in (("a", left, "out", "PUSH"), ("b", right, "into", "PULL"))
    }
    return nodes, {"e": {"bind": "a.out", "connect": "b.into", "pairing": pairing}}


def targets(made: Plan) -> dict[str, list[str]]:
    """Give for each process the processes that it connects to."""
    return {name: [peer.process for peer in peers if not peer.binds] for name, peers in links(made).peers.items()}


@given(counts)
def test_a_ring_goes_in_and_out_of_each_process_once(count: int) -> None:
    made = one(count, "ring")
    assert targets(made) == {f"a-{i}": [f"a-{(i + 1) % count}"] for i in range(count)}
    assert made.links == count
    assert all(endpoint.peers == 1 for endpoint in made.endpoints)
    at, seen = "a-0", []
    for _ in range(count):
        seen.append(at)
        (at,) = targets(made)[at]
    assert (len(set(seen)), at) == (count, "a-0")


@given(counts, st.integers(1, 4))
def test_a_tree_goes_to_the_parent(count: int, arity: int) -> None:
    made = one(count, {"kind": "tree", "arity": arity})
    assert made.links == max(0, count - 1)
    assert targets(made) == {f"a-{i}": [f"a-{(i - 1) // arity}"] if i else [] for i in range(count)}
    assert all(endpoint.peers <= arity for endpoint in made.endpoints)


def test_a_tree_is_binary_unless_it_says_otherwise() -> None:
    assert targets(one(4, "tree")) == {"a-0": [], "a-1": ["a-0"], "a-2": ["a-0"], "a-3": ["a-1"]}


@given(st.data(), st.integers(1, 6), st.integers(1, 6))
def test_pairs_join_what_they_name(data: st.DataObject, left: int, right: int) -> None:
    every = [[i, j] for i in range(left) for j in range(right)]
    pairs = data.draw(st.lists(st.sampled_from(every), unique_by=tuple, min_size=1))
    made = plan(*two(left, right, {"kind": "pairs", "pairs": pairs}))
    found = {(there, name) for name, there_all in targets(made).items() for there in there_all}
    assert found == {(f"a-{i}", f"b-{j}") for i, j in pairs}
    assert made.links == len(pairs)


@given(items, st.randoms())
def test_same_goes_by_item(keys: list[str], random: Any) -> None:
    other = random.sample(keys, len(keys))
    made = plan(*two(keys, other, "same"))
    assert targets(made) == {f"a-{key}": [] for key in keys} | {f"b-{key}": [f"a-{key}"] for key in keys}
    assert [process.key for process in made.processes] == [*keys, *other]
    assert model.load(model.dump(made)) == made
    assert model.dump(plan(*two(keys, other, "same"))) == model.dump(made)


@given(items, counts)
def test_spread_and_all_count_items(keys: list[str], count: int) -> None:
    spread = plan(*two(keys, count, "spread"))
    assert targets(spread) == {f"a-{key}": [] for key in keys} | {
        f"b-{i}": [f"a-{keys[i % len(keys)]}"] for i in range(count)
    }
    assert plan(*two(count, keys, "all")).links == count * len(keys)


@given(items)
def test_items_form_rings_trees_and_others(keys: list[str]) -> None:
    def of(pairing: Any) -> Plan:
        body = {**node(into="PULL", out="PUSH"), "each": keys}
        return plan({"a": body}, {"e": {"bind": "a.into", "connect": "a.out", "pairing": pairing}})

    count = len(keys)
    assert targets(of("ring")) == {f"a-{key}": [f"a-{keys[(i + 1) % count]}"] for i, key in enumerate(keys)}
    assert of({"kind": "tree", "arity": 3}).links == count - 1
    assert targets(of("others")) == {f"a-{key}": [f"a-{each}" for each in keys if each != key] for key in keys}


def test_pairs_by_item_even_where_items_are_numbers() -> None:
    made = plan(*two(["left", "7"], ["x"], {"kind": "pairs", "pairs": [["left", "x"], [7, "x"]]}))
    assert targets(made)["b-x"] == ["a-left", "a-7"]


def test_a_ring_of_one_goes_from_one_of_its_sockets_to_the_other() -> None:
    assert targets(one(1, "ring")) == {"a-0": ["a-0"]}
    edge = {"bind": "a.x", "connect": "a.x", "pairing": "ring"}
    assert plan({"a": node(3, x="ROUTER")}, {"e": edge}).links == 3
    (problem,) = problems({"a": node(1, x="ROUTER")}, {"e": edge})
    assert problem.message == "a-0.x would connect to itself"


def test_one_socket_can_be_joined_with_itself() -> None:
    for pairing, count in (("tree", 3), ("others", 12), ({"kind": "pairs", "pairs": [[0, 1], [1, 0]]}, 2)):
        edge = {"bind": "a.x", "connect": "a.x", "pairing": pairing}
        assert plan({"a": node(4, x="ROUTER")}, {"e": edge}).links == count
    edge["pairing"] = {"kind": "pairs", "pairs": [[1, 1]]}
    (problem,) = problems({"a": node(4, x="ROUTER")}, {"e": edge})
    assert problem.message == "a-1.x would connect to itself"


@pytest.mark.parametrize(
    ("left", "right", "pairing", "said", "path"),
    [
        (2, 3, "same", "same needs as many processes on both sides: b.into is 3, a.out 2", "pairing"),
        (["l", "r"], ["l"], "same", "the same items on both sides: b.into has no r, a.out has", "pairing"),
        (["l"], ["l", "r"], "same", "the same items on both sides: a.out has no r, b.into has", "pairing"),
        (["l"], 1, "same", "same cannot join numbers and items: b.into has numbers, a.out items", "pairing"),
        (2, 2, "ring", "ring joins a node with itself, not b with a", "pairing"),
        (2, 2, "tree", "tree joins a node with itself, not b with a", "pairing"),
        (2, 2, "others", "others joins a node with itself, not b with a", "pairing"),
        (2, 2, {"kind": "pairs", "pairs": [[0, 0], [0, 2]]}, "b.into has no process 2; numbers: 0 to 1", "pairs[1][1]"),
        (1, 2, {"kind": "pairs", "pairs": [[3, 0]]}, "a.out has no process 3; numbers: 0 alone", "pairs[0][0]"),
        (0, 2, {"kind": "pairs", "pairs": [[0, 0]]}, "a.out has no process 0; numbers: it has none", "pairs[0][0]"),
        (["l", "r"], 2, {"kind": "pairs", "pairs": [["m", 0]]}, "a.out has no item m; items: l, r", "pairs[0][0]"),
        (2, 2, {"kind": "pairs", "pairs": [["l", 0]]}, "a.out has no process l; numbers: 0 to 1", "pairs[0][0]"),
        (2, 2, {"kind": "pairs", "pairs": [[1, 0], [1, 0]]}, "the pair [1, 0] stands twice", "pairs[1]"),
    ],
)
def test_pairings_that_cannot_be(left: Any, right: Any, pairing: Any, said: str, path: str) -> None:
    (problem,) = problems(*two(left, right, pairing))
    assert said in str(problem)
    assert problem.path.endswith(path)
    assert problem.line > 1


def test_a_ring_needs_the_whole_node() -> None:
    edge = {"bind": "a.into", "connect": "a-1.out", "pairing": "ring"}
    (problem,) = problems({"a": node(3, into="PULL", out="PUSH")}, {"e": edge})
    assert "ring joins all processes of a, a-1.out is one of them" in problem.message
    assert problem.suggestion == "write a.out"


def test_one_item_at_an_edge() -> None:
    nodes, edges = two(["left", "right-2"], None, "all")
    edges["e"]["bind"] = "a-right-2.out"
    del nodes["b"]["replicas"]
    assert targets(plan(nodes, edges))["b"] == ["a-right-2"]


def test_a_tree_of_a_thousand_and_pairs_of_ten_thousand_are_quick() -> None:
    assert one(1000, "tree").links == 999
    pairs = [[i, (i * 7) % 10_000] for i in range(10_000)]
    assert plan(*two(10_000, 10_000, {"kind": "pairs", "pairs": pairs})).links == 10_000
