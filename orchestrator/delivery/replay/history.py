"""What a publisher has sent, in its journal, and where in it each topic's messages stand."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from orchestrator.delivery.batch.frame import count_of
from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.journal.errors import JournalFullError
from orchestrator.delivery.journal.journal import Journal
from orchestrator.delivery.journal.layout import EPOCH
from orchestrator.delivery.journal.segment import Segment
from orchestrator.delivery.replay.wire import Gap, Held, Want, read_record, record

BUDGET = 256 * 1024
"""Bytes of an answer, about: catching up goes by steps, and the live stream between them."""

_UNBOUNDED = 1 << 50


class Place(NamedTuple):
    """Where a record stands, and the numbers of its messages: behind ``before``, up to ``last``."""

    before: int
    last: int
    segment: Segment
    offset: int
    size: int


@dataclass(slots=True)
class Topic:
    """The records of a topic, ascending; ``last`` is the number of its last message, kept or not."""

    last: int = 0
    lasts: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


class History:
    """What one socket has published. ``keep`` is either bytes, or seconds."""

    def __init__(self, folder: Path, *, size: int | None, seconds: float | None, boot: bytes | None = None) -> None:
        """Open the journal. Raise JournalError."""
        self._size, self._seconds = size, seconds
        self._journal = Journal(folder, size or _UNBOUNDED, Limits(1, 1, 0.0), boot)
        self.stream = self._journal.stream
        self.topics: dict[bytes, Topic] = {}
        self._ended: dict[Segment, float] = {}
        # After a loss of power numbers go on above all that can have been used before.
        self._floor = (self._journal.next >> EPOCH) << EPOCH
        for segment in self._journal.segments:
            self._index(segment)

    @property
    def lost(self) -> int:
        """How many frames were not on disk when the machine went down."""
        return self._journal.lost

    def write(self, topic: bytes, batch: bytes) -> tuple[int, int]:
        """Keep a batch; return the number before its messages, and that of the first. Raise JournalFullError."""
        known = self.topics.get(topic)
        if known is None:
            known = self.topics[topic] = Topic()
        before = known.last
        first = max(before, self._floor) + 1
        now = time.time()
        made = record(topic, before, first, now, batch)
        segment, size = self._journal.open, len(made)
        if not segment.fits(size):
            segment = self._next_segment(size, now)
        at = segment.end
        segment.memory[at : at + size] = made
        segment.lengths[segment.count] = size + 1
        segment.end = at + size
        segment.count += 1
        segment.seal(1, size)
        self._ended[segment] = now
        self._add(topic, known, Place(before, first + count_of(batch) - 1, segment, at, size))
        return before, first

    def held(self, prefixes: Iterable[bytes]) -> list[Held]:
        """Say what there is of the topics that begin so."""
        beginnings = tuple(prefixes)
        return [
            Held(name, topic.places[0].before if topic.places else topic.last, topic.last)
            for name, topic in list(self.topics.items())
            if name.startswith(beginnings)
        ]

    def behind(self, wanted: Iterable[Want]) -> tuple[bool, list[Gap], list[bytes]]:
        """Return records that are behind numbers, as many as an answer holds, whether there are more, and gaps."""
        gaps: list[Gap] = []
        found: list[bytes] = []
        budget = BUDGET
        for want in wanted:
            topic = self.topics.get(want.topic)
            if topic is None:
                continue
            at = bisect_right(topic.lasts, want.after)
            if not want.joining and at < len(topic.places) and topic.places[at].before > want.after:
                gaps.append(Gap(want.topic, topic.places[at].before))
            elif not want.joining and at == len(topic.places) and topic.last > want.after:
                gaps.append(Gap(want.topic, topic.last))
            for place in topic.places[at:]:
                if budget <= 0:
                    return True, gaps, found
                try:
                    made = bytes(place.segment.view[place.offset : place.offset + place.size])
                except ValueError:
                    return True, gaps, found  # it was removed just now: asked again, it is a gap
                found.append(made)
                budget -= place.size
        return False, gaps, found

    def close(self) -> None:
        """Have all on disk, and give up the files."""
        self._journal.sync()
        self._journal.close()

    def _add(self, name: bytes, topic: Topic, place: Place) -> None:
        topic.last = place.last
        topic.places.append(place)
        topic.lasts.append(place.last)

    def _index(self, segment: Segment) -> None:
        for number in range(segment.seals):
            seal = segment.read_seal(number)
            found = read_record(segment.view[seal.offset : seal.offset + seal.size])
            topic = self.topics.setdefault(found.topic, Topic())
            last = found.first + count_of(found.batch) - 1
            self._add(found.topic, topic, Place(found.before, last, segment, seal.offset, seal.size))
            self._ended[segment] = found.time

    def _next_segment(self, size: int, now: float) -> Segment:
        """Begin a segment; the oldest ones go where they are not kept any more, or where there is no room else."""
        while len(self._journal.segments) > 1 and self._outlived(self._journal.segments[0], size, now):
            self._drop()
        while True:
            try:
                self._journal.roll(size)
                return self._journal.open
            except JournalFullError:
                if len(self._journal.segments) == 1:
                    raise
                self._drop()

    def _outlived(self, segment: Segment, size: int, now: float) -> bool:
        if self._seconds is not None:
            return self._ended.get(segment, now) < now - self._seconds
        return self._journal.size + max(segment.shape.size, size) > (self._size or _UNBOUNDED)

    def _drop(self) -> None:
        segment = self._journal.drop()
        self._ended.pop(segment, None)
        for topic in self.topics.values():
            gone = 0
            while gone < len(topic.places) and topic.places[gone].segment is segment:
                gone += 1
            # Both at once for who reads meanwhile: it takes either list by itself.
            topic.places, topic.lasts = topic.places[gone:], topic.lasts[gone:]
