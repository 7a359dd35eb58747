"""Z1: which sockets are joined, and by how many."""

from orchestrator.lint.rules.z1_wiring import (
    binding_side,
    compatibility,
    duplicates,
    overlays,
    pairing,
    references,
    splitting,
)

__all__ = ["binding_side", "compatibility", "duplicates", "overlays", "pairing", "references", "splitting"]
