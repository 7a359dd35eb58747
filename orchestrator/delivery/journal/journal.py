"""A journal: its segments, the batches that are not acknowledged yet, and what a loss of power has left of it."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestrator.contract import private
from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.journal.errors import JournalError, JournalFullError
from orchestrator.delivery.journal.layout import ACKNOWLEDGED, ASSIGNED, Shape, next_epoch
from orchestrator.delivery.journal.segment import BadSegment, Seal, Segment

BOOT = Path("/proc/sys/kernel/random/boot_id")


class Batch:
    """Messages that travel together: the number of the first one, how many, and how many of them are acknowledged.

    ``receiver`` is whose they are, NOBODY before that is settled.
    """

    __slots__ = ("acknowledged", "count", "first", "number", "receiver", "segment", "skip")

    def __init__(self, segment: Segment, number: int, seal: Seal) -> None:
        self.segment, self.number = segment, number
        self.first, self.count, self.skip = segment.first + seal.first, seal.count, seal.skip
        self.receiver, self.acknowledged = seal.receiver, seal.state == ACKNOWLEDGED

    @property
    def end(self) -> int:
        """The number behind its last message."""
        return self.first + self.count

    def frame(self) -> bytes:
        """Give it as ``batch/1``."""
        return self.segment.frame(self.segment.read_seal(self.number))

    def assign(self, receiver: bytes) -> None:
        """Note whose it is."""
        self.receiver = receiver
        self.segment.note(self.number, ASSIGNED, receiver)

    def acknowledge(self) -> None:
        """Note that it is acknowledged, however often that is said."""
        if self.acknowledged:
            return
        self.acknowledged = True
        self.segment.note(self.number, ACKNOWLEDGED, self.receiver)

    def skipping(self, skip: int) -> None:
        """Note how many of its messages are acknowledged."""
        self.skip = skip
        self.segment.note_skip(self.number, skip)


class Journal:
    """The messages of one sending socket. One process has it; its file ``lock`` says which."""

    def __init__(self, folder: Path, most: int, limits: Limits, boot: bytes | None = None) -> None:
        """Open what is there, or begin. ``most`` bytes are on disk at most. Raise JournalError, or JournalFullError."""
        if sys.byteorder != "little":
            raise JournalError(f"{folder}: a journal needs a machine of little endian")
        self.folder, self._most, self._limits = folder, most, limits
        self._boot = boot_id() if boot is None else boot
        self.lost = 0
        self._lock = lock(folder)
        self.segments: deque[Segment] = deque()
        self._recover()
        if not self.segments:
            self._begin(os.urandom(16), 0, Shape.of(most))
        self.open = self.segments[-1]

    @property
    def stream(self) -> bytes:
        """Who wrote its messages: random, made with the journal."""
        return self.open.stream

    @property
    def next(self) -> int:
        """The number of the next message."""
        return self.open.first + self.open.count

    @property
    def unsealed(self) -> int:
        """How many messages are in no batch."""
        return self.open.count - self.open.sealed

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.shape.size for segment in self.segments)

    def unacknowledged(self) -> Iterator[Batch]:
        """Yield the batches that are not acknowledged, in order."""
        for segment in self.segments:
            yield from (batch for batch in batches(segment) if not batch.acknowledged)

    def roll(self, size: int, count: int = 1) -> list[Batch]:
        """Go on in a new segment that has room for so many messages of so many bytes; return the last batches of the
        old one.

        Raise JournalFullError, with nothing changed.
        """
        old, shape = self.open, Shape.of(self._most, size, count)
        held = sum(each.shape.size for each in self.segments if not self._spent(each))
        if held and held + shape.size > self._most:
            raise JournalFullError(
                f"{self.folder}: {held} bytes are not acknowledged yet, and max_size is {self._most}"
            )
        self._begin(old.stream, old.first + old.count, shape)
        # The rest of it is whoever's turn it is; new messages are behind it.
        made = self._seal(old)
        self.open = self.segments[-1]
        if not old.count:
            # The new one has taken its name, and must not be removed with it.
            self.segments.remove(old)
            old.close()
        return made

    def seal(self) -> list[Batch]:
        """Make batches of what is in none."""
        return self._seal(self.open)

    def prune(self) -> None:
        """Remove the oldest segments in which all is acknowledged. The open one stays: it knows the numbers."""
        while len(self.segments) > 1 and self._spent(self.segments[0]):
            segment = self.segments.popleft()
            segment.path.unlink(missing_ok=True)
            segment.close()

    def drop(self) -> Segment:
        """Remove the oldest segment, whatever is in it; not the open one. Give it, closed."""
        segment = self.segments.popleft()
        segment.path.unlink(missing_ok=True)
        segment.close()
        return segment

    def unsynced(self) -> list[int]:
        """Return copies of the descriptors of what is not on disk, the oldest first; from now on it counts as if."""
        dirty = [segment for segment in self.segments if segment.dirty]
        for segment in dirty:
            segment.dirty = False
        return [os.dup(segment.file) for segment in dirty]

    def sync(self) -> None:
        """Have all that is sealed on disk. Raise OSError."""
        for segment in self.segments:
            if segment.dirty:
                segment.sync()

    def close(self) -> None:
        """Give up the files; what is in no batch is made one."""
        self.seal()
        for segment in self.segments:
            segment.close()
        self.segments.clear()
        os.close(self._lock)

    def _spent(self, segment: Segment) -> bool:
        return not segment.unacknowledged and segment.sealed == segment.count

    def _begin(self, stream: bytes, first: int, shape: Shape) -> None:
        try:
            self.segments.append(Segment.make(self.folder, stream, self._boot, first, shape))
        except OSError as error:
            raise JournalFullError(
                f"{self.folder}: cannot make a segment of {shape.size} bytes: {error.strerror}"
            ) from None

    def _seal(self, segment: Segment) -> list[Batch]:
        made, limits = [], self._limits
        left = segment.count - segment.sealed
        while left:
            # Seals must last for all that is left, however short the batches are that one would make.
            least = -(-left // (segment.shape.seals - segment.seals))
            count, size = _filled(segment, left, limits, least)
            number = segment.seal(count, size)
            made.append(Batch(segment, number, segment.read_seal(number)))
            left -= count
        return made

    def _recover(self) -> None:
        """Take in what is there: all of it, unless the machine was started anew in between."""
        for unfinished in self.folder.glob("*.new"):
            unfinished.unlink(missing_ok=True)
        another = False
        for path in sorted(self.folder.glob("*.segment")):
            segment = _opened(path)
            self.segments.append(segment)
            whole = segment.boot == self._boot
            read(segment, checked=not whole)
            if whole:
                segment.clear()
                self._seal(segment)
            else:
                another = True
                self.lost += segment.count - segment.sealed
                segment.cut(self._boot)
        if another:
            # What was lost may have been acknowledged: its numbers must not be used again.
            last = self.segments[-1]
            self._begin(last.stream, next_epoch(last.first + last.count), Shape.of(self._most))


def batches(segment: Segment) -> Iterator[Batch]:
    """Yield the batches of a segment, in order."""
    for number in range(segment.seals):
        yield Batch(segment, number, segment.read_seal(number))


def read(segment: Segment, *, checked: bool) -> None:
    """Find out what a segment holds; ``checked``: of its batches those up to the first bad one, and nothing else."""
    for number in range(segment.shape.seals):
        seal = segment.read_seal(number)
        if not seal.count or (checked and not _good(segment, seal)):
            break
        segment.seals, segment.sealed, segment.sealed_end = number + 1, seal.first + seal.count, seal.offset + seal.size
        segment.unacknowledged += seal.state != ACKNOWLEDGED
    segment.count, segment.end = segment.sealed, segment.sealed_end
    for length in segment.lengths[segment.sealed :]:
        if not length:
            break
        segment.count += 1
        segment.end += length - 1
    segment.dirty = True


def lock(folder: Path) -> int:
    """Hold a folder for this process; return the descriptor that does. Raise JournalError where another one has it."""
    import fcntl

    try:
        private.folder(folder)
        # A record lock: a child that is forked by the program does not have it.
        file = private.file(folder / "lock", os.O_RDWR)
    except OSError as error:
        raise JournalError(f"{folder}: {error.strerror}") from None
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise JournalError(f"{folder}: another process has this journal") from None
    return file


def boot_id() -> bytes:
    """Return what is another one after each start of the machine."""
    try:
        return bytes.fromhex(BOOT.read_text().strip().replace("-", ""))
    except (OSError, ValueError):
        return bytes(16)  # elsewhere than on Linux a loss of power is not told from a death


def _good(segment: Segment, seal: Seal) -> bool:
    follows = seal.first == segment.sealed and seal.offset == segment.sealed_end
    # Of what is acknowledged nobody asks for the bodies.
    return follows and (seal.state == ACKNOWLEDGED or segment.right(seal))


def _opened(path: Path) -> Segment:
    try:
        return Segment(path, os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except (BadSegment, OSError) as error:
        raise JournalError(str(error)) from None


def _filled(segment: Segment, left: int, limits: Limits, least: int) -> tuple[int, int]:
    """Return how many messages the next batch has, and their bytes."""
    most = min(left, max(limits.messages, least))
    start = segment.sealed
    sizes: Sequence[int] = segment.lengths[start : start + most]
    size = sum(sizes) - most
    if size <= limits.bytes or most == least:
        return most, size
    size = 0
    for count, length in enumerate(sizes):
        if count >= max(1, least) and size + length - 1 > limits.bytes:
            return count, size
        size += length - 1
    return most, size
