"""What was sent is read, and what its numbers pass over is counted: exactly what was left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.batch.frame import pack
from orchestrator.delivery.replay.wire import HEAD
from orchestrator.tap.reader import Reader
from orchestrator.tap.sources import Source


def reader(kind: str) -> Reader:
    return Reader(Source("e", "a.s", kind, "a.s"))  # type: ignore[arg-type]


def test_plain_messages_are_as_they_are() -> None:
    assert reader("plain").read([b"a", b"", b"b"]) == [[b"a", b"", b"b"]]


def test_of_a_frame_each_message_is_given() -> None:
    assert reader("batch").read([b"t", pack([b"1", b"22"])]) == [[b"t", b"1"], [b"t", b"22"]]


@pytest.mark.parametrize("kind", ["batch", "replay"])
@pytest.mark.parametrize("parts", [[b"x"], [b"t", b"x"], [b"t", b"x", b"y"]])
def test_what_is_not_of_the_edge_is_refused(kind: str, parts: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        reader(kind).read(parts)


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b"]), st.integers(1, 4), st.booleans()), max_size=30))
def test_what_is_missing_is_counted_between_the_first_and_the_last_of_a_topic(
    frames: list[tuple[bytes, int, bool]],
) -> None:
    one, numbers, pending, expected = reader("replay"), {b"a": 0, b"b": 0}, {b"a": 0, b"b": 0}, 0
    seen: set[bytes] = set()
    for topic, count, arrives in frames:
        before = numbers[topic]
        numbers[topic] += count
        if not arrives:
            pending[topic] += count
            continue
        if topic in seen:
            expected += pending[topic]
        pending[topic] = 0
        seen.add(topic)
        framed = HEAD.pack(bytes(16), before, before + 1) + pack([b"x"] * count)
        assert one.read([topic, framed]) == [[topic, b"x"]] * count
        assert one.missing == expected
