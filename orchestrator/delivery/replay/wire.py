"""What is said on an edge that replays, ``replay/1``. Pure. All numbers are unsigned and little endian.

Messages of a topic have numbers from 1, in the order in which their publisher has sent them. A frame has messages of
one topic: its head says the publisher's stream, the number before its first message, and that of its first. So a
subscriber that has the number before misses nothing.

On the side channel, from a subscriber to a publisher:

    C  token (16 bytes), n (16 bits), n prefixes, each with its length (16) before it: which topics begin so?
    F  id (32), n (16), n times: after (64), joining (8), length (16), topic: give what is behind a number
    O  okay: nothing is missing

and from a publisher to a subscriber:

    C  token (16), generation (64), stream (16 bytes), n (32), n times: before (64), last (64), length (16), topic: what
       it has of each topic
    D  id (32), more (8), gaps (16), that many times: before (64), length (16), topic; then records
    E  it is about to go

A record is its length (32), then length (16), topic, before (64), first (64), time in seconds (double) and the batch.
A gap says that what was asked for is not kept any more, up to a number. ``more`` is 1 where another request follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct, error

from orchestrator.errors import OrchestratorError

CATALOG, FETCH, OKAY, DATA, END = b"C", b"F", b"O", b"D", b"E"

HEAD = Struct("<16sQQ")
"""What stands before a batch on the live edge: stream, the number before, the first number."""

NO_TOKEN = bytes(16)
"""What stands in the place of a token where there is no secret."""

_SHORT, _LONG, _GENERATION = Struct("<H"), Struct("<I"), Struct("<Q")
_WANT = Struct("<QBH")
_HELD = Struct("<QQH")
_GAP = Struct("<QH")
_RECORD = Struct("<QQd")
_ANSWER = Struct("<cIBH")
_ASK = Struct("<cIH")


class BadFrame(OrchestratorError, ValueError):
    """What has come is not ``replay/1``."""


@dataclass(frozen=True, slots=True)
class Want:
    """A topic of which a subscriber has all up to ``after``; one that joins takes what there is."""

    topic: bytes
    after: int
    joining: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What a publisher has of a topic: all that is behind ``before``, up to ``last``."""

    topic: bytes
    before: int
    last: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not kept any more of a topic: all up to ``before``."""

    topic: bytes
    before: int


@dataclass(frozen=True, slots=True)
class Record:
    """Messages of a topic: ``batch`` as ``batch/1``; ``time`` is when they were published, in seconds of the epoch."""

    topic: bytes
    before: int
    first: int
    time: float
    batch: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher gives for a request."""

    number: int
    more: bool
    gaps: list[Gap] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


def live(frame: bytes) -> tuple[bytes, int, int, bytes]:
    """Read what comes on the live edge: stream, number before, first number, batch. Raise BadFrame."""
    try:
        stream, before, first = HEAD.unpack_from(frame)
    except error as problem:
        raise BadFrame(str(problem)) from None
    return stream, before, first, frame[HEAD.size :]


def record(topic: bytes, before: int, first: int, time: float, batch: bytes) -> bytes:
    """Return a record as a journal and an answer have it, without its length."""
    return b"".join((_SHORT.pack(len(topic)), topic, _RECORD.pack(before, first, time), batch))


def read_record(octets: bytes | memoryview) -> Record:
    """Read a record. Raise BadFrame."""
    try:
        (length,) = _SHORT.unpack_from(octets)
        before, first, time = _RECORD.unpack_from(octets, 2 + length)
    except error as problem:
        raise BadFrame(str(problem)) from None
    return Record(bytes(octets[2 : 2 + length]), before, first, time, bytes(octets[2 + length + _RECORD.size :]))


def catalog_request(prefixes: Iterable[bytes], token: bytes = NO_TOKEN) -> bytes:
    """Ask which topics there are that begin so."""
    given = list(prefixes)
    return b"".join((CATALOG, token, _SHORT.pack(len(given)), *(_SHORT.pack(len(each)) + each for each in given)))


