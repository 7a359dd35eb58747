"""Ctrl-C in a command that owns a mesh: the first one drains the mesh, a second one kills it."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType

from orchestrator.report import streams


class Interrupts:
    """Counts SIGINT and SIGTERM, and ends a wait when one comes."""

    def __init__(self) -> None:
        self.count = 0
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._come)

    @property
    def drains(self) -> bool:
        """Whether one has come: the mesh is to drain."""
        return self.count > 0

    @property
    def kills(self) -> bool:
        """Whether a second one has come: the mesh is to end at once."""
        return self.count > 1

    def wait(self, seconds: float) -> None:
        """Wait until the time is over or a signal comes."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)

    def _come(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        streams.hurry()
