"""The document of an exit: of a process that is asked for, and of one of a run that is over."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from orchestrator.control.messages import Exit


def exit_document(status: int | None, reason: Sequence[str], ago: float) -> Exit:
    """Return how an incarnation ended.

    ``status`` is an exit status, minus a signal's number, or None where nobody saw it; ``reason`` are the last lines
    that it wrote; it was ``ago`` seconds ago.
    """
    return {
        "status": status if status is not None and status >= 0 else None,
        "signal": _name(-status) if status is not None and status < 0 else None,
        "ago": round(ago, 3),
        "reason": reason[-1] if reason else ("nobody saw how it ended" if status is None else None),
    }


def _name(number: int) -> str | int:
    try:
        return signal.Signals(number).name
    except ValueError:  # those of real time have none
        return number
