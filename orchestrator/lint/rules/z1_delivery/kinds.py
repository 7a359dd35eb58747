"""Edges by what they add to ZeroMQ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.model import Batch, Delivery


def delivering(index: TopologyView) -> dict[str, Delivery]:
    """Give what edges add to ZeroMQ that are not plain."""
    found = {name: edge.delivery for name, edge in index.topology.edges.items() if edge.delivery is not None}
    return {name: delivery for name, delivery in found.items() if delivery.kind != "plain"}


def batched(index: TopologyView) -> dict[str, Batch]:
    """Give the edges whose messages share frames."""
    return {name: edge.batch for name, edge in index.topology.edges.items() if edge.batch is not None}
