"""Attempts and memories of servers: numbers for time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.retry.attempts import HEAD, Answered, Attempts, RetryPolicy


def test_the_head_has_24_bytes() -> None:
    assert HEAD.pack(b"c" * 16, 258) == b"c" * 16 + bytes([2, 1, 0, 0, 0, 0, 0, 0])


def test_each_attempt_has_its_time_and_the_last_one_ends() -> None:
    one = Attempts(RetryPolicy(2.0, 3), until=12.0)
    one.sent = True
    assert one.left(11.0) == 1.0
    assert one.sent
    assert (one.left(12.5), one.number, one.sent) == (2.0, 2, False)
    one.sent = True
    assert (one.left(15.0), one.number, one.sent) == (2.0, 3, False)
    one.sent = True
    assert one.left(17.0) == 0.0
    assert one.sent


@given(st.floats(0.001, 100), st.integers(1, 20), st.lists(st.floats(0, 50), max_size=60))
def test_there_are_never_more_attempts_and_none_is_shorter(timeout: float, times: int, pauses: list[float]) -> None:
    now = 0.0
    one = Attempts(RetryPolicy(timeout, times), until=timeout)
    for pause in pauses:
        now += pause
        before = one.number
        left = one.left(now)
        assert 1 <= one.number <= times
        assert one.number in (before, before + 1)
        assert left <= timeout * 1.001 + 1e-6
        if one.number != before:
            assert left == pytest.approx(timeout)
        if left <= 0:
            assert one.number == times


def test_a_request_is_known_again() -> None:
    known = Answered()
    assert known.look(b"c", 1, 0.0) == "new"
    known.store(b"c", 1, [b"r"], 0.0)
    assert known.look(b"c", 1, 1.0) == [b"r"]
    assert known.look(b"c", 2, 1.0) == "new"
    known.store(b"c", 2, [b"s"], 1.0)
    assert known.look(b"c", 1, 2.0) == "old"
    assert known.look(b"d", 1, 2.0) == "new"


def test_memory_is_bounded_by_time_and_number() -> None:
    known = Answered(clients=3, memory=10.0)
    for number in range(5):
        known.store(b"%d" % number, 1, [b"r"], float(number))
    assert len(known) == 3
    assert known.look(b"1", 1, 5.0) == "new"
    assert known.look(b"3", 1, 5.0) == [b"r"]
    assert known.look(b"4", 1, 14.5) == "new"
    assert known.look(b"3", 1, 14.5) == [b"r"]  # it was asked for later


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b"]), st.integers(1, 5)), max_size=60))
def test_what_is_carried_out_is_new_to_a_lockstep_client(requests: list[tuple[bytes, int]]) -> None:
    known, done = Answered(), set()
    for client, number in requests:
        if known.look(client, number, 0.0) == "new":
            assert (client, number) not in done
            done.add((client, number))
            known.store(client, number, [], 0.0)
