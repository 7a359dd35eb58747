"""Listening with real sockets: all is heard, nobody waits for the listener, and what it could not have is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from orchestrator.delivery.batch.frame import pack
from orchestrator.delivery.replay.wire import HEAD
from orchestrator.tap.buffer import Buffer, TappedMessage
from orchestrator.tap.listener import Listener
from orchestrator.tap.sources import Source
from tests.delivery.journal.test_journal import opened, write
from tests.support.waiting import until

pytestmark = pytest.mark.process

Publisher = Callable[[], "zmq.Socket[bytes]"]


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"ipc://{tmp_path}/s"


@pytest.fixture
def publisher(address: str) -> Iterator[Publisher]:
    """Make a PUB that is bound there, again and again."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()

    def make() -> zmq.Socket[bytes]:
        socket = context.socket(zmq.PUB)
        socket.setsockopt(zmq.SNDHWM, 0)
        socket.setsockopt(zmq.LINGER, 5_000)
        socket.bind(address)
        return socket

    yield make
    context.destroy(0)


def source(kind: Any = "plain") -> Source:
    return Source("ticks", "feed.ticks", kind, "" if kind == "journal" else "feed.ticks")


def rest(buffer: Buffer) -> list[TappedMessage]:
    found: list[TappedMessage] = []
    while (some := buffer.take(10)) is not None:
        found += some
    return found


def tuned(socket: zmq.Socket[bytes], buffer: Buffer) -> None:
    """Send until it is heard: only then the publisher has the subscription."""

    def heard() -> bool:
        socket.send(b"tune")
        return bool(buffer.take(0.01))

    until(heard)


def test_all_that_was_sent_before_the_end_is_heard(publisher: Publisher, address: str) -> None:
    socket, buffer = publisher(), Buffer(1 << 30)
    listener = Listener([(source(), address)], [b""], buffer)
    tuned(socket, buffer)
    for number in range(5_000):
        socket.send_multipart([b"%d" % number, b"x"])
    socket.close()
    listener.finish()
    heard = [each for each in rest(buffer) if each.parts != [b"tune"]]
    assert [each.parts for each in heard] == [[b"%d" % number, b"x"] for number in range(5_000)]
    assert {(each.edge, each.socket) for each in heard} == {("ticks", "feed.ticks")}
    assert listener.losses.told() == []


def test_what_has_no_room_is_counted(publisher: Publisher, address: str) -> None:
    socket, buffer = publisher(), Buffer(10_000)
    listener = Listener([(source(), address)], [b""], buffer)
    tuned(socket, buffer)
    for _ in range(5_000):
        socket.send(bytes(100))
    socket.close()
    listener.finish()
    until(lambda: buffer.dropped > 4_900)
    heard = [each for each in rest(buffer) if each.parts != [b"tune"]]
    assert len(heard) + listener.losses.dropped == 5_000
    assert listener.losses.told() == [f"{5_000 - len(heard)} dropped, since they came faster than they were written"]


def test_one_that_sends_faster_than_is_taken_is_named(publisher: Publisher, address: str) -> None:
    socket, buffer = publisher(), Buffer(1 << 30)
    listener = Listener([(source(), address)], [b""], buffer, high_water=100)
    tuned(socket, buffer)
    for _ in range(50_000):
        socket.send(b"x")
    until(lambda: listener.losses.behind)
    listener.stop()
    rest(buffer)
    assert listener.losses.told() == ["feed.ticks sent faster than was taken: some may be missing"]


def test_one_that_started_anew_is_named(publisher: Publisher, address: str) -> None:
    buffer = Buffer(1 << 30)
    listener = Listener([(source(), address)], [b""], buffer)
    first = publisher()
    until(lambda: listener.met)
    first.close()
    second = publisher()
    until(lambda: listener.losses.returned)
    second.close()
    listener.stop()
    rest(buffer)
    assert listener.losses.told() == ["feed.ticks started anew: what it sent at once may be missing"]


def test_what_numbers_pass_over_is_counted(publisher: Publisher, address: str) -> None:
    socket, buffer = publisher(), Buffer(1 << 30)
    listener = Listener([(source("replay"), address)], [b""], buffer)

    def frame(before: int) -> list[bytes]:
        return [b"AAPL", HEAD.pack(bytes(16), before, before + 1) + pack([b"x"])]

    until(lambda: (socket.send_multipart(frame(0)), buffer.take(0.01))[1])
    socket.send_multipart(frame(7))
    socket.close()
    listener.finish()
    rest(buffer)
    assert listener.losses.told() == ["6 missing, as their numbers tell"]


def test_one_that_does_not_speak_it_ends_it(publisher: Publisher, address: str) -> None:
    socket, buffer = publisher(), Buffer(1 << 30)
    listener = Listener([(source("batch"), address)], [b""], buffer)
    until(lambda: (socket.send(b"x"), buffer.take(0.01))[1] is None)
    assert listener.problem.startswith("feed.ticks does not speak batch, as the edge says: ")


def test_a_journal_is_read(tmp_path: Path) -> None:
    journal, buffer = opened(tmp_path / "j"), Buffer(1 << 30)
    write(journal, b"old")
    listener = Listener([(source("journal"), str(tmp_path / "j"))], [b""], buffer)
    write(journal, b"one", b"two")
    listener.finish()
    assert [each.parts for each in rest(buffer)] == [[b"one"], [b"two"]]
    assert listener.losses.told() == []
    journal.close()
