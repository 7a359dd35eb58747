"""What a program has in the place of a PULL whose edge is durable: asking for a message takes the one before."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import zmq

from orchestrator.delivery.batch.frame import BadFrame, unpack
from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.durable import wire
from orchestrator.delivery.durable.cursor import Cursor
from orchestrator.delivery.durable.fsync_thread import Syncer
from orchestrator.delivery.durable.peers import NotAdmitted, Senders
from orchestrator.delivery.durable.receiver import ReceiverState
from orchestrator.delivery.durable.settings import Settings
from orchestrator.delivery.received import received
from orchestrator.delivery.routing import send

_DONTWAIT = int(zmq.DONTWAIT)

PATIENCE = 1.0
"""Seconds that a receiver waits at most until its senders know what it has acknowledged, when it leaves."""


class Inbox:
    """What is acknowledged and what is in hand; the program's side of it and the socket's are others'."""

    def __init__(self, settings: Settings, own: bytes) -> None:
        """Open the cursor; ``own`` is the routing id. Raise JournalError."""
        self._settings, self._name = settings, settings.name
        self._senders = Senders(own, settings.secret)
        self.dropped = Dropped(settings.name)
        self.cursor = Cursor(settings.folder)
        self._receiving = ReceiverState(self.cursor.known)
        self.hand: list[bytes] = []
        self._given = False
        self._failure: OSError | None = None
        self._syncer = None
        if settings.interval is not None:
            self._syncer = Syncer(settings.interval, self.cursor.unsynced, self._fail)

    def take(self) -> None:
        """Acknowledge all that was given."""
        if self._given and not self.hand:
            self._given = False
            self.cursor.done()
            self._receiving.done()
            if self._syncer is not None:
                self._syncer.written()
            elif self._settings.fsync == "always":
                self.cursor.sync()
        elif self._given:
            self.cursor.word[0] = self.cursor.top - len(self.hand)

    def hear(self, parts: list[bytes]) -> tuple[bytes, bytes] | None:
        """Take in what has arrived, which may be a batch; return the answer and whom it is for.

        What is no word of a sender whose hello was admitted is dropped.
        """
        peer = parts[0]
        try:
            said, messages = _read(parts)
            name = self._senders.admit(peer, said) if isinstance(said, wire.Hello) else self._senders.name(peer)
        except (wire.BadFrame, BadFrame, NotAdmitted) as error:
            if parts[1:] != [b""]:  # which begins a connection
                self.dropped(str(error), peer)
            return None
        if name is None and self._senders.was(peer):
            self.dropped.count += 1  # nothing to speak of: it is sent again
            return None
        if name is None:
            self.dropped("it has not said hello", peer)
            # One that has, and was forgotten, begins anew.
            return (peer, wire.frame(wire.Reset(said.session))) if isinstance(said, wire.Data | wire.Probe) else None
        answer, delivery = self._receiving.hear(name, said, len(messages))
        if delivery is not None:
            self.cursor.begin(delivery.stream, delivery.first, delivery.skip, len(messages))
            self.hand.extend(reversed(messages[delivery.skip :]))
            self._given = True
        if isinstance(answer, wire.State):
            answer = self._senders.state(peer, answer)
        return None if answer is None else (peer, wire.frame(answer))

    def acknowledgements(self) -> list[tuple[bytes, bytes]]:
        """Return what senders do not know yet, and whom it is for."""
        return [(self._senders.of(name), wire.frame(said)) for name, said in self._receiving.acknowledgements()]

    def leave(self, raw: zmq.Socket[bytes], seconds: float) -> None:
        """Wait until all senders know what is acknowledged, so that nobody gets it again; then close the cursor."""
        deadline = time.monotonic() + min(seconds, PATIENCE)
        raw.setsockopt(zmq.RCVTIMEO, 10)
        asked: dict[str, float] = {}
        with suppress(zmq.ZMQError):
            while time.monotonic() < deadline:
                waiting = [
                    (name, said)
                    for name, said in self._receiving.leaving(self.cursor.part)
                    if asked.get(name) != float("inf")
                ]
                if not waiting:
                    break
                for name, said in waiting:
                    if time.monotonic() >= asked.get(name, 0.0):
                        there = send(raw, self._senders.of(name), wire.frame(said))
                        asked[name] = time.monotonic() + 0.1 if there else float("inf")
                with suppress(zmq.Again):
                    self._hear_bye(raw.recv_multipart())
        self.close()

    def close(self) -> None:
        """Close the cursor."""
        if self._syncer is not None:
            self._syncer.end()
        if self._settings.fsync != "never" and self._failure is None:
            with suppress(OSError):
                self.cursor.sync()
        self.cursor.close()

    def _hear_bye(self, parts: list[bytes]) -> None:
        name = self._senders.name(parts[0])
        with suppress(wire.BadFrame, BadFrame):
            said, _ = _read(parts)
            if name is not None and isinstance(said, wire.Bye):
                self._receiving.hear(name, said, 0)

    def _fail(self, error: OSError) -> None:
        self._failure = error
        print(f"{self._name}: the cursor cannot be synced: {error}; messages may come twice", file=sys.stderr)


