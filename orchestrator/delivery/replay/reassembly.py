"""What a subscriber has of each topic, and what it lacks. Pure: time is a number of seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count as counter
from itertools import islice
from typing import Literal

from orchestrator.delivery.replay.wire import Answer, Held, Want

From = Literal["latest", "beginning", "last-value"]

TURN = 1.0
"""Seconds between two looks at what publishers have."""

SOON = 0.05
"""The same as long as one of them has not said anything."""

MOST = 1000
"""How many topics a request asks for."""

PATIENCE = 0.5
"""Seconds that an answer is waited for before the live stream goes on."""


@dataclass(slots=True)
class Source:
    """A publisher: its stream once it is known, the last number of each topic, and the topics of which something lacks.

    ``first`` is what it had when it was first heard, which who begins with the latest does not want; ``said`` what it
    had when it was heard last. ``lacking`` says of each topic whether all of it is new.
    """

    name: str
    stream: bytes = b""
    last: dict[bytes, int] = field(default_factory=dict)
    lacking: dict[bytes, bool] = field(default_factory=dict)
    first: dict[bytes, int] | None = None
    said: dict[bytes, int] = field(default_factory=dict)
    asked: int = 0
    asking: tuple[bytes, ...] = ()
    until: float = 0.0
    ending: bool = False


class Reassembly:
    """All publishers of one socket. ``begin`` says where one begins that is new to a topic."""

    def __init__(self, publishers: Iterable[str], begin: From) -> None:
        self.sources = {name: Source(name) for name in publishers}
        self._begin = begin
        self._streams: dict[bytes, Source] = {}
        self._numbers = counter(1)
        self._look = 0.0

    def looks(self, now: float) -> bool:
        """Return whether it is time to ask publishers what they have; from now on it counts as done."""
        if now < self._look:
            return False
        heard = all(source.stream for source in self.sources.values())
        self._look = now + (TURN if heard else SOON)
        return True

    @property
    def settled(self) -> bool:
        """Whether all publishers were heard and nothing is lacking."""
        return all(source.stream and not source.lacking for source in self.sources.values())

    def knows(self, stream: bytes) -> bool:
        """Return whether a stream is that of a publisher that has said so."""
        source = self._streams.get(stream)
        return source is not None and bool(source.name)

    def waits(self, now: float) -> bool:
        """Return whether an answer is on its way, which what is live has to wait for."""
        return any(source.asked and now < source.until for source in self.sources.values())

    def live(self, topic: bytes, stream: bytes, before: int, first: int, count: int) -> int:
        """Take in what has come live; return how many of its messages to pass over, all of them where some lack."""
        source = self._streams.get(stream)
        if source is None:
            # Who it is will be known, and what is lacking is had then.
            source = self._streams[stream] = Source("", stream)
        last = source.last.get(topic)
        if last is None:
            last = self._first_number(source, topic, before, first)
        end = first + count - 1
        if end <= last:
            return count
        if before > last:
            source.last[topic] = last
            source.lacking.setdefault(topic, last == 0 and self._begin == "beginning")
            return count
        source.last[topic] = end
        return max(0, last - first + 1)

    def catalog(self, name: str, stream: bytes, held: Sequence[Held]) -> None:
        """Take in what a publisher has; all that has come live was taken in before."""
        source = self._of(name, stream)
        if source is None:
            return
        new = source.first is None
        if source.first is None:
            source.first = {}
        before, source.said = source.said, {each.topic: each.last for each in held}
        for each in held:
            # What it has sent since it was heard before may be on its way still.
            due = each.last if source.ending or each.topic not in source.last else before.get(each.topic, 0)
            self._compare(source, each, due, new=new)

    def ends(self, name: str) -> None:
        """Note that a publisher is about to go: look at once what lacks."""
        if name in self.sources and not self.sources[name].ending:
            self.sources[name].ending = True
            self._look = 0.0

    def content(self, name: str) -> bool:
        """Return whether a publisher that is about to go can do so."""
        source = self.sources[name]
        return source.ending and not source.lacking

    @property
    def over(self) -> bool:
        """Whether all publishers are about to go."""
        return all(source.ending for source in self.sources.values())

    def wanted(self, now: float) -> list[tuple[str, int, list[Want]]]:
        """Return what to ask of whom: publisher, number of the request, topics."""
        asking = []
        for source in self.sources.values():
            if source.lacking and not (source.asked and now < source.until):
                source.asked, source.until = next(self._numbers), now + PATIENCE
                source.asking = tuple(islice(source.lacking, MOST))
                wants = [Want(topic, source.last[topic], source.lacking[topic]) for topic in source.asking]
                asking.append((source.name, source.asked, wants))
        return asking

    def unreachable(self, name: str) -> None:
        """Note that a publisher is not there: nobody waits for it."""
        self.sources[name].asked = 0

    def answered(self, name: str, answer: Answer) -> list[tuple[bytes, int, int]] | None:
        """Handle an answer; return what is lost for good: topic, first and last number. None where it is not ours."""
        source = self.sources.get(name)
        if source is None or answer.number != source.asked:
            return None
        source.asked = 0
        lost = []
        for gap in answer.gaps:
            last = source.last.get(gap.topic, 0)
            if gap.before > last:
                lost.append((gap.topic, last + 1, gap.before))
                source.last[gap.topic] = gap.before
        if not answer.more:
            for topic in source.asking:
                source.lacking.pop(topic, None)
        return lost

    def fetched(self, name: str, topic: bytes, first: int, count: int) -> int:
        """Take in a record of an answer; return how many of its messages to pass over."""
        source = self.sources[name]
        last = source.last.get(topic, 0)
        end = first + count - 1
        if end <= last:
            return count
        source.last[topic] = end
        if topic in source.lacking:
            source.lacking[topic] = False
        return max(0, last - first + 1)

    def _first_number(self, source: Source, topic: bytes, before: int, first: int) -> int:
        """Give up to where somebody who is new to a topic does not want it."""
        if self._begin == "beginning":
            return 0
        known = (source.first or {}).get(topic)
        if self._begin == "latest" and known is not None and known < before:
            return known
        return min(before, first - 1)

    def _compare(self, source: Source, held: Held, due: int, *, new: bool) -> None:
        topic, last = held.topic, source.last.get(held.topic)
        if last is None:
            if self._begin == "latest" and source.first is not None:
                if new:
                    source.first[topic] = held.last
                    return
                last = source.first.setdefault(topic, 0)
            else:
                last = 0 if self._begin == "beginning" else max(held.before, held.last - 1)
            if held.last > last:
                source.last[topic] = last
        if due > last:
            source.lacking.setdefault(topic, last == 0)

    def _of(self, name: str, stream: bytes) -> Source | None:
        """Return a publisher, whose stream is known from now on; what has come of that before is its own."""
        source = self.sources.get(name)
        if source is None:
            return None
        if source.stream != stream:
            known = self._streams.get(stream)
            if known is not None and known is not source:
                source.last, source.lacking = known.last, known.lacking
            elif source.stream:
                source.last, source.lacking, source.first = {}, {}, None
            source.stream, source.asked = stream, 0
            self._streams[stream] = source
        return source
