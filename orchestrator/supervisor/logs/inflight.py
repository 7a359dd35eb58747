"""What was read from a stream and is not in its log yet, kept in a file's memory: it outlives this process.

A FIFO's bytes are gone once they are read. So they are read straight into a shared mapping (mmap(2)). A word beside
them says which of them count, which are in the log already, and how large the log was before the write that is under
way: it is changed by one store of the processor, so whoever is killed leaves the old one or the new one. The kernel may
have written a part of what it was given when the writer is killed (write(2)): a successor sees how much, by the log's
size. Whoever is killed while the kernel copies from the FIFO has no number of what came: so what is read into is zeroed
before, and what is not zero has come.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import NamedTuple

CHUNK = 64 * 1024
"""Bytes read at a time; a line that is longer is cut."""

_START = 8
_ROOM = 3 * CHUNK
"""What waits for its end is shorter than CHUNK, and is moved to the front only where it does not overlap itself."""

_BITS, _SIZE_BITS = 18, 26


class _Word(NamedTuple):
    """Bytes that are held, and how many of them are done with; whether more are just being read, or written: behind
    ``start`` bytes of the log, counted modulo 64 MiB.
    """

    held: int = 0
    done: int = 0
    reading: int = 0
    writing: int = 0
    start: int = 0

    def pack(self) -> int:
        head = self.held | self.done << _BITS | self.reading << 2 * _BITS | self.writing << 2 * _BITS + 1
        return head | self.start << 2 * _BITS + 2

    @staticmethod
    def unpack(word: int) -> _Word:
        part, size = (1 << _BITS) - 1, (1 << _SIZE_BITS) - 1
        flags = word >> 2 * _BITS
        return _Word(word & part, word >> _BITS & part, flags & 1, flags >> 1 & 1, flags >> 2 & size)


class Inflight:
    """The bytes of one stream: those that are done with, then those that wait."""

    def __init__(self, path: Path) -> None:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(fd, _START + _ROOM)
            # Untouched memory is none: a file that nobody has written into is a hole (lseek(2)).
            touched = os.lseek(fd, 0, os.SEEK_HOLE)
            self._map = mmap.mmap(fd, _START + _ROOM)
        finally:
            os.close(fd)
        self._view = memoryview(self._map)
        self._stored = self._view[:_START].cast("Q")
        self._bytes = self._view[_START:]
        self._word = _Word.unpack(self._stored[0]) if touched else _Word()
        self._touched = max(0, touched - _START)  # behind it all is zero

    def waiting(self) -> bytes:
        """Return the bytes that are not done with."""
        return bytes(self._bytes[self._word.done : self._word.held])

    def unwritten(self, size: int) -> int:
        """Take in what a predecessor was reading; return how many bytes of a log of ``size`` it wrote last, 0 for none.

        They are the beginning of what the waiting bytes become in a log. Call it once, before all others.
        """
        word = self._word
        if word.reading:
            came = bytes(self._bytes[word.held : self._touched]).rstrip(b"\0")
            self._store(word._replace(held=min(word.held + len(came), _ROOM), reading=0))
        self._clear_behind()
        if not word.writing:
            return 0
        written: int = (size - word.start) % (1 << _SIZE_BITS)
        return written if written < 1 << _SIZE_BITS - 1 else 0  # else it has begun a new file, and written nothing

    def read(self, fd: int) -> int:
        """Read from a FIFO; return the number of bytes. Raise BlockingIOError."""
        held = self._word.held
        self._store(self._word._replace(reading=1))
        count = 0
        try:
            self._touched = max(self._touched, min(held + CHUNK, _ROOM))
            count = os.readv(fd, [self._bytes[held : held + CHUNK]])
        finally:
            self._store(self._word._replace(held=held + count, reading=0))
        return count

    def write(self, size: int) -> None:
        """Note that what waits is just being written behind the ``size`` bytes of the log."""
        self._store(self._word._replace(writing=1, start=size % (1 << _SIZE_BITS)))

    def wrote(self, count: int) -> None:
        """Note that so many of the bytes that waited are in the log."""
        self._store(self._word._replace(done=self._word.done + count, writing=0))

    def tidy(self) -> None:
        """Move what waits to the front, where it does not overlap itself."""
        held, done = self._word.held, self._word.done
        rest = held - done
        if rest <= done:
            self._bytes[:rest] = self._bytes[done:held]
            self._store(_Word(held=rest))
            self._clear_behind()

    def close(self) -> None:
        """Release the memory."""
        for view in (self._stored, self._bytes, self._view):
            view.release()
        self._map.close()

    def _store(self, word: _Word) -> None:
        self._word = word
        self._stored[0] = word.pack()

    def _clear_behind(self) -> None:
        held = self._word.held
        if held < self._touched:
            self._bytes[held : self._touched] = bytes(self._touched - held)
            self._touched = held
