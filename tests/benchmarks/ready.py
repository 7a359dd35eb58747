"""Processes that tell a FIFO that they are ready, each by its pid in a line."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path


class Ready:
    """Who is ready: pids in the order in which they said so."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._rest = b""
        self.pids: list[int] = []

    def wait(self, count: int, within: float = 60.0) -> float:
        """Wait until so many have said so in all; give the time (CLOCK_MONOTONIC, seconds). Raise TimeoutError."""
        until = time.monotonic() + within
        while len(self.pids) < count:
            if not select.select([self._fd], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError(f"{len(self.pids)} of {count} are ready")
            *lines, self._rest = (self._rest + os.read(self._fd, 65536)).split(b"\n")
            self.pids += map(int, lines)
        return time.monotonic()

    def close(self) -> None:
        """Close the FIFO."""
        os.close(self._fd)
