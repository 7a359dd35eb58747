"""Sockets of a durable edge under asyncio: its PUSH and its PULL. Imported only by programs that use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import zmq
import zmq.asyncio

from orchestrator.delivery.durable.pull_socket import DurablePullSocket
from orchestrator.delivery.durable.push_socket import DurablePushSocket
from orchestrator.delivery.received import received_async


class AsyncDurablePushSocket:
    """As ``DurablePushSocket``, with ``await``: the loop goes on where there is no room."""

    def __init__(self, socket: DurablePushSocket) -> None:
        self.raw = socket.raw
        self._socket = socket

    async def send(self, message: Any) -> None:
        """Accept one message. Raise JournalFullError or zmq.Again where there is no room; then it is not accepted."""
        if not self._socket.send_if_room((message,)):
            await asyncio.to_thread(self._socket.send, message)

    async def send_many(self, messages: Iterable[Any]) -> None:
        """Accept several messages, all or, with an exception, none."""
        many = list(messages)
        if not self._socket.send_if_room(many):
            await asyncio.to_thread(self._socket.send_many, many)

    async def flush(self) -> None:
        """Send what waits for company, as far as receivers take it."""
        self._socket.flush()

    @property
    def unacknowledged(self) -> int:
        """How many messages are not known to be acknowledged."""
        return self._socket.unacknowledged

    @property
    def dropped(self) -> int:
        """How much has arrived that was no word of a receiver of its edges."""
        return self._socket.dropped


class AsyncDurablePullSocket:
    """As ``DurablePullSocket``, with ``await``."""

    def __init__(self, socket: DurablePullSocket, raw: zmq.asyncio.Socket) -> None:
        self.raw = raw
        self._socket = socket

    async def recv(self) -> bytes:
        """Return the next message; which acknowledges the one before. Raise zmq.Again."""
        while not self._socket.hand:
            await self._more()
        return self._socket.recv()

    async def recv_many(self) -> list[bytes]:
        """Return what has come together, one message at least; which acknowledges what was given before."""
        while not self._socket.hand:
            await self._more()
        return self._socket.recv_many()

    async def ack(self) -> None:
        """Acknowledge all that was given, without asking for more."""
        self._socket.ack()

    @property
    def dropped(self) -> int:
        """How much has arrived that was no word of a sender of its edges."""
        return self._socket.dropped

    def messages(self, ended: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Return messages until ``ended``. Raise as ``recv``."""
        return received_async(self.recv, ended)

    async def _more(self) -> None:
        self._socket.ack()
        if self._socket.ended:
            raise zmq.Again
        self._socket.hear(await self.raw.recv_multipart())