def read_catalog_request(octets: bytes) -> tuple[bytes, list[bytes]]:
    """Read what was asked: token and prefixes. Raise BadFrame."""
    reader = _Reader(octets, 1)
    token = reader.take(len(NO_TOKEN))
    return token, [reader.take(reader.unpack(_SHORT)[0]) for _ in range(reader.unpack(_SHORT)[0])]


def catalog(stream: bytes, held: Iterable[Held], generation: int = 0, token: bytes = NO_TOKEN) -> bytes:
    """Say what there is."""
    items = [_HELD.pack(each.before, each.last, len(each.topic)) + each.topic for each in held]
    return b"".join((CATALOG, token, _GENERATION.pack(generation), stream, _LONG.pack(len(items)), *items))


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a publisher has, and who it is."""

    token: bytes
    generation: int
    stream: bytes
    held: list[Held]


def read_catalog(octets: bytes) -> Catalog:
    """Read what a publisher has. Raise BadFrame."""
    reader = _Reader(octets, 1)
    token, (generation,), stream = reader.take(len(NO_TOKEN)), reader.unpack(_GENERATION), reader.take(16)
    found = []
    for _ in range(reader.unpack(_LONG)[0]):
        before, last, length = reader.unpack(_HELD)
        found.append(Held(reader.take(length), before, last))
    return Catalog(token, generation, stream, found)


def fetch(number: int, wanted: Iterable[Want]) -> bytes:
    """Ask for what is behind numbers of topics."""
    items = [_WANT.pack(each.after, each.joining, len(each.topic)) + each.topic for each in wanted]
    return b"".join((_ASK.pack(FETCH, number, len(items)), *items))


def read_fetch(octets: bytes) -> tuple[int, list[Want]]:
    """Read what is wanted. Raise BadFrame."""
    reader = _Reader(octets, 0)
    _, number, count = reader.unpack(_ASK)
    wanted = []
    for _ in range(count):
        after, joining, length = reader.unpack(_WANT)
        wanted.append(Want(reader.take(length), after, bool(joining)))
    return number, wanted


def answer(number: int, *, more: bool, gaps: list[Gap], records: Iterable[bytes]) -> bytes:
    """Return what was asked for; records as ``record`` makes them."""
    lost = [_GAP.pack(gap.before, len(gap.topic)) + gap.topic for gap in gaps]
    return b"".join(
        (
            _ANSWER.pack(DATA, number, more, len(gaps)),
            *lost,
            *(part for each in records for part in (_LONG.pack(len(each)), each)),
        )
    )


def read_answer(octets: bytes) -> Answer:
    """Read what a publisher gives. Raise BadFrame."""
    reader = _Reader(octets, 0)
    _, number, more, count = reader.unpack(_ANSWER)
    gaps = []
    for _ in range(count):
        before, length = reader.unpack(_GAP)
        gaps.append(Gap(reader.take(length), before))
    records = []
    while not reader.done:
        records.append(read_record(reader.take(reader.unpack(_LONG)[0])))
    return Answer(number, bool(more), gaps, records)


class _Reader:
    """Takes one part of some bytes after the other."""

    def __init__(self, octets: bytes, at: int) -> None:
        self._octets, self._at = octets, at

    @property
    def done(self) -> bool:
        return self._at >= len(self._octets)

    def unpack(self, form: Struct) -> tuple[int, ...]:
        try:
            found: tuple[int, ...] = form.unpack_from(self._octets, self._at)
        except error as problem:
            raise BadFrame(str(problem)) from None
        self._at += form.size
        return found

    def take(self, length: int) -> bytes:
        part = self._octets[self._at : self._at + length]
        if len(part) != length:
            raise BadFrame(f"{len(part)} bytes instead of {length}")
        self._at += length
        return part
