"""The socket of a batched edge under asyncio; imported only by programs that use it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Generic

import zmq
import zmq.asyncio

from orchestrator.delivery.batch.limits import Limits, as_bytes, next_frame
from orchestrator.delivery.batch.sockets import PATIENCE, RECEIVERS, SENDERS, TOPICAL, TOPICS, M, opened
from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.received import received_async


class _AsyncBatching(Generic[M]):
    """As in ``sockets.py``, with ``await``. ``raw`` is the zmq.asyncio socket: neither send nor receive there."""

    def __init__(self, raw: zmq.asyncio.Socket, kind: str, limits: Limits, name: str) -> None:
        self.raw = raw
        self._name, self._kind, self._limits = name, kind, limits
        self._topical = kind in TOPICAL
        self._dropped = Dropped(name)
        self._opened = partial(opened, self._dropped, self._topical)
        self._waiting: dict[bytes, list[bytes]] = {}
        self._hand: list[Any] = []
        self._sent, self._held = float("-inf"), 0
        self._timer: asyncio.TimerHandle | None = None
        self._flusher: asyncio.Task[bool] | None = None

    async def send(self, message: bytes, topic: bytes = b"") -> None:
        """Accept one message; ``topic`` is for PUB. Raise zmq.Again where ``sndtimeo`` is over, else it is accepted."""
        await self.send_many((message,), topic)

    async def send_many(self, messages: Iterable[bytes], topic: bytes = b"") -> None:
        """Accept several messages, all or, with zmq.Again, none."""
        self._check("send", SENDERS)
        many = [as_bytes(each) for each in messages]
        key = as_bytes(topic) if self._topical else b""
        while len(self._waiting.get(key, ())) >= self._limits.messages:
            await self.flush()  # before anything of this call is taken
        waiting = self._waiting.setdefault(key, [])
        waiting += many
        self._held += sum(map(len, many))
        if len(waiting) >= self._limits.messages or self._held >= self._limits.bytes:
            self._start()
        elif self._timer is None:
            quiet = time.monotonic() - self._sent
            left = 0.0 if quiet >= self._limits.pause else self._limits.delay
            self._timer = asyncio.get_running_loop().call_later(left, self._start)

    async def flush(self) -> None:
        """Send what waits for company. Raise zmq.Again; what was not sent still waits."""
        self._start()
        # Whoever waits here may be cancelled; what is being sent must not.
        if self._flusher is not None and not await asyncio.shield(self._flusher):
            raise zmq.Again

    async def recv(self) -> M:
        """Return the next message; of SUB ``(topic, body)``. Raise zmq.Again."""
        while not self._hand:
            self._hand.extend(reversed(await self._receive()))
        message: M = self._hand.pop()
        return message

    async def recv_many(self) -> list[M]:
        """Return what has come together, or what ``recv`` has left of it: one message at least. Raise as ``recv``."""
        if not self._hand:
            return await self._receive()
        found = self._hand[::-1]
        self._hand.clear()
        return found

    def finish(self, raw: zmq.Socket[bytes], seconds: float) -> int:
        """Send the rest on the plain socket within so many seconds, after the loop; return how many nobody took."""
        raw.setsockopt(zmq.SNDTIMEO, max(0, int(seconds * 1000)))
        with suppress(zmq.ZMQError):
            for topic, waiting in self._waiting.items():
                while waiting:
                    count, frame = next_frame(waiting, self._limits)
                    raw.send_multipart((topic, frame) if self._topical else (frame,))
                    del waiting[:count]
        return sum(map(len, self._waiting.values()))

    async def _receive(self) -> list[M]:
        self._check("receive", RECEIVERS)
        while not (
            found := self._opened(await self.raw.recv_multipart() if self._topical else [await self.raw.recv()])
        ):
            pass
        return found

    @property
    def dropped(self) -> int:
        """How much has arrived that was no batch."""
        return self._dropped.count

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flusher is None and any(self._waiting.values()):
            self._flusher = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> bool:
        """Send all that waits; return whether that could be."""
        try:
            while any(self._waiting.values()):
                for topic, waiting in list(self._waiting.items()):
                    while waiting:
                        await self._send_one(topic, waiting)
            self._sent, self._held = time.monotonic(), 0
            if len(self._waiting) > TOPICS:
                self._waiting.clear()
        except zmq.Again:
            self._timer = asyncio.get_running_loop().call_later(max(self._limits.delay, PATIENCE), self._start)
            return False
        finally:
            self._flusher = None
        return True

    async def messages(self, ended: Callable[[], bool]) -> AsyncIterator[M]:
        """Yield what is received, one after the other, until ``ended``. Raise as ``recv``."""
        async for found in received_async(self.recv_many, ended):
            for each in found:
                yield each

    async def _send_one(self, topic: bytes, waiting: list[bytes]) -> None:
        count, frame = next_frame(waiting, self._limits)
        sending: Any = self.raw.send_multipart((topic, frame)) if self._topical else self.raw.send(frame)
        try:
            await sending
        finally:
            # Also when this is cancelled: what has gone must not go again.
            if sending.done() and not sending.cancelled() and sending.exception() is None:
                del waiting[:count]

    def _check(self, what: str, kinds: frozenset[str]) -> None:
        if self._kind not in kinds:
            raise TypeError(f"{self._name} is a {self._kind}: it does not {what}")


class AsyncBatchSocket(_AsyncBatching[bytes]):
    """As ``BatchSocket``, with ``await``."""


class AsyncBatchPubSocket(_AsyncBatching[tuple[bytes, bytes]]):
    """As ``BatchPubSocket``, with ``await``."""


class AsyncBatchSubSocket(_AsyncBatching[tuple[bytes, bytes]]):
    """As ``BatchSubSocket``, with ``await``."""


def async_class_for(kind: str) -> type[AsyncBatchSocket] | type[AsyncBatchPubSocket] | type[AsyncBatchSubSocket]:
    """Return the class for sockets of a ZeroMQ type."""
    return AsyncBatchPubSocket if kind == "PUB" else AsyncBatchSubSocket if kind == "SUB" else AsyncBatchSocket
