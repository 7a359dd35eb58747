"""What a supervisor answers with, instead of doing it."""

from __future__ import annotations

from orchestrator.errors import OrchestratorError


class Refusal(OrchestratorError):
    """A request is not carried out; the message is one line."""
