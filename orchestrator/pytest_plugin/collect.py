"""A topology as a test item, which fails with its findings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.errors import OrchestratorError
from orchestrator.project.baseline_file import leave_out
from orchestrator.project.errors import UsageError
from orchestrator.project.examine import Wanted, examine
from orchestrator.project.settings import find_settings
from orchestrator.report.problems import findings
from orchestrator.report.result import CheckResult


class TopologyFile(pytest.File):
    """A file that holds one topology."""

    def collect(self) -> Iterator[TopologyItem]:
        """Yield the one test of the file."""
        yield TopologyItem.from_parent(self, name="validate")


class Invalid(OrchestratorError):
    """What was found, as ``orchestrator validate`` shows it."""


class TopologyItem(pytest.Item):
    """Passes where ``orchestrator validate`` ends with 0; the nearest ``[tool.orchestrator]`` counts."""

    def runtest(self) -> None:
        """Check the file. Raise Invalid with all findings where it fails."""
        settings = find_settings()
        file = os.path.relpath(self.path)
        found = examine([[file]], Wanted(select=settings.select, ignore=settings.ignore))
        if settings.baseline:
            found.findings, *_ = leave_out(settings.baseline, found.findings, found.texts)
        checked = CheckResult((file,), tuple(found.findings), strict=settings.strict)
        if checked.failed:
            shown = [each for each in checked.findings if each.severity != "info"]
            raise Invalid("\n".join(findings(shown, lambda name: found.texts.get(name, ""))))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the findings alone: where they were raised says nothing."""
        if isinstance(excinfo.value, Invalid | UsageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        """Name the file."""
        return self.path, 0, os.path.relpath(self.path)
