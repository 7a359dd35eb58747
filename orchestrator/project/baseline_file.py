"""The baseline file: where its files stand, how it is read and written."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from orchestrator.lint.core import baseline
from orchestrator.project.atomic_write import rewrite
from orchestrator.project.errors import UsageError
from orchestrator.report.text import count
from orchestrator.topology import reading
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic


def write(file: str, findings: Sequence[Diagnostic]) -> str:
    """Write a baseline; return what to say about it. What keeps a file from being understood is not in it.

    Raise UsageError.
    """
    try:
        rewrite(file, baseline.dump(findings, _names(file)).encode(errors="surrogateescape"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
    old = sum(baseline.can_be_old(each.code) for each in findings)
    rest = f"; {len(findings) - old} not: what keeps a file from being understood is never old"
    return f"{file}: {count(old, 'finding')} written{rest if old < len(findings) else ''}"


def leave_out(
    file: str, findings: Sequence[Diagnostic], checked: Collection[str]
) -> tuple[list[Diagnostic], int, list[str]]:
    """Return the findings that a baseline does not know, how many it knows, and what to say. Raise UsageError."""
    try:
        known = baseline.load(reading.content(file).decode())
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such baseline; --write-baseline writes it") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{file}: no baseline: {error}") from None
    compared = baseline.compare(findings, known, checked, _names(file))
    remarks = [
        f"{file}: stale, nobody finds it any more: {key[0]}: {key[2] or key[1]} {key[1]}" for key in compared.stale
    ]
    if compared.old:
        remarks.append(f"{file}: {count(compared.old, 'old finding')} left out")
    return compared.new, compared.old, remarks


def _names(file: str) -> Callable[[str], str]:
    """Return how a baseline names files: from its own folder, with ``/``, so that it fits wherever the command runs."""
    folder = os.path.dirname(os.path.abspath(file))

    def name(of: str) -> str:
        return of if of == STDIN else os.path.relpath(os.path.abspath(of), folder).replace(os.sep, "/")

    return name
