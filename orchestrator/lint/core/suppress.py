"""Comments that silence a finding on their line: ``# lint: ignore[Z101] reason``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from orchestrator.compat import yaml_parser
from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity
from orchestrator.topology.parse.lines import BOM, bare, lines, starts

USELESS = "Z001"

_COMMENT = r"(?:^|(?<=\s))#[ \t]*lint:[ \t]*ignore(?![\w-])[ \t]*(?:\[(?P<codes>[^\]\n]*)\])?[ \t]*(?P<reason>.*)"

_ANY = re.compile(r"#[ \t]*lint:[ \t]*ignore")

Judge = Callable[[str, str], bool]
"""Tells of a file and a code whether the rule has looked at the file, so that its silence means something."""


class Suppression(NamedTuple):
    """One comment. ``start`` is the column of what would go with it: the comment and the spaces before."""

    file: str
    line: int
    column: int
    start: int
    text: str
    codes: tuple[str, ...]
    reason: str


def suppress(
    findings: Iterable[Diagnostic], texts: Mapping[str, str], codes: Collection[str], judged: Judge
) -> list[Diagnostic]:
    """Leave out what a comment silences; add what is wrong with the comments (Z001)."""
    silences = _silences(texts)
    if not silences:
        return list(findings)
    kept, used = _applied(findings, silences)
    for silence in silences:
        kept += _wrong(silence, used, codes, judged)
    return kept


def unsilenced(findings: Iterable[Diagnostic], texts: Mapping[str, str]) -> list[Diagnostic]:
    """Leave out what a comment silences, whatever is wrong with the comments."""
    return _applied(findings, _silences(texts))[0]


def _silences(texts: Mapping[str, str]) -> list[Suppression]:
    return [silence for file, text in texts.items() for silence in comments(text, file)]


def _applied(
    findings: Iterable[Diagnostic], silences: Iterable[Suppression]
) -> tuple[list[Diagnostic], set[tuple[str, int, str]]]:
    """Return what is not silenced, and what silenced the rest: file, line and code."""
    asked = {(each.file, each.line, code) for each in silences for code in each.codes}
    used: set[tuple[str, int, str]] = set()
    kept: list[Diagnostic] = []
    for problem in findings:
        key = (problem.file, problem.line, problem.code)
        if key in asked and silenceable(problem.code):
            used.add(key)
        else:
            kept.append(problem)
    return kept, used


def silenceable(code: str) -> bool:
    """Return whether a comment can silence a code: not what keeps the file from being understood."""
    return not code.startswith("S")


def comments(text: str, file: str) -> Iterator[Suppression]:
    """Find the comments of a text; what looks like one inside of a scalar is none."""
    if not _ANY.search(text):
        return
    text = text.removeprefix(BOM)
    first = starts(text)
    inside = _Scalars(text)
    for number, line in enumerate(lines(text), 1):
        if (
            "lint:" in line
            and (found := re.search(_COMMENT, bare(line)))
            and first[number - 1] + found.start() not in inside
        ):
            before = len(line[: found.start()].rstrip(" \t"))
            codes = tuple(code.strip() for code in (found["codes"] or "").split(",") if code.strip())
            yield Suppression(
                file, number, found.start() + 1, before + 1, bare(line)[before:], codes, found["reason"].strip()
            )


class _Scalars:
    """Which offsets of a text lie inside of scalars, as far as it is YAML; read only when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: Sequence[int] = ()
        self._ends: Sequence[int] = ()

    def __contains__(self, offset: int) -> bool:
        if not self._starts:
            self._read()
        number = bisect_right(self._starts, offset) - 1
        return number >= 0 and offset < self._ends[number]

    def _read(self) -> None:
        import yaml

        found = [(0, 0)]
        parser = yaml_parser(self._text)
        try:
            for event in iter(parser.get_event, None):
                if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
                    found.append((event.start_mark.index, event.end_mark.index))
        except yaml.YAMLError:
            pass  # what follows is not read by anybody
        self._starts, self._ends = zip(*found, strict=True)


def _wrong(
    silence: Suppression, used: Collection[tuple[str, int, str]], codes: Collection[str], judged: Judge
) -> Iterator[Diagnostic]:
    if not silence.codes:
        yield _problem(silence, "names no finding, and silences none", "# lint: ignore[CODE] reason")
        return
    whole = all((silence.file, silence.line, code) not in used for code in silence.codes)
    mend = Fix((Edit(silence.file, silence.line, silence.start, silence.text, ""),))
    for code in silence.codes:
        if code not in codes:
            near = get_close_matches(code, codes, 1)
            yield _problem(silence, f"there is no {code[:20]}", "", f"did you mean {near[0]}?" if near else "")
        elif not silenceable(code):
            hint = "mend what it is about: a file that is not understood is not checked"
            yield _problem(silence, f"{code} cannot be silenced", "", hint)
        elif (silence.file, silence.line, code) not in used and judged(silence.file, code):
            fix = mend if whole and len(silence.codes) == 1 else None
            yield _problem(silence, f"there is no {code} in this line to be silenced", "", "remove it", fix)
    if not silence.reason:
        yield _problem(silence, "does not say why", "# lint: ignore[CODE] reason", severity="info")


def _problem(
    silence: Suppression,
    message: str,
    expected: str = "",
    hint: str = "",
    fix: Fix | None = None,
    severity: Severity = "warning",
) -> Diagnostic:
    what = f"the comment {message}"
    return Diagnostic(silence.file, silence.line, silence.column, "", what, expected, hint, USELESS, severity, fix)
