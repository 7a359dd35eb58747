"""What can be wrong with a journal."""

from orchestrator.errors import OrchestratorError


class JournalError(OrchestratorError):
    """A journal cannot be read, or written, or belongs to another process."""


class JournalFullError(JournalError):
    """A journal has reached its ``max_size``, or the disk is full: no receiver has acknowledged what is in it."""
