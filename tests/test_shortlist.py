from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator.shortlist import first, listed

PACKAGE = Path(__file__).parents[1] / "orchestrator"


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), ("a", "a"), ("ab", "a, b"), ("abc", "a, b and 1 more"), ([1, 2, 3, 4], "1, 2 and 2 more")],
)
def test_a_list_in_a_sentence_says_how_many_it_leaves_out(items: list[object], text: str) -> None:
    assert listed(items, 2) == text


def test_whoever_joins_otherwise_gets_how_many_more_as_the_last_item() -> None:
    assert " or ".join(first("abcd", 2)) == "a or b or 2 more"
    assert first("ab", 2) == ["a", "b"]
    assert listed("abc", 1, last=", and ") == "a, and 2 more"


def test_no_other_module_counts_what_a_list_leaves_out() -> None:
    counted = re.compile(r"\{[^{}]*len\([^{}]*-[^{}]*\} more")
    found = [file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if counted.search(file.read_text())]
    assert found == []
    assert counted.search('f" and {len(names) - NAMED} more"')
