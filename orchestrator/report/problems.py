"""What is wrong with a file, with the line it stands in, as text for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from orchestrator.report.result import hints, title
from orchestrator.report.text import BOLD, CYAN, RED, YELLOW, count, paint, table, visible

if TYPE_CHECKING:
    from orchestrator.report.excerpt import Text
    from orchestrator.report.result import Checked
    from orchestrator.topology.diagnostics.diagnostic import Problem

Source = Callable[[str], str]
"""Gives the text of a file by the name that a problem has for it; empty where it cannot be read."""

COLOURS = {"error": RED, "warning": YELLOW, "info": CYAN}


def problems(found: Sequence[Problem], source: Source, *, colour: bool = False) -> list[str]:
    """Give each problem with its source line and a caret, then how many there are."""
    return [*findings(found, source, colour=colour), count(len(found), "problem")]


def findings(found: Sequence[Problem], source: Source, *, colour: bool = False) -> list[str]:
    """Give each finding with its source line, without what may be secret in it, and a caret."""
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
        shown += _finding(problem, text, colour)
    return shown


def heading(problem: Problem, *, colour: bool = False) -> str:
    """Give a finding in one line: where, how much it matters, and what."""
    place = f"{problem.file}:{problem.line}:{problem.column}:" if problem.line else f"{problem.file}:"
    kind = f"{problem.severity}[{problem.code}]" if problem.code else problem.severity
    kind = paint(kind, COLOURS[problem.severity], colour)
    return f"{paint(visible(place), BOLD, colour)} {kind} {visible(title(problem))}"


def statistics(checked: Checked) -> list[str]:
    """Give how many findings there are of each code."""
    rows = []
    for code, number in checked.counts().items():
        severity = checked.kinds[code].severity if code in checked.kinds else ""
        rows.append((str(number), code, severity, checked.name(code)))
    return table(rows) if rows else []


def tally(found: Sequence[Problem]) -> str:
    """Give ``1 error, 2 warnings``; what there is none of is left out, and nothing at all is ``nothing found``."""
    numbers = {severity: sum(problem.severity == severity for problem in found) for severity in COLOURS}
    nouns = {"error": "error", "warning": "warning", "info": "note"}
    return ", ".join(count(number, nouns[each]) for each, number in numbers.items() if number) or "nothing found"


def _finding(problem: Problem, text: Text, colour: bool) -> list[str]:
    return [
        heading(problem, colour=colour),
        *text.excerpt(problem, COLOURS[problem.severity], colour),
        *(f"      | {visible(hint)}" for hint in hints(problem)),
    ]
