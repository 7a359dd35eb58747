"""Sockets under asyncio; imported only by programs that use it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import zmq
import zmq.asyncio

from orchestrator.compat import AsyncSocket
from orchestrator.delivery.drained import DrainedError


class Asynchronous:
    """A ``zmq.asyncio.Socket`` around a plain one, and how a signal handler talks to its loop."""

    def __init__(self, raw: zmq.Socket[bytes]) -> None:
        self.socket = zmq.asyncio.Socket.from_socket(raw)
        self._inside = AsyncSocket(self.socket)
        if raw.type == zmq.PUB:
            # Else pyzmq would wait for what never comes, where a plain one says so (zmq_msg_recv(3), ENOTSUP).
            vars(self.socket).update(recv=_refuse, recv_multipart=_refuse)

    def wake(self, *, ended: bool, deserted: bool = False) -> None:
        """Have the loop look at the socket again; pending receives say Again when it has ended, sends when deserted."""
        # The loop of this thread, not the socket's: pyzmq notes that only when a receive waits for the first time.
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            if not ended:
                loop.call_soon_threadsafe(self._inside.look)
            if ended or deserted:
                loop.call_soon_threadsafe(self._end, ("recv",) * ended + ("send",) * deserted)

    def release(self) -> None:
        """Take the socket from its loop, before it is closed."""
        loop = self._inside.loop
        if loop is not None and not loop.is_closed():
            self._end(("recv",))
            self._inside.let_go()

    def _end(self, kinds: tuple[str, ...]) -> None:
        for pending in self._inside.pending():
            if pending.kind.startswith(kinds) and not pending.future.done():
                pending.future.set_exception(DrainedError())


def _refuse(*_: Any, **__: Any) -> asyncio.Future[Any]:
    refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    refused.set_exception(zmq.ZMQError(int(zmq.ENOTSUP)))
    return refused
