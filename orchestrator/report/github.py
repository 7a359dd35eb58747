"""Findings as GitHub Actions annotations: workflow commands, a line each.

Source: GitHub's "Workflow commands for GitHub Actions", and how actions/toolkit escapes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.report.result import hints, title

if TYPE_CHECKING:
    from orchestrator.report.result import CheckResult
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(checked: CheckResult) -> str:
    """Return a workflow command for each finding."""
    return "\n".join(_command(problem, checked) for problem in checked.findings)


def _command(problem: Diagnostic, checked: CheckResult) -> str:
    properties = {"file": problem.file}
    if problem.line:
        properties |= {"line": str(problem.line), "col": str(problem.column)}
    properties["title"] = f"{problem.code} {checked.name(problem.code)}".strip()
    written = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items() if value)
    message = "\n".join([title(problem), *hints(problem)])
    return f"::{_LEVELS[problem.severity]} {written}::{message.translate(_DATA)}"
