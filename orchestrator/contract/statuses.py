"""Exit statuses as a shell has them (POSIX.1-2024, Shell and Utilities, 2.8.2): 128 + n after a signal n."""

from __future__ import annotations

INTERRUPTED = 130
"""After Ctrl-C, SIGINT."""

READER_GONE = 141
"""After SIGPIPE: whoever read has gone."""


def of_signal(number: int) -> int:
    """Return the status after a signal."""
    return 128 + number


def of_process(status: int | None) -> int:
    """Return the status of a process that ended with one as waitpid(2) gives it; 1 where nobody saw it."""
    if status is None:
        return 1
    return status if status >= 0 else of_signal(-status)
