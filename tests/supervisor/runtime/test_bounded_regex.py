from __future__ import annotations

import re
import signal

import pytest

from orchestrator.supervisor.runtime.bounded_regex import TooLong, found


def test_a_pattern_is_found_or_not() -> None:
    assert found(re.compile("listening on .*"), "now listening on 80")
    assert not found(re.compile("ready$"), "ready or not")


def test_a_pattern_that_explodes_is_ended() -> None:
    with pytest.raises(TooLong):
        found(re.compile(r"(a+)+$"), "a" * 64 + "b", 0.05)  # it would take longer than anybody lives


def test_the_alarm_is_given_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    found(re.compile("a"), "a")
    assert signal.getsignal(signal.SIGALRM) == before
