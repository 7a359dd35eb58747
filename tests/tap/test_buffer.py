"""A buffer gives what it has taken, in order, and counts what it has not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.tap.buffer import OVERHEAD, Buffer, TappedMessage


def heard(size: int) -> TappedMessage:
    return TappedMessage(1.0, "e", "a.s", [bytes(size)])


@given(st.lists(st.integers(0, 50) | st.none(), max_size=40))
def test_what_has_no_room_is_counted(steps: list[int | None]) -> None:
    buffer, held, dropped = Buffer(3 * OVERHEAD), list[TappedMessage](), 0
    for size in steps:
        if size is None:
            assert buffer.take(0) == held
            held = []
            continue
        message = heard(size)
        if sum(OVERHEAD + len(each.parts[0]) for each in [*held, message]) <= 3 * OVERHEAD:
            held.append(message)
        else:
            dropped += 1
        buffer.put([message])
        assert buffer.dropped == dropped
    buffer.end()
    if held:
        assert buffer.take(9) == held
    assert buffer.take(9) is None
