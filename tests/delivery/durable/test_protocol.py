"""Sender and receiver of a durable edge over a network that loses what it likes, in no processes and no time.

Journals and cursors are real files; the network is queues. Each seed is another order of events.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.durable import wire
from orchestrator.delivery.durable.pull_socket import Inbox
from orchestrator.delivery.durable.sender import Outcome, SenderState
from orchestrator.delivery.durable.settings import Settings
from orchestrator.delivery.journal.journal import Journal
from tests.delivery.journal.abandoned import abandon

LIMITS = Limits(4, 65536, 0.001)
QUEUE = 12
"""Frames that a connection holds."""


def named(name: str) -> bytes:
    """Give a routing id."""
    return f"{name} 0 x".encode()


@dataclass
class Network:
    """Frames on their way, by who sent them to whom; ``down`` are those who are not there."""

    queues: dict[tuple[str, str], deque[bytes]] = field(default_factory=lambda: defaultdict(deque))
    down: set[str] = field(default_factory=set)

    def send(self, source: str, target: str, said: wire.Said) -> Outcome:
        if target in self.down:
            return Outcome.GONE
        queue = self.queues[source, target]
        if len(queue) >= QUEUE:
            return Outcome.FULL
        queue.append(wire.frame(said))
        return Outcome.SENT

    def cut(self, name: str) -> None:
        """Lose what is on its way to and from somebody."""
        for ends, queue in self.queues.items():
            if name in ends:
                queue.clear()


class Sender:
    """One sender, which can die and come back."""

    def __init__(self, name: str, receivers: list[str], folder: Path, network: Network, chance: random.Random) -> None:
        self.name, self.receivers, self.folder, self.network, self.chance = name, receivers, folder, network, chance
        self.accepted: list[bytes] = []
        self.born(0.0)

    def born(self, now: float) -> None:
        self.journal = Journal(self.folder / self.name, 64 << 20, LIMITS, b"b" * 16)
        sessions = self.chance.getrandbits(40)
        self.sending = SenderState(self.journal.stream, self.receivers, 5.0, sessions, now)
        for batch in self.journal.unacknowledged():
            self.sending.add(batch)
        self.sending.next = self.journal.next

    def write(self, count: int) -> None:
        for _ in range(count):
            body = b"%s %d" % (self.name.encode(), len(self.accepted))
            segment = self.journal.open
            segment.memory[segment.end : segment.end + len(body)] = body
            segment.lengths[segment.count] = len(body) + 1
            segment.end += len(body)
            segment.count += 1
            self.accepted.append(body)

    def turn(self, now: float) -> None:
        for batch in self.journal.seal():
            self.sending.add(batch)
        self.sending.turn(now, self._send)

    def hear(self, name: str, frame: bytes, now: float) -> None:
        self.sending.hear(name, wire.read(frame), now, self._send)
        self.journal.prune()

    def die(self) -> None:
        abandon(self.journal)
        self.network.cut(self.name)

    def _send(self, name: str, said: wire.Said) -> Outcome:
        return self.network.send(self.name, name, said)


class Receiver:
    """One receiver, which can die and come back."""

    def __init__(self, name: str, folder: Path, network: Network) -> None:
        self.name, self.network = name, network
        self.settings = Settings(name, folder / name, fsync="never")
        self.processed: list[bytes] = []
        self.inbox = Inbox(self.settings, named(self.name))

    def take(self) -> None:
        """Ask for a message, as a program does; it may be that there is none."""
        inbox = self.inbox
        inbox.take()
        if not inbox.hand:
            for peer, frame in inbox.acknowledgements():
                self.network.send(self.name, peer.split()[0].decode(), wire.read(frame))
            self._hear()
        if inbox.hand:
            self.processed.append(inbox.hand.pop())

    def die(self) -> None:
        self.inbox.cursor.close()  # it writes nothing more
        self.network.cut(self.name)

    def born(self) -> None:
        self.inbox = Inbox(self.settings, named(self.name))

    def _hear(self) -> None:
        for (source, target), queue in list(self.network.queues.items()):
            while target == self.name and queue and not self.inbox.hand:
                answer = self.inbox.hear([named(source), queue.popleft()])
                if answer is not None:
                    self.network.send(self.name, source, wire.read(answer[1]))


class World:
    """Two senders, three receivers, and what happens to them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.network = Network()
        self.receivers = [Receiver(f"r{number}", folder, self.network) for number in range(3)]
        names = [receiver.name for receiver in self.receivers]
        self.senders = [Sender(f"s{number}", names, folder, self.network, self.chance) for number in range(2)]
        self.now = 0.0
        self.deaths = 0

    def close(self) -> None:
        """Give up all files."""
        for sender in self.senders:
            abandon(sender.journal)
        for receiver in self.receivers:
            if receiver.name not in self.network.down:
                receiver.inbox.cursor.close()

    def step(self, *, harm: bool) -> None:
        chance = self.chance
        sender, receiver = chance.choice(self.senders), chance.choice(self.receivers)
        self.now += chance.random() * 0.02
        if harm and chance.random() < 0.03:
            self._harm(chance.choice(["sender", "receiver", "both", "connection"]), sender, receiver)
        what = chance.random()
        if what < 0.3:
            sender.turn(self.now)
        elif what < 0.5:
            for (source, target), queue in list(self.network.queues.items()):
                if target == sender.name and queue:
                    sender.hear(source, queue.popleft(), self.now)
        elif receiver.name not in self.network.down:
            receiver.take()

    def _harm(self, what: str, sender: Sender, receiver: Receiver) -> None:
        if what in ("sender", "both"):
            sender.die()
            sender.born(self.now)
        if what in ("receiver", "both"):
            receiver.die()
            receiver.born()
            self.deaths += 1
        if what == "connection":
            self.network.cut(receiver.name)


