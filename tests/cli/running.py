"""Verbs in this very process: what they print, and how they end."""

from __future__ import annotations

from typing import NamedTuple

from typer.testing import CliRunner

from orchestrator.cli import verbs
from orchestrator.client.errors import MeshError
from orchestrator.project.errors import UsageError


class Done(NamedTuple):
    status: int
    out: str
    err: str


def run(*arguments: str, stdin: str | bytes | None = None) -> Done:
    result = CliRunner().invoke(verbs.app(arguments[0]), arguments, input=stdin)
    if isinstance(result.exception, UsageError):
        return Done(2, result.stdout, f"{result.exception}\n")
    if isinstance(result.exception, MeshError):
        return Done(1, result.stdout, f"{result.stderr}{result.exception}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)
