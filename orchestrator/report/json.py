"""Findings as JSON, for programs: ``{"version": 1, "findings": [...]}``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orchestrator.contract import documents
from orchestrator.topology.diagnostics.fingerprint import fingerprint

if TYPE_CHECKING:
    from orchestrator.report.result import CheckResult
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

VERSION = 1


def render(checked: CheckResult) -> str:
    """Return all findings; the same findings give the same text."""
    document = {"version": VERSION, "findings": [_finding(problem, checked) for problem in checked.findings]}
    return documents.text(document, escaped=True)


def statistics(checked: CheckResult) -> str:
    """Return how many findings there are of each code."""
    rows = [{"code": code, "name": checked.name(code), "count": number} for code, number in checked.counts().items()]
    return json.dumps({"version": VERSION, "statistics": rows}, indent=2)


def _finding(problem: Diagnostic, checked: CheckResult) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "name": checked.name(problem.code),
        "severity": problem.severity,
        "path": problem.path,
        "message": problem.message,
        "expected": problem.expected,
        "suggestion": problem.suggestion,
        "origin": problem.origin,
        "fixable": bool(problem.edits),
        "fingerprint": fingerprint(problem),
    }
