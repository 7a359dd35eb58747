"""What was found in files, in each format of ``validate``, and a line that sums it up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import orchestrator

if TYPE_CHECKING:
    from orchestrator.report.result import CheckResult


class FindingsFormat(StrEnum):
    """How findings are printed."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"
    junit = "junit"


def lines(checked: CheckResult, texts: Mapping[str, str], form: str, *, statistics: bool, color: bool) -> list[str]:
    """Return what is printed of findings, or of how many there are of each code."""
    if form == FindingsFormat.text:
        from orchestrator.report import problems

        if statistics:
            return problems.statistics(checked)
        return problems.findings(checked.findings, lambda file: texts.get(file, ""), color=color)
    text = _rendered(checked, form, statistics=statistics)
    return [text] if text else []


def _rendered(checked: CheckResult, form: str, *, statistics: bool) -> str:
    """Return what programs read; each form is loaded where it is wanted."""
    if form == FindingsFormat.github:
        from orchestrator.report import github

        return github.render(checked)
    if form == FindingsFormat.sarif:
        from orchestrator.report import sarif

        return sarif.render(checked, orchestrator.__version__, os.getcwd())
    if form == FindingsFormat.junit:
        from orchestrator.report import junit

        return junit.render(checked)
    from orchestrator.report import json

    return json.statistics(checked) if statistics else json.render(checked)


def summary(checked: CheckResult, left_out: int) -> str:
    """Return how many files were checked, what was found, and how much of it can be mended."""
    from orchestrator.report.problems import tally
    from orchestrator.report.text import count

    fixable = sum(bool(each.edits) for each in checked.findings)
    hint = f"; --fix mends {fixable}" if fixable else ""
    found = tally(checked.findings) if checked.findings or not left_out else "nothing new"
    return f"{count(len(checked.files), 'file')}: {found}{hint}"
