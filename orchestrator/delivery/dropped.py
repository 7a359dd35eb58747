"""What arrives at a socket and is none of its edge's: it is counted, and now and then said."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

EVERY = 60.0
"""Seconds between two lines about it on standard error."""

_MOST = 80


class Dropped:
    """Counts what was dropped at one socket."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.count = self._told = 0
        self._next = float("-inf")

    def __call__(self, why: str, peer: bytes = b"") -> None:
        """Count one, and say why unless that was said just now."""
        self.count += 1
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        more, self._told = self.count - self._told, self.count
        # What a stranger calls itself is no text for a terminal.
        source = f" from {ascii(peer.decode(errors='replace'))[:_MOST]}" if peer else ""
        what = "a message" if more == 1 else f"{more} messages, the last"
        with suppress(OSError, ValueError):
            print(f"{self._name}: dropped {what}{source}: {why}", file=sys.stderr)
