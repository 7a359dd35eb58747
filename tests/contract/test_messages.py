from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract import messages
from orchestrator.contract.messages import FDS_LIMIT, LIMIT, BadMessage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    messages.set_send_buffer(one)
    messages.set_send_buffer(other)
    with one, other:
        yield one, other


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_a_message_comes_back_as_it_was(message: dict[str, object]) -> None:
    assert messages.decode(messages.encode(message)) == message


@pytest.mark.parametrize("packet", [b"", b"{", b"[]", b"1", b"\xff", b"null", b"[" * 100_000])
def test_what_is_no_message_is_refused(packet: bytes) -> None:
    with pytest.raises(BadMessage):
        messages.decode(packet)


def test_descriptors_travel_with_their_message(pair: Pair) -> None:
    one, other = pair
    read, write = os.pipe()
    messages.send(one, {"say": "listeners"}, (read, write))
    os.close(read)
    os.close(write)
    received = messages.receive(other)
    assert received is not None
    message, fds = received
    assert message == {"say": "listeners"}
    os.write(fds[1], b"through")
    assert os.read(fds[0], 10) == b"through"
    assert not any(os.get_inheritable(fd) for fd in fds)
    for fd in fds:
        os.close(fd)


def test_as_many_descriptors_as_allowed_travel_at_once(pair: Pair) -> None:
    one, other = pair
    messages.send(one, {}, (one.fileno(),) * FDS_LIMIT)
    received = messages.receive(other)
    assert received is not None
    assert len(received[1]) == FDS_LIMIT
    for fd in received[1]:
        os.close(fd)


def test_messages_keep_their_borders(pair: Pair) -> None:
    one, other = pair
    for number in range(3):
        messages.send(one, {"id": number})
    assert [messages.receive(other) for _ in range(3)] == [({"id": number}, []) for number in range(3)]


def test_the_longest_message_travels(pair: Pair) -> None:
    one, other = pair
    message = {"text": "x" * (LIMIT - len(json.dumps({"text": ""}, separators=(",", ":"))))}
    assert len(messages.encode(message)) == LIMIT
    messages.send(one, message)
    assert messages.receive(other) == (message, [])


def test_a_longer_message_is_not_sent(pair: Pair) -> None:
    one, other = pair
    with pytest.raises(BadMessage, match=f"{LIMIT} is the limit"):
        messages.send(one, {"text": "x" * LIMIT})
    other.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.recv(1)


@pytest.mark.parametrize("packet", [b"x" * (LIMIT + 1), b"not json"])
def test_a_refused_message_leaves_no_descriptor_behind(pair: Pair, packet: bytes) -> None:
    one, other = pair
    before = descriptors()
    socket.send_fds(one, [packet], [one.fileno()])
    with pytest.raises(BadMessage):
        messages.receive(other)
    assert descriptors() == before


def test_too_many_descriptors_are_refused_and_closed(pair: Pair) -> None:
    one, other = pair
    before = descriptors()
    socket.send_fds(one, [b"{}"], [one.fileno()] * (FDS_LIMIT + 2))
    with pytest.raises(BadMessage):
        messages.receive(other)
    assert descriptors() == before


def test_the_end_of_the_other_side(pair: Pair) -> None:
    one, other = pair
    messages.send(one, {"say": "leaving"})
    one.close()
    assert messages.receive(other) == ({"say": "leaving"}, [])
    assert messages.receive(other) is None


def test_what_has_come_is_taken_until_nothing_waits_or_the_other_side_is_gone() -> None:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.setblocking(False)
    with here:
        with there:
            for number in range(3):
                messages.send(there, {"say": number})
            assert [each and each[0]["say"] for each in messages.arrived(lambda: here)] == [0, 1, 2]
            there.send(b"no message")
            assert list(messages.arrived(lambda: here)) == [None]
            current = [here]
            messages.send(there, {"say": "close"})
            messages.send(there, {"say": "unread"})
            for _ in messages.arrived(lambda: current[0] if current else None):
                current.clear()
        assert [each and each[0]["say"] for each in messages.arrived(lambda: here)] == ["unread", None]
