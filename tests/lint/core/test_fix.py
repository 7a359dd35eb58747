from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.lint.core.fix import apply, edits
from orchestrator.topology.diagnostics.diagnostic import Edit, Problem
from orchestrator.topology.parse.lines import BOM, lines


def edit(line: int, column: int, old: str, new: str) -> Edit:
    return Edit("f", line, column, old, new)


@pytest.mark.parametrize(
    ("text", "wanted", "new"),
    [
        ("a: lingr\n", edit(1, 4, "lingr", "linger"), "a: linger\n"),
        ("a: 1\r\né😀: lingr # ü\r\n", edit(2, 5, "lingr", "linger"), "a: 1\r\né😀: linger # ü\r\n"),
        (BOM + "lingr: 1", edit(1, 1, "lingr", "linger"), BOM + "linger: 1"),
        ("a\nb\nc\n", edit(2, 1, "b\n", ""), "a\nc\n"),
        ("a\nb", edit(2, 1, "b", "c"), "a\nc"),
        ("a\rb\u2028c\n", edit(3, 1, "c", "d"), "a\rb\u2028d\n"),
        ("a\n", edit(2, 1, "", "b\n"), "a\nb\n"),
    ],
)
def test_an_edit_changes_what_it_names(text: str, wanted: Edit, new: str) -> None:
    assert apply(text, [(wanted,)]) == (new, 1)


@pytest.mark.parametrize(
    "wanted",
    [edit(1, 4, "linger", "x"), edit(1, 5, "lingr", "x"), edit(2, 1, "a", "x"), edit(0, 1, "a", "x"),
     edit(1, 0, "a", "x"), edit(1, 40, "a", "x"), edit(9, 1, "", "x")],
)  # fmt: skip
def test_nothing_is_done_where_the_old_text_does_not_stand(wanted: Edit) -> None:
    assert apply("a: lingr", [(wanted,)]) == ("a: lingr", 0)


def test_edits_of_a_problem_are_all_done_or_none() -> None:
    assert apply("a b", [(edit(1, 1, "a", "x"), edit(1, 3, "c", "y"))]) == ("a b", 0)
    assert apply("a b", [(edit(1, 1, "a", "x"), edit(1, 3, "b", "y"))]) == ("x y", 1)


def test_of_two_that_touch_the_first_is_done_and_the_same_one_once() -> None:
    assert apply("abc", [(edit(1, 1, "ab", "x"),), (edit(1, 2, "bc", "y"),)]) == ("xc", 1)
    assert apply("abc", [(edit(1, 1, "ab", "x"),), (edit(1, 1, "ab", "x"),)]) == ("xc", 2)
    assert apply("abc", [(edit(1, 1, "ab", "x"), edit(1, 2, "b", ""))]) == ("abc", 0)


