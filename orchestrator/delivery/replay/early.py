"""What has come of streams whose publishers have not said yet that they are theirs: a little of it is kept. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

FRAMES, SIZE = 10_000, 16 << 20
"""How many frames are kept at most, and bytes."""


class Frame(NamedTuple):
    """What came live: messages of a topic."""

    topic: bytes
    stream: bytes
    before: int
    first: int
    bodies: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return sum(map(len, self.bodies)) + 64 * len(self.bodies)


class Early:
    """Frames by stream."""

    def __init__(self) -> None:
        self._kept: dict[bytes, list[Frame]] = defaultdict(list)
        self._frames = self._size = 0

    def keep(self, frame: Frame) -> bool:
        """Keep a frame; return whether there was room."""
        size = frame.size
        if self._frames >= FRAMES or self._size + size > SIZE:
            return False
        self._kept[frame.stream].append(frame)
        self._frames, self._size = self._frames + 1, self._size + size
        return True

    def of(self, stream: bytes) -> list[Frame]:
        """Return what there is of a stream, and forget it."""
        found = self._kept.pop(stream, [])
        self._frames -= len(found)
        self._size -= sum(frame.size for frame in found)
        return found
