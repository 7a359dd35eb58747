"""Several messages in one ZeroMQ frame: the format ``batch/1``. Pure.

All numbers are unsigned, 32 bits, little endian. A frame is either of

    n with its highest bit set, size, then n bodies of that size without padding
    n, n lengths, then n bodies of those lengths without padding

with n >= 1, and ends with its last body.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from orchestrator.errors import OrchestratorError

EQUAL = 1 << 31
"""The bit of the first number which says that all bodies have one size."""

ONE = b"\x01\0\0\x80"
"""How the frame of one message begins; its size follows."""

_COUNT = Struct("<I")
_HEAD = Struct("<II")


class BadFrame(OrchestratorError, ValueError):
    """A frame that is not ``batch/1``."""


class _Formats(dict[int, str]):
    """What ``struct`` calls a body of so many bytes; the short ones are kept."""

    def __missing__(self, size: int) -> str:
        text = f"{size}s"
        if size < 4096:
            self[size] = text
        return text


_formats = _Formats()


def pack(messages: Sequence[bytes]) -> bytes:
    """Return the frame of one or more messages."""
    count, size = len(messages), len(messages[0])
    bodies = b"".join(messages)
    # The sum first, since it is at hand: where it differs, so do the sizes.
    if len(bodies) == size * count and len(set(map(len, messages))) == 1:
        return _HEAD.pack(count | EQUAL, size) + bodies
    return framed([*map(len, messages)], bodies)


def framed(sizes: Sequence[int], bodies: bytes) -> bytes:
    """Return the frame of messages of these sizes, whose bodies are together already."""
    lengths = array("I", sizes)
    if sys.byteorder == "big":
        lengths.byteswap()
    return b"".join((_COUNT.pack(len(sizes)), lengths.tobytes(), bodies))


def framed_equal(count: int, bodies: bytes) -> bytes:
    """Return the frame of so many messages of one size, whose bodies are together already."""
    return _HEAD.pack(count | EQUAL, len(bodies) // count) + bodies


def pack_one(message: bytes) -> bytes:
    """Return the frame of one message, quickly."""
    return ONE + len(message).to_bytes(4, "little") + message


def size_of_bodies(frame: bytes) -> int:
    """Return how many bytes of a frame of ours are messages."""
    (count,) = _COUNT.unpack_from(frame)
    return len(frame) - (8 if count & EQUAL else 4 + 4 * count)


def count_of(frame: bytes) -> int:
    """Return how many messages a frame of ours has."""
    return int.from_bytes(frame[:4], "little") & ~EQUAL


def unpack(frame: bytes) -> tuple[bytes, ...]:
    """Return the messages of a frame. Raise BadFrame."""
    if len(frame) < 8:
        raise BadFrame(f"{len(frame)} bytes are no batch")
    (count,) = _COUNT.unpack_from(frame)
    if count & EQUAL:
        return _equal(frame, count ^ EQUAL)
    start = 4 + 4 * count
    if not count or start > len(frame):
        raise BadFrame(f"a batch of {count} messages in {len(frame)} bytes")
    lengths = memoryview(frame)[4:start].cast("I") if sys.byteorder == "little" else _swapped(frame[4:start])
    if start + sum(lengths) != len(frame):
        raise BadFrame(f"{count} messages of {sum(lengths)} bytes in {len(frame)} bytes")
    bodies: tuple[bytes, ...] = Struct("".join(map(_formats.__getitem__, lengths))).unpack_from(frame, start)
    return bodies


def _equal(frame: bytes, count: int) -> tuple[bytes, ...]:
    size = _HEAD.unpack_from(frame)[1]
    # A count that the bytes do not bound could ask for any amount of memory.
    if not count or 8 + count * size != len(frame) or (not size and count > MOST_EMPTY):
        raise BadFrame(f"{count} messages of {size} bytes in {len(frame)} bytes")
    if not size:
        return (b"",) * count
    return (_kept if count <= MOST_KEPT else _bodies)(size, count).unpack_from(frame, 8)


MOST_EMPTY = 1 << 20
"""How many empty messages a frame may hold."""

MOST_KEPT = 1 << 14
"""How many bodies a format has at most that is kept: each costs some 32 bytes."""


def _bodies(size: int, count: int) -> Struct:
    return Struct(f"{size}s" * count)


_kept = lru_cache(maxsize=64)(_bodies)


def _swapped(octets: bytes) -> array[int]:
    lengths = array("I", octets)
    lengths.byteswap()
    return lengths
