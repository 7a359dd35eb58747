"""One file of a journal, mapped into memory."""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.contract import private
from orchestrator.delivery.batch.frame import framed, framed_equal
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.delivery.journal.layout import (
    ACKNOWLEDGED,
    COUNT,
    HEADER,
    LENGTH,
    MAGIC,
    PAGE,
    RECEIVER,
    SEAL,
    SKIP,
    STATE,
    VERSION,
    Shape,
)
from orchestrator.errors import OrchestratorError

NOBODY = bytes(8)
"""The receiver of a batch that has none."""


class BadSegment(OrchestratorError):
    """A file that is no segment, or one of a version that is not known here."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One batch as a segment has it; ``first`` is the number of its first message in the segment."""

    offset: int
    size: int
    first: int
    crc: int
    state: int
    skip: int
    receiver: bytes
    count: int


class Segment:
    """One file: ``first`` is the number of its first message, ``count`` how many there are, ``sealed`` how many of
    these are in batches, ``end`` and ``sealed_end`` where the bodies of these end. ``room`` is where bodies may end,
    and ``most`` how many messages there may be.

    A message is written by putting its body at ``end`` of ``memory``, then its length plus one into ``lengths``, then
    counting: a process that is killed before has not acknowledged it.
    """

    path: Path
    file: int
    stream: bytes
    boot: bytes
    first: int
    shape: Shape
    memory: mmap.mmap
    view: memoryview
    lengths: memoryview[int]
    seals: int
    count: int
    sealed: int
    end: int
    sealed_end: int
    unacknowledged: int
    room: int
    most: int
    dirty: bool

    def __init__(self, path: Path, file: int, *, write: bool = True) -> None:
        """Map an open file, which is closed with it. Raise BadSegment."""
        self.path, self.file = path, file
        try:
            header = os.pread(file, HEADER.size, 0)
            if len(header) < HEADER.size or header[:8] != MAGIC:
                raise BadSegment(f"{path}: not a journal")
            _, version, self.stream, self.boot, self.first, *parts, crc = HEADER.unpack(header)
            if version != VERSION:
                raise BadSegment(f"{path}: version {version} of the journal, this library reads version {VERSION}")
            self.shape = Shape(*parts)
            if zlib.crc32(header[:-4]) != crc or os.fstat(file).st_size < self.shape.size:
                raise BadSegment(f"{path}: its header is damaged")
            self.memory = mmap.mmap(file, self.shape.size, prot=mmap.PROT_READ | (mmap.PROT_WRITE if write else 0))
        except BadSegment:
            os.close(file)
            raise
        self.view = memoryview(self.memory)
        self.lengths = self.view[PAGE : PAGE + LENGTH * self.shape.messages].cast("I")
        self.room, self.most = self.shape.size, self.shape.messages
        self.seals = self.count = self.sealed = self.unacknowledged = 0
        self.end = self.sealed_end = self.shape.bodies_at
        self.dirty = False

    @classmethod
    def make(cls, folder: Path, stream: bytes, boot: bytes, first: int, shape: Shape) -> Segment:
        """Make a segment that is on disk with its name. Raise OSError, where the disk is full too."""
        path = folder / f"{first:016x}.segment"
        made = path.with_suffix(".new")
        file = private.file(made, os.O_RDWR | os.O_TRUNC)
        try:
            allocate(file, shape.size)
            header = HEADER.pack(MAGIC, VERSION, stream, boot, first, shape.bodies, shape.messages, shape.seals, 0)[:-4]
            os.pwrite(file, header + zlib.crc32(header).to_bytes(4, "little"), 0)
            os.fsync(file)
            os.rename(made, path)
            sync_folder(folder)
        except OSError:
            os.close(file)
            made.unlink(missing_ok=True)
            raise
        return cls(path, file)

    def fits(self, size: int, count: int = 1) -> bool:
        """Whether so many messages of so many bytes together have room."""
        return self.end + size <= self.room and self.count + count <= self.most

    def extend(self, messages: Sequence[bytes]) -> None:
        """Write several messages that fit together."""
        from array import array

        body = b"".join(messages)
        self.memory[self.end : self.end + len(body)] = body
        start = self.count
        self.lengths[start : start + len(messages)] = array("I", [len(each) + 1 for each in messages])
        self.end += len(body)
        self.count += len(messages)

    def seal(self, count: int, size: int) -> int:
        """Make a batch of the next messages, of so many bytes; return its number.

        Another thread may write a message meanwhile: what it has counted is there, where it ends may be not yet.
        """
        first, offset = self.sealed, self.sealed_end
        number, at = self.seals, self._seal_at(self.seals)
        crc = self.checksum(first, count, offset, size)
        self.view[at : at + COUNT] = SEAL.pack(offset, size, first, crc, 0, 0, NOBODY, 0)[:COUNT]
        self.view[at + COUNT : at + COUNT + 4] = count.to_bytes(4, "little")
        self.seals += 1
        if self.seals * 4 >= self.shape.seals * 3:
            self.room = 0  # the other seals are for what is there already
        self.sealed, self.sealed_end = first + count, offset + size
        self.unacknowledged += 1
        self.dirty = True
        return number

    def read_seal(self, number: int) -> Seal:
        """Return a batch; its count is 0 where there is none."""
        return Seal(*SEAL.unpack_from(self.view, self._seal_at(number)))

    def note(self, number: int, state: int, receiver: bytes) -> None:
        """Note whose a batch is, and what has become of it."""
        at = self._seal_at(number)
        self.view[at + RECEIVER : at + RECEIVER + 8] = receiver
        self.view[at + STATE : at + STATE + 4] = state.to_bytes(4, "little")
        if state == ACKNOWLEDGED:
            self.unacknowledged -= 1
        self.dirty = True

    def note_skip(self, number: int, skip: int) -> None:
        """Note how many of its first messages were acknowledged already."""
        at = self._seal_at(number)
        self.view[at + SKIP : at + SKIP + 4] = skip.to_bytes(4, "little")
        self.dirty = True

    def frame(self, seal: Seal) -> bytes:
        """Return a batch as ``batch/1``."""
        start = PAGE + LENGTH * seal.first
        lengths = bytes(self.view[start : start + LENGTH * seal.count])
        bodies = bytes(self.view[seal.offset : seal.offset + seal.size])
        if lengths == lengths[:LENGTH] * seal.count:
            return framed_equal(seal.count, bodies)
        return framed([size - 1 for size in memoryview(lengths).cast("I")], bodies)

    def checksum(self, first: int, count: int, offset: int, size: int) -> int:
        """Return the crc of a batch: of where it stands, its lengths and its bodies."""
        crc = zlib.crc32(self.stream + (self.first + first).to_bytes(8, "little") + offset.to_bytes(8, "little"))
        start = PAGE + LENGTH * first
        crc = zlib.crc32(self.view[start : start + LENGTH * count], crc)
        return zlib.crc32(self.view[offset : offset + size], crc)

    def right(self, seal: Seal) -> bool:
        """Whether a batch is as it was sealed."""
        inside = (
            seal.first + seal.count <= self.shape.messages
            and self.shape.bodies_at <= seal.offset
            and seal.offset + seal.size <= self.shape.size
        )
        return inside and self.checksum(seal.first, seal.count, seal.offset, seal.size) == seal.crc

    def sync(self) -> None:
        """Have all that is written on disk. Raise OSError."""
        self.dirty = False
        os.fdatasync(self.file)

    def cut(self, boot: bytes) -> None:
        """Forget what is behind the sealed messages, and be of this boot; all on disk. Raise OSError."""
        self.count = self.sealed
        self.clear()
        start = self._seal_at(self.seals)
        self.view[start : self.shape.bodies_at] = bytes(self.shape.bodies_at - start)
        # Before the boot is noted: else a second loss of power would leave what this one did.
        os.fsync(self.file)
        self.boot = boot
        shape = self.shape
        header = HEADER.pack(
            MAGIC, VERSION, self.stream, boot, self.first, shape.bodies, shape.messages, shape.seals, 0
        )[:-4]
        self.view[: HEADER.size] = header + zlib.crc32(header).to_bytes(4, "little")
        os.fsync(self.file)

    def clear(self) -> None:
        """Let nothing stand behind the messages that are there."""
        rest = self.shape.messages - self.count
        self.view[PAGE + LENGTH * self.count : PAGE + LENGTH * self.shape.messages] = bytes(LENGTH * rest)

    def close(self) -> None:
        """Give up the file."""
        for view in (self.lengths, self.view):
            view.release()
        self.memory.close()
        os.close(self.file)

    def _seal_at(self, number: int) -> int:
        return self.shape.seals_at + SEAL.size * number


def look(path: Path) -> Segment | None:
    """Open a segment that another process may have, to read; None where it was removed. Raise JournalError."""
    try:
        return Segment(path, os.open(path, os.O_RDONLY | os.O_CLOEXEC), write=False)
    except FileNotFoundError:
        return None  # all in it was acknowledged meanwhile
    except (BadSegment, OSError) as error:
        raise JournalError(str(error)) from None


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk. Raise OSError."""
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def allocate(file: int, size: int) -> None:
    """Have a file's bytes on the disk's account. Raise OSError."""
    # A file with holes would end the process by SIGBUS where the disk is full.
    allocate: Any = getattr(os, "posix_fallocate", None)
    if allocate is not None:
        allocate(file, 0, size)
        return
    for at in range(0, size, 1 << 20):
        os.pwrite(file, bytes(min(1 << 20, size - at)), at)
