"""Z1, delivery: edges that batch, retry, keep or replay."""

from orchestrator.lint.rules.z1_delivery import batching, delivering, journals, retrying, takers

__all__ = ["batching", "delivering", "journals", "retrying", "takers"]
