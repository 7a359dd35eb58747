from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.zeromq.quantities import parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("100us", 0.0001),
        ("20ms", 0.02),
        ("2s", 2.0),
        ("1m30s", 90.0),
        ("1h", 3600.0),
        ("1h1m1s1ms1us", 3661.001001),
        ("0s", 0.0),
        ("1.5s", 1.5),
        ("5m", 300.0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "s", "1s1m", "-1s", " 1s", "1 s", "1S", "1e3s", "1s1s", "٣s", "1.s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="a duration such as 20ms"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512KiB", 524_288),
        ("10MB", 10_000_000),
        ("1GiB", 1 << 30),
        ("7B", 7),
        ("1kB", 1000),
        ("1KB", 1000),
        ("1.5KiB", 1536),
        ("2TiB", 2 << 40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "1", "1K", "1kiB", "-1B", "1 MB", "1mb", "0.5B", "1.0001kB", "MiB"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="a size such as 512KiB"):
        parse_size(text)


@given(st.integers(0, 10**9))
def test_parts_add_up(microseconds: int) -> None:
    seconds, rest = divmod(microseconds, 1_000_000)
    assert parse_duration(f"{seconds}s{rest}us") == parse_duration(f"{microseconds}us")
