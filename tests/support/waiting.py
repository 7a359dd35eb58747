"""Waiting for what must come; nothing in the tests sleeps for a time instead."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

ENOUGH = 20.0
"""Seconds after which something that must come has not, on a busy machine too."""


def until(condition: Callable[[], Result], seconds: float = ENOUGH, why: Callable[[], str] = str) -> Result:
    """Wait until a condition returns something true, and return that; fail and say why after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {why()}"
        time.sleep(0.005)
    return result
