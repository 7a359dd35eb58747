"""What a subscriber lacks, over a network that loses frames, in no processes and no time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.delivery.batch.frame import pack, unpack
from orchestrator.delivery.replay import wire
from orchestrator.delivery.replay.history import History
from orchestrator.delivery.replay.reassembly import From, Reassembly

TOPICS = [b"a", b"b", b"c"]


_made: list[History] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _made:
        _made.pop().close()


class World:
    """A publisher, its journal, and a subscriber of all topics; ``loss`` is the share of live frames that are lost."""

    def __init__(self, folder: Path, seed: int, begin: From, loss: float) -> None:
        self.chance, self.loss = random.Random(seed), loss
        self.history = History(folder, size=64 << 20, seconds=None, boot=b"b" * 16)
        self.following = Reassembly(["p"], begin)
        self.live: list[tuple[bytes, bytes, int, int]] = []
        self.got: dict[bytes, list[int]] = {topic: [] for topic in TOPICS}
        self.count = dict.fromkeys(TOPICS, 0)
        self.now = 0.0
        _made.append(self.history)

    def publish(self) -> None:
        topic, n = self.chance.choice(TOPICS), self.chance.randrange(1, 4)
        numbers = range(self.count[topic] + 1, self.count[topic] + n + 1)
        self.count[topic] += n
        batch = pack([b"%d" % number for number in numbers])
        before, first = self.history.write(topic, batch)
        if self.chance.random() >= self.loss:
            self.live.append((topic, batch, before, first))

    def listen(self, *, late: bool = False) -> None:
        """Do what a socket does in a step; ``late`` looks at what publishers have, though it is not time."""
        following = self.following
        self.now += 0.01
        if self.live and not following.waits(self.now):
            topic, batch, before, first = self.live.pop(0)
            bodies = unpack(batch)
            skip = following.live(topic, self.history.stream, before, first, len(bodies))
            self.got[topic] += map(int, bodies[skip:])
        elif following.looks(self.now) or late:
            following.catalog("p", self.history.stream, self.history.held([b""]))
        for _, number, wants in following.wanted(self.now):
            if self.chance.random() < 0.1:
                continue  # that is lost, or its answer
            more, gaps, records = self.history.behind(wants)
            found = wire.read_answer(wire.answer(number, more=more, gaps=gaps, records=records))
            assert following.answered("p", found) == []
            for each in found.records:
                bodies = unpack(each.batch)
                skip = following.fetched("p", each.topic, each.first, len(bodies))
                self.got[each.topic] += map(int, bodies[skip:])

    def settle(self) -> None:
        for _ in range(5000):
            self.listen(late=True)
        assert self.following.settled


@pytest.mark.parametrize("seed", range(40))
def test_who_begins_at_the_beginning_has_all_in_order(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, seed, "beginning", loss=0.2)
    for _ in range(world.chance.randrange(100)):
        world.publish()
    world.live.clear()  # before it has come
    for _ in range(400):
        if world.chance.random() < 0.5:
            world.publish()
        if world.chance.random() < 0.8:
            world.listen()
    world.settle()
    assert world.got == {topic: list(range(1, count + 1)) for topic, count in world.count.items()}


@pytest.mark.parametrize("seed", range(20))
def test_who_begins_with_the_latest_has_all_from_there_on(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, seed, "latest", loss=0.2)
    for _ in range(50):
        world.publish()
    world.live.clear()
    world.listen(late=True)
    before = dict(world.count)
    for _ in range(400):
        if world.chance.random() < 0.5:
            world.publish()
        if world.chance.random() < 0.8:
            world.listen()
    world.settle()
    assert world.got == {topic: list(range(before[topic] + 1, count + 1)) for topic, count in world.count.items()}


def test_the_first_messages_are_the_first_ones(tmp_path: Path) -> None:
    """With the latest nothing is lost that came before the publisher was asked."""
    world = World(tmp_path, 1, "latest", loss=0.0)
    for _ in range(50):
        world.publish()
    world.settle()
    assert world.got == {topic: list(range(1, count + 1)) for topic, count in world.count.items()}


def test_who_wants_the_last_values_has_one_of_each(tmp_path: Path) -> None:
    world = World(tmp_path, 1, "last-value", loss=0.0)
    for _ in range(50):
        world.publish()
    world.live.clear()
    world.settle()
    assert world.got == {topic: [count] for topic, count in world.count.items()}


def test_a_loss_at_the_end_is_seen(tmp_path: Path) -> None:
    world = World(tmp_path, 1, "latest", loss=0.0)
    for _ in range(20):
        world.publish()
    for _ in range(100):
        world.listen()
    world.loss = 1.0
    for _ in range(20):
        world.publish()
    world.settle()
    assert world.got == {topic: list(range(1, count + 1)) for topic, count in world.count.items()}


def test_without_looking_a_loss_at_the_end_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    world = World(tmp_path, 1, "latest", loss=0.0)
    monkeypatch.setattr(world.following, "looks", lambda now: False)
    for _ in range(20):
        world.publish()
    world.loss = 1.0
    world.publish()
    for _ in range(500):
        world.listen()
    assert world.got != {topic: list(range(1, count + 1)) for topic, count in world.count.items()}


def test_what_is_not_kept_any_more_is_told(tmp_path: Path) -> None:
    following = Reassembly(["p"], "latest")
    history = History(tmp_path, size=1 << 20, seconds=None, boot=b"b" * 16)
    _made.append(history)
    _, first = history.write(b"a", pack([b"x"]))
    assert following.live(b"a", history.stream, 0, first, 1) == 0
    for _ in range(3000):
        history.write(b"a", pack([b"x" * 1000]))
    for _ in range(2):  # what it has sent meanwhile may be on its way, the first time
        following.catalog("p", history.stream, history.held([b""]))
    [(_, number, wants)] = following.wanted(0.0)
    _, gaps, records = history.behind(wants)
    found = wire.read_answer(wire.answer(number, more=True, gaps=gaps, records=records))
    held = history.held([b"a"])[0]
    assert following.answered("p", found) == [(b"a", 2, held.before)]
    assert following.fetched("p", b"a", found.records[0].first, 1) == 0


def test_another_stream_of_the_same_name_is_another_publisher(tmp_path: Path) -> None:
    following = Reassembly(["p"], "beginning")
    for stream in (b"1" * 16, b"2" * 16):
        following.catalog("p", stream, [])
        assert following.live(b"a", stream, 0, 1, 3) == 0
        assert following.live(b"a", stream, 0, 1, 3) == 3
