"""The reader: plain data as YAML has it, with the position of every key and value."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.topology.parse.document import Document, read
from orchestrator.topology.parse.position import Position
from orchestrator.topology.parse.scalars import as_value


def document(text: str | bytes) -> Document:
    return read(text.encode() if isinstance(text, str) else text, "f.yaml")


def data(text: str) -> Any:
    found = document(text)
    assert not found.problems
    return as_value(found.data)


def test_data() -> None:
    assert data("a: 1\nb: [x, {c: ~, d: 'true'}, \"1\"]\ne: |\n  two\n  lines\nf: >-\n  one\n  line\n1: true\n") == {
        "a": 1,
        "b": ["x", {"c": None, "d": "true"}, "1"],
        "e": "two\nlines\n",
        "f": "one line",
        "1": True,
    }


def test_anchors_aliases_and_merges() -> None:
    text = """
base: &base {a: 1, b: {c: 2}}
other: &other {a: 5, d: 6}
list: &list [*base, &text x, *text]
again: *list
own: {<<: *base, b: 3}
own_first: {b: 3, <<: *base}
both: {<<: [*base, *other]}
*text : key
"""
    base = {"a": 1, "b": {"c": 2}}
    assert data(text) == {
        "base": base,
        "other": {"a": 5, "d": 6},
        "list": [base, "x", "x"],
        "again": [base, "x", "x"],
        "own": {"b": 3, "a": 1},
        "own_first": {"b": 3, "a": 1},
        "both": {"a": 1, "b": {"c": 2}, "d": 6},
        "x": "key",
    }


def test_positions() -> None:
    found = document("a: 1\nb:\n  - x\n  - {c: d}\n  -\n    e: f\n")
    assert found.where(("a",)) == Position("f.yaml", 1, 1)
    assert found.where(("a",), value=True) == Position("f.yaml", 1, 4)
    assert found.where(("b",)) == Position("f.yaml", 2, 1)
    assert found.where(("b",), value=True) == Position("f.yaml", 3, 3)
    assert found.where(("b", 0)) == Position("f.yaml", 3, 5)
    assert found.where(("b", 1, "c")) == Position("f.yaml", 4, 6)
    assert found.where(("b", 1, "c"), value=True) == Position("f.yaml", 4, 9)
    assert found.where(("b", 2, "e")) == Position("f.yaml", 6, 5)
    assert str(found.where(("a",))) == "f.yaml:1:1"


@pytest.mark.parametrize("path", [("a", "short"), ("a", 0), ("a", "none", "deep")])
def test_a_path_that_ends_early_gives_what_is_nearest(path: tuple[Any, ...]) -> None:
    assert document("x: 1\na: b\n").where(path, value=True) == Position("f.yaml", 2, 4)


@pytest.mark.parametrize("path", [(), ("none",), (0,)])
def test_a_path_that_leads_nowhere_gives_the_start(path: tuple[Any, ...]) -> None:
    assert document("x: 1\na: b\n").where(path) == Position("f.yaml", 1, 1)


def test_positions_of_merged_and_aliased_data_are_where_it_is_written() -> None:
    found = document("b: &b\n  x: 1\nm:\n  <<: *b\n  y: 2\nn: *b\n")
    assert found.where(("m", "x")) == Position("f.yaml", 2, 3)
    assert found.where(("m", "y")) == Position("f.yaml", 5, 3)
    assert found.where(("n",), value=True) == Position("f.yaml", 6, 4)
    assert found.where(("n", "x")) == Position("f.yaml", 2, 3)


def test_columns_count_characters_and_a_mark_of_byte_order_does_not_count() -> None:
    assert document("\N{BOM}é: {ü: x}".replace("\N{BOM}", "\ufeff")).where(("é", "ü")) == Position("f.yaml", 1, 5)


NAMES = st.text(alphabet="abcdefgéß 0-_", min_size=1, max_size=6).map(lambda text: f"k{text}k")
TREES = st.recursive(
    # YAML 1.1 ends lines where editors do not: at NEL, LS and PS
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=5).map("t".__add__),
        st.integers(),
        st.none(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=5), st.sampled_from([None, True, False]), st.integers(2, 7))
def test_every_position_points_at_its_key(tree: dict[str, Any], flow: bool | None, indent: int) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, indent=indent, allow_unicode=True, width=10_000)
    found = document(text)
    lines = text.split("\n")

    def validate(box: Any, path: tuple[Any, ...]) -> None:
        for key, item in box.items() if isinstance(box, dict) else enumerate(box):
            here = (*path, key)
            _, line, column = found.where(here)
            if isinstance(key, str):
                assert re.match(re.escape(key), lines[line - 1][column - 1 :].removeprefix("? "))
            _, line, column = found.where(here, value=True)
            rest = lines[line - 1][column - 1 :]
            if isinstance(item, int):
                assert rest.startswith(str(item))
            elif isinstance(item, dict | list):
                assert rest.startswith(("{", "[", "- ", "k"))
                validate(item, here)

    validate(tree, ())
    assert as_value(found.data) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), ["'a' stands twice", "line 1"]),
        ("a: {b: 1, b: 2}\n", (1, 11), ["'b' stands twice"]),
        ("a: !!str x\n", (1, 4), ["no tags", "remove it"]),
        ("a: ! x\n", (1, 4), ["no tags"]),
        ("a: !include {b: c}\n", (1, 4), ["no tags"]),
        ("a: 1\n---\nb: 2\n", (2, 1), ["second document"]),
        ("a: [1\nb: 2\n", (2, 2), ["not YAML", "from line 1"]),
        ("a:\n\tb: 1\n", (2, 1), ["a tab", "spaces"]),
        ("a: {b: ${c}}\n", (1, 9), ["a variable without quotes inside { }", '"${...}"']),
        ("a: {\n  b: x${c}\n}\n", (2, 8), ["a variable without quotes inside { }", '"${...}"']),
        ("a: [${c}, 1]\n", (1, 6), ["a variable without quotes inside { } or [ ]"]),
        ("a: {${c}: 1}\n", (1, 6), ["a variable without quotes inside { } or [ ]"]),
        ("a: 'x\n", (2, 1), ["not YAML", "quoted scalar"]),
        ("a: *b\n", (1, 4), ["*b", "&b"]),
        ("a: &a [*a]\n", (1, 8), ["*a has no finished &a"]),
        ("[a]: b\n", (1, 1), ["a key must be text"]),
        ("a: {<<: 3}\n", (1, 9), ["<< takes a mapping"]),
        ("- a\n", (1, 1), ["not a topology", "mapping"]),
        ("root:x:0:0\n", (1, 1), ["not a topology"]),
        (b"a: 1\nb: \xff\n", (2, 4), ["not UTF-8", "0xff"]),
        (b"\xff\xfea\x00", (1, 1), ["not UTF-8"]),
        (b"a: 1\n\xc3\xa9: \x00\n", (2, 4), ["forbids (0x0)", "binary"]),
        ("a: " + "[" * 101 + "]" * 101, (1, 104), ["100 deep"]),
    ],
)
def test_what_is_wrong(text: str | bytes, at: tuple[int, int], words: list[str]) -> None:
    (problem,) = document(text).problems
    assert (problem.line, problem.column) == at
    assert all(word in str(problem) for word in words), str(problem)


def test_a_file_that_is_not_a_mapping_is_never_quoted() -> None:
    (problem,) = document("root:$6$secret:19000:0\ndaemon:*:19000\n").problems
    assert "secret" not in str(problem)


def test_nesting_of_100_is_read() -> None:
    assert not document("a: " + "[" * 100 + "]" * 100).problems


def test_duplicates_do_not_confuse_positions() -> None:
    found = document("a: 1\nb: 2\na: 3\nc: 4\n")
    assert found.data == {"b": 2, "a": 3, "c": 4}
    assert found.where(("a",)).line == 3
    assert found.where(("c",)).line == 4


def test_what_is_wrong_inside_does_not_end_the_reading() -> None:
    found = document("a: !x 1\nb: !y 2\nc: {d: 1, d: 2}\n")
    assert [problem.line for problem in found.problems] == [1, 2, 3]


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.topology.parse.document.MOST_BYTES", 10)
    (problem,) = document("a: 123456789").problems
    assert "limit" in problem.message
