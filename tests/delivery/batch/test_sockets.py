"""Batched sockets on real sockets; the test is their timer, where it does not use the real one."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.batch.frame import unpack
from orchestrator.delivery.batch.limits import Limits, next_frame
from orchestrator.delivery.batch.sockets import BatchSocket, opened
from orchestrator.delivery.batch.timer import SIGNAL, Timer
from orchestrator.delivery.dropped import Dropped

LIMITS = Limits(messages=4, bytes=1000, delay=60.0)


class Pair:
    """Two batched sockets that talk, and what was asked of the timer of the first."""

    def __init__(self, kinds: tuple[str, str], limits: Limits = LIMITS, **options: int) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.armed: list[float] = []
        one, other = (self.context.socket(zmq.SocketType[kind]) for kind in kinds)
        for raw in (one, other):
            raw.setsockopt(zmq.RCVTIMEO, 5000)
            raw.setsockopt(zmq.LINGER, 0)
            for name, value in options.items():
                raw.setsockopt(zmq.SocketOption[name.upper()], value)
        if kinds[1] == "SUB":
            other.setsockopt(zmq.SUBSCRIBE, b"")
        one.bind("inproc://pair")
        other.connect("inproc://pair")
        self.one = BatchSocket(one, kinds[0], limits, "orders", self.armed.append)
        self.other = BatchSocket(other, kinds[1], limits, "orders")

    def close(self) -> None:
        self.context.destroy(linger=0)

    def frames(self) -> list[list[bytes]]:
        """Give what has arrived, a list for each frame."""
        found = []
        while self.other.raw.poll(0):
            found.append(list(unpack(self.other.raw.recv_multipart()[-1])))
        return found


@pytest.fixture
def pair() -> Iterator[Callable[..., Pair]]:
    made: list[Pair] = []

    def make(one: str = "PUSH", other: str = "PULL", **values: Any) -> Pair:
        made.append(Pair((one, other), **values))
        return made[-1]

    yield make
    for each in made:
        each.close()


# ---- when a frame goes


def test_the_first_after_a_quiet_time_goes_at_once(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send(b"a")
    assert it.frames() == [[b"a"]]
    assert it.armed == []


def test_what_follows_waits_for_company_and_the_timer(pair: Callable[..., Pair]) -> None:
    it = pair()
    for message in (b"a", b"b", b"c"):
        it.one.send(message)
    assert it.frames() == [[b"a"]]
    assert it.armed == [60.0]
    it.one.due()
    assert it.frames() == [[b"b", b"c"]]
    it.one.send(b"d")
    assert it.armed == [60.0, 60.0]


def test_a_full_frame_goes_at_once(pair: Callable[..., Pair]) -> None:
    it = pair()
    for number in range(9):
        it.one.send(b"%d" % number)
    assert it.frames() == [[b"0"], [b"1", b"2", b"3", b"4"], [b"5", b"6", b"7", b"8"]]


def test_messages_of_as_many_bytes_as_a_frame_may_have_wait_for_nobody(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send(b"a")
    it.one.send(b"b")
    it.one.send(b"x" * 999)
    assert it.frames() == [[b"a"], [b"b", b"x" * 999]]
    for _ in range(3):
        it.one.send(b"y" * 499)
    assert it.frames() == [[b"y" * 499, b"y" * 499], [b"y" * 499]]


def test_what_comes_at_a_slow_pace_never_waits(pair: Callable[..., Pair]) -> None:
    it = pair(limits=Limits(messages=4, bytes=1000, delay=0.02))
    for message in (b"a", b"b", b"c"):
        it.one.send(message)
        assert it.frames() == [[message]]
        until = time.monotonic() + 0.002
        while time.monotonic() < until:
            pass
    assert it.armed == []


def test_without_a_timer_nothing_waits(pair: Callable[..., Pair]) -> None:
    it = pair("PAIR", "PAIR")
    it.other.send(b"a")
    it.other.send(b"b")
    assert [it.one.recv(), it.one.recv()] == [b"a", b"b"]


def test_flush(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send(b"a")
    it.one.send(b"b")
    it.one.flush()
    assert it.frames() == [[b"a"], [b"b"]]


def test_many_at_once(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send_many([])
    it.one.send_many([b"%d" % number for number in range(10)])
    assert it.frames() == [[b"0", b"1", b"2", b"3"], [b"4", b"5", b"6", b"7"], [b"8", b"9"]]


def test_bytes_bound_a_frame(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send_many([b"a" * 600, b"b" * 600, b"c" * 2000, b"d"])
    assert [[each[:1] for each in frame] for frame in it.frames()] == [[b"a"], [b"b"], [b"c"], [b"d"]]


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=30), st.integers(1, 10), st.integers(1, 200))
def test_frames_keep_order_and_bounds(messages: list[bytes], most: int, size: int) -> None:
    waiting, found = list(messages), []
    while waiting:
        count, frame = next_frame(waiting, Limits(most, size, 0.0))
        part = waiting[:count]
        assert list(unpack(frame)) == part
        assert 1 <= count <= most
        assert sum(map(len, part)) <= size or count == 1
        # and no more than it had to leave out
        assert count == min(most, len(waiting)) or sum(map(len, waiting[: count + 1])) > size
        found += part
        del waiting[:count]
    assert found == messages


# ---- messages


def test_bytes_like_messages_are_copied(pair: Callable[..., Pair]) -> None:
    it = pair()
    one = bytearray(b"abc")
    it.one.send(b"-")
    it.one.send(one)
    it.one.send(memoryview(one)[1:])
    one[:] = b"xyz"
    it.one.flush()
    assert it.frames() == [[b"-"], [b"abc", b"bc"]]


@pytest.mark.parametrize("message", ["text", 5, None, [b"a"]])
def test_other_messages_are_refused_and_spoil_nothing(pair: Callable[..., Pair], message: Any) -> None:
    it = pair()
    it.one.send(b"a")
    it.one.send(b"b")
    with pytest.raises(TypeError):
        it.one.send(message)
    with pytest.raises(TypeError):
        it.one.send_many([b"c", message])
    it.one.flush()
    assert it.frames() == [[b"a"], [b"b"]]


def test_receiving_one_by_one_and_many(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send_many([b"%d" % number for number in range(8)])
    assert it.other.recv() == b"0"
    assert it.other.poll(0) == zmq.POLLIN
    assert it.other.recv_many() == [b"1", b"2", b"3"]
    assert it.other.poll(0) == zmq.POLLIN
    assert it.other.recv_many() == [b"4", b"5", b"6", b"7"]
    assert it.other.poll(0) == 0


def test_messages_in_hand_are_seen_by_poll(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send_many([b"a", b"b"])
    assert it.other.recv() == b"a"
    assert not it.other.raw.poll(0)
    assert it.other.poll(0) == zmq.POLLIN


def test_iterating_ends_when_the_socket_has_ended(pair: Callable[..., Pair]) -> None:
    it = pair(rcvtimeo=0)
    it.one.send_many([b"a", b"b", b"c"])
    assert list(it.other.messages(lambda: True)) == [b"a", b"b", b"c"]
    with pytest.raises(zmq.Again):
        list(it.other.messages(lambda: False))


def test_receiving_goes_on_after_a_timeout(pair: Callable[..., Pair]) -> None:
    it = pair(rcvtimeo=0)
    with pytest.raises(zmq.Again):
        it.other.recv()
    it.one.send(b"a")
    assert it.other.recv() == b"a"


def test_who_does_not_speak_it_is_told_of(pair: Callable[..., Pair], capsys: pytest.CaptureFixture[str]) -> None:
    it = pair()
    it.one.raw.send(b"plain")
    it.one.raw.send_multipart([b"", b"two"])
    it.one.send(b"a")
    assert it.other.recv() == b"a"
    assert it.other.dropped == 3
    assert capsys.readouterr().err.startswith("orders: dropped a message: not batch/1")
    it.one.raw.send(b"plain")
    it.one.send(b"b")
    it.one.flush()
    assert it.other.recv_many() == [b"b"]
    assert it.other.dropped == 4


def test_a_topic_without_a_batch_is_told_of(pair: Callable[..., Pair], capsys: pytest.CaptureFixture[str]) -> None:
    it = pair("PUB", "SUB", rcvtimeo=200)
    it.one.raw.send(b"AAPL 130.31")
    with pytest.raises(zmq.Again):
        it.other.recv_many()
    assert it.other.dropped == 1
    assert "1 parts" in capsys.readouterr().err


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=3), st.booleans())
def test_whatever_arrives_is_messages_or_dropped(parts: list[bytes], topical: bool) -> None:
    dropped = Dropped("orders")
    found = opened(dropped, topical, parts)
    assert dropped.count == (not found)


def test_the_wrong_direction_is_refused(pair: Callable[..., Pair]) -> None:
    it = pair()
    with pytest.raises(TypeError, match="orders is a PUSH: it does not receive"):
        it.one.recv()
    with pytest.raises(TypeError, match="orders is a PULL: it does not send"):
        it.other.send(b"a")


# ---- topics


def test_each_topic_has_frames_of_its_own(pair: Callable[..., Pair]) -> None:
    it = pair("PUB", "SUB")
    for number in range(3):
        it.one.send(b"%d" % number, b"AAPL")
        it.one.send(b"%d" % number, b"IBM")
    it.one.flush()
    found = [it.other.recv() for _ in range(6)]
    for topic in (b"AAPL", b"IBM"):
        assert [body for name, body in found if name == topic] == [b"0", b"1", b"2"]
    it.one.send_many([b"x", b"y"], b"MSFT")
    it.one.due()
    assert it.other.recv_many() == [(b"MSFT", b"x"), (b"MSFT", b"y")]


def test_topics_are_not_remembered_for_ever(pair: Callable[..., Pair]) -> None:
    it = pair("PUB", "SUB", sndhwm=0, rcvhwm=0)
    for number in range(30_000):
        it.one.send(b"x", b"%d" % number)
        if number % 1000 == 0:
            it.one.flush()
    it.one.flush()
    assert it.one._out is not None
    assert len(it.one._out._waiting) < 20_000
    assert sum(1 for _ in range(30_000) if it.other.recv()) == 30_000


# ---- nobody takes it


def full(pair: Callable[..., Pair]) -> Pair:
    """A pair whose sender can send no more: three messages wait, and a fourth is refused."""
    it = pair(sndhwm=1, rcvhwm=1, sndtimeo=0)
    numbers = iter(range(10_000))
    with suppress(zmq.Again):
        for number in numbers:
            it.one.send(b"%d" % number)
    assert next(numbers, None) is not None
    return it


def test_a_message_that_is_refused_is_not_taken(pair: Callable[..., Pair]) -> None:
    it = full(pair)
    for _ in range(2):
        with pytest.raises(zmq.Again):
            it.one.send(b"refused")
    assert it.other.recv() == b"0"
    assert it.one.poll(5000, zmq.POLLOUT)
    it.one.flush()
    it.one.send(b"taken")
    received: list[bytes] = []
    while not received or received[-1] != b"taken":
        received += it.other.recv_many() if it.other.poll(10) else []
        it.one.due()
    assert received[:-1] == [b"%d" % number for number in range(1, len(received))]


def test_the_timer_tries_again(pair: Callable[..., Pair]) -> None:
    it = full(pair)
    before = len(it.armed)
    it.one.due()
    assert len(it.armed) == before + 1


def test_what_nobody_takes_is_counted_at_the_end(pair: Callable[..., Pair]) -> None:
    it = full(pair)
    assert it.one.finish(0.0) == 3


def test_nothing_is_left_at_a_good_end(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send(b"a")
    it.one.send(b"b")
    assert it.one.finish(1.0) == 0
    assert it.frames() == [[b"a"], [b"b"]]


def test_without_the_end_what_waits_is_lost(pair: Callable[..., Pair]) -> None:
    it = pair()
    it.one.send(b"a")
    it.one.send(b"b")
    it.one.raw.close()
    assert it.frames() == [[b"a"]]


# ---- the timer and the handler


def test_the_timer_sends_the_tail_while_the_program_waits() -> None:
    it = Pair(("PUSH", "PULL"), Limits(1000, 100_000, 0.005))
    timers: list[Timer] = []
    sender = BatchSocket(it.one.raw, "PUSH", Limits(1000, 100_000, 0.005), "orders", lambda s: timers[0].arm(s))
    timers.append(Timer(sender.due))
    try:
        sender.send_many([b"a", b"b"])
        sender.send(b"c")
        sender.send(b"d")
        found: list[bytes] = []
        while len(found) < 4:
            found += it.other.recv_many()  # blocks in libzmq until the handler has sent
        assert found == [b"a", b"b", b"c", b"d"]
    finally:
        it.close()
        signal.signal(SIGNAL, signal.SIG_DFL)


def test_an_interrupted_send_loses_and_doubles_nothing() -> None:
    """The handler flushes at any step of the sender, thousands of times."""
    it = Pair(("PUSH", "PULL"), Limits(16, 100_000, 0.0001), sndhwm=0, rcvhwm=0)
    timers: list[Timer] = []
    sender = BatchSocket(it.one.raw, "PUSH", Limits(16, 100_000, 0.0001), "orders", lambda s: timers[0].arm(s))
    fired = 0

    def due() -> None:
        nonlocal fired
        fired += 1
        sender.due()
        timers[0].arm(0.00002)

    timers.append(Timer(due))
    timers[0].arm(0.00002)
    try:
        for number in range(100_000):
            sender.send(b"%d" % number)
        signal.signal(SIGNAL, signal.SIG_IGN)
        sender.flush()
        assert fired > 100
        found: list[bytes] = []
        while len(found) < 100_000:
            found += it.other.recv_many()
        assert found == [b"%d" % number for number in range(100_000)]
        assert not it.other.raw.poll(0)
    finally:
        signal.signal(SIGNAL, signal.SIG_IGN)
        it.close()


def test_a_forked_child_sends_nothing_twice() -> None:
    it = Pair(("PUSH", "PULL"))
    try:
        it.one.send(b"a")
        it.one.send(b"b")  # waits, and goes before the fork
        child = os.fork()
        if child == 0:
            os._exit(0 if it.one._out is not None and not any(it.one._out._waiting.values()) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert it.frames() == [[b"a"], [b"b"]]
    finally:
        it.close()


def test_a_timer_belongs_to_the_main_thread() -> None:
    raised: list[type[BaseException]] = []

    def make() -> None:
        try:
            Timer(lambda: None)
        except ValueError as error:
            raised.append(type(error))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert raised == [ValueError]


def test_a_timer_fires_once() -> None:
    times: list[float] = []
    timer = Timer(lambda: times.append(time.monotonic()))
    try:
        begin = time.monotonic()
        timer.arm(0.01)
        while not times:
            signal.sigtimedwait([], 0.5)
        assert times[0] - begin >= 0.01
        signal.sigtimedwait([], 0.05)
        assert len(times) == 1
    finally:
        signal.signal(SIGNAL, signal.SIG_DFL)
