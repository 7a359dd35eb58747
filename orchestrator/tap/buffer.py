"""Messages between the thread that hears them and the one that writes them: so many bytes, the rest is dropped."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

OVERHEAD = 200
"""Bytes that a message takes here beside its parts, roughly."""


@dataclass(frozen=True, slots=True)
class TappedMessage:
    """A message, when it was heard (seconds of the epoch), and who sent it, as ``process.socket``."""

    time: float
    edge: str
    socket: str
    parts: list[bytes]


class Buffer:
    """Holds at most ``most`` bytes. A message that has no room is dropped and counted."""

    def __init__(self, most: int) -> None:
        self.dropped = 0
        self._most, self._size = most, 0
        self._messages: deque[tuple[int, TappedMessage]] = deque()
        self._changed = threading.Condition()
        self._ended = False

    def put(self, messages: list[TappedMessage]) -> None:
        """Take messages, as far as there is room."""
        with self._changed:
            for each in messages:
                size = OVERHEAD + sum(map(len, each.parts))
                if self._size + size > self._most:
                    self.dropped += 1
                    continue
                self._size += size
                self._messages.append((size, each))
            self._changed.notify()

    def end(self) -> None:
        """Say that nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def take(self, seconds: float) -> list[TappedMessage] | None:
        """Return what there is, after so many seconds at the latest, even if it is nothing; None once all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self._ended, seconds)
            if self._ended and not self._messages:
                return None
            found = [each for _, each in self._messages]
            self._messages.clear()
            self._size = 0
            return found
