from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from orchestrator.report.problems import WIDTH, problems


@dataclass
class Problem:
    line: int
    column: int
    message: str = "SUB cannot talk to PULL"
    path: str = "edges.orders"
    expected: str = ""
    suggestion: str = ""
    file: str = "t.yaml"
    code: str = ""
    severity: str = "error"


def shown(text: str, *found: Problem) -> list[str]:
    return problems(cast(Any, found), lambda file: text if file == "t.yaml" else "")


def test_a_problem_with_its_line_and_a_caret() -> None:
    text = "edges:\n  orders: {bind: book.orders, connect: bot.ticks}\n"
    problem = Problem(2, 40, expected="a PUSH", suggestion="bot has one that fits: bot.orders")
    assert shown(text, problem) == [
        "t.yaml:2:40: error edges.orders: SUB cannot talk to PULL",
        "    2 |   orders: {bind: book.orders, connect: bot.ticks}",
        "      |                                        ^^^^^^^^^",
        "      | expected a PUSH",
        "      | bot has one that fits: bot.orders",
        "1 problem",
    ]


def test_the_code_and_a_problem_of_the_whole_file() -> None:
    missing = Problem(0, 0, "cannot be read: No such file or directory", path="", code="S001")
    assert shown("a", missing) == ["t.yaml: error[S001] cannot be read: No such file or directory", "1 problem"]


def test_all_are_shown_and_counted() -> None:
    assert shown("a: 1\nb: 2", Problem(1, 1), Problem(2, 4))[-1] == "2 problems"


def test_a_line_that_cannot_be_read_is_left_out() -> None:
    assert shown("a", Problem(7, 1)) == ["t.yaml:7:1: error edges.orders: SUB cannot talk to PULL", "1 problem"]
    assert len(shown("a: 1", Problem(1, 1, file="other.yaml"))) == 2


def test_a_long_line_is_cut_around_the_place() -> None:
    line, caret = shown("x" * 5000 + " here " + "y" * 5000, Problem(1, 5002))[1:3]
    assert len(line) <= WIDTH + 8
    assert line[caret.index("^") :].startswith("here ")
    assert caret.count("^") == 4


def test_a_place_behind_the_end_and_tabs() -> None:
    assert shown("a:\tb", Problem(1, 4))[1:3] == ["    1 | a: b", "      |    ^"]
    assert shown("a", Problem(1, 2))[2] == "      |  ^"
