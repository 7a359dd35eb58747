"""What the sockets of a durable edge say to each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.durable import wire

LONG, SHORT = st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)
SIXTEEN = st.binary(min_size=16, max_size=16)
INTERVALS = st.lists(st.tuples(LONG, LONG), max_size=5).map(tuple)
SAID: st.SearchStrategy[wire.Said] = st.one_of(
    st.builds(wire.Hello, LONG, SIXTEEN, LONG, LONG, SIXTEEN),
    st.builds(wire.State, LONG, SHORT, INTERVALS, SIXTEEN),
    st.builds(wire.Data, LONG, SHORT, SHORT, LONG, LONG, st.binary(max_size=50)),
    st.builds(wire.Ack, LONG, SHORT),
    st.builds(wire.Probe, LONG, SHORT),
    st.builds(wire.Reset, LONG),
    st.builds(wire.Leave, LONG, SHORT, SHORT),
    st.builds(wire.Bye, LONG),
)


@given(SAID)
def test_what_is_said_is_read(said: wire.Said) -> None:
    assert wire.read(wire.frame(said)) == said


@given(st.binary(max_size=40))
def test_anything_else_is_refused(octets: bytes) -> None:
    try:
        said = wire.read(octets)
    except wire.BadFrame:
        return
    assert wire.frame(said) == octets


@pytest.mark.parametrize("octets", [b"", b"X", b"H", b"S" + bytes(16), b"A" + bytes(13)])
def test_what_is_too_short_or_too_long_is_refused(octets: bytes) -> None:
    with pytest.raises(wire.BadFrame):
        wire.read(octets[:12] if octets[:1] == b"S" else octets)
