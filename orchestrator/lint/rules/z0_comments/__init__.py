"""Z0: silencing rules."""

from orchestrator.lint.rules.z0_comments import useless_suppression

__all__ = ["useless_suppression"]
