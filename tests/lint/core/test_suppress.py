from __future__ import annotations

import pytest

from orchestrator.lint.core.fix import apply
from orchestrator.lint.core.suppress import comments, suppress
from orchestrator.topology.diagnostics.diagnostic import Diagnostic

CODES = {"S010", "Z001", "Z101", "Z103", "Z205"}


def found(line: int, code: str = "Z101") -> Diagnostic:
    return Diagnostic("f", line, 1, "edges.x", "wrong", code=code)


def left(text: str, *findings: Diagnostic, judged: bool = True) -> list[tuple[str, int, str]]:
    after = suppress(findings, {"f": text}, CODES, lambda file, code: judged)
    return [(each.code, each.line, each.message) for each in after]


def test_a_comment_silences_what_is_found_in_its_line() -> None:
    text = "a: 1\nb: 2  # lint: ignore[Z101] it is meant so\nc: 3\n"
    assert left(text, found(2)) == []
    assert left(text, found(2), found(3)) == [("Z101", 3, "wrong")]


def test_only_the_codes_that_it_names() -> None:
    text = "b: 2  # lint: ignore[Z101, Z205] it is meant so\n"
    assert left(text, found(1), found(1, "Z205"), found(1, "Z103")) == [("Z103", 1, "wrong")]


def test_one_that_silences_nothing_is_told_with_its_place_and_what_mends_it() -> None:
    text = "é: 1\nb: 2 \t # lint: ignore[Z101] it was meant so\r\nc: 3"
    [problem] = suppress([], {"f": text}, CODES, lambda file, code: True)
    assert (problem.code, problem.severity, problem.line, problem.column) == ("Z001", "warning", 2, 8)
    assert problem.message == "the comment there is no Z101 in this line to be silenced"
    assert apply(text, [problem.edits]) == ("é: 1\nb: 2\r\nc: 3", 1)


def test_one_of_two_codes_that_is_not_there_is_told_and_not_mended() -> None:
    text = "b: 2  # lint: ignore[Z101, Z205] it is meant so\n"
    [problem] = suppress([found(1)], {"f": text}, CODES, lambda file, code: True)
    assert "Z205" in problem.message
    assert problem.edits == ()


def test_where_the_rule_did_not_look_nothing_is_told() -> None:
    assert left("b: 2  # lint: ignore[Z101] why\n", judged=False) == []


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("# lint: ignore[Z101]", "does not say why"),
        ("# lint: ignore", "names no finding, and silences none"),
        ("# lint: ignore[] why", "names no finding, and silences none"),
        ("# lint: ignore[Z100] why", "there is no Z100"),
        ("# lint: ignore[Z1] why", "there is no Z1"),
        ("# lint: ignore[S010] why", "S010 cannot be silenced"),
    ],
)
def test_what_can_be_wrong_with_a_comment(comment: str, told: str) -> None:
    after = left(f"b: 2 {comment}\n", found(1))
    assert ("Z001", 1, f"the comment {told}") in after
    assert (("Z101", 1, "wrong") in after) == ("why" in comment or comment.endswith("ignore"))


def test_what_keeps_a_file_from_being_understood_is_not_silenced() -> None:
    assert ("S010", 1, "wrong") in left("b: 2 # lint: ignore[S010] why\n", found(1, "S010"))


@pytest.mark.parametrize(
    "text",
    [
        'a: "x # lint: ignore[Z101] why"\n',
        "a: 'x # lint: ignore[Z101] why'\n",
        "a: |\n  # lint: ignore[Z101] why\n",
        "a: >-\n  b\n\n  # lint: ignore[Z101] why\n",
        "a: x#lint: ignore[Z101]\n",
        "a: 1 # lint: ignored[Z101]\n",
        "a: 1 # lint: ignore-me\n",
    ],
)
def test_what_only_looks_like_a_comment(text: str) -> None:
    assert list(comments(text, "f")) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  x\n# lint: ignore[Z101] why\n",
        "a: 'x' # lint: ignore[Z101] why\n",
        "a: [1, # lint: ignore[Z101] why\n  2]\n",
        "a: x y # note # lint:ignore [ Z101 ] why",
        "\ufeff# lint: ignore[Z101] why\n",
        "a: {b: 1 # lint: ignore[Z101] why\n",
    ],
)
def test_a_comment_in_any_place(text: str) -> None:
    [comment] = comments(text, "f")
    assert (comment.codes, comment.reason) == (("Z101",), "why")


def test_a_text_without_the_word_is_not_looked_at() -> None:
    assert list(comments("[" * 1_000_000, "f")) == []
