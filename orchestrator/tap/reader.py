"""What arrives from one source -> messages, and how many are missing between them. Pure."""

from __future__ import annotations

from orchestrator.delivery.batch.frame import unpack
from orchestrator.delivery.replay import wire
from orchestrator.tap.sources import Source


class Reader:
    """Reads what one source sends; ``missing`` counts the messages that its numbers pass over."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.missing = 0
        self._last: dict[tuple[bytes, bytes], int] = {}

    def read(self, parts: list[bytes]) -> list[list[bytes]]:
        """Return the messages as programs get them, by parts. Raise ValueError where it is not what the edge says."""
        if self.source.kind == "plain":
            return [parts]
        topic, framed = parts
        if self.source.kind == "batch":
            return [[topic, body] for body in unpack(framed)]
        stream, before, first, batch = wire.live(framed)
        bodies = unpack(batch)
        last = self._last.get((stream, topic), before)
        self.missing += max(0, before - last)
        self._last[stream, topic] = max(last, first + len(bodies) - 1)
        return [[topic, body] for body in bodies]
