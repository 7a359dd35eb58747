"""What a program has in the place of a SUB whose edge replays: all messages of a topic, in order, or an error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import zmq

from orchestrator.delivery import proof
from orchestrator.delivery.batch.frame import unpack
from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.received import received
from orchestrator.delivery.replay import wire
from orchestrator.delivery.replay.early import Early, Frame
from orchestrator.delivery.replay.peers import Publishers
from orchestrator.delivery.replay.reassembly import From, Reassembly
from orchestrator.delivery.routing import send
from orchestrator.errors import OrchestratorError

_DONTWAIT = int(zmq.DONTWAIT)
_SLICE = 20
"""Milliseconds between two looks at whether all has ended, once publishers have said that they go."""


class ReplayGapError(OrchestratorError):
    """Messages of a topic, ``first`` to ``last`` by their numbers, are not kept any more: they were missed for good."""

    def __init__(self, name: str, topic: bytes, first: int, last: int) -> None:
        """Say which."""
        count = last - first + 1
        super().__init__(f"{name}: {count} messages of topic {topic!r} are not kept any more, {first} to {last}")
        self.topic, self.first, self.last = topic, first, last


class ReplaySubSocket:
    """Gives pairs of topic and body. ``raw`` is the socket beneath: do not receive there."""

    def __init__(
        self,
        raw: zmq.Socket[bytes],
        name: str,
        prefixes: Sequence[bytes],
        publishers: dict[str, str],
        begin: From,
        ended: Callable[[], bool],
        *,
        generation: int = 0,
        secret: bytes = b"",
        bound: bool = False,
    ) -> None:
        """Connect to the side channels, ``publishers`` by name. Raise zmq.ZMQError.

        To a ``bound`` socket anybody can publish: of streams that no publisher has said to be its own nothing is given.
        """
        self.raw, self._name, self._ended = raw, name, ended
        self._dropped = Dropped(name)
        self._early = Early() if bound else None
        own = proof.routing_id(name, generation)
        self._publishers = Publishers(own, secret)
        self._prefixes = list(prefixes)
        self.following = Reassembly(publishers, begin)
        self.side = raw.context.socket(zmq.ROUTER)
        self.side.setsockopt(zmq.LINGER, 0)
        self.side.setsockopt(zmq.ROUTING_ID, own)
        self.side.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self.side.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self.side.setsockopt(zmq.IMMEDIATE, 1)
        self.side.setsockopt(zmq.RECONNECT_IVL, 10)
        for address in publishers.values():
            self.side.connect(address)
        self._poller = zmq.Poller()
        self._poller.register(raw, zmq.POLLIN)
        self._poller.register(self.side, zmq.POLLIN)
        self.hand: list[tuple[bytes, bytes]] = []
        self._gaps: list[ReplayGapError] = []
        patience = raw.getsockopt(zmq.RCVTIMEO)
        self._policy = float("inf") if patience < 0 else patience / 1000  # type: ignore[operator]

    def recv(self) -> tuple[bytes, bytes]:
        """Return the next message. Raise zmq.Again where ``rcvtimeo`` is over, ReplayGapError."""
        if not self.hand:
            self._more()
        return self.hand.pop()

    def recv_many(self) -> list[tuple[bytes, bytes]]:
        """Return what has come together, one message at least. Raise as ``recv``."""
        if not self.hand:
            self._more()
        found = self.hand[::-1]
        self.hand.clear()
        return found

    def messages(self, ended: Callable[[], bool]) -> Iterator[tuple[bytes, bytes]]:
        """Yield messages until ``ended``. Raise as ``recv``."""
        for found in received(self.recv_many, ended):
            yield from found

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> int:
        """Return whether ``recv`` may have something; it may be a word between sockets, and no message."""
        if self.hand or dict(self._poller.poll(timeout)):
            return int(zmq.POLLIN) & flags
        return 0

    def finish(self, seconds: float) -> int:
        """Close the side channel; return 0: nothing of ours is left."""
        self.side.close()
        return 0

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self._ended()

    def step(self, now: float) -> float | None:
        """Do what can be done at once; return the seconds that one may wait for more, None once there is something.

        Raise ReplayGapError.
        """
        following = self.following
        if following.looks(now):
            self._ask()
        if not following.waits(now):
            try:
                self._live(self.raw.recv_multipart(_DONTWAIT))
            except zmq.Again:
                self._hear(now)
            if self.hand:
                return None
        else:
            self._hear(now)
        if self._gaps:
            raise self._gaps.pop(0)
        if self.hand:
            return None
        for publisher, number, wants in following.wanted(now):
            if not self._say(publisher, wire.fetch(number, wants)):
                following.unreachable(publisher)
        if following.over:
            return _SLICE / 1000
        return 0.5 if following.settled else 0.05

    def _more(self) -> None:
        """Have something in hand."""
        deadline = time.monotonic() + self._policy
        while (wait := self.step(time.monotonic())) is not None:
            now = time.monotonic()
            if self._ended() or now >= deadline:
                raise zmq.Again
            self.wait(min(wait, deadline - now))

    def wait(self, seconds: float) -> None:
        """Wait for so many seconds until there is something to do: what is live waits while an answer is on its way."""
        if self.following.waits(time.monotonic()):
            self.side.poll(int(seconds * 1000) + 1)
        else:
            self._poller.poll(int(seconds * 1000) + 1)

    def _ask(self) -> None:
        for publisher in self.following.sources:
            self._say(publisher, wire.catalog_request(self._prefixes, self._publishers.asking(publisher)))

    @property
    def dropped(self) -> int:
        """How much has arrived that was no message or word of a publisher."""
        return self._dropped.count

    def _live(self, parts: list[bytes]) -> None:
        try:
            topic, framed = parts
            stream, before, first, batch = wire.live(framed)
            bodies = unpack(batch)
        except ValueError as error:
            self._dropped(f"not replay/1, does the sender speak it? {error}")
            return
        frame = Frame(topic, stream, before, first, bodies)
        if self._early is None or self.following.knows(stream):
            self.hand.extend(reversed(self._new(frame)))
        elif not self._early.keep(frame):
            self._dropped("no publisher of this edge has said that the stream is its own")

    def _new(self, frame: Frame) -> list[tuple[bytes, bytes]]:
        """Return what is new of a frame, with its topic."""
        skip = self.following.live(frame.topic, frame.stream, frame.before, frame.first, len(frame.bodies))
        return [(frame.topic, body) for body in frame.bodies[skip:]]

    def _hear(self, now: float) -> None:
        """Take in what publishers have said, until there is something in hand."""
        while not self.hand:
            try:
                peer, *said = self.side.recv_multipart(_DONTWAIT)
            except zmq.Again:
                return
            try:
                if len(said) != 1:
                    raise wire.BadFrame(f"{len(said)} parts")
                self._take(peer.decode(errors="replace"), said[0])
            except ValueError as error:
                self._dropped(str(error), peer)

    def _take(self, name: str, said: bytes) -> None:
        following = self.following
        if said[:1] == wire.CATALOG:
            self._take_catalog(name, wire.read_catalog(said))
            return
        if not self._publishers.hears(name):
            raise wire.BadFrame("it has not proved who it is")
        match said[:1]:
            case wire.DATA:
                answer = wire.read_answer(said)
                lost = following.answered(name, answer)
                if lost is None:
                    return
                self._gaps += [ReplayGapError(self._name, *each) for each in lost]
                found: list[tuple[bytes, bytes]] = []
                for record in answer.records:
                    bodies = unpack(record.batch)
                    skip = following.fetched(name, record.topic, record.first, len(bodies))
                    found += [(record.topic, body) for body in bodies[skip:]]
                self.hand.extend(reversed(found))
                self._let_go(name)
            case wire.END:
                following.ends(name)
            case _:
                raise wire.BadFrame("not replay/1")

    def _take_catalog(self, name: str, said: wire.Catalog) -> None:
        """Take in what a publisher has, and first what has come of its stream. Raise BadFrame."""
        if why := self._publishers.admit(name, said):
            raise wire.BadFrame(why)
        if self._early is not None:
            found = [message for frame in self._early.of(said.stream) for message in self._new(frame)]
            self.hand.extend(reversed(found))
        self.following.catalog(name, said.stream, said.held)
        self._let_go(name)

    def _let_go(self, name: str) -> None:
        if name in self.following.sources and self.following.content(name):
            self._say(name, wire.OKAY)

    def _say(self, publisher: str, said: bytes) -> bool:
        """Say something to a publisher; return whether it is there."""
        return send(self.side, publisher.encode(), said)
