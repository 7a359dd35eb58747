"""Findings for the reports, awkward ones too."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.report.result import CheckResult
from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity


@dataclass(frozen=True)
class Kind:
    code: str
    name: str
    severity: Severity
    about: str


ABOUT = "Two cannot talk.\n\nWhy.\n\nBad:\n    a: 1\n\nGood:\n    a: 2"
KINDS = {
    "Z101": Kind(
        "Z101", "incompatible-sockets", "error", "Two cannot talk.\n\nWhy.\n\nBad:\n    a: 1\n\nGood:\n    a: 2"
    ),
    "Z103": Kind("Z103", "unwired-socket", "warning", "It is on no edge."),
    "Z104": Kind("Z104", "isolated-node", "info", "It has no edge."),
}

ERROR = Diagnostic("a b/t.yaml", 3, 5, "edges.x", "SUB cannot talk to PULL", "a PUSH", "did you mean y?", "Z101")
WARNING = Diagnostic("t.yaml", 4, 1, "nodes.bot", "bot.x is on no edge", code="Z103", severity="warning")
NOTE = Diagnostic("t.yaml", 5, 1, "nodes.bot", "bot has no edge", code="Z104", severity="info")
WHOLE = Diagnostic("gone.yaml", 0, 0, "", "cannot be read", code="S001")
AWKWARD = Diagnostic(
    "ü,:%\n<&>\"'.yaml",
    1,
    2,
    "a]]>b",
    '100% <\x1b[31m\x00> & "quoted"\r\nsecond: line, \ud800 \u202e \ufffe',
    code="Z101",
)
EDITS = (Edit("t.yaml", 2, 3, "y: {}\r\n  z", "z"), Edit("t.yaml", 9, 1, "last\n", ""), Edit("t.yaml", 7, 2, "ab", "c"))
MENDED = Diagnostic(
    "t.yaml",
    2,
    3,
    "edges.y",
    "stands twice",
    suggestion="remove it",
    code="Z103",
    severity="warning",
    fix=Fix(EDITS),
)
ALL = (ERROR, WARNING, NOTE, WHOLE, AWKWARD, MENDED)


def checked(*findings: Diagnostic, strict: bool = False) -> CheckResult:
    return CheckResult(("clean.yaml", "t.yaml"), findings, KINDS, strict)
