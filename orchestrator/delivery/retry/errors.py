"""What a program is told where no reply comes."""

from orchestrator.errors import OrchestratorError


class NoReplyError(OrchestratorError):
    """No attempt was answered in time. Whether one was carried out nobody knows."""
