"""Messages as something to iterate over, which ends when the node drains."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Generic, Literal, TypeVar
from weakref import ref

import zmq

from orchestrator.node import sockets
from orchestrator.node.sockets import SocketRecord

T = TypeVar("T")

_PATIENCE = 100
"""Milliseconds between two looks at whether it has ended, for a socket that the main thread cannot look at."""


class Messages(Generic[T]):
    """What a socket receives: ``for`` and, under asyncio, ``async for`` work. It ends when nothing comes any more."""

    def __init__(
        self, wired: SocketRecord, method: Literal["recv", "recv_multipart"], wrap: Callable[[], object]
    ) -> None:
        self._wired = wired
        self._method = method
        self._wrap = wrap

    def __iter__(self) -> Iterator[T]:
        read = _in_thread if self._wired.owned_elsewhere else _plain
        found: Iterator[T]
        if self._wired.delivery_socket is not None:
            found = self._wired.delivery_socket.messages(lambda: self._wired.ended)
        else:
            found = read(self._wired, getattr(self._wired.raw, self._method))
        self._wired.reader = ref(found)
        return found

    def __aiter__(self) -> AsyncIterator[T]:
        self._wrap()
        found: AsyncIterator[T]
        if self._wired.delivery_socket is not None:
            found = self._wired.async_delivery_socket.messages(lambda: self._wired.ended)
        else:
            found = _under_asyncio(self._wired, self._method)
        self._wired.reader = ref(found)
        return found


def _plain(wired: SocketRecord, receive: Callable[[], T]) -> Iterator[T]:
    while True:
        try:
            message = receive()
        except zmq.Again:
            if wired.ended:
                return
            raise
        yield message


def _in_thread(wired: SocketRecord, receive: Callable[[], T]) -> Iterator[T]:
    if (own := wired.raw.getsockopt(zmq.RCVTIMEO)) < 0:  # type: ignore[operator]
        wired.raw.setsockopt(zmq.RCVTIMEO, _PATIENCE)
    while wired.order != "cut":
        try:
            message = receive()
        except zmq.Again:
            if wired.order == "quiet" or (wired.order == "dry" and sockets.exhausted(wired)):
                sockets.end(wired)
                return
            if own >= 0:  # type: ignore[operator]
                raise
        else:
            yield message
    sockets.detach(wired)


async def _under_asyncio(wired: SocketRecord, method: str) -> AsyncIterator[T]:
    receive = getattr(wired.asynchronous.socket, method)
    while True:
        try:
            message = await receive()
        except zmq.Again:
            if wired.ended:
                return
            raise
        yield message
