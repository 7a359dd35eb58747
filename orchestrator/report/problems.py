"""What is wrong with a file, with the line it stands in, as text for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from orchestrator.report.redact import Span, masked, secrets
from orchestrator.report.result import hints, title
from orchestrator.report.text import BOLD, CYAN, RED, YELLOW, count, paint, table, visible
from orchestrator.topology.parse.lines import bare, starts

if TYPE_CHECKING:
    from orchestrator.report.result import Checked
    from orchestrator.topology.diagnostics.diagnostic import Problem

Source = Callable[[str], str]
"""Gives the text of a file by the name that a problem has for it; empty where it cannot be read."""

WIDTH = 160
"""Longest piece of a source line that is shown, in characters."""

COLOURS = {"error": RED, "warning": YELLOW, "info": CYAN}

_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|\$\{[^}]*\}|[^\s,:{}\[\]]+')


def problems(found: Sequence[Problem], source: Source, *, colour: bool = False) -> list[str]:
    """Give each problem with its source line and a caret, then how many there are."""
    return [*findings(found, source, colour=colour), count(len(found), "problem")]


def findings(found: Sequence[Problem], source: Source, *, colour: bool = False) -> list[str]:
    """Give each finding with its source line, without what may be secret in it, and a caret."""
    texts: dict[str, _Text] = {}
    shown: list[str] = []
    last: dict[str, int] = {}
    for problem in found:
        last[problem.file] = max(problem.line, last.get(problem.file, 0))
    for problem in found:
        text = texts.get(problem.file)
        if text is None:
            text = texts[problem.file] = _Text(source(problem.file), last[problem.file])
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


@dataclass
class _Text:
    """A source text; where its lines are, and what is secret up to the ``last`` that is shown, is found when asked."""

    text: str
    last: int

    @cached_property
    def starts(self) -> list[int]:
        return starts(self.text)

    @cached_property
    def secrets(self) -> list[Span]:
        return secrets(self.text, self.starts[self.last] if self.last < len(self.starts) else None)

    def line(self, number: int, column: int) -> tuple[str, str] | None:
        """Give what of a line stands before a column and what from there on, for showing; None without such a line."""
        begin = self.starts
        if not self.text or not 1 <= number <= len(begin):
            return None
        start = begin[number - 1]
        end = begin[number] if number < len(begin) else len(self.text)
        end = start + len(bare(self.text[start:end]))
        line, place = masked(self.text, self.secrets, start, end, max(0, column - 1))
        return visible(line[:place]).replace("\t", " "), visible(line[place:]).replace("\t", " ")


def _finding(problem: Problem, text: _Text, colour: bool) -> list[str]:
    return [
        heading(problem, colour=colour),
        *_excerpt(problem, text, colour),
        *(f"      | {visible(hint)}" for hint in hints(problem)),
    ]


def _excerpt(problem: Problem, text: _Text, colour: bool) -> list[str]:
    parts = text.line(problem.line, problem.column) if problem.shown else None
    if parts is None:
        return []
    line = "".join(parts)
    start = len(parts[0])
    first = max(0, start - WIDTH // 2) if len(line) > WIDTH else 0
    word = _WORD.match(parts[1])
    width = min(len(word.group()) if word else 1, first + WIDTH - start)
    return [
        f"{problem.line:5} | {line[first : first + WIDTH]}",
        f"      | {' ' * (start - first)}{paint('^' * width, COLOURS[problem.severity], colour)}",
    ]
