"""Findings as JUnit XML, which most CI systems read: a suite for each file, a test case for each finding.

A file without findings is one passed test case; a finding that does not fail the check is a passed one that says it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from orchestrator.report.result import hints, title
from orchestrator.report.text import visible

if TYPE_CHECKING:
    from orchestrator.report.result import CheckResult
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (its production 2, Char)."""


def render(checked: CheckResult) -> str:
    """Return one XML document."""
    of: dict[str, list[Diagnostic]] = {file: [] for file in checked.files}
    for problem in checked.findings:
        of.setdefault(problem.file, []).append(problem)
    failures = sum(map(checked.fails, checked.findings))
    cases = sum(max(1, len(found)) for found in of.values())
    suites = [line for file, found in of.items() for line in _suite(file, found, checked)]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            f'<testsuites name="orchestrator validate" tests="{cases}" failures="{failures}" errors="0">',
            *suites,
            "</testsuites>",
        ]
    )


def _suite(file: str, found: list[Diagnostic], checked: CheckResult) -> list[str]:
    failures = sum(map(checked.fails, found))
    name = _attribute(file)
    return [
        f'  <testsuite name={name} tests="{max(1, len(found))}" failures="{failures}" errors="0" skipped="0">',
        *(line for problem in found for line in _case(problem, checked)),
        *([] if found else [f'    <testcase classname={name} name="valid"/>']),
        "  </testsuite>",
    ]


def _case(problem: Diagnostic, checked: CheckResult) -> list[str]:
    where = f" line {problem.line}" if problem.line else ""
    name = _attribute(f"{problem.code} {checked.name(problem.code)}{where}".strip())
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    text = _text("\n".join([f"{place}: {title(problem)}", *hints(problem)]))
    if checked.fails(problem):
        what = f"message={_attribute(title(problem))} type={_attribute(problem.severity)}"
        told = f"<failure {what}>{text}</failure>"
    else:
        told = f"<system-out>{text}</system-out>"
    head = f"<testcase classname={_attribute(problem.file)} name={name} "
    position = f'file={_attribute(problem.file)} line="{max(1, problem.line)}"'
    return [f"    {head}{position}>{told}</testcase>"]


def _text(text: str) -> str:
    return escape(_clean(text))


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    r"""Show control characters as ``\x1b``, and what XML cannot hold otherwise as U+FFFD."""
    return _NO_XML.sub("\ufffd", "\n".join(visible(line) for line in text.split("\n")))
