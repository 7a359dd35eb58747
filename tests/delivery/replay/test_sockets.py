"""The sockets of edges that replay as programs use them: where they begin, gaps, asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import zmq

from orchestrator.delivery.replay.subscriber import ReplayGapError
from orchestrator.node import Node

pytestmark = pytest.mark.process

Make = Callable[..., Any]

MEBI = 1 << 20


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make the publisher, or a subscriber that begins somewhere."""
    with ExitStack() as made:

        def node(begin: str = "", timeout: int = 10_000, **options: int) -> Node:
            address, side = f"ipc://{tmp_path}/s", f"ipc://{tmp_path}/side"
            if not begin:
                socket = {"type": "PUB", "bind": address, "replay": {"side": side, "keep": MEBI}}
            else:
                said = {"from": begin, "publishers": {"feed.s": side}}
                socket = {"type": "SUB", "connect": address, "subscribe": "t", "rcvtimeo": timeout, "replay": said}
            name = f"bot-{begin}" if begin else "feed"
            return made.enter_context(
                Node.standalone({"s": socket | options}, name=name, journals=str(tmp_path / "j"), grace=0.1)
            )

        yield node


def test_all_from_the_beginning(make: Make) -> None:
    feed = make().socket("s")
    feed.send_many([b"1", b"2"], b"t")
    feed.send(b"x", b"other")
    feed.flush()
    bot = make("beginning").socket("s")
    assert [bot.recv() for _ in range(2)] == [(b"t", b"1"), (b"t", b"2")]
    feed.send(b"3", b"t")
    assert bot.recv_many() == [(b"t", b"3")]


def test_the_last_value_or_what_is_new(make: Make) -> None:
    feed = make().socket("s")
    for topic in (b"t1", b"t2"):
        for number in range(600):
            feed.send(b"%d" % number, topic)
    feed.flush()
    last, latest = make("last-value").socket("s"), make("latest", timeout=50).socket("s")
    seen: dict[bytes, list[bytes]] = {}
    while [values[-1] for values in seen.values()] != [b"599", b"599"]:
        topic, body = last.recv()
        seen.setdefault(topic, []).append(body)
    assert all(len(values) <= 256 for values in seen.values()), "a frame of each topic at most"
    heard = None
    while heard is None:
        feed.send(b"new", b"t1")
        with suppress(zmq.Again):
            heard = latest.recv()
    assert heard == (b"t1", b"new")


def all_of(bot: Any) -> None:
    while True:
        bot.recv()


def test_what_is_kept_no_more_is_told(make: Make) -> None:
    feed = make(sndhwm=1).socket("s")
    bot = make("beginning", rcvhwm=1).socket("s")
    feed.send(b"first", b"t")
    assert bot.recv() == (b"t", b"first")
    for _ in range(100):
        feed.send_many([bytes(1000)] * 100, b"t")  # more than is kept, and more than a PUB queues
    feed.flush()
    with pytest.raises(ReplayGapError) as told:
        all_of(bot)
    assert told.value.topic == b"t"
    assert 2 <= told.value.first <= told.value.last < 10_001
    rest = 0
    while told.value.last + rest < 10_001:
        rest += len(bot.recv_many())
    assert told.value.last + rest == 10_001


def test_under_asyncio_too(make: Make) -> None:
    async def talk() -> None:
        feed = make().async_socket("s")
        await feed.send(b"0", b"t")
        await feed.send_many([b"%d" % number for number in range(1, 400)], b"t")
        await feed.flush()
        bot = make("beginning").async_socket("s")
        assert [await bot.recv() for _ in range(400)] == [(b"t", b"%d" % number) for number in range(400)]
        await feed.send(b"live", b"t")
        assert await bot.recv_many() == [(b"t", b"live")]

    asyncio.run(asyncio.wait_for(talk(), 60))
