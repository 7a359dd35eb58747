"""The journals of a mesh, whether it runs or not: which are meant, what they hold, and making room in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from orchestrator.contract import folders
from orchestrator.delivery.journal import reader
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.delivery.journal.reader import JournalSummary, StoredMessage
from orchestrator.project.errors import UsageError
from orchestrator.report.text import count


class Pruned(NamedTuple):
    """What was removed: bytes, and messages that no receiver had acknowledged."""

    size: int
    lost: int


@contextmanager
def refusals() -> Iterator[None]:
    """Raise UsageError where a journal cannot be read."""
    try:
        yield
    except JournalError as error:
        raise UsageError(str(error)) from None


def select(mesh: str, names: Sequence[str]) -> list[Path]:
    """Return the journals of a mesh that are meant, all without names. Raise UsageError."""
    return named(names, reader.journals(folders.of(mesh).journals), mesh)


def named(names: Sequence[str], known: list[Path], mesh: str) -> list[Path]:
    """Return the journals that names mean: a journal, or those of a process or a node. Raise UsageError."""
    wanted: set[Path] = set()
    for name in names:
        found = {path for path in known if name in _names(path.name)}
        if not found:
            there = ", ".join(path.name for path in known) or "none"
            raise UsageError(f"{mesh} has no journal {name}; there are: {there}")
        wanted |= found
    return [path for path in known if path in wanted] if names else known


def summaries(journals: Iterable[Path]) -> list[JournalSummary]:
    """Return journals in figures. Raise JournalError."""
    return [reader.account(path) for path in journals]


def messages(journals: Iterable[Path], *, every: bool) -> Iterator[tuple[str, StoredMessage]]:
    """Yield messages, each with the name of its journal; with ``every`` acknowledged ones too. Raise JournalError."""
    for path in journals:
        for kept in reader.contents(path, acknowledged=every):
            yield path.name, kept


def verified(journals: Iterable[Path]) -> Iterator[tuple[JournalSummary | None, str, list[str]]]:
    """Yield what each journal holds, its name, and what is wrong with it; no figures where something is."""
    for path in journals:
        faults = reader.faults(path)
        yield None if faults else reader.account(path), path.name, faults


def prune(journals: Sequence[Path], *, drop: bool, agreed: bool) -> Pruned:
    """Make room in journals; with ``drop`` also of what is not acknowledged, which somebody has to have agreed to.

    Raise UsageError, with nothing removed, and JournalError.
    """
    if held := next((path.name for path in journals if reader.held(path)), ""):
        raise UsageError(f"{held}: a process has this journal, and makes room by itself; stop it first")
    lost = sum(reader.account(path).unacknowledged for path in journals) if drop else 0
    if lost and not agreed:
        raise UsageError(f"{count(lost, 'message')} that no receiver has acknowledged would be lost; say --yes")
    return Pruned(sum(reader.prune(path, drop=drop) for path in journals), lost)


def _names(journal: str) -> tuple[str, ...]:
    """Return what may be said for a journal: its name, its process, and the node of that."""
    process = journal.partition(".")[0]
    return journal, process, process.rpartition("-")[0]