@given(
    st.lists(st.tuples(st.text("ab é😀#", max_size=6), st.sampled_from(["\n", "\r\n", "\r", "\u2028"])), max_size=6),
    st.data(),
)
def test_every_other_character_stays(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    text = "".join(map("".join, parts)) + "end"
    numbered = lines(text)
    line = data.draw(st.integers(1, len(numbered)))
    start = data.draw(st.integers(0, len(numbered[line - 1])))
    old = numbered[line - 1][start : data.draw(st.integers(start, len(numbered[line - 1])))]
    at = sum(map(len, numbered[: line - 1])) + start
    new, mended = apply(text, [(edit(line, start + 1, old, "NEW"),)])
    assert (new, mended) == (text[:at] + "NEW" + text[at + len(old) :], 1)


def spelled(text: str, column: int, message: str, suggestion: str) -> Iterator[str]:
    problem = Problem("f", 1, column, "x", message, suggestion=suggestion)
    wanted = edits(problem, text)
    if wanted:
        yield apply(text, [wanted])[0]


@pytest.mark.parametrize(
    ("text", "column", "message", "suggestion", "new"),
    [
        ("{lingr: 0}", 2, "lingr is no option of SUB sockets", "did you mean linger?", "{linger: 0}"),
        ('{"lingr": 0}', 2, "lingr is no option of SUB sockets", "did you mean linger?", '{"linger": 0}'),
        ("{bind: fed.fedd}", 8, "there is no node 'fed'", "did you mean feed?", "{bind: feed.fedd}"),
        ("{bind: feed.fed}", 8, "feed has no socket 'fed'", "did you mean fee?", "{bind: feed.fee}"),
        ("{bind: 'fed.x'}", 8, "there is no node 'fed'", "did you mean feed?", "{bind: 'feed.x'}"),
        ("[fed, x]", 2, "there is no node fed", "did you mean feed?", "[feed, x]"),
        ("bind: feed", 7, "'feed' names no socket", "did you mean feed.ticks?", "bind: feed.ticks"),
    ],
)
def test_a_slip_with_one_near_word(text: str, column: int, message: str, suggestion: str, new: str) -> None:
    assert [*spelled(text, column, message, suggestion)] == [new]


@pytest.mark.parametrize(
    ("text", "column", "message", "suggestion"),
    [
        ("{lingr: 0}", 2, "lingr is no option", "did you mean linger or lingua?"),
        ("{lingr: 0}", 2, "lingr is no option", "write linger"),
        ("{lingr: 0}", 2, "something else", "did you mean linger?"),
        ("{lingr: 0}", 2, "lingr is no option", "did you mean rcvhwm?"),
        ("{linger: 0}", 2, "linger is no option", "did you mean linger?"),
        ("{x: ${lingr}}", 5, "lingr is no variable", "did you mean linger?"),
        ("bind: fed.fed", 7, "there is no node 'fed'", "did you mean feed?"),
        ("{a: 1}", 40, "lingr is no option", "did you mean linger?"),
        ("", 1, "lingr is no option", "did you mean linger?"),
    ],
)
def test_what_has_no_safe_answer_is_left(text: str, column: int, message: str, suggestion: str) -> None:
    assert [*spelled(text, column, message, suggestion)] == []


def test_a_problem_without_a_place_or_with_edits_of_its_own() -> None:
    assert edits(Problem("f", 0, 0, "", "lingr", suggestion="did you mean linger?"), "lingr") == ()
    own = (edit(1, 1, "a", "b"),)
    assert edits(Problem("f", 1, 1, "", "lingr", suggestion="did you mean linger?", edits=own), "lingr") is own


EDGES = """\
edges:
  one: {bind: b.x, connect: a.x}
  # of its own
  two:  # again
    bind: b.x

    connect: a.x

  # behind
  other: {bind: b.x, connect: a.y}
last: 1
"""


def removed(text: str, edge: str = "two", other: str = "one") -> str:
    problem = Problem("f", 1, 1, f"edges.{edge}.connect", f"a.x would connect twice to b.x, by edge {other} too")
    return apply(text, [wanted])[0] if (wanted := edits(problem, text)) else ""


@pytest.mark.parametrize("lineend", ["\n", "\r\n"])
def test_an_edge_that_stands_twice_goes_with_its_lines_alone(lineend: str) -> None:
    gone = "  two:  # again\n    bind: b.x\n\n    connect: a.x\n"
    assert gone in EDGES
    assert removed(BOM + EDGES.replace("\n", lineend)) == BOM + EDGES.replace(gone, "").replace("\n", lineend)


@pytest.mark.parametrize(
    "text",
    [
        EDGES.replace("b.x\n\n", "b.x\n    transport: tcp\n"),
        EDGES.replace("two:  # again", "two: &two  # again").replace("last: 1", "last: *two"),
        EDGES.replace("edges:\n", "edges: {\n").replace("last", "} \nlast"),
        "edges: {one: {bind: b.x, connect: a.x}, two: {bind: b.x, connect: a.x}}\n",
        EDGES.replace("last: 1", "last: ["),
        "other: file\n",
        "",
    ],
)
def test_an_edge_that_differs_or_is_not_in_lines_of_its_own_stays(text: str) -> None:
    assert removed(text) == ""


def test_the_last_of_the_edges() -> None:
    text = "edges:\n  one: {bind: b.x, connect: a.x}\n  two: {connect: a.x, bind: b.x}"
    assert removed(text) == "edges:\n  one: {bind: b.x, connect: a.x}\n"
