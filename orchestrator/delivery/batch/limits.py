"""How full a frame may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.delivery.batch.frame import pack, pack_one, size_of_bodies


@dataclass(frozen=True, slots=True)
class Limits:
    """When a frame is full: ``messages``, or ``bytes`` of them. ``delay`` in seconds."""

    messages: int
    bytes: int
    delay: float

    @classmethod
    def of(cls, batch: Mapping[str, Any]) -> Limits:
        """Read what a wiring says."""
        return cls(int(batch["messages"]), int(batch["bytes"]), float(batch["delay"]))

    @property
    def large(self) -> int:
        """Bytes of a message that a durable edge sends at once."""
        return self.bytes // self.messages

    @property
    def pause(self) -> float:
        """Seconds without a message after which the next one goes at once: there is nothing that it could wait for.

        As in TCP without Nagle's algorithm (RFC 896): what comes at a steady pace slower than this never waits.
        """
        return self.delay / 10


def next_frame(waiting: list[bytes], limits: Limits) -> tuple[int, bytes]:
    """Return how many of the waiting messages fit into a frame, one at least, and that frame."""
    if len(waiting) == 1:
        return 1, pack_one(waiting[0])
    part = waiting[: limits.messages]
    frame = pack(part)
    if len(frame) > limits.bytes and len(part) > 1 and size_of_bodies(frame) > limits.bytes:
        part = part[: _fitting(part, limits.bytes)]
        frame = pack(part)
    return len(part), frame


def _fitting(part: list[bytes], most: int) -> int:
    size = 0
    for count, message in enumerate(part):
        size += len(message)
        if size > most and count:
            return count
    return len(part)


def as_bytes(message: Any) -> bytes:
    """Return bytes of anything that has them. Raise TypeError."""
    # bytes() would take a number for a size, and text is no message.
    return message if message.__class__ is bytes else memoryview(message).tobytes()
