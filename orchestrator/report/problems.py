"""What is wrong with a file, with the line it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from orchestrator.report.text import BOLD, RED, count, paint, visible

if TYPE_CHECKING:
    from orchestrator.topology.problems import Problem

Source = Callable[[str], Sequence[str]]
"""Gives the lines of a file by the name that a problem has for it; none where it cannot be read."""

WIDTH = 160
"""Longest piece of a source line that is shown, in characters."""

_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|\$\{[^}]*\}|[^\s,:{}\[\]]+')


def problems(found: Sequence[Problem], source: Source, *, colour: bool = False) -> list[str]:
    """Give each problem with its source line and a caret, then how many there are."""
    lines = [line for problem in found for line in _problem(problem, source, colour)]
    return [*lines, count(len(found), "problem")]


def _problem(problem: Problem, source: Source, colour: bool) -> list[str]:
    place = f"{problem.file}:{problem.line}:{problem.column}:" if problem.line else f"{problem.file}:"
    kind = f"error[{problem.code}]" if problem.code else "error"
    what = ": ".join(filter(None, (problem.path, problem.message)))
    hints = [f"expected {problem.expected}" if problem.expected else "", problem.suggestion]
    return [
        f"{paint(visible(place), BOLD, colour)} {paint(kind, RED, colour)} {visible(what)}",
        *_excerpt(problem, source, colour),
        *(f"      | {visible(hint)}" for hint in hints if hint),
    ]


def _excerpt(problem: Problem, source: Source, colour: bool) -> list[str]:
    lines = source(problem.file)
    if not 1 <= problem.line <= len(lines):
        return []
    line = visible(lines[problem.line - 1]).replace("\t", " ")
    start = max(0, problem.column - 1)
    first = max(0, start - WIDTH // 2) if len(line) > WIDTH else 0
    word = _WORD.match(line, start)
    width = min(len(word.group()) if word else 1, first + WIDTH - start)
    return [
        f"{problem.line:5} | {line[first : first + WIDTH]}",
        f"      | {' ' * (start - first)}{paint('^' * width, RED, colour)}",
    ]
