"""Repairs of a source text: every byte that they do not name stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from orchestrator.topology.diagnostics.diagnostic import Edit, Problem
from orchestrator.topology.parse.lines import BOM, bare, lines, starts

_MEANT = re.compile(r"did you mean ([\w.-]+)\?")
_TWICE = re.compile(
    r"edges\.([a-z][a-z0-9_-]*)(?:\.connect(?:\[\d+\])?)?: .* connect twice to .*, by edge ([a-z][a-z0-9_-]*) too"
)
_WORD = re.compile(r"[\"']?([\w.-]+)[\"']?(?=[\s,:{}\[\]]|$)")

_Span = tuple[int, int, str]
"""Start and end of what goes, as offsets in the text, and what comes in its place."""

ALIKE = 0.6
"""Least similarity of a slip to what was meant, as difflib measures it."""


def edits(problem: Problem, text: str) -> tuple[Edit, ...]:
    """Give what mends a problem in its file's text: its own edits, else those of a slip with one near word, or of an
    edge that is the same as another.
    """
    return problem.edits or _spelled(problem, text) or _once(problem, text)


def apply(text: str, wanted: Iterable[Sequence[Edit]]) -> tuple[str, int]:
    """Carry out the edits of several problems; give the new text, and how many problems that mends.

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
    """Give start and end of an edit in the text, and what is new; None where ``old`` does not stand there."""
    if not 1 <= edit.line <= len(begin) or edit.column < 1:
        return None
    start = begin[edit.line - 1] + edit.column - 1
    line_end = begin[edit.line] if edit.line < len(begin) else len(text)
    if start > line_end or not text.startswith(edit.old, start):
        return None
    return start, start + len(edit.old), edit.new


def _collide(spans: list[_Span]) -> bool:
    """Tell whether two edits share a place, or touch."""
    spans.sort()
    return any(one[1] >= other[0] for one, other in pairwise(spans))


def _spelled(problem: Problem, text: str) -> tuple[Edit, ...]:
    meant = _MEANT.fullmatch(problem.suggestion)
    if meant is None or not problem.line:
        return ()
    numbered = lines(text.removeprefix(BOM))
    line = bare(numbered[problem.line - 1]) if problem.line <= len(numbered) else ""
    word = _WORD.match(line, problem.column - 1)
    if word is None or problem.column < 1:
        return ()
    start, old = _slip(word[1], meant[1], problem.message)
    if not old or old == meant[1]:
        return ()
    return (Edit(problem.file, problem.line, word.start(1) + start + 1, old, meant[1]),)


def _slip(written: str, meant: str, message: str) -> tuple[int, str]:
    """Give the part of a written word that is meant otherwise, and where it starts: the whole, or one side of the dot.

    The message quotes it; where it does not, nothing is safe.
    """
    parts = [(0, written)]
    if "." in written and "." not in meant:
        node, _, socket = written.partition(".")
        parts = [(0, node), (len(node) + 1, socket)]
    told = set(re.findall(r"'([\w.-]+)'", message) or re.findall(r"[\w.-]+", message))
    likely = [part for part in parts if part[1] in told and _like(part[1], meant)]
    return likely[0] if len(likely) == 1 else (0, "")


def _like(one: str, other: str) -> bool:
    return other.startswith(f"{one}.") or SequenceMatcher(None, one, other).ratio() >= ALIKE


def _once(problem: Problem, text: str) -> tuple[Edit, ...]:
    """Give what removes an edge that says no more than another one of its file, where it stands in lines of its own."""
    twice = _TWICE.fullmatch(f"{problem.path}: {problem.message}")
    if twice is None:
        return ()
    from orchestrator.topology.parse.document import read

    text = text.removeprefix(BOM)
    document = read(text.encode(errors="replace"), problem.file)
    edges = document.data.get("edges")
    if document.problems or not isinstance(edges, dict) or edges.get(twice[1]) != edges.get(twice[2]):
        return ()
    place = document.where(("edges", twice[1]))
    old = _entry(lines(text), place.line, place.column)
    edit = Edit(problem.file, place.line, 1, old, "")
    after = read(apply(text, [(edit,)])[0].encode(errors="replace"), problem.file)
    rest = {**document.data, "edges": {name: edge for name, edge in edges.items() if name != twice[1]}}
    return (edit,) if old and not after.problems and after.data == rest else ()


def _entry(numbered: Sequence[str], line: int, column: int) -> str:
    """Give the lines of a block mapping's key and its value, without what is empty or a comment behind them."""
    last = line
    for number in range(line, len(numbered)):
        content = numbered[number].strip()
        if content and not content.startswith("#"):
            if len(numbered[number]) - len(numbered[number].lstrip()) < column:
                break
            last = number + 1
    return "".join(numbered[line - 1 : last])
