"""What sender and receiver of a durable edge say to each other, ``durable/1``. Pure.

Each message is one frame, whose first byte says what it is; all numbers are unsigned and little endian. A session is a
number that the sender chooses anew whenever it has to agree with a receiver on what was acknowledged.

            an empty one begins each connection of a receiver
    hello   session, stream, low, next, token: the sender begins a session; nobody asks for what is below ``low``
    state   session, credit, count, token, then count intervals [first, end) of acknowledged messages, ascending
    data    session, number in the session from 0, skip, first, low; behind it the batch
    ack     session, how many of the session's batches are acknowledged
    probe   session, how many batches were sent
    reset   session: it is not known, or a batch is missing; begin another one
    leave   session, how many batches are acknowledged, and how many messages of the next one: the receiver goes
    bye     session: that is noted
"""

from __future__ import annotations

from struct import Struct, error
from typing import NamedTuple

from orchestrator.errors import OrchestratorError

HELLO, STATE, DATA, ACK = b"H", b"S", b"D", b"A"
PROBE, RESET, LEAVE, BYE = b"P", b"R", b"L", b"B"

_HELLO = Struct("<cQ16sQQ16s")
_STATE = Struct("<cQII16s")
_DATA = Struct("<cQIIQQ")
_COUNTED = Struct("<cQI")
_LEAVE = Struct("<cQII")
_BARE = Struct("<cQ")
_INTERVAL = Struct("<QQ")

Interval = tuple[int, int]
"""The numbers of messages from the first on, up to the end, which is not one of them."""


NO_TOKEN = bytes(16)
"""What stands in the place of a token before it is made; see ``peers``."""

MOST = 1 << 64
"""Numbers of messages are below this."""


class BadFrame(OrchestratorError, ValueError):
    """A message that is not ``durable/1``."""


class Hello(NamedTuple):
    """A session begins."""

    session: int
    stream: bytes
    low: int
    next: int
    token: bytes = NO_TOKEN


class State(NamedTuple):
    """What is acknowledged; ``credit`` is how many batches may be on their way."""

    session: int
    credit: int
    acknowledged: tuple[Interval, ...]
    token: bytes = NO_TOKEN


class Data(NamedTuple):
    """A batch, as ``batch/1``; ``skip`` of its messages are acknowledged already."""

    session: int
    number: int
    skip: int
    first: int
    low: int
    batch: bytes


class Ack(NamedTuple):
    """So many batches of the session are acknowledged."""

    session: int
    acknowledged: int


class Probe(NamedTuple):
    """So many batches of the session were sent."""

    session: int
    sent: int


class Reset(NamedTuple):
    """Begin another session."""

    session: int


class Leave(NamedTuple):
    """The receiver goes: so many batches are acknowledged, and so many messages of the next one."""

    session: int
    acknowledged: int
    part: int


class Bye(NamedTuple):
    """What a receiver said before it goes is noted."""

    session: int


Said = Hello | State | Data | Ack | Probe | Reset | Leave | Bye


def frame(said: Said) -> bytes:
    """Return the frame of what is said."""
    match said:
        case Hello(session, stream, low, following, token):
            return _HELLO.pack(HELLO, session, stream, low, following, token)
        case State(session, credit, acknowledged, token):
            intervals = b"".join(_INTERVAL.pack(*each) for each in acknowledged)
            return _STATE.pack(STATE, session, credit, len(acknowledged), token) + intervals
        case Data(session, number, skip, first, low, batch):
            # One frame: what has several is cut by libzmq, and its rest taken for another's, where a connection goes.
            return _DATA.pack(DATA, session, number, skip, first, low) + batch
        case Ack(session, acknowledged):
            return _COUNTED.pack(ACK, session, acknowledged)
        case Probe(session, sent):
            return _COUNTED.pack(PROBE, session, sent)
        case Leave(session, acknowledged, part):
            return _LEAVE.pack(LEAVE, session, acknowledged, part)
        case Reset(session):
            return _BARE.pack(RESET, session)
        case Bye(session):
            return _BARE.pack(BYE, session)


def read(octets: bytes) -> Said:
    """Read a frame. Raise BadFrame."""
    try:
        match octets[:1]:
            case b"D":
                _, session, number, skip, first, low = _DATA.unpack_from(octets)
                return Data(session, number, skip, first, low, octets[_DATA.size :])
            case b"A":
                return Ack(*_COUNTED.unpack(octets)[1:])
            case b"H":
                return Hello(*_HELLO.unpack(octets)[1:])
            case b"S":
                return _state(octets)
            case b"P":
                return Probe(*_COUNTED.unpack(octets)[1:])
            case b"R":
                return Reset(*_BARE.unpack(octets)[1:])
            case b"L":
                return Leave(*_LEAVE.unpack(octets)[1:])
            case b"B":
                return Bye(*_BARE.unpack(octets)[1:])
    except error as problem:
        raise BadFrame(str(problem)) from None
    raise BadFrame(f"no message of a durable edge: {octets[:1]!r}")


def _state(octets: bytes) -> State:
    _, session, credit, count, token = _STATE.unpack_from(octets)
    intervals = _INTERVAL.iter_unpack(octets[_STATE.size :])
    acknowledged = tuple(intervals)
    if len(acknowledged) != count:
        raise BadFrame(f"{len(acknowledged)} intervals instead of {count}")
    return State(session, credit, acknowledged, token)
