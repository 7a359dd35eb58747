"""The rules: a folder for each group of codes, a file for a rule or a handful that share a helper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrator.lint.core import registry
from orchestrator.lint.rules import (
    z0_comments,
    z1_delivery,
    z1_wiring,
    z2_endpoints,
    z3_flow,
    z4_options,
    z5_security,
    z6_processes,
)

if TYPE_CHECKING:
    from orchestrator.lint.core.registry import Rule

GROUPS = (z0_comments, z1_delivery, z1_wiring, z2_endpoints, z3_flow, z4_options, z5_security, z6_processes)
"""What holds the rules, in the order of their codes; to import a file registers its rules."""

RULES: Mapping[str, Rule] = dict(sorted(registry.RULES.items()))
"""Every rule by its code."""
