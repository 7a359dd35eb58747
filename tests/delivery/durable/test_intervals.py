"""Intervals of numbers, against a plain set of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.durable.intervals import AcknowledgedIntervals

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda each: (each[0], each[0] + each[1])))


@given(SPANS, st.integers(0, 60))
def test_it_is_a_set_of_numbers(spans: list[tuple[int, int]], low: int) -> None:
    acknowledged, plain = AcknowledgedIntervals(), set[int]()
    for first, end in spans:
        acknowledged.add(first, end)
        plain.update(range(first, end))
    intervals = acknowledged.intervals()
    assert plain == {number for first, end in intervals for number in range(first, end)}
    # They neither overlap nor touch.
    assert all(one[1] < other[0] for one, other in pairwise(intervals))
    acknowledged.forget(low)
    assert {number for number in plain if number >= low} == {
        number for first, end in acknowledged.intervals() for number in range(max(first, low), end)
    }


@given(SPANS, st.integers(0, 60), st.integers(1, 12))
def test_what_is_taken_of_a_batch_is_its_beginning(spans: list[tuple[int, int]], first: int, count: int) -> None:
    acknowledged, plain = AcknowledgedIntervals(), set[int]()
    for one, end in spans:
        acknowledged.add(one, end)
        plain.update(range(one, end))
    prefix = acknowledged.prefix(first, first + count)
    assert all(first + number in plain for number in range(prefix))
    assert prefix == count or first + prefix not in plain
