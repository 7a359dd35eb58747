"""The sign that a program should finish."""

from __future__ import annotations

import math
import select
import socket
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class Stopping:
    """False until the mesh drains, then true for good.

    It has a file descriptor, readable from then on, for pollers; it can be waited for and awaited.
    """

    def __init__(self) -> None:
        self._set = False
        self._looked = False
        self._given = False
        self._deadline: float | None = None
        # No threading.Event: it is set in a signal handler, which must not take a lock.
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._loops: dict[asyncio.AbstractEventLoop, _Awaited] = {}

    def __bool__(self) -> bool:
        self.look()
        return self._set

    def __repr__(self) -> str:
        return f"<Stopping {self._set}>"

    def fileno(self) -> int:
        """Return a descriptor that becomes readable; read nothing from it."""
        self._given = True
        return self._reader().fileno()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it, at most ``timeout`` seconds; return what it is then."""
        if not self._set:
            # It takes no descriptor, of which a process may have none left, and no two threads may share one.
            poll = select.poll()
            poll.register(self._reader(), select.POLLIN)
            poll.poll(None if timeout is None else max(0, math.ceil(timeout * 1000)))
        self.look()
        return self._set

    def __await__(self) -> Generator[Any, None, bool]:
        return self._wait().__await__()

    async def _wait(self) -> bool:
        import asyncio

        loop = asyncio.get_running_loop()
        if not self._set:
            if loop not in self._loops:
                self._loops[loop] = _Awaited(loop, self._reader().dup())
            await self._loops[loop].wait()
        self.look()
        return self._set

    @property
    def told(self) -> bool:
        """Whether it is true, for those who do not look in the program's name."""
        return self._set

    @property
    def looked(self) -> bool:
        """Whether the program has looked at it since it is true, or has a descriptor that it may be looking at."""
        return self._looked or self._given

    def look(self) -> None:
        """Note that the program looks."""
        if self._set:
            self._looked = True

    def set(self, grace: float | None = None) -> None:
        """Make it true, with ``grace`` seconds left to finish. Safe in a signal handler."""
        if grace is not None:
            self._deadline = time.monotonic() + grace
        if not self._set:
            self._set = True
            self._tell()

    def left(self, otherwise: float) -> float:
        """Return the seconds that are left to finish; ``otherwise`` where nobody has asked for a stop."""
        if self._deadline is None:
            return otherwise
        return max(0.0, self._deadline - time.monotonic())

    def close(self) -> None:
        """Let the descriptors go."""
        for each in self._loops.values():
            each.reader.close()
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


class _Awaited:
    """Those who wait in one loop: it keeps one reader for a descriptor, so that they share a copy."""

    def __init__(self, loop: asyncio.AbstractEventLoop, reader: socket.socket) -> None:
        self.reader = reader
        self._loop = loop
        self._waiting: set[asyncio.Future[None]] = set()
        loop.add_reader(reader, self._tell)

    async def wait(self) -> None:
        told = self._loop.create_future()
        self._waiting.add(told)
        try:
            await told
        finally:
            self._waiting.discard(told)

    def _tell(self) -> None:
        self._loop.remove_reader(self.reader)
        for told in self._waiting:
            if not told.done():
                told.set_result(None)
