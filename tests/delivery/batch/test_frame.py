from __future__ import annotations

import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.batch.frame import EQUAL, MOST_EMPTY, BadFrame, pack, pack_one, unpack

MESSAGES = st.lists(st.binary(max_size=40), min_size=1, max_size=20)


@given(MESSAGES)
def test_what_is_packed_is_unpacked(messages: list[bytes]) -> None:
    assert list(unpack(pack(messages))) == messages


@given(st.binary(max_size=100), st.integers(1, 20))
def test_equal_sizes(body: bytes, count: int) -> None:
    frame = pack([body] * count)
    assert unpack(frame) == (body,) * count
    assert len(frame) == 8 + count * len(body)


@given(st.binary(max_size=100))
def test_one_message(message: bytes) -> None:
    assert pack_one(message) == pack([message])


def test_the_format() -> None:
    assert pack([b"ab", b"cd"]) == struct.pack("<II", 2 | EQUAL, 2) + b"abcd"
    assert pack([b"a", b"", b"bcd"]) == struct.pack("<IIII", 3, 1, 0, 3) + b"abcd"
    assert pack([b"a", b"abc", b"ab"]) == struct.pack("<IIII", 3, 1, 3, 2) + b"aabcab"  # 2 on average, but not equal


def test_lengths_take_four_bytes() -> None:
    assert array("I").itemsize == 4


def test_long_messages() -> None:
    messages = [b"x" * 5000, b"y" * 70_000, b""]
    assert list(unpack(pack(messages))) == messages


@given(st.binary(max_size=60))
def test_other_bytes_are_refused_or_mean_something(frame: bytes) -> None:
    try:
        messages = unpack(frame)
    except BadFrame:
        return
    # A frame of equal sizes may be written in either way.
    assert unpack(pack(messages)) == messages


@given(MESSAGES, st.data())
def test_a_frame_that_is_cut_or_longer_is_refused(messages: list[bytes], data: st.DataObject) -> None:
    frame = pack(messages)
    cut = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(BadFrame):
        unpack(frame[:cut] if cut != len(frame) else frame)
    with pytest.raises(BadFrame):
        unpack(frame + b"x")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\0" * 4,
        struct.pack("<I", 0) + b"x",
        struct.pack("<II", EQUAL, 0),
        struct.pack("<I", 2**31 - 1) + b"x" * 9,
    ],
)
def test_bad_frames(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        unpack(frame)


def test_a_count_that_no_bytes_bound_is_refused() -> None:
    with pytest.raises(BadFrame):
        unpack(struct.pack("<II", EQUAL | (MOST_EMPTY + 1), 0))
