from __future__ import annotations

import pytest

from orchestrator.lint.core.select import unknown, wanted


@pytest.mark.parametrize(
    ("select", "ignore", "chosen"),
    [
        ((), (), ["S010", "Z101", "Z102", "Z301"]),
        (("Z1",), (), ["Z101", "Z102"]),
        (("Z1",), ("Z102",), ["Z101"]),
        (("S", "Z3"), (), ["S010", "Z301"]),
        ((), ("Z",), ["S010"]),
        (("Z101",), ("Z1",), []),
    ],
)
def test_codes_and_how_they_begin(select: tuple[str, ...], ignore: tuple[str, ...], chosen: list[str]) -> None:
    assert [code for code in ("S010", "Z101", "Z102", "Z301") if wanted(code, select, ignore)] == chosen


def test_a_prefix_that_no_code_has_is_unknown() -> None:
    assert unknown(["Z1", "Z9", "", "S010", "101"], {"Z101", "S010"}) == ["Z9", "", "101"]
