"""What a user can do wrong."""

from __future__ import annotations

from orchestrator.errors import OrchestratorError


class UsageError(OrchestratorError):
    """Nothing was done; the text, usually one line, says why. The command ends with status 2."""
