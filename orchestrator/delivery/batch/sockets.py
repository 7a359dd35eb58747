"""Sockets of a batched edge: small messages share a frame, and nobody waits longer than ``delay`` for company.

A message after a pause goes at once; what follows it more closely waits. So a quiet edge is as quick as a plain one,
and a busy one sends full frames. The tail of a burst is sent by a timer, in the main thread's signal handler, also
while the program waits for something else.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Generic, NoReturn, Protocol, TypeVar

import zmq

from orchestrator.delivery.batch.frame import ONE, BadFrame, pack_one, unpack
from orchestrator.delivery.batch.limits import Limits, as_bytes, next_frame
from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.received import received

TOPICAL = frozenset({"PUB", "SUB"})
"""Types whose messages have a topic: a frame of its own in front of the batch, which subscriptions match."""

SENDERS = frozenset({"PUB", "PUSH", "PAIR"})
RECEIVERS = frozenset({"SUB", "PULL", "PAIR"})

Arm = Callable[[float], None]
"""Has ``due`` called after so many seconds."""

_DONTWAIT = int(zmq.DONTWAIT)
TOPICS = 10_000
"""How many topics without waiting messages are remembered."""

PATIENCE = 0.01
"""Seconds between attempts of the timer to send what nobody takes."""


M = TypeVar("M")
"""A message: bytes, or a topic and a body."""


class TopicSend(Protocol):
    """Send one message of a topic."""

    def __call__(self, message: bytes, topic: bytes = b"") -> None:
        """Raise zmq.Again where ``sndtimeo`` is over; then the message is not accepted."""


class TopicSendMany(Protocol):
    """Send several messages of a topic."""

    def __call__(self, messages: Iterable[bytes], topic: bytes = b"") -> None:
        """Raise zmq.Again where ``sndtimeo`` is over; then none is accepted."""


class _Batching(Generic[M]):
    """What sockets of batched edges share. ``raw`` is the real one, for its options: neither send nor receive there."""

    send: Callable[..., None]
    send_many: Callable[..., None]

    recv: Callable[[], M]
    """Return the next message. Raise zmq.Again where ``rcvtimeo`` is over. What is no batch is dropped."""

    def __init__(self, raw: zmq.Socket[bytes], kind: str, limits: Limits, name: str, arm: Arm | None = None) -> None:
        """Without ``arm`` nothing waits for company but what ``send_many`` has together."""
        self.raw = raw
        self._dropped = Dropped(name)
        self._opened = partial(opened, self._dropped, kind in TOPICAL)
        self._out = Outgoing(raw, limits, arm, topical=kind in TOPICAL) if kind in SENDERS else None
        self._hand: list[Any] = []
        self.send = self.send_many = partial(_refuse, f"{name} is a {kind}: it does not send")
        self.recv = partial(_refuse, f"{name} is a {kind}: it does not receive")
        self._receive: Callable[[], list[bytes]] = raw.recv_multipart if kind in TOPICAL else lambda: [raw.recv()]
        if self._out is not None:
            self.send, self.send_many = self._out.send, self._out.send_many
        if kind in RECEIVERS:
            pairs = kind in TOPICAL
            hand = self._hand
            recv: Any = _by_pairs(hand, self.recv_many) if pairs else _one_by_one(hand, raw.recv, self._opened)
            self.recv = recv

    def flush(self) -> None:
        """Send what waits for company. Raise zmq.Again; what was not sent still waits."""
        if self._out is not None:
            self._out.flush()

    def recv_many(self) -> list[M]:
        """Return what has come together, or what ``recv`` has left of it: one message at least. Raise as ``recv``."""
        if self._hand:
            found = self._hand[::-1]
            self._hand.clear()
            return found
        while not (found := self._opened(self._receive())):
            pass
        return found

    @property
    def dropped(self) -> int:
        """How much has arrived that was no batch."""
        return self._dropped.count

    def messages(self, ended: Callable[[], bool]) -> Iterator[M]:
        """Yield what is received, one after the other, until ``ended``. Raise as ``recv``."""
        for found in received(self.recv_many, ended):
            yield from found

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> int:
        """Wait for so many milliseconds until ``recv`` or ``send`` need not; return the events, as zmq sockets do."""
        if flags & zmq.POLLIN and self._hand:
            return int(zmq.POLLIN)
        return int(self.raw.poll(timeout, flags))

    def due(self) -> None:
        """Send what waits, if that can be done at once. For the timer: it never raises and never waits."""
        if self._out is not None:
            self._out.due()

    def finish(self, seconds: float) -> int:
        """Send the rest within so many seconds, before the socket closes; return how many messages nobody took."""
        return 0 if self._out is None else self._out.finish(seconds)


class BatchSocket(_Batching[bytes]):
    """A PUSH, PULL or PAIR of a batched edge: a message is bytes."""

    send: Callable[[bytes], None]
    """Send one message. Raise zmq.Again where ``sndtimeo`` is over; then it is not accepted."""

    send_many: Callable[[Iterable[bytes]], None]
    """Send several messages, all or, with zmq.Again, none."""


class BatchPubSocket(_Batching[tuple[bytes, bytes]]):
    """A PUB of a batched edge: ``send(body, topic)``; order holds within a topic."""

    send: TopicSend
    send_many: TopicSendMany


class BatchSubSocket(_Batching[tuple[bytes, bytes]]):
    """A SUB of a batched edge: ``recv()`` returns a topic and a body; order holds within a topic."""


def class_for(kind: str) -> type[BatchSocket] | type[BatchPubSocket] | type[BatchSubSocket]:
    """Return the class for sockets of a ZeroMQ type."""
    return BatchPubSocket if kind == "PUB" else BatchSubSocket if kind == "SUB" else BatchSocket


def opened(dropped: Dropped, topical: bool, parts: list[bytes]) -> list[Any]:
    """Return the messages of what arrived; none where it is no batch."""
    try:
        if len(parts) != 1 + topical:
            raise BadFrame(f"{len(parts)} parts")
        messages = unpack(parts[-1])
    except BadFrame as error:
        dropped(f"not batch/1, does the sender speak it? {error}")
        return []
    return [(parts[0], body) for body in messages] if topical else list(messages)


class Outgoing:
    """What waits to be sent. ``send`` runs for every message, so it is a closure and calls as little as it can.

    A list of messages is emptied but never replaced: the handler may run between any two steps of ``send``.
    """

    def __init__(self, raw: zmq.Socket[bytes], limits: Limits, arm: Arm | None, *, topical: bool) -> None:
        self._raw, self._limits, self._arm, self._topical = raw, limits, arm, topical
        if not topical:
            # Not by pyzmq's own method in Python, which does nothing for us and is cold on a quiet edge.
            self._send_frame = super(zmq.Socket, raw).send
        self._delay, self._pause, self._held = limits.delay, limits.pause, 0
        self._waiting: dict[bytes, list[bytes]] = {b"": []}
        self._busy = self._armed = False
        self._sent = float("-inf")
        self.send = self._by_topic() if topical else self._single()
        _living.add(self)

    def send_many(self, messages: Iterable[bytes], topic: bytes = b"") -> None:
        """Take several; frames that are full go now."""
        many = [each if each.__class__ is bytes else as_bytes(each) for each in messages]
        if self._full(topic):
            self.flush()  # before anything of this call is taken
        waiting = self._waiting.setdefault(as_bytes(topic), []) if self._topical else self._waiting[b""]
        waiting += many
        goes = self._full(topic) or self._arm is None or time.monotonic() - self._sent >= self._pause
        if not goes:  # else nobody need count
            self._held += sum(map(len, many))
            goes = self._held >= self._limits.bytes
        if goes:
            with suppress(zmq.Again):
                self.flush()
        elif many:
            self._see_to_it(self._delay)

    def flush(self) -> None:
        """Send all that waits. Raise zmq.Again; what was not sent still waits."""
        self._flush(0)
        if len(self._waiting) > TOPICS:
            # Not in the handler: ``send`` may have one of the lists in its hands.
            self._waiting.clear()

    def due(self) -> None:
        """Flush without waiting; later again where that cannot be."""
        self._armed = False
        with suppress(Exception):
            self._flush(_DONTWAIT)

    def finish(self, seconds: float) -> int:
        """Flush within so many seconds; return how many messages are left."""
        _living.discard(self)
        self._arm = None
        self._raw.setsockopt(zmq.SNDTIMEO, max(0, int(seconds * 1000)))
        with suppress(zmq.ZMQError):
            self._flush(0)
        return sum(map(len, self._waiting.values()))

    def forked(self) -> None:
        """Forget what waits: it is the parent's to send."""
        self._arm = None
        for waiting in self._waiting.values():
            waiting.clear()

    def _single(self) -> Callable[..., None]:
        waiting = self._waiting[b""]
        append, most, full = waiting.append, self._limits.messages, self._limits.bytes

        def send(message: bytes) -> None:
            if message.__class__ is not bytes:
                message = as_bytes(message)
            if not waiting and self._sent_at_once(b"", message):
                return
            append(message)
            self._held += len(message)
            count = len(waiting)
            if count >= most or self._held >= full:
                self._flush_or_take_back(waiting)
            elif count == 1:
                self._see_to_it(self._delay)

        return send

    def _by_topic(self) -> Callable[..., None]:
        topics, most, full = self._waiting, self._limits.messages, self._limits.bytes

        def send(message: bytes, topic: bytes = b"") -> None:
            if message.__class__ is not bytes:
                message = as_bytes(message)
            waiting = topics.get(topic)
            if not waiting:
                if self._sent_at_once(topic, message):
                    return
                if waiting is None:
                    waiting = topics[as_bytes(topic)] = []
            waiting.append(message)
            self._held += len(message)
            count = len(waiting)
            if count >= most or self._held >= full:
                self._flush_or_take_back(waiting)
            elif count == 1:
                self._see_to_it(self._delay)

        return send

    def _sent_at_once(self, topic: bytes, message: bytes) -> bool:
        """Send the first message after a pause; return whether that was so, and could be."""
        at = time.monotonic()
        if at - self._sent < self._pause and self._arm is not None:
            return False
        try:
            if self._topical:
                self._raw.send_multipart((topic, pack_one(message)), _DONTWAIT)
            else:
                self._send_frame(ONE + len(message).to_bytes(4, "little") + message, _DONTWAIT)
        except zmq.Again:
            return False
        self._sent = at
        return True

    def _full(self, topic: bytes) -> bool:
        return len(self._waiting.get(topic, ())) >= self._limits.messages

    def _flush(self, flags: int) -> None:
        if self._busy:
            return  # whoever is at it sends all
        self._busy = True
        try:
            for topic, waiting in list(self._waiting.items()):
                while waiting:
                    count, frame = next_frame(waiting, self._limits)
                    if self._topical:
                        self._raw.send_multipart((topic, frame), flags)
                    else:
                        self._send_frame(frame, flags)
                    del waiting[:count]
            # The handler may have counted meanwhile what is sent by now: then the next frame goes a little early.
            self._held = 0
            self._sent = time.monotonic()
        except zmq.Again:
            self._see_to_it(max(self._delay, PATIENCE))
            raise
        finally:
            self._busy = False

    def _flush_or_take_back(self, waiting: list[bytes]) -> None:
        try:
            self.flush()
        except zmq.Again:
            waiting.pop()
            raise

    def _see_to_it(self, seconds: float) -> None:
        if self._arm is not None and not self._armed:
            self._armed = True
            self._arm(seconds)


def _one_by_one(
    hand: list[Any], receive: Callable[[], bytes], opened: Callable[[list[bytes]], list[Any]]
) -> Callable[[], bytes]:
    take, put = hand.pop, hand.extend

    def recv() -> Any:
        if hand:
            return take()
        while not hand:
            frame = receive()
            # On a quiet edge a message has a frame of its own. Cold code is what takes time there, so there is little.
            if frame[:4] == ONE and frame[4:8] == (len(frame) - 8).to_bytes(4, "little"):
                return frame[8:]
            put(reversed(opened([frame])))
        return take()

    return recv


def _by_pairs(hand: list[Any], more: Callable[[], list[Any]]) -> Callable[[], tuple[bytes, bytes]]:
    take, put = hand.pop, hand.extend

    def recv() -> Any:
        if not hand:
            put(reversed(more()))
        return take()

    return recv


def _refuse(why: str, *_: Any, **__: Any) -> NoReturn:
    raise TypeError(why)


_living: weakref.WeakSet[Outgoing] = weakref.WeakSet()


def _before_fork() -> None:
    for each in list(_living):
        each.due()


def _in_child() -> None:
    for each in list(_living):
        each.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_in_child)
