"""What was read from a stream and is not in its log yet, kept in a file's memory: it outlives this process.

A FIFO's bytes are gone once they are read. So they are read straight into a shared mapping (mmap(2)), beside their
number and the size that the log has before they go into it: a successor sees whether they did. Whoever is killed while
the kernel copies has no number of what came: so what is read into is zeroed before, and what is not zero has come.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from struct import Struct

CHUNK = 64 * 1024
"""Bytes read at a time; so many more may be held of a line without an end."""

_HEAD = Struct("<QQQ")
"""How many bytes are held, how large the log was before, and whether more are just being read."""

_START = _HEAD.size


class Inflight:
    """The bytes of one stream."""

    def __init__(self, path: Path) -> None:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(fd, _START + 2 * CHUNK)
            # Untouched memory is none: a file that nobody has written into is a hole (lseek(2)).
            self._end = max(_START, os.lseek(fd, 0, os.SEEK_HOLE))
            self._map = mmap.mmap(fd, _START + 2 * CHUNK)
        finally:
            os.close(fd)
        self._view = memoryview(self._map)
        self.fresh = self._end == _START

    def left(self, size: int) -> bytes:
        """Give what a predecessor had read and not written; ``size`` is that of the log now, in bytes."""
        held, before, reading = _HEAD.unpack_from(self._map)
        found = bytes(self._view[_START : _START + (2 * CHUNK if reading else min(held, 2 * CHUNK))])
        if reading:
            found = found[:held] + found[held:].rstrip(b"\0")
        # All whole lines go into the log at once; what is behind the last of them waits for its end.
        return found.rpartition(b"\n")[2] if size > before else found

    def take(self, fd: int, kept: int, size: int) -> bytes:
        """Read from a FIFO, behind the ``kept`` bytes that wait for the end of their line; ``size`` as in ``left``.

        Raise BlockingIOError.
        """
        _HEAD.pack_into(self._map, 0, kept, size, 1)
        count = os.readv(fd, [self._view[_START + kept : _START + kept + CHUNK]])
        _HEAD.pack_into(self._map, 0, kept + count, size, 0)
        self._end = max(self._end, _START + kept + count)
        return bytes(self._view[_START + kept : _START + kept + count])

    def keep(self, rest: bytes) -> None:
        """Hold no more than what waits for the end of its line: the others are in the log."""
        end = _START + len(rest)
        self._view[_START:end] = rest
        _HEAD.pack_into(self._map, 0, len(rest), 0, 0)
        if end < self._end:
            self._view[end : self._end] = bytes(self._end - end)
            self._end = end

    def close(self) -> None:
        """Give the memory back."""
        self._view.release()
        self._map.close()
