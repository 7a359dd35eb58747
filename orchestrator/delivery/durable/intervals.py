"""Which messages of a stream are acknowledged, as intervals of their numbers. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from orchestrator.delivery.durable.wire import Interval


class AcknowledgedIntervals:
    """Intervals that neither overlap nor touch, ascending."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._ends: list[int] = []

    def add(self, first: int, end: int) -> None:
        """Note that the messages from ``first`` on up to ``end`` are acknowledged, however often that is said."""
        if first >= end:
            return
        firsts, ends = self._firsts, self._ends
        if ends and ends[-1] == first:  # what nearly always happens
            ends[-1] = end
            return
        low, high = bisect_left(ends, first), bisect_right(firsts, end)
        if low < high:
            first, end = min(first, firsts[low]), max(end, ends[high - 1])
        firsts[low:high], ends[low:high] = [first], [end]

    def forget(self, low: int) -> None:
        """Forget what is below ``low``."""
        gone = bisect_right(self._ends, low)
        if gone:
            del self._firsts[:gone], self._ends[:gone]

    def prefix(self, first: int, end: int) -> int:
        """Return how many messages from ``first`` on are acknowledged, ``end - first`` at most."""
        at = bisect_right(self._firsts, first) - 1
        return 0 if at < 0 else max(0, min(self._ends[at], end) - first)

    def intervals(self) -> tuple[Interval, ...]:
        """Return all of them."""
        return tuple(zip(self._firsts, self._ends, strict=True))