Make = Callable[[int], World]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[World] = []

    def make_world(seed: int) -> World:
        made.append(World(tmp_path, seed))
        return made[-1]

    yield make_world
    for world in made:
        world.close()


@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_lost_and_the_order_holds(make: Make, seed: int) -> None:
    world = make(seed)
    for _ in range(600):
        if world.chance.random() < 0.3:
            world.chance.choice(world.senders).write(world.chance.randrange(1, 9))
        world.step(harm=True)
    for _ in range(40_000):
        world.step(harm=False)
        if all(sender.sending.settled and not sender.journal.unsealed for sender in world.senders):
            break
    accepted = [body for sender in world.senders for body in sender.accepted]
    processed = Counter(body for receiver in world.receivers for body in receiver.processed)
    assert set(processed) == set(accepted)
    assert sum(processed.values()) - len(processed) <= world.deaths
    for receiver in world.receivers:
        numbers: dict[bytes, int] = defaultdict(lambda: -1)
        for body in dict.fromkeys(receiver.processed):
            sender, number = body.split()
            assert int(number) > numbers[sender]
            numbers[sender] = int(number)


@pytest.mark.parametrize("seed", range(10))
def test_what_one_that_is_gone_has_left_is_handed_over(make: Make, seed: int) -> None:
    world = make(seed)
    sender, lost = world.senders[0], world.receivers[0]
    for _ in range(200):
        sender.write(2)
        world.step(harm=False)
    lost.die()
    world.network.down.add(lost.name)
    for _ in range(40_000):
        world.step(harm=False)
        if sender.sending.settled and not sender.journal.unsealed:
            break
    others = {body for receiver in world.receivers[1:] for body in receiver.processed}
    assert others | set(lost.processed) == set(sender.accepted)
    assert world.now > 5.0


def test_at_most_its_credit_is_on_its_way(make: Make) -> None:
    from orchestrator.delivery.durable.receiver import CREDIT

    world = make(1)
    sender = world.senders[0]
    for _ in range(500):
        sender.write(5)
        world.step(harm=False)
        assert all(len(peer.flying) <= CREDIT for peer in sender.sending.peers.values())


def test_a_receiver_that_leaves_is_told_what_it_has_taken(make: Make) -> None:
    """Nothing of it comes again, though it goes in the middle of a batch."""
    world = make(2)
    sender, receiver = world.senders[0], world.receivers[0]
    sender.write(40)
    for _ in range(30):
        sender.turn(world.now)
        world.now += 0.02
        for each in world.receivers:
            each.take()
        for (source, target), queue in list(world.network.queues.items()):
            if target == sender.name and queue:
                sender.hear(source, queue.popleft(), world.now)
    inbox = receiver.inbox
    inbox.take()
    for name, said in inbox._receiving.leaving(inbox.cursor.part):
        world.network.send(receiver.name, name, said)
    for (source, target), queue in list(world.network.queues.items()):
        while target == sender.name and queue:
            sender.hear(source, queue.popleft(), world.now)
    receiver.die()
    world.network.down.add(receiver.name)
    world.now += 10
    for _ in range(5000):
        world.step(harm=False)
        if sender.sending.settled:
            break
    processed = Counter(body for each in world.receivers for body in each.processed)
    assert set(processed) == set(sender.accepted)
    assert max(processed.values()) == 1
