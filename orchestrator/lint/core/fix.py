"""Repairs of a source text: every byte that they do not name stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from orchestrator.topology.parse.lines import starts

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Edit

_Span = tuple[int, int, str]
"""Start and end of what goes, as offsets in the text, and what comes in its place."""


def apply(text: str, wanted: Iterable[Sequence[Edit]]) -> tuple[str, int]:
    """Carry out the edits of several problems; return the new text, and how many problems that mends.

    The edits of a problem are all done or none: none where one's ``old`` does not stand at its place, or touches
    another's place.
    """
    begin = starts(text)
    done: set[_Span] = set()
    mended = 0
    for group in wanted:
        spans = {_span(text, begin, edit) for edit in group}
        fitting = {span for span in spans if span}
        if fitting and len(fitting) == len(spans) and not _collide([*(done | fitting)]):
            done |= fitting
            mended += 1
    for start, end, new in sorted(done, reverse=True):
        text = text[:start] + new + text[end:]
    return text, mended


def _span(text: str, begin: Sequence[int], edit: Edit) -> _Span | None:
    """Return start and end of an edit in the text, and what is new; None where ``old`` does not stand there."""
    if not 1 <= edit.line <= len(begin) or edit.column < 1:
        return None
    start = begin[edit.line - 1] + edit.column - 1
    line_end = begin[edit.line] if edit.line < len(begin) else len(text)
    if start > line_end or not text.startswith(edit.old, start):
        return None
    return start, start + len(edit.old), edit.new


def _collide(spans: list[_Span]) -> bool:
    """Return whether two edits share a place, or touch."""
    spans.sort()
    return any(one[1] >= other[0] for one, other in pairwise(spans))
