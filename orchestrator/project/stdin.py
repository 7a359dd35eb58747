"""Standard input, as a file of a topology."""

from __future__ import annotations

import sys

from orchestrator.project.errors import UsageError


def everything() -> bytes:
    """Read standard input to its end. Raise UsageError where it cannot be read, or has none."""
    from orchestrator.topology import reading

    try:
        return reading.bounded(sys.stdin.buffer.read(reading.MOST_BYTES + 1))
    except OSError as error:
        raise UsageError(f"standard input cannot be read: {error.strerror}") from None
