"""What a death leaves of a journal: nothing is sealed, and the files are closed."""

from __future__ import annotations

import os

from orchestrator.delivery.journal.journal import Journal


def abandon(journal: Journal) -> None:
    """Give a journal up as a death does."""
    for segment in journal.segments:
        segment.close()
    journal.segments.clear()
    os.close(journal._lock)
