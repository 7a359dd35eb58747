"""What a socket of ours receives, as something to iterate over that ends with the node."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

import zmq

T = TypeVar("T")


def received(receive: Callable[[], T], ended: Callable[[], bool]) -> Iterator[T]:
    """Yield what is received until ``ended``. Raise as ``receive``; its zmq.Again at the end is the end."""
    while True:
        try:
            found = receive()
        except zmq.Again:
            if ended():
                return
            raise
        yield found


async def received_async(receive: Callable[[], Awaitable[T]], ended: Callable[[], bool]) -> AsyncIterator[T]:
    """Yield as ``received`` does, under asyncio."""
    while True:
        try:
            found = await receive()
        except zmq.Again:
            if ended():
                return
            raise
        yield found
