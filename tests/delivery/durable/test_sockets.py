"""The sockets of durable edges as programs use them: rooms and limits, syncs that fail, asyncio, who gets whose."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import zmq

from orchestrator.delivery.journal.errors import JournalError, JournalFullError
from orchestrator.node import Node
from tests.support.waiting import until

pytestmark = pytest.mark.process

MEBI = 1 << 20

Make = Callable[..., Node]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make a sender or a receiver of a durable edge; receivers bind at the socket of their name."""
    with ExitStack() as made:

        def node(name: str, *receivers: str, timeout: int = 10_000, **durable: Any) -> Node:
            if receivers:
                addresses = [f"ipc://{tmp_path}/{each}" for each in receivers]
                socket = {"type": "PUSH", "connect": addresses, "sndtimeo": timeout}
                socket["durable"] = durable | {"receivers": [f"{each}.s" for each in receivers]}
            else:
                socket = {"type": "PULL", "bind": f"ipc://{tmp_path}/{name}", "rcvtimeo": timeout, "durable": durable}
            return made.enter_context(
                Node.standalone({"s": socket}, name=name, journals=str(tmp_path / "j"), grace=0.1)
            )

        yield node


def filled(send: Callable[[], object], full: type[Exception]) -> int:
    """Send until there is no room; tell how often there was."""
    for count in range(100_000):
        try:
            send()
        except full:
            return count
    raise AssertionError("there is room for all")


def test_a_message_is_taken_once_the_next_is_asked_for(make: Make) -> None:
    sender: Any = make("a", "b").socket("s")
    receiver: Any = make("b").socket("s")
    sender.send_many([b"one", bytearray(b"two"), memoryview(b"three")])
    assert receiver.recv() == b"one"
    assert sender.unacknowledged == 3
    assert [receiver.recv(), receiver.recv()] == [b"two", b"three"]
    receiver.ack()
    until(lambda: not sender.unacknowledged)


@pytest.mark.parametrize("size", [100, 300_000])
def test_a_full_journal_is_an_error_where_that_is_asked_for(make: Make, size: int) -> None:
    sender: Any = make("a", "b", max_size=MEBI, on_full="error").socket("s")
    count = filled(lambda: sender.send(bytes(size)), JournalFullError)
    assert sender.unacknowledged == count
    receiver: Any = make("b").socket("s")
    assert [len(receiver.recv()) for _ in range(count)] == [size] * count
    receiver.ack()
    until(lambda: not sender.unacknowledged)
    sender.send(b"room again")
    assert receiver.recv() == b"room again"


def test_where_there_is_no_room_it_waits_and_has_taken_nothing(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    sender: Any = make("a", "b", max_size=MEBI, timeout=50).socket("s")
    count = filled(lambda: sender.send_many([bytes(1000)] * 10), zmq.Again)
    assert sender.unacknowledged == 10 * count
    assert capsys.readouterr().err.startswith("a.s: waits for room: ")


def test_after_a_sync_that_has_failed_nothing_is_taken(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sender: Any = make("a", "b", fsync="always").socket("s")
    sender.send(b"synced")

    def fail(file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(JournalError, match="Input/output error"):
        sender.send(b"not synced")
    monkeypatch.undo()
    for _ in range(2):
        with pytest.raises(JournalError, match="Input/output error"):
            sender.send(b"never")


def test_with_always_each_send_is_on_disk(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sender: Any = make("a", "b", fsync="always").socket("s")
    synced: list[int] = []
    sync = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda file: (synced.append(file), sync(file))[1])
    for number in range(5):
        sender.send(b"x")
        assert len(synced) > number


def test_one_that_does_not_come_back_is_replaced(make: Make) -> None:
    sender: Any = make("a", "b", "c", reassign_after=0.3).socket("s")
    left, stays = make("b"), make("c")
    gone, receiver = left.socket("s"), stays.socket("s")
    sent = [b"%d" % number for number in range(2_000)]
    sender.send_many(sent)
    until(lambda: gone.poll(100) and receiver.poll(100))
    first: Any = gone
    had = [first.recv() for _ in range(3)]
    left.__exit__(None, None, None)
    received = []
    while sender.unacknowledged:
        received.append(receiver.recv())
        receiver.ack()  # type: ignore[attr-defined]
        if len(received) + len(had) >= len(sent) - 1:
            time.sleep(0.01)
    assert {*had, *received} == {*sent}
    assert len(had) + len(received) <= len(sent) + 1, "the one that it had in hand comes again, and no other"


def test_under_asyncio_too(make: Make) -> None:
    async def talk() -> None:
        out: Any = make("a", "b", max_size=MEBI).async_socket("s")
        into: Any = make("b").async_socket("s")

        async def send() -> None:
            for number in range(500):
                await out.send(b"%d" % number * 1000)  # more than there is room for: it waits while others go on
            await out.send_many([b"x", b"y"])
            await out.flush()

        sending = asyncio.ensure_future(send())
        assert [await into.recv() for _ in range(500)] == [b"%d" % number * 1000 for number in range(500)]
        await sending
        found = await into.recv_many()
        while len(found) < 2:
            found += await into.recv_many()
        assert found == [b"x", b"y"]
        await into.ack()
        while out.unacknowledged:
            await asyncio.sleep(0.005)

    asyncio.run(asyncio.wait_for(talk(), 60))
