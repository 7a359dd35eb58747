"""The format of a segment, ``journal/1``. Pure.

A segment is one file: a header, the lengths of its messages, its seals, and the bodies without padding between. All
numbers are unsigned and little endian. A message is there once its length, plus one, is not zero; it is written after
its body. A seal makes a batch of messages that follow each other; its count is written last.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

MAGIC = b"orchjrnl"
VERSION = 1

HEADER = Struct("<8sI4x16s16sQQIII")
"""Magic, version, stream, boot, number of the first message, bytes for bodies, messages, seals, crc of these."""

PAGE = 4096
"""Bytes that the header has."""

LENGTH = 4
"""Bytes of one message's length."""

SEAL = Struct("<QQIIII8sI12x")
"""Where its bodies begin, bytes of them, first message in the segment, crc, state, skip, receiver, messages."""

STATE, SKIP, RECEIVER, COUNT = 24, 28, 32, 40
"""Where these stand in a seal."""

SEALED, ASSIGNED, ACKNOWLEDGED = 0, 1, 2
"""The states of a batch."""

EPOCH = 40
"""The bits of a message's number that count; those above are the epoch, which grows when numbers may have been lost."""

BODIES = 16 << 20
"""Bytes for bodies in a segment, unless it must be smaller, or hold a larger message."""

_TYPICAL = 64
_SMALLEST = 64 << 10


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the parts of a segment are: bytes of bodies, and counts."""

    bodies: int
    messages: int
    seals: int

    @classmethod
    def of(cls, most: int, size: int = 0, count: int = 1) -> Shape:
        """Return the shape for a journal of at most so many bytes, in which so many messages of that size must fit."""
        bodies = _pages(max(min(BODIES, most // 4), _SMALLEST, size))
        messages = max(min(bodies, BODIES) // _TYPICAL, count)
        return cls(bodies, messages, max(256, messages // 16))

    @property
    def seals_at(self) -> int:
        """Where the seals begin."""
        return PAGE + _pages(LENGTH * self.messages)

    @property
    def bodies_at(self) -> int:
        """Where the bodies begin."""
        return self.seals_at + _pages(SEAL.size * self.seals)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.bodies_at + self.bodies


def _pages(octets: int) -> int:
    return -(-octets // PAGE) * PAGE


def next_epoch(number: int) -> int:
    """Return the first number of the epoch after that of a number: what was lost is never counted again."""
    return ((number >> EPOCH) + 1) << EPOCH
