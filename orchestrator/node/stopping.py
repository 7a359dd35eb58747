"""The sign that a program should finish."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Generator
from typing import Any


class Stopping:
    """False until the mesh drains, then true for good.

    It has a file descriptor, readable from then on, for pollers; it can be waited for and awaited.
    """

    def __init__(self) -> None:
        self._set = False
        self._deadline: float | None = None
        # No threading.Event: it is set in a signal handler, which must not take a lock.
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __bool__(self) -> bool:
        return self._set

    def __repr__(self) -> str:
        return f"<Stopping {self._set}>"

    def fileno(self) -> int:
        """Give a descriptor that becomes readable; read nothing from it."""
        return self._reader().fileno()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, at most ``timeout`` seconds; give what it is then."""
        if not self._set:
            with selectors.DefaultSelector() as selector:
                selector.register(self._reader(), selectors.EVENT_READ)
                selector.select(timeout)
        return self._set

    def __await__(self) -> Generator[Any, None, bool]:
        return self._wait().__await__()

    async def _wait(self) -> bool:
        import asyncio

        loop = asyncio.get_running_loop()
        # A copy for each who waits: a loop keeps one reader for a descriptor.
        with self._reader().dup() as reader:
            told: asyncio.Future[None] = loop.create_future()
            loop.add_reader(reader, lambda: None if told.done() else told.set_result(None))
            try:
                await told
            finally:
                loop.remove_reader(reader)
        return self._set

    def set(self, grace: float | None = None) -> None:
        """Make it true, with ``grace`` seconds left to finish. Safe in a signal handler."""
        if grace is not None:
            self._deadline = time.monotonic() + grace
        if not self._set:
            self._set = True
            self._tell()

    def left(self, otherwise: float) -> float:
        """Give the seconds that are left to finish; ``otherwise`` where nobody has asked for a stop."""
        if self._deadline is None:
            return otherwise
        return max(0.0, self._deadline - time.monotonic())

    def close(self) -> None:
        """Let the descriptors go."""
        for pair in self._pairs:
            for end in pair:
                end.close()

    def _reader(self) -> socket.socket:
        if not self._pairs:
            reader, writer = socket.socketpair()
            writer.setblocking(False)
            # Where two threads come at once, the first pair counts.
            self._pairs.append((reader, writer))
            if self._set:
                self._tell()
        return self._pairs[0][0]

    def _tell(self) -> None:
        for _, writer in self._pairs[:1]:
            writer.send(b"\0")
