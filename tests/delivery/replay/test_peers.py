"""Who is heard on a side channel, and that nothing else that arrives is given or raised."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.delivery.batch.sockets import pack_one
from orchestrator.delivery.replay import wire
from orchestrator.delivery.replay.early import FRAMES, Early, Frame
from orchestrator.delivery.replay.history import History
from orchestrator.delivery.replay.peers import PRESENT, Publishers, Readers
from orchestrator.delivery.replay.server import HistoryServer
from orchestrator.node import Node

SECRET = b"s" * 32
STREAM = b"1" * 16
OWN = b"bot.ticks 2 aa"


def asking(peer: bytes, secret: bytes = SECRET) -> bytes:
    return Publishers(peer, secret).asking("feed.ticks")


def test_a_subscriber_is_heard_once_it_has_proved_who_it_is() -> None:
    readers = Readers("feed.ticks", 1, SECRET, STREAM)
    assert not readers.hears(OWN, 0.0)
    assert readers.admit(OWN, asking(OWN, b"t" * 32), 0.0) == "its token is wrong"
    assert readers.admit(OWN, asking(b"bot.ticks 3 aa"), 0.0) == "its token is wrong"
    assert readers.admit(b"bot.ticks", asking(b"bot.ticks"), 0.0) == "its token is wrong"
    assert not readers.hears(OWN, 0.0)
    assert readers.admit(OWN, asking(OWN), 0.0) == ""
    assert readers.hears(OWN, 1.0)
    assert readers.present(1.0 + PRESENT) == []
    assert readers.present(1.0) == [OWN]


def test_one_of_the_same_name_waits_until_the_first_is_gone_and_an_older_one_for_ever() -> None:
    readers = Readers("feed.ticks", 1, SECRET, STREAM)
    other, old, new = b"bot.ticks 2 bb", b"bot.ticks 1 cc", b"bot.ticks 3 dd"
    readers.admit(OWN, asking(OWN), 0.0)
    assert readers.admit(other, asking(other), 1.0) == "another process of that name is there"
    assert readers.admit(OWN, asking(OWN), 2.0) == ""
    assert readers.admit(other, asking(other), 2.0 + PRESENT) == ""
    assert "generation 1" in readers.admit(old, asking(old), 100.0)
    assert readers.admit(new, asking(new), 2.0 + PRESENT) == ""
    assert readers.present(2.0 + PRESENT) == [new]


def test_a_publisher_is_heard_once_it_has_proved_who_it_is() -> None:
    readers, publishers = Readers("feed.ticks", 4, SECRET, STREAM), Publishers(OWN, SECRET)
    generation, token = readers.answer(OWN)
    assert publishers.admit("feed.ticks", wire.Catalog(bytes(16), 4, STREAM, [])) == "its token is wrong"
    assert publishers.admit("feed.ticks", wire.Catalog(token, 5, STREAM, [])) == "its token is wrong"
    assert publishers.admit("else.ticks", wire.Catalog(token, 4, STREAM, [])) == "its token is wrong"
    assert not publishers.hears("feed.ticks")
    assert publishers.admit("feed.ticks", wire.Catalog(token, generation, STREAM, [])) == ""
    assert publishers.hears("feed.ticks")
    _, token = Readers("feed.ticks", 3, SECRET, STREAM).answer(OWN)
    assert "generation 3" in publishers.admit("feed.ticks", wire.Catalog(token, 3, STREAM, []))


def test_what_is_early_is_bounded_and_kept_by_stream() -> None:
    early, frame = Early(), Frame(b"t", STREAM, 0, 1, (b"x",))
    assert early.keep(Frame(b"t", b"2" * 16, 0, 1, (b"y",)))
    kept = sum(early.keep(frame) for _ in range(2 * FRAMES))
    assert kept == FRAMES - 1
    assert early.of(STREAM) == [frame] * kept
    assert early.of(STREAM) == []
    assert not early.keep(Frame(b"t", STREAM, 0, 1, (bytes(17 << 20),)))
    assert early.keep(frame)


SAID = st.one_of(
    st.binary(max_size=60),
    st.tuples(st.sampled_from([b"C", b"F", b"O", b"D", b"E"]), st.binary(max_size=60)).map(b"".join),
)
EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[HistoryServer]:
    history = History(tmp_path, size=1 << 20, seconds=None)
    history.write(b"t", pack_one(b"x"))
    with zmq.Context() as context:
        made = HistoryServer(context, f"ipc://{tmp_path}/s", "feed.ticks", history, 1, SECRET)
        made.end(0.0)  # the thread: from now on the test calls it
        yield made
    history.close()


@EACH
@given(
    st.lists(st.tuples(st.binary(max_size=20), st.lists(SAID, max_size=3)), max_size=10), st.lists(SAID, max_size=10)
)
def test_a_publisher_answers_strangers_nothing_and_nothing_is_raised(
    serving: HistoryServer, strange: list[tuple[bytes, list[bytes]]], proved: list[bytes]
) -> None:
    answers: list[bytes] = []
    serving._say = lambda reader, said: answers.append(reader)  # type: ignore[method-assign]
    before = serving.dropped.count
    for peer, asked in strange:
        serving._answer(peer, *asked)
    assert answers == []
    assert serving.dropped.count == before + len(strange)
    serving._answer(OWN, wire.catalog_request([b""], asking(OWN)))
    assert answers == [OWN]
    for asked_ in proved:
        serving._answer(OWN, asked_)


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """Give a subscriber that binds, and a publisher of its own, which connects."""
    live, side = f"ipc://{tmp_path}/live", f"ipc://{tmp_path}/side"
    secret = SECRET.hex()
    sub = {"type": "SUB", "bind": live, "subscribe": "", "rcvtimeo": 50}
    sub["replay"] = {"from": "latest", "publishers": {"feed.ticks": side}, "secret": secret}
    pub = {"type": "PUB", "connect": live, "replay": {"side": side, "keep": 1 << 20, "secret": secret}}
    with (
        Node.standalone({"ticks": sub}, name="bot", grace=0.1) as bot,
        Node.standalone({"ticks": pub}, name="feed", journals=str(tmp_path / "j"), grace=0.1) as feed,
    ):
        yield bot.socket("ticks"), feed.socket("ticks")


@pytest.mark.process
def test_a_subscriber_that_binds_is_given_nothing_of_strangers(bound: tuple[Any, Any], tmp_path: Path) -> None:
    sub, pub = bound
    with zmq.Context() as context, context.socket(zmq.XPUB) as stranger:
        stranger.connect(f"ipc://{tmp_path}/live")
        while not stranger.poll(10):  # its subscription comes
            sub.poll(10)  # for which it has to look
        for number in range(100):
            frame = wire.HEAD.pack(b"f" * 16, number, number + 1) + pack_one(b"FORGED")
            for message in ([b"t", frame], [b"t"], [b"t", b"x"]):
                stranger.send_multipart(message)
        found: set[tuple[bytes, bytes]] = set()
        deadline = time.monotonic() + 20
        while (sub.dropped < 200 or not found) and time.monotonic() < deadline:
            pub.send(b"true", b"t")
            with suppress(zmq.Again):
                found.add(sub.recv())
        assert found == {(b"t", b"true")}
        assert sub.dropped == 200


@EACH
@given(st.lists(st.lists(st.binary(max_size=60), min_size=1, max_size=3), max_size=10), st.lists(SAID, max_size=10))
@pytest.mark.process
def test_a_subscriber_raises_nothing(bound: tuple[Any, Any], live: list[list[bytes]], said: list[bytes]) -> None:
    sub, _ = bound
    for parts in live:
        sub._live(parts)
    for each in said:
        for name in ("feed.ticks", "nobody"):
            try:
                sub._take(name, each)
            except ValueError:
                sub._dropped("what _hear does")
    assert sub.hand == []
