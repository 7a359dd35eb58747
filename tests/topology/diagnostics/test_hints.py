from __future__ import annotations

import pytest

from orchestrator.topology.diagnostics.hints import like


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("lingr", ["linger", "sndhwm"], "linger"),
        ("tikcs", ["ticks", "tock", "orders"], "ticks"),
        ("bot1", ["bot2", "bot3"], "bot3 or bot2"),
        ("tcp_keepalive_in", ["tcp_keepalive", "tcp_keepalive_idle", "linger"], "tcp_keepalive or tcp_keepalive_idle"),
        ("zzz", ["linger"], ""),
        ("linger", [], ""),
    ],
)
def test_the_nearest_word_or_both_that_are_as_near(word: str, known: list[str], meant: str) -> None:
    assert like(word, known) == meant
