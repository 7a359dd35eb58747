from __future__ import annotations

from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.plan.model import Group
from orchestrator.plan.order import components, drain, stages, waves

NAMES = [f"n{i}" for i in range(7)]


def graph(pairs: list[tuple[str, str]], names: list[str] = NAMES) -> dict[str, list[str]]:
    return {name: [after for before, after in pairs if before == name] for name in names}


pair_lists = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14)
forward = pair_lists.map(lambda pairs: [(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]])


def reach(edges: dict[str, list[str]], start: str) -> set[str]:
    seen, ahead = set(), [start]
    while ahead:
        for follower in edges[ahead.pop()]:
            if follower not in seen:
                seen.add(follower)
                ahead.append(follower)
    return seen


@given(pair_lists)
def test_components_are_what_reaches_each_other_and_sources_come_first(pairs: list[tuple[str, str]]) -> None:
    edges = graph(pairs)
    found = components(edges)
    assert sorted(name for group in found for name in group) == NAMES
    place = {name: number for number, group in enumerate(found) for name in group}
    for one in NAMES:
        for other in NAMES:
            together = one == other or (other in reach(edges, one) and one in reach(edges, other))
            assert (place[one] == place[other]) == together
            if other in edges[one]:
                assert place[one] <= place[other]


@given(pair_lists, forward)
def test_drain_goes_from_sources_to_sinks(flows: list[tuple[str, str]], depends: list[tuple[str, str]]) -> None:
    edges, needs = graph(flows), graph(depends)
    groups = drain(edges, needs)
    number = {name: index for index, group in enumerate(groups) for name in group.nodes}
    assert sorted(number) == NAMES
    for one, followers in edges.items():
        for other in followers:
            assert number[one] == number[other] or number[one] in groups[number[other]].after
    for one, needed in needs.items():
        for other in needed:
            if one not in reach(edges, other):
                assert number[one] == number[other] or number[one] in groups[number[other]].after
    for index, group in enumerate(groups):
        assert all(earlier < index for earlier in group.after)
        assert list(group.nodes) == sorted(group.nodes)


@given(forward)
def test_waves_keep_to_dependencies_and_are_as_early_as_they_can_be(depends: list[tuple[str, str]]) -> None:
    needs = graph(depends)
    wave = {name: number for number, names in enumerate(waves(needs)) for name in names}
    assert sorted(wave) == NAMES
    for name, needed in needs.items():
        assert wave[name] == max((wave[other] + 1 for other in needed), default=0)


def test_waves_name_the_loop() -> None:
    with pytest.raises(CycleError) as error:
        waves({"a": ["b"], "b": ["c"], "c": ["b"]})
    assert set(error.value.args[1]) == {"b", "c"}


def test_a_node_stops_before_what_it_depends_on() -> None:
    assert drain({"db": [], "app": []}, {"db": [], "app": ["db"]}) == (Group(("app",), ()), Group(("db",), (0,)))


def test_messages_win_over_dependencies_also_through_others() -> None:
    flows = {"sink": [], "filter": ["sink"], "feed": ["filter"]}
    groups = drain(flows, {"sink": ["feed"], "filter": [], "feed": []})
    assert [group.nodes for group in groups] == [("feed",), ("filter",), ("sink",)]


def test_equals_stand_in_the_order_of_the_file_and_the_longest_path_counts() -> None:
    groups = drain({"z": ["s"], "s": [], "a": ["m"], "m": ["s"]}, {})
    assert [group.nodes for group in groups] == [("z",), ("a",), ("m",), ("s",)]
    assert groups[3].after == (0, 2)
    assert stages(groups) == [["z", "a"], ["m"], ["s"]]


def test_a_chain_of_ten_thousand() -> None:
    names = [f"n{i}" for i in range(10_000)]
    chain = {name: names[i + 1 : i + 2] for i, name in enumerate(names)}
    back = {name: names[max(0, i - 1) : i] for i, name in enumerate(names)}
    assert len(waves(back)) == len(drain(chain, back)) == 10_000
    loop = chain | {names[-1]: [names[0]]}
    assert [len(group.nodes) for group in drain(loop, {})] == [10_000]
