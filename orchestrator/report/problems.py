"""What is wrong with a file, with the line it stands in, as text for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from orchestrator.report.result import hints, title
from orchestrator.report.text import BOLD, CYAN, RED, YELLOW, count, paint, table, visible

if TYPE_CHECKING:
    from orchestrator.report.excerpt import Text
    from orchestrator.report.result import CheckResult
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

Source = Callable[[str], str]
"""Gives the text of a file by the name that a problem has for it; empty where it cannot be read."""

COLORS = {"error": RED, "warning": YELLOW, "info": CYAN}


def problems(found: Sequence[Diagnostic], source: Source, *, color: bool = False) -> list[str]:
    """Return each problem with its source line and a caret, then how many there are."""
    return [*findings(found, source, color=color), count(len(found), "problem")]


def findings(found: Sequence[Diagnostic], source: Source, *, color: bool = False) -> list[str]:
    """Return each finding with its source line, without what may be secret in it, and a caret."""
    if not found:
        return []
    from orchestrator.report.excerpt import Text  # what hides secrets takes as long to load as a small file to check

    texts: dict[str, Text] = {}
    shown: list[str] = []
    last: dict[str, int] = {}
    for problem in found:
        last[problem.file] = max(problem.line, last.get(problem.file, 0))
    for problem in found:
        text = texts.get(problem.file)
        if text is None:
            text = texts[problem.file] = Text(source(problem.file), last[problem.file])
        shown += _finding(problem, text, color)
    return shown


def heading(problem: Diagnostic, *, color: bool = False) -> str:
    """Return a finding in one line: where, how much it matters, and what."""
    place = f"{problem.file}:{problem.line}:{problem.column}:" if problem.line else f"{problem.file}:"
    kind = f"{problem.severity}[{problem.code}]" if problem.code else problem.severity
    kind = paint(kind, COLORS[problem.severity], color)
    return f"{paint(visible(place), BOLD, color)} {kind} {visible(title(problem))}"


def statistics(checked: CheckResult) -> list[str]:
    """Return how many findings there are of each code."""
    rows = []
    for code, number in checked.counts().items():
        severity = checked.kinds[code].severity if code in checked.kinds else ""
        rows.append((str(number), code, severity, checked.name(code)))
    return table(rows) if rows else []


def tally(found: Sequence[Diagnostic]) -> str:
    """Return ``1 error, 2 warnings``; what there is none of is left out, and nothing at all is ``nothing found``."""
    numbers = {severity: sum(problem.severity == severity for problem in found) for severity in COLORS}
    nouns = {"error": "error", "warning": "warning", "info": "note"}
    return ", ".join(count(number, nouns[each]) for each, number in numbers.items() if number) or "nothing found"


def _finding(problem: Diagnostic, text: Text, color: bool) -> list[str]:
    return [
        heading(problem, color=color),
        *text.excerpt(problem, COLORS[problem.severity], color),
        *(f"      | {visible(hint)}" for hint in hints(problem)),
    ]
