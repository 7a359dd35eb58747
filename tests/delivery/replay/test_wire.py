"""What is said on an edge that replays."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.replay import wire

LONG, TOPIC = st.integers(0, 2**64 - 1), st.binary(max_size=20)
RECORD = st.builds(wire.Record, TOPIC, LONG, LONG, st.floats(allow_nan=False), st.binary(max_size=30))


SIXTEEN = st.binary(min_size=16, max_size=16)


@given(st.lists(TOPIC, max_size=4), SIXTEEN)
def test_catalog_requests(prefixes: list[bytes], token: bytes) -> None:
    assert wire.read_catalog_request(wire.catalog_request(prefixes, token)) == (token, prefixes)


@given(st.builds(wire.Catalog, SIXTEEN, LONG, SIXTEEN, st.lists(st.builds(wire.Held, TOPIC, LONG, LONG), max_size=4)))
def test_catalogs(said: wire.Catalog) -> None:
    assert wire.read_catalog(wire.catalog(said.stream, said.held, said.generation, said.token)) == said


@given(st.integers(0, 2**32 - 1), st.lists(st.builds(wire.Want, TOPIC, LONG, st.booleans()), max_size=4))
def test_fetches(number: int, wanted: list[wire.Want]) -> None:
    assert wire.read_fetch(wire.fetch(number, wanted)) == (number, wanted)


@given(
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.lists(st.builds(wire.Gap, TOPIC, LONG), max_size=3),
    st.lists(RECORD, max_size=3),
)
def test_answers(number: int, more: bool, gaps: list[wire.Gap], records: list[wire.Record]) -> None:
    made = [wire.record(each.topic, each.before, each.first, each.time, each.batch) for each in records]
    said = wire.answer(number, more=more, gaps=gaps, records=made)
    assert wire.read_answer(said) == wire.Answer(number, more, gaps, records)


@given(st.binary(max_size=40))
def test_anything_else_is_refused_and_nothing_else_happens(octets: bytes) -> None:
    for read in (wire.read_catalog_request, wire.read_catalog, wire.read_fetch, wire.read_answer, wire.live):
        with contextlib.suppress(wire.BadFrame):
            read(octets)


def test_what_is_cut_short_is_refused() -> None:
    whole = wire.catalog(bytes(16), [wire.Held(b"AAPL", 1, 2)])
    with pytest.raises(wire.BadFrame):
        wire.read_catalog(whole[:-1])
