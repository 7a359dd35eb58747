"""Where the values of plain data were written."""

from __future__ import annotations

from typing import Any

from orchestrator.topology.dump.origins import origins
from orchestrator.topology.dump.plain_data import plain
from tests.topology.texts import topology


def told(path: tuple[Any, ...]) -> str:
    return "/".join(map(str, path))


def test_scalars_and_whole_lists_are_told_by_their_key_path() -> None:
    data = {"a": {"b": 1, "c": [1, {"d": 2}]}, "e": None}
    assert origins(data, told) == {"a.b": "a/b", "a.c": "a/c", "e": "e"}


def test_what_holds_nothing_is_told_itself() -> None:
    assert origins({"a": {}, "b": []}, told) == {"a": "a", "b": "b"}


def test_what_nobody_has_written_is_left_out() -> None:
    assert origins({"a": 1, "b": {"c": 2}}, lambda path: "" if path == ("b", "c") else "x") == {"a": "x"}


def test_a_key_that_is_no_plain_word_is_quoted() -> None:
    assert origins({"env": {"a.b": 1}}, told) == {"env.'a.b'": "env/a.b"}


def test_of_a_topology_each_value_has_its_place() -> None:
    found = topology("nodes:\n  a:\n    python: m:f\n    args: {n: 3, l: [1, 2]}\n")
    assert origins(plain(found), found.provenance) == {
        "nodes.a.python": "-:3:13",
        "nodes.a.args.n": "-:4:15",
        "nodes.a.args.l": "-:4:21",
    }
