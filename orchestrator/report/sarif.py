"""Findings as SARIF 2.1.0 (OASIS Standard, Static Analysis Results Interchange Format), which code hosts show."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from orchestrator.report.result import hints, title
from orchestrator.topology.diagnostics.fingerprint import fingerprint
from orchestrator.topology.parse.lines import bare, lines

if TYPE_CHECKING:
    from orchestrator.report.result import CheckResult, Kind
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic, Edit

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_EXAMPLE = re.compile(r"^(Bad|Good):\n((?: {4}.*(?:\n|\Z)|\n)+)", re.MULTILINE)


def render(checked: CheckResult, version: str, root: str) -> str:
    """Return one run of our ``version``; files inside of the folder ``root`` are named from there."""
    codes = list(checked.counts())
    results = [_result(problem, codes.index(problem.code), root) for problem in checked.findings]
    driver = {
        "name": "orchestrator",
        "semanticVersion": version,
        "rules": [_rule(code, checked.kinds.get(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, kind: Kind | None) -> dict[str, Any]:
    if kind is None:
        return {"id": code or "problem"}
    first, _, rest = kind.about.partition("\n")
    return {
        "id": code,
        "name": kind.name,
        "shortDescription": {"text": first},
        "fullDescription": {"text": " ".join(kind.about.partition("\n\nBad:")[0].split())},
        "help": {"text": kind.about, "markdown": f"**{first}**\n{_EXAMPLE.sub(_fenced, rest)}"},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }


def _fenced(example: re.Match[str]) -> str:
    lines = [line.removeprefix("    ") for line in example[2].rstrip().splitlines()]
    return "\n".join([f"{example[1]}:", "", "```yaml", *lines, "```", "", ""])


def _result(problem: Diagnostic, rule: int, root: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.code or "problem",
        "ruleIndex": rule,
        "level": _LEVELS[problem.severity],
        "message": {"text": "\n".join([title(problem), *hints(problem)])},
        "locations": [_location(problem, root)],
        "partialFingerprints": {"finding/v1": fingerprint(problem)},
    }
    if problem.edits:
        result["fixes"] = [_fix(problem, root)]
    return result


def _location(problem: Diagnostic, root: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(problem.file, root)}
    if problem.line:
        physical["region"] = {"startLine": problem.line, "startColumn": max(1, problem.column)}
    logical = [{"fullyQualifiedName": problem.path}] if problem.path else []
    return {"physicalLocation": physical} | ({"logicalLocations": logical} if logical else {})


def _fix(problem: Diagnostic, root: str) -> dict[str, Any]:
    files = dict.fromkeys(edit.file for edit in problem.edits)
    changes = [
        {
            "artifactLocation": _artifact(file, root),
            "replacements": [_replacement(edit) for edit in problem.edits if edit.file == file],
        }
        for file in files
    ]
    return {"description": {"text": problem.suggestion or "mend it"}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    parts = lines(edit.old) or [""]
    broken = parts[-1] != bare(parts[-1])
    end_line = edit.line + len(parts) - 1 + broken
    end = 1 if broken else len(parts[-1]) + (edit.column if len(parts) == 1 else 1)
    region = {"startLine": edit.line, "startColumn": edit.column, "endLine": end_line, "endColumn": end}
    return {"deletedRegion": region, "insertedContent": {"text": edit.new}}


def _artifact(file: str, root: str) -> dict[str, Any]:
    """Name a file from the root of the source, by a URI as RFC 3986 has it; one outside of it by its whole path."""
    path = os.path.relpath(os.path.join(root, file), root).replace(os.sep, "/")
    if path == ".." or path.startswith("../"):
        return {"uri": Path(root, file).resolve().as_uri()}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
