"""What a journal holds, for whoever looks at it; its owner may write it meanwhile. Only ``prune`` changes it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.delivery.batch.frame import unpack
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.delivery.journal.journal import batches, lock, read
from orchestrator.delivery.journal.layout import ACKNOWLEDGED, ASSIGNED
from orchestrator.delivery.journal.segment import Segment, look


@dataclass(frozen=True, slots=True)
class JournalSummary:
    """A journal in figures: all ``messages`` that it has, and the ``unacknowledged`` ones; sizes in bytes.

    ``held`` tells whether a process has it.
    """

    name: str
    messages: int
    unacknowledged: int
    segments: int
    size: int
    held: bool


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message of a journal; ``state`` is waiting, sent or acknowledged."""

    number: int
    state: str
    body: bytes


def journals(folder: Path) -> list[Path]:
    """Return the journals of a mesh, by name."""
    try:
        return sorted(path for path in folder.iterdir() if any(path.glob("*.segment")))
    except FileNotFoundError:
        return []


def account(journal: Path) -> JournalSummary:
    """Return a journal in figures. Raise JournalError."""
    messages = unacknowledged = size = 0
    count = 0
    for segment in _segments(journal):
        count += 1
        messages += segment.count
        size += segment.shape.size
        acknowledged = sum(batch.count if batch.acknowledged else batch.skip for batch in batches(segment))
        unacknowledged += segment.count - acknowledged
    return JournalSummary(journal.name, messages, unacknowledged, count, size, held(journal))


def contents(journal: Path, *, acknowledged: bool = False) -> Iterator[StoredMessage]:
    """Yield the messages of a journal, in order; ``acknowledged`` ones too while they are there. Raise JournalError."""
    for segment in _segments(journal):
        for batch in batches(segment):
            seal = segment.read_seal(batch.number)
            if batch.acknowledged and not acknowledged:
                continue
            for at, body in enumerate(unpack(batch.frame())):
                gone = batch.acknowledged or at < batch.skip
                if acknowledged or not gone:
                    state = "acknowledged" if gone else "sent" if seal.state == ASSIGNED else "waiting"
                    yield StoredMessage(batch.first + at, state, body)
        at = segment.sealed_end
        for number in range(segment.sealed, segment.count):
            size = segment.lengths[number] - 1
            yield StoredMessage(segment.first + number, "waiting", bytes(segment.view[at : at + size]))
            at += size


def faults(journal: Path) -> list[str]:
    """Say what is wrong with a journal: batches whose checksum does not fit, files that cannot be read."""
    found, following = [], None
    try:
        for segment in _segments(journal):
            for number in range(segment.seals):
                seal = segment.read_seal(number)
                if seal.state != ACKNOWLEDGED and not segment.right(seal):
                    first = segment.first + seal.first
                    found.append(f"{segment.path.name}: the {seal.count} messages from {first} on are damaged")
            if following is not None and segment.first < following:
                found.append(f"{segment.path.name}: begins at {segment.first}, and the one before ends at {following}")
            following = segment.first + segment.count
    except JournalError as error:
        found.append(str(error))
    return found


def prune(journal: Path, *, drop: bool = False) -> int:
    """Remove acknowledged segments but for the last one; ``drop`` removes all. Return how many bytes went.

    Raise JournalError where a process has it.
    """
    file = lock(journal)
    try:
        spent: list[tuple[Path, int]] = []
        paths = sorted(journal.glob("*.segment"))
        for segment in _segments(journal):
            done = segment.sealed == segment.count and not segment.unacknowledged
            if drop or (done and segment.path != paths[-1]):
                spent.append((segment.path, segment.shape.size))
        for path, _ in spent:
            path.unlink()
        return sum(size for _, size in spent)
    finally:
        os.close(file)


def held(journal: Path) -> bool:
    """Return whether a process has a journal."""
    try:
        file = os.open(journal / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _segments(journal: Path) -> Iterator[Segment]:
    """Yield the segments of a journal, each open until the next one is asked for."""
    for path in sorted(journal.glob("*.segment")):
        segment = look(path)
        if segment is None:
            continue
        read(segment, checked=False)
        try:
            yield segment
        finally:
            segment.close()
