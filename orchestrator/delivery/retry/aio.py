"""Sockets of an edge that retries, under asyncio; see ``retry``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import zmq
import zmq.asyncio

from orchestrator.delivery.drained import DrainedError
from orchestrator.delivery.received import received_async
from orchestrator.delivery.retry.attempts import RetryPolicy
from orchestrator.delivery.retry.sockets import LOOK, ReplyState, RequestState, now


class AsyncRequestSocket:
    """What a program has in the place of a REQ: ``await send``, then ``await recv``."""

    def __init__(
        self,
        socket: zmq.asyncio.Socket,
        policy: RetryPolicy,
        name: str,
        ended: Callable[[], bool],
        told: Callable[[], bool] = lambda: False,
    ) -> None:
        self.raw = socket
        self._asking = RequestState(name, policy)
        self._ended, self._told = ended, told

    async def send(self, body: Any) -> None:
        """Ask; the request goes with ``recv`` where no server is connected. Raise zmq.ZMQError (EFSM) out of turn."""
        await self.send_multipart([body])

    async def send_multipart(self, body: Sequence[Any]) -> None:
        """Ask with several parts, as ``send`` does."""
        attempts = self._asking.begin(body)
        attempts.sent = await self._send(0)

    async def recv(self) -> bytes:
        """Return the reply. Raise NoReplyError, zmq.ZMQError (EFSM) out of turn, zmq.Again when the node stops."""
        return (await self._recv(1))[0]

    async def recv_multipart(self) -> list[bytes]:
        """Return the parts of the reply, as ``recv`` does."""
        return await self._recv(None)

    @property
    def dropped(self) -> int:
        """How many replies were none, or had more parts than were asked for."""
        return self._asking.dropped.count

    async def _recv(self, most: int | None) -> list[bytes]:
        attempts = self._asking.open()
        while (left := attempts.left(now(), last=self._told())) > 0:
            if self._ended():
                raise DrainedError
            if not attempts.sent:
                attempts.sent = await self._send(min(left, LOOK))
                continue
            _, *frames = await self._receive(left) or (b"",)  # the delimiter
            if (found := self._asking.take(frames, most)) is not None:
                return found
        raise self._asking.give_up(told=self._told())

    async def request(self, body: Any) -> bytes:
        """Ask, and return the reply."""
        await self.send(body)
        return await self.recv()

    async def messages(self, ended: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Yield replies, one for each request that was sent before, until ``ended``."""
        while True:
            try:
                reply = await self.recv()
            except zmq.Again as error:
                if ended() or isinstance(error, DrainedError):
                    return
                raise
            yield reply

    async def _send(self, seconds: float) -> bool:
        if not await self.raw.poll(int(seconds * 1000) + bool(seconds), zmq.POLLOUT):  # type: ignore[call-arg]
            return False
        await self.raw.send_multipart([b"", self._asking.frame])
        return True

    async def _receive(self, seconds: float) -> list[bytes]:
        try:
            found: list[bytes] = await asyncio.wait_for(self.raw.recv_multipart(), seconds)
        except (TimeoutError, zmq.Again):  # whose timer is first, ours or that of the socket
            if self._ended():
                raise zmq.Again from None
            return []
        return found


class AsyncReplySocket:
    """What a program has in the place of a REP: ``await recv``, then ``await send``."""

    def __init__(self, socket: zmq.asyncio.Socket, policy: RetryPolicy, name: str) -> None:
        self.raw = socket
        self._answering = ReplyState(name, policy)

    @property
    def replied(self) -> float:
        """When the last reply was sent, in seconds of CLOCK_MONOTONIC; 0 for never."""
        return self._answering.replied

    async def recv(self) -> bytes:
        """Return the next request, one that was not answered before. Raise as zmq's."""
        return (await self._recv(1))[0]

    async def recv_multipart(self) -> list[bytes]:
        """Return the parts of the next request, as ``recv`` does."""
        return await self._recv(None)

    @property
    def dropped(self) -> int:
        """How much has arrived that was no request of a client, or had more parts than were asked for."""
        return self._answering.dropped.count

    async def _recv(self, most: int | None) -> list[bytes]:
        while True:
            found = self._answering.take(await self.raw.recv_multipart(), most)
            if isinstance(found, list):
                return found
            await self.raw.send(found)

    async def send(self, body: Any) -> None:
        """Reply. Raise as zmq's."""
        await self.send_multipart([body])

    async def send_multipart(self, body: Sequence[Any]) -> None:
        """Reply with several parts."""
        await self.raw.send(self._answering.reply(body))

    def messages(self, ended: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Return requests until ``ended``; each is to be answered before the next."""
        return received_async(self.recv, ended)
