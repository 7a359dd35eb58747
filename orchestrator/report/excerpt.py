"""The line of a file that a finding stands in, without what may be secret in it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from orchestrator.report.redact import Span, masked, secrets
from orchestrator.report.text import paint, visible
from orchestrator.topology.parse.lines import bare, starts

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

WIDTH = 160
"""Longest piece of a source line that is shown, in characters."""

_WORD = re.compile(r'"[^"]*"|\'[^\']*\'|\$\{[^}]*\}|[^\s,:{}\[\]]+')


class Text:
    """A source text; where its lines are, and what is secret up to the ``last`` that is shown, is found when asked."""

    def __init__(self, text: str, last: int) -> None:
        self._text, self._last = text, last

    @cached_property
    def _starts(self) -> list[int]:
        return starts(self._text)

    @cached_property
    def _secrets(self) -> list[Span]:
        return secrets(self._text, self._starts[self._last] if self._last < len(self._starts) else None)

    def _line(self, number: int, column: int) -> tuple[str, str] | None:
        """Return a line's text before a column and from there on, for showing; None without such a line."""
        begin = self._starts
        if not self._text or not 1 <= number <= len(begin):
            return None
        start = begin[number - 1]
        end = begin[number] if number < len(begin) else len(self._text)
        end = start + len(bare(self._text[start:end]))
        line, place = masked(self._text, self._secrets, start, end, max(0, column - 1))
        return visible(line[:place]).replace("\t", " "), visible(line[place:]).replace("\t", " ")

    def excerpt(self, problem: Diagnostic, caret: str, color: bool) -> list[str]:
        """Return the line of a finding and, in the color ``caret``, what points into it; nothing without such a line.

        Of a long line a piece is shown.
        """
        parts = self._line(problem.line, problem.column) if problem.shown else None
        if parts is None:
            return []
        line = "".join(parts)
        start = len(parts[0])
        first = max(0, start - WIDTH // 2) if len(line) > WIDTH else 0
        word = _WORD.match(parts[1])
        width = min(len(word.group()) if word else 1, first + WIDTH - start)
        return [
            f"{problem.line:5} | {line[first : first + WIDTH]}",
            f"      | {' ' * (start - first)}{paint('^' * width, caret, color)}",
        ]
