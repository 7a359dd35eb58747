"""Following a journal while its owner writes it, from what comes next on."""

from __future__ import annotations

import os
from pathlib import Path

from orchestrator.delivery.journal.segment import Segment, look


class Follower:
    """Gives each message once, as soon as it is accepted, also when it is acknowledged by then.

    A file that is open here stays readable when its owner has removed it; ``missing`` counts the messages of those
    that were made and removed between two looks.
    """

    def __init__(self, journal: Path) -> None:
        """Begin behind what is there. Raise JournalError."""
        self.missing = 0
        self._folder = journal
        self._segment: Segment | None = None
        self._next: int | None = None
        while self.new():
            pass
        self.missing = 0

    def new(self) -> list[bytes]:
        """Return the messages that have come since, those of one file at most. Raise JournalError."""
        if self._segment is None and not self._turn():
            return []
        found = self._read()
        # Only once there is a next file is this one whole, and so it is looked at again.
        if not found and self._followed():
            found = self._read()
            if not found and self._turn():
                found = self._read()
        return found

    def close(self) -> None:
        """Give up the file."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def _read(self) -> list[bytes]:
        """Return what follows in this file: a length is written behind its body, and is 0 before."""
        segment = self._segment
        assert segment is not None
        found = []
        for length in segment.lengths[segment.count :]:
            if not length:
                break
            found.append(bytes(segment.view[segment.end : segment.end + length - 1]))
            segment.count += 1
            segment.end += length - 1
        self._next = segment.first + segment.count
        return found

    def _followed(self) -> bool:
        return self._after() is not None

    def _after(self) -> Path | None:
        """Return the file behind the one that is open."""
        here = self._segment.path.name if self._segment is not None else ""
        found = (path for path in self._folder.glob("*.segment") if path.name > here or self._replaced(path))
        return min(found, default=None)

    def _replaced(self, path: Path) -> bool:
        """Whether an empty file that is open here had no room for a large message, and another one has its name."""
        segment = self._segment
        if segment is None or segment.path != path or segment.count:
            return False
        try:
            return path.stat().st_ino != os.fstat(segment.file).st_ino
        except FileNotFoundError:
            return False

    def _turn(self) -> bool:
        """Go on in the next file, if there is one."""
        while (path := self._after()) is not None:
            segment = look(path)
            if segment is None:
                continue
            self.close()
            self._segment = segment
            if self._next is not None:
                self.missing += segment.first - self._next
            return True
        return False
