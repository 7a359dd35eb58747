"""What a receiver has acknowledged, in a file that is written through memory: it survives the process.

The file holds facts, and a fact stays true: acknowledged batches, each with a checksum, in a ring; and two places for
the batch that is being given. A word of 64 bits names one of these by its checksum and says how many of its messages
are acknowledged. That word alone is written for each message.
"""

from __future__ import annotations

import mmap
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import Struct

from orchestrator.contract import private
from orchestrator.delivery.durable.intervals import AcknowledgedIntervals
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.delivery.journal.journal import lock
from orchestrator.delivery.journal.segment import allocate, sync_folder

MAGIC = b"orchcurs\x01\0\0\0\0\0\0\0"

_BODY = Struct("<16sQQ")
_FACT = Struct("<16sQQI")
_WORD, _PLACES, _FIRST = 64, 128, 4096
RING = 25_000
"""How many batches the ring remembers, at first."""


class Cursor:
    """The cursor of one receiving socket. ``word`` is the word; ``top`` is it once the batch is acknowledged."""

    def __init__(self, folder: Path, ring: int = RING) -> None:
        """Open what is there, or begin. Raise JournalError."""
        self._lock = lock(folder)
        self._opening = threading.Lock()
        self._path = folder / "cursor"
        self.known: dict[bytes, AcknowledgedIntervals] = {}
        self.dirty = False
        self._place = 0
        self._next = _FIRST
        self.top = 0
        self._current: tuple[bytes, int, int] | None = None
        if not self._path.exists():
            make(self._path, ring, [])
        self._open()
        for stream, first, end in facts(self._view):
            self.known.setdefault(stream, AcknowledgedIntervals()).add(first, end)
        # What was acknowledged of the last batch: another one may be next, and has its place then.
        self._current = current(self._view)
        if self._current is not None:
            self._write(*self._current)
            self._current = None

    def begin(self, stream: bytes, first: int, skip: int, count: int) -> None:
        """Note that a batch is about to be given, of which ``skip`` messages are."""
        fact = _fact(stream, first, first + count)
        self._place ^= 1
        at = _PLACES + 64 * self._place
        self._view[at : at + _FACT.size] = fact
        tag = int.from_bytes(fact[-4:], "little") << 32
        self.word[0] = tag | skip
        self.top = tag | count
        self._current = (stream, first, first + count)

    def done(self) -> None:
        """Note that the current batch is acknowledged; to be called before ``known`` has it."""
        assert self._current is not None
        self.word[0] = self.top
        self._write(*self._current)
        self._current = None
        self.dirty = True

    @property
    def part(self) -> int:
        """How many messages of the current batch are acknowledged."""
        return 0 if self._current is None else self.word[0] & 0xFFFFFFFF

    def unsynced(self) -> list[int]:
        """Return a copy of its descriptor if it is not on disk; from now on it counts as if it were."""
        with self._opening:
            if not self.dirty:
                return []
            self.dirty = False
            return [os.dup(self._file)]

    def sync(self) -> None:
        """Have it on disk. Raise OSError."""
        self.dirty = False
        os.fdatasync(self._file)

    def close(self) -> None:
        """Give up the file."""
        self._release()
        os.close(self._lock)

    def _write(self, stream: bytes, first: int, end: int) -> None:
        at = self._free()
        self._view[at : at + _FACT.size] = _fact(stream, first, end)

    def _free(self) -> int:
        """Return where the next fact goes: over one that nobody asks for any more."""
        size = len(self._view)
        if self._next + _FACT.size > size:
            self._next = _FIRST
        found = _read(self._view, self._next)
        if found is not None and self._asked_for(*found):
            self._rewrite()
        at = self._next
        self._next += _FACT.size
        return at

    def _asked_for(self, stream: bytes, first: int, end: int) -> bool:
        known = self.known.get(stream)
        return known is not None and known.prefix(first, end) > 0

    def _rewrite(self) -> None:
        """Write what is known into a new file that has room for more."""
        known = [(stream, *each) for stream, acknowledged in self.known.items() for each in acknowledged.intervals()]
        word, places = self.word[0], bytes(self._view[_PLACES:_FIRST])
        make(self._path, max((len(self._view) - _FIRST) // _FACT.size, 4 * len(known)), known, word, places)
        with self._opening:
            self._release()
            self._open()

    def _open(self) -> None:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            self._map = mmap.mmap(self._file, 0)
        except (OSError, ValueError) as error:
            raise JournalError(f"{self._path}: {error}") from None
        self._view = memoryview(self._map)
        if self._view[: len(MAGIC)] != MAGIC:
            raise JournalError(f"{self._path}: not a cursor of this version")
        self.word = self._view[_WORD : _WORD + 8].cast("Q")
        self._next = _FIRST
        while self._next + _FACT.size <= len(self._view) and _read(self._view, self._next) is not None:
            self._next += _FACT.size

    def _release(self) -> None:
        self.word.release()
        self._view.release()
        self._map.close()
        os.close(self._file)


def facts(view: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Yield all that is known to be acknowledged: stream, first message and end."""
    last = current(view)
    if last is not None:
        yield last
    for at in range(_FIRST, len(view) - _FACT.size + 1, _FACT.size):
        found = _read(view, at)
        if found is not None:
            yield found


def current(view: memoryview) -> tuple[bytes, int, int] | None:
    """Return what is acknowledged of the batch that the word names: stream, first message and end; None for nothing."""
    word = int.from_bytes(view[_WORD : _WORD + 8], "little")
    for place in range(2):
        at = _PLACES + 64 * place
        found = _read(view, at)
        acknowledged = word & 0xFFFFFFFF
        if found is not None and acknowledged and view[at + _BODY.size :][:4] == (word >> 32).to_bytes(4, "little"):
            return found[0], found[1], min(found[2], found[1] + acknowledged)
    return None


def make(path: Path, ring: int, known: list[tuple[bytes, int, int]], word: int = 0, places: bytes = b"") -> None:
    """Make a cursor that is on disk with its name, in the place of one that is there. Raise JournalError."""
    made = path.with_suffix(".new")
    body = b"".join(_fact(*each) for each in known)
    try:
        file = private.file(made, os.O_RDWR | os.O_TRUNC)
        try:
            allocate(file, _FIRST + _FACT.size * ring)
            os.pwrite(file, MAGIC, 0)
            os.pwrite(file, word.to_bytes(8, "little"), _WORD)
            os.pwrite(file, places, _PLACES)
            os.pwrite(file, body, _FIRST)
            os.fsync(file)
        finally:
            os.close(file)
        os.rename(made, path)
        sync_folder(path.parent)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from None


def _fact(stream: bytes, first: int, end: int) -> bytes:
    fact = _BODY.pack(stream, first, end)
    return fact + zlib.crc32(fact).to_bytes(4, "little")


def _read(view: memoryview, at: int) -> tuple[bytes, int, int] | None:
    stream, first, end, crc = _FACT.unpack_from(view, at)
    return (stream, first, end) if end and zlib.crc32(view[at : at + _BODY.size]) == crc else None
