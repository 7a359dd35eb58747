"""What codes mean, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from orchestrator.report.text import table

if TYPE_CHECKING:
    from orchestrator.report.result import Kind

VERSION = 1


def explained(kinds: Sequence[Kind]) -> list[str]:
    """Return the documentation of each code, with an empty line between two."""
    lines: list[str] = []
    for kind in kinds:
        lines += [*([""] if lines else []), f"{kind.code} {kind.name} ({kind.severity})", "", *kind.about.splitlines()]
    return lines


def listed(kinds: Iterable[Kind]) -> list[str]:
    """Return a line for each code."""
    return table([(kind.code, kind.severity, kind.name, kind.about.partition("\n")[0]) for kind in kinds])


def as_json(kinds: Iterable[Kind]) -> str:
    """Return ``{"version": 1, "rules": [...]}``."""
    rules = [{"code": kind.code, "name": kind.name, "severity": kind.severity, "about": kind.about} for kind in kinds]
    return json.dumps({"version": VERSION, "rules": rules}, indent=2)
