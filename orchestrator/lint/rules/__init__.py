"""The rules: a folder for each group of codes, a file for a rule or a handful that share a helper."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.lint.core import registry
from orchestrator.lint.core.registry import Rule
from orchestrator.lint.rules.z0_comments import useless_suppression
from orchestrator.lint.rules.z1_delivery import deliveries
from orchestrator.lint.rules.z1_wiring import wiring
from orchestrator.lint.rules.z2_endpoints import endpoints
from orchestrator.lint.rules.z3_flow import flow
from orchestrator.lint.rules.z4_options import options
from orchestrator.lint.rules.z5_security import security
from orchestrator.lint.rules.z6_processes import processes, programs

FILES = (useless_suppression, wiring, deliveries, endpoints, flow, options, security, processes, programs)
"""Every file that holds rules."""

RULES: Mapping[str, Rule] = dict(sorted(registry.RULES.items()))
"""Every rule by its code."""
