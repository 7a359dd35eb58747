"""What the sender of a durable edge does: a batch is one receiver's, and sent again until that one has acknowledged it.

Pure but for what it notes in the journal: time is a number of seconds, and sending is a function that tells what came
of it. Each receiver has a session, in which batches have the numbers 0, 1, ...; whatever goes wrong, another session
begins, and the receiver says what it has acknowledged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from hashlib import blake2s
from itertools import count as counter

from orchestrator.delivery.durable.intervals import AcknowledgedIntervals
from orchestrator.delivery.durable.wire import Ack, Bye, Data, Hello, Leave, Probe, Reset, Said, State
from orchestrator.delivery.journal.journal import Batch
from orchestrator.delivery.journal.segment import NOBODY

SOON, LATE = 0.01, 0.5
"""Seconds between two attempts to reach a receiver: at first, and after many."""

ASKING = 0.1
"""Seconds without an answer after which a receiver is asked what it has got, at first."""

DOUBTS = 4
"""Questions without an answer after which another connection that says to be the receiver is greeted too."""


class Outcome(Enum):
    """What came of sending: nobody is there, or what is there takes no more for now."""

    SENT = "sent"
    FULL = "full"
    GONE = "gone"


Send = Callable[[str, Said], Outcome]
"""Says something to a receiver, without waiting."""


def digest(name: str) -> bytes:
    """Return the 8 bytes by which a journal knows a receiver."""
    return blake2s(name.encode(), digest_size=8).digest()


@dataclass(slots=True, eq=False)
class Peer:
    """A receiver: its session, what it has to get, and what is on its way to it.

    ``again`` is when it is asked again, ``patience`` the seconds after that. ``gone`` is since when it is, None
    while it is there. ``doubt`` counts questions without an answer since another connection has said to be it.
    """

    name: str
    key: bytes
    gone: float | None
    session: int = 0
    open: bool = False
    credit: int = 0
    acknowledged: int = 0
    flying: deque[Batch] = field(default_factory=deque)
    waiting: deque[Batch] = field(default_factory=deque)
    again: float = 0.0
    patience: float = SOON
    doubt: int = 0

    @property
    def sent(self) -> int:
        """How many batches of this session were sent."""
        return self.acknowledged + len(self.flying)


class SenderState:
    """All receivers of one socket, and the batches that are not acknowledged."""

    def __init__(
        self, stream: bytes, receivers: Iterable[str], reassign_after: float, sessions: int, now: float
    ) -> None:
        """``sessions`` is the number of the first session: random, so that no old one has it."""
        self._stream = stream
        self._reassign_after = reassign_after
        self._sessions = counter(sessions)
        self.peers = {name: Peer(name, digest(name), now) for name in receivers}
        self._by_key = {peer.key: peer for peer in self.peers.values()}
        self._began = now
        self._unknown: deque[Batch] = deque()
        self._free: deque[Batch] = deque()
        self._unacknowledged: deque[Batch] = deque()
        self._turn = 0
        self.next = 0
        for peer in self.peers.values():
            self._close(peer, now)

    @property
    def settled(self) -> bool:
        """Whether all is acknowledged."""
        return not self._unacknowledged

    @property
    def unacknowledged(self) -> int:
        """How many messages are not known to be acknowledged."""
        return sum(batch.count - batch.skip for batch in self._unacknowledged if not batch.acknowledged)

    @property
    def low(self) -> int:
        """The number of the first message that is not acknowledged."""
        return self._unacknowledged[0].first if self._unacknowledged else self.next

    def add(self, batch: Batch) -> None:
        """Take in a batch, in the order of their numbers; also one of before, which may be somebody's."""
        self._unacknowledged.append(batch)
        self.next = batch.end
        if batch.receiver == NOBODY:
            self._free.append(batch)
        elif (peer := self._by_key.get(batch.receiver)) is not None:
            peer.waiting.append(batch)
        else:
            self._unknown.append(batch)

    def arrived(self, name: str, now: float) -> None:
        """Note that a connection says to be a receiver's: it is greeted, unless another one is and answers."""
        peer = self.peers[name]
        if peer.open:
            peer.doubt = 1
        else:
            peer.again, peer.patience = now, SOON

    def hear(self, name: str, said: Said, now: float, send: Send) -> None:
        """Take in what a receiver says; what is of another session than its own is of the past."""
        peer = self.peers.get(name)
        if peer is None or said.session != peer.session:
            return
        peer.doubt = 0
        match said:
            case Ack(_, acknowledged):
                self._acknowledge(peer, acknowledged, now)
            case State(_, credit, intervals):
                self._agree(peer, credit, intervals, now)
            case Reset():
                self._close(peer, now)
            case Leave(_, acknowledged, part):
                self._acknowledge(peer, acknowledged, now)
                if peer.flying and part:
                    first = peer.flying[0]
                    first.skipping(min(max(first.skip, part), first.count))
                self._close(peer, now)
                peer.gone = now
                send(name, Bye(said.session))
            case _:
                pass

    def turn(self, now: float, send: Send) -> float | None:
        """Send what can be sent; give when to do so again though nothing has happened, None for never."""
        self._hand_over(now)
        for peer in self.peers.values():
            if not peer.open:
                self._greet(peer, now, send)
            elif peer.waiting:
                self._feed(peer, now, send)
        while self._free and (able := self._next_receiver()) is not None:
            batch = self._free.popleft()
            batch.assign(able.key)
            able.waiting.append(batch)
            self._feed(able, now, send)
        for peer in self.peers.values():
            if peer.open and peer.flying and now >= peer.again:
                self._ask(peer, now, send)
        return self._when()

    def _greet(self, peer: Peer, now: float, send: Send) -> None:
        """Begin the session of a receiver, again and again until it answers."""
        if now < peer.again:
            return
        hello = Hello(peer.session, self._stream, self.low, self.next)
        if send(peer.name, hello) is Outcome.GONE:
            peer.gone = now if peer.gone is None else peer.gone
        else:
            peer.gone = None
        peer.again = now + peer.patience
        peer.patience = min(LATE, peer.patience * 2)

    def _feed(self, peer: Peer, now: float, send: Send) -> None:
        """Send a receiver what is its own, as far as its credit goes."""
        while peer.waiting and len(peer.flying) < peer.credit:
            batch = peer.waiting[0]
            outcome = send(peer.name, Data(peer.session, peer.sent, batch.skip, batch.first, self.low, batch.frame()))
            if outcome is Outcome.GONE:
                self._close(peer, now)
                peer.gone = now
                return
            if outcome is Outcome.FULL:
                peer.again = now + SOON
                return
            if not peer.flying:
                peer.again, peer.patience = now + ASKING, ASKING
            peer.flying.append(peer.waiting.popleft())

    def _ask(self, peer: Peer, now: float, send: Send) -> None:
        if peer.doubt:
            peer.doubt += 1
        if peer.doubt > DOUBTS:
            self._close(peer, now)
            return
        if send(peer.name, Probe(peer.session, peer.sent)) is Outcome.GONE:
            self._close(peer, now)
            peer.gone = now
            return
        peer.patience = min(max(LATE, ASKING), peer.patience * 2)
        peer.again = now + peer.patience

    def _next_receiver(self) -> Peer | None:
        """Return the one with the least on its way, in turn where several have; None where none takes any more."""
        peers = list(self.peers.values())
        ordered = peers[self._turn :] + peers[: self._turn]
        able = [peer for peer in ordered if peer.open and not peer.waiting and len(peer.flying) < peer.credit]
        if not able:
            return None
        found = min(able, key=lambda peer: len(peer.flying))
        self._turn = (peers.index(found) + 1) % len(peers)
        return found

    def _acknowledge(self, peer: Peer, acknowledged: int, now: float) -> None:
        while peer.acknowledged < acknowledged and peer.flying:
            peer.flying.popleft().acknowledge()
            peer.acknowledged += 1
            peer.again, peer.patience = now + ASKING, ASKING
        self._forget()

    def _forget(self) -> None:
        unacknowledged = self._unacknowledged
        while unacknowledged and unacknowledged[0].acknowledged:
            unacknowledged.popleft()

    def _agree(self, peer: Peer, credit: int, intervals: Iterable[tuple[int, int]], now: float) -> None:
        """Go on where a receiver is. What it has acknowledged nobody else gets, whoever it was meant for."""
        if peer.open:
            return  # it has answered before
        acknowledged = AcknowledgedIntervals()
        for first, end in intervals:
            acknowledged.add(first, end)
        for batch in self._unacknowledged:
            done = acknowledged.prefix(batch.first, batch.end)
            if done == batch.count and not batch.acknowledged:
                batch.acknowledge()
            elif done > batch.skip:
                batch.skipping(done)
        self._forget()
        for queue in (self._free, self._unknown, *(each.waiting for each in self.peers.values())):
            _drop_acknowledged(queue)
        peer.open, peer.gone, peer.credit = True, None, max(1, credit)
        peer.acknowledged = 0

    def _close(self, peer: Peer, now: float) -> None:
        """End a session: what was on its way is to be sent again, in the next one."""
        peer.waiting.extendleft(reversed([batch for batch in peer.flying if not batch.acknowledged]))
        peer.flying.clear()
        peer.open, peer.session, peer.acknowledged, peer.doubt = False, next(self._sessions), 0, 0
        peer.again, peer.patience = now, SOON

    def _hand_over(self, now: float) -> None:
        """Return what a receiver left behind to others, once it is gone for long enough."""
        able = any(peer.open for peer in self.peers.values())
        found: list[Batch] = []
        if self._unknown and able and now - self._began >= self._reassign_after:
            found += self._unknown
            self._unknown.clear()
        for peer in self.peers.values():
            if peer.gone is not None and peer.waiting and able and now - peer.gone >= self._reassign_after:
                found += peer.waiting
                peer.waiting.clear()
        if found:
            for batch in found:
                batch.assign(NOBODY)
            self._free = deque(sorted((*found, *self._free), key=lambda batch: batch.first))

    def _when(self) -> float | None:
        times = [peer.again for peer in self.peers.values() if not peer.open or peer.flying or peer.waiting]
        if any(peer.open for peer in self.peers.values()):
            times += [peer.gone + self._reassign_after for peer in self.peers.values() if peer.gone and peer.waiting]
            times += [self._began + self._reassign_after] * bool(self._unknown)
        return min(times, default=None)


def _drop_acknowledged(queue: deque[Batch]) -> None:
    if any(batch.acknowledged for batch in queue):
        left = [batch for batch in queue if not batch.acknowledged]
        queue.clear()
        queue.extend(left)
