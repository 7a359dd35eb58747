"""What journals hold, in words and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from orchestrator.report.text import count, size, table, visible

if TYPE_CHECKING:
    from orchestrator.delivery.journal.reader import JournalSummary, StoredMessage


def summaries(found: Sequence[JournalSummary]) -> list[str]:
    """Return journals as a table."""
    rows = [("JOURNAL", "WAITING", "MESSAGES", "SEGMENTS", "SIZE", "IN USE")]
    for one in found:
        used = "yes" if one.held else "no"
        rows.append((one.name, f"{one.unacknowledged:,}", f"{one.messages:,}", str(one.segments), size(one.size), used))
    return table(rows)


def waiting(found: Sequence[JournalSummary]) -> str:
    """Say how much of journals is unacknowledged."""
    if not found:
        return "no journals"
    return f"{count(sum(one.unacknowledged for one in found), 'message')} that no receiver has acknowledged"


def document(found: Sequence[JournalSummary]) -> dict[str, Any]:
    """Return journals as data."""
    return {"version": 1, "journals": [asdict(one) for one in found]}


def message(journal: str, kept: StoredMessage) -> str:
    """Return a message as a line."""
    return f"{journal} {kept.number} {kept.state} {visible(kept.body.decode(errors='backslashreplace'))}"


def message_document(journal: str, kept: StoredMessage) -> dict[str, Any]:
    """Return a message as data."""
    from orchestrator.contract.wiring import from_bytes

    return {"journal": journal, "number": kept.number, "state": kept.state, "body": from_bytes(kept.body)}


def verdict(found: JournalSummary | None, journal: str, faults: Sequence[str]) -> list[str]:
    """Say what is wrong with a journal, or how much was looked at."""
    if found is None:
        return [f"{journal}: {fault}" for fault in faults]
    return [f"{journal}: {count(found.messages, 'message')} in {count(found.segments, 'segment')}, all right"]


def removed(bytes_removed: int, lost: int) -> str:
    """Say what was removed."""
    return f"{size(bytes_removed)} removed" + (f", and {count(lost, 'message')} lost" if lost else "")
