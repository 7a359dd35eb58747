"""Z5: who can read and write what."""

from orchestrator.lint.rules.z5_security import clear_connect, secrets

__all__ = ["clear_connect", "secrets"]
