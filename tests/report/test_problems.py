from __future__ import annotations

from typing import Any

from orchestrator.report.excerpt import WIDTH
from orchestrator.report.problems import problems
from orchestrator.topology.diagnostics.diagnostic import Diagnostic


def problem(line: int, column: int, message: str = "SUB cannot talk to PULL", **more: Any) -> Diagnostic:
    return Diagnostic(**{"file": "t.yaml", "path": "edges.orders"} | more, line=line, column=column, message=message)


def shown(text: str, *found: Diagnostic) -> list[str]:
    return problems(found, lambda file: text if file == "t.yaml" else "")


def test_a_problem_with_its_line_and_a_caret() -> None:
    text = "edges:\n  orders: {bind: book.orders, connect: bot.ticks}\n"
    one = problem(2, 40, expected="a PUSH", suggestion="bot has one that fits: bot.orders")
    assert shown(text, one) == [
        "t.yaml:2:40: error edges.orders: SUB cannot talk to PULL",
        "    2 |   orders: {bind: book.orders, connect: bot.ticks}",
        "      |                                        ^^^^^^^^^",
        "      | expected a PUSH",
        "      | bot has one that fits: bot.orders",
        "1 problem",
    ]


def test_the_code_and_a_problem_of_the_whole_file() -> None:
    missing = problem(0, 0, "cannot be read: No such file or directory", path="", code="S001")
    assert shown("a", missing) == ["t.yaml: error[S001] cannot be read: No such file or directory", "1 problem"]


def test_all_are_shown_and_counted() -> None:
    assert shown("a: 1\nb: 2", problem(1, 1), problem(2, 4))[-1] == "2 problems"


def test_a_line_that_cannot_be_read_is_left_out() -> None:
    assert shown("a", problem(7, 1)) == ["t.yaml:7:1: error edges.orders: SUB cannot talk to PULL", "1 problem"]
    assert len(shown("a: 1", problem(1, 1, file="other.yaml"))) == 2


def test_a_long_line_is_cut_around_the_place() -> None:
    line, caret = shown("x" * 5000 + " here " + "y" * 5000, problem(1, 5002))[1:3]
    assert len(line) <= WIDTH + 8
    assert line[caret.index("^") :].startswith("here ")
    assert caret.count("^") == 4


def test_a_place_behind_the_end_and_tabs() -> None:
    assert shown("a:\tb", problem(1, 4))[1:3] == ["    1 | a: b", "      |    ^"]
    assert shown("a", problem(1, 2))[2] == "      |  ^"
