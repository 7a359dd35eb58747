"""What a topology says of itself: names, references, pairs of sockets. It looks at shaped data, right or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.topology.check.edges import EdgeChecks
from orchestrator.topology.check.names import named, twins
from orchestrator.topology.check.nodes import NodeChecks
from orchestrator.topology.check.shapes import bodies
from orchestrator.topology.collector import Diagnostics


def check(shaped: Mapping[str, Any], types: Mapping[str, str | None], findings: Diagnostics) -> None:
    """Note everything that is wrong between the parts of a topology."""
    nodes = bodies(shaped.get("nodes"))
    NodeChecks(nodes, findings).check()
    EdgeChecks(shaped, nodes, types, findings).check()
    for path, names in named(shaped, nodes):
        twins(path, names, findings)
    for part in ("templates", "vars"):
        declared = findings.document.data.get(part)
        if isinstance(declared, dict):
            twins((part,), declared, findings)
