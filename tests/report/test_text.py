from __future__ import annotations

import pytest

from orchestrator.report.text import brief, count, exact, in_order, paint, rough, size, some, stamp, table, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tstays", "tab\tstays"),
        ("grün 漢字 🙂", "grün 漢字 🙂"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\rb\x07\x7f", r"a\x0db\x07\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("evil\u202etxt\u2066", r"evil\u202etxt\u2066"),
        ("two\u2028lines\n", r"two\u2028lines\x0a"),
    ],
)
def test_control_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0s"), (59.9, "59s"), (60, "1m00s"), (242, "4m02s"), (3600, "1h00m"), (11_270, "3h07m"), (187_200, "2d04h")],
)
def test_exact_durations(seconds: float, text: str) -> None:
    assert exact(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(3.9, "3 s"), (242, "4 min"), (7300, "2 h"), (200_000, "2 d")])
def test_rough_durations(seconds: float, text: str) -> None:
    assert rough(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.1, "100 ms"), (0.0255, "26 ms"), (1.6, "1.6 s"), (30, "30 s")])
def test_delays(seconds: float, text: str) -> None:
    assert brief(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(999, "999 B"), (8_900_000, "9 MB"), (84_000_000, "84 MB"), (2**31, "2 GB")]
)
def test_sizes(number: int, text: str) -> None:
    assert size(number) == text


def test_stamps_are_utc_and_rounding_carries_over() -> None:
    assert stamp(0.000001) == "1970-01-01T00:00:00.000001Z"
    assert stamp(1.9999999) == "1970-01-01T00:00:02.000000Z"


def test_words() -> None:
    assert [count(number, "process") for number in (0, 1, 2)] == ["0 processes", "1 process", "2 processes"]
    assert some(["a", "b"], 2) == "a, b"
    assert some(["a", "b", "c"], 2) == "a, b, and 1 more"
    assert in_order([["feed"], ["bot", "risk"], ["book"]]) == "feed, then bot and risk, then book"


def test_color_only_where_wanted() -> None:
    assert paint("x", "31", True) == "\x1b[31mx\x1b[0m"
    assert paint("x", "31", False) == "x"


def test_columns_line_up() -> None:
    assert table([("A", "LONG", "X"), ("abc", "d", "")]) == ["A    LONG  X", "abc  d"]
