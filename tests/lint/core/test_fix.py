from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.lint.core.fix import apply
from orchestrator.topology.diagnostics.diagnostic import Edit
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
