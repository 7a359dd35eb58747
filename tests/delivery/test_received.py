from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
import zmq

from orchestrator.delivery.received import received, received_async

Receive = Callable[[], int]


def receiving(*messages: int) -> Receive:
    left: Iterator[int] = iter(messages)

    def receive() -> int:
        for message in left:
            return message
        raise zmq.Again

    return receive


def under_asyncio(receive: Receive, ended: Callable[[], bool]) -> list[int]:
    async def wait() -> int:
        return receive()

    async def gather() -> list[int]:
        return [message async for message in received_async(wait, ended)]

    return asyncio.run(gather())


def plainly(receive: Receive, ended: Callable[[], bool]) -> list[int]:
    return list(received(receive, ended))


@pytest.mark.parametrize("read", [plainly, under_asyncio])
def test_again_is_the_end_where_the_node_ends_and_an_error_elsewhere(read: Callable[..., list[int]]) -> None:
    assert read(receiving(1, 2, 3), lambda: True) == [1, 2, 3]
    with pytest.raises(zmq.Again):
        read(receiving(1), lambda: False)
