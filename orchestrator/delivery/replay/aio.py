"""Sockets of an edge that replays under asyncio; see ``publisher`` and ``subscriber``. Imported only by programs that
use it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from typing import Any

import zmq
import zmq.asyncio

from orchestrator.delivery.received import received_async
from orchestrator.delivery.replay.publisher import ReplayPubSocket
from orchestrator.delivery.replay.subscriber import ReplaySubSocket


class AsyncReplayPubSocket:
    """As ``ReplayPubSocket``, with ``await``: a PUB waits for nobody."""

    def __init__(self, socket: ReplayPubSocket) -> None:
        self.raw = socket.raw
        self._socket = socket

    async def send(self, message: Any, topic: bytes = b"") -> None:
        """Take one message. Raise JournalFullError."""
        self._socket.send(message, topic)

    async def send_many(self, messages: Iterable[Any], topic: bytes = b"") -> None:
        """Take several messages of a topic."""
        self._socket.send_many(messages, topic)

    async def flush(self) -> None:
        """Send what waits for company."""
        self._socket.flush()


class AsyncReplaySubSocket:
    """As ``ReplaySubSocket``, with ``await``."""

    def __init__(self, socket: ReplaySubSocket, raw: zmq.asyncio.Socket) -> None:
        self.raw = raw
        self._socket = socket
        self._side = zmq.asyncio.Socket.from_socket(socket.side)

    async def recv(self) -> tuple[bytes, bytes]:
        """Return the next message. Raise zmq.Again, ReplayGapError, BadBatch."""
        if not self._socket.hand:
            await self._more()
        return self._socket.hand.pop()

    async def recv_many(self) -> list[tuple[bytes, bytes]]:
        """Return what has come together, one message at least. Raise as ``recv``."""
        if not self._socket.hand:
            await self._more()
        return self._socket.recv_many()

    async def messages(self, ended: Callable[[], bool]) -> AsyncIterator[tuple[bytes, bytes]]:
        """Yield messages until ``ended``. Raise as ``recv``."""
        async for found in received_async(self.recv_many, ended):
            for each in found:
                yield each

    async def _more(self) -> None:
        while (wait := self._socket.step(time.monotonic())) is not None:
            if self._socket.ended:
                raise zmq.Again
            sockets = [self._side]
            if not self._socket.following.waits(time.monotonic()):
                sockets.append(self.raw)
            polls = [asyncio.ensure_future(each.poll(int(wait * 1000) + 1)) for each in sockets]
            try:
                await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in polls:
                    each.cancel()
                    with suppress(asyncio.CancelledError, zmq.Again):
                        await each