def _read(parts: list[bytes]) -> tuple[wire.Said, tuple[bytes, ...]]:
    """Read what has arrived, and the messages of a batch. Raise BadFrame, of ``wire`` or of ``frame``."""
    if len(parts) != 2:
        raise wire.BadFrame(f"{len(parts) - 1} parts")
    said = wire.read(parts[1])
    if not isinstance(said, wire.Data):
        return said, ()
    messages = unpack(said.batch)
    if said.first + len(messages) >= wire.MOST:  # the number behind the last one has 64 bits, too
        raise wire.BadFrame(f"there are no messages from {said.first} on")
    return said, messages


class DurablePullSocket:
    """Gives messages, which are bytes. ``raw`` is the socket beneath, a ROUTER: neither send nor receive there."""

    def __init__(self, raw: zmq.Socket[bytes], settings: Settings, ended: Callable[[], bool]) -> None:
        """Open the cursor. Raise JournalError."""
        self.raw = raw
        self._inbox = Inbox(settings, raw.getsockopt(zmq.ROUTING_ID))  # type: ignore[arg-type]
        self.hand, self._cursor = self._inbox.hand, self._inbox.cursor
        self._ended = ended

    @property
    def dropped(self) -> int:
        """How much has arrived that was no word of a sender of its edges."""
        return self._inbox.dropped.count

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be given but what is in hand."""
        return self._ended()

    def recv(self) -> bytes:
        """Return the next message; which acknowledges the one before. Raise zmq.Again where ``rcvtimeo`` is over."""
        hand = self.hand
        if hand:
            cursor = self._cursor
            cursor.word[0] = cursor.top - len(hand)
            return hand.pop()
        self._more()
        return hand.pop()

    def recv_many(self) -> list[bytes]:
        """Return what has come together, at least one message; acknowledge what was given before. Raise as ``recv``."""
        hand = self.hand
        if hand:
            self._inbox.take()
        else:
            self._more()
        found = hand[::-1]
        hand.clear()
        return found

    def ack(self) -> None:
        """Acknowledge all that was given, without asking for more."""
        self._inbox.take()
        self._acknowledge()

    def messages(self, ended: Callable[[], bool]) -> Iterator[bytes]:
        """Return messages until ``ended``. Raise as ``recv``."""
        return received(self.recv, ended)

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> int:
        """Return whether ``recv`` may have something, as zmq's; it may be a word between sockets, and no message."""
        if flags & zmq.POLLIN and self.hand:
            return int(zmq.POLLIN)
        return self.raw.poll(timeout, flags)

    def finish(self, seconds: float) -> int:
        """Tell senders what is acknowledged, within so many seconds, and close the cursor; return 0 messages left."""
        self._inbox.leave(self.raw, seconds)
        return 0

    def _more(self) -> None:
        """Have something in hand."""
        self._inbox.take()
        while not self.hand:
            if self._ended():
                self._acknowledge()
                raise zmq.Again
            try:
                parts = self.raw.recv_multipart(_DONTWAIT)
            except zmq.Again:
                # Before it waits, and not for each batch.
                self._acknowledge()
                parts = self.raw.recv_multipart()
            self.hear(parts)
            if self._ended() and not self.hand:
                raise zmq.Again

    def hear(self, parts: list[bytes]) -> None:
        """Take in what has arrived, and answer."""
        answer = self._inbox.hear(parts)
        if answer is not None:
            send(self.raw, *answer)

    def _acknowledge(self) -> None:
        for peer, said in self._inbox.acknowledgements():
            send(self.raw, peer, said)
