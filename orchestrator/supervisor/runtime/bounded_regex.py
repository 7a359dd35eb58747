"""Regular expressions of others, searched in bounded time.

Python's engine looks for signals while it matches, so a timer can end a search that would take for ever: its handler
raises, and the search with it.
"""

from __future__ import annotations

import re
import signal
from types import FrameType

from orchestrator.errors import OrchestratorError


class TooLong(OrchestratorError):
    """A search took longer than it may."""


def found(pattern: re.Pattern[str], text: str, seconds: float = 0.05) -> bool:
    """Return whether a pattern is in a text. Raise TooLong; call it in the main thread, since it uses SIGALRM."""
    previous = signal.signal(signal.SIGALRM, _stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return pattern.search(text) is not None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, previous)


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooLong
