"""Who can reach an address, and whether its author knows."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.lint.core.index import Address, TopologyView
    from orchestrator.zeromq.endpoints import Endpoint

KNOWN = "`security: none`, which says that you know"


def is_name(endpoint: Endpoint) -> bool:
    """Tell whether the host is a name, of a host or of an interface."""
    if not endpoint.host or endpoint.host == "*":
        return False
    try:
        ip_address(endpoint.host.strip("[]"))
    except ValueError:
        return True
    return False


def public_binds(index: TopologyView) -> Iterator[Address]:
    """Give the addresses that ours bind and other machines can reach."""
    for each in index.addresses:
        parsed = None if index.nodes[each.end.node].external else each.parsed
        if parsed is not None and not parsed.loopback:
            yield each


def far_connects(index: TopologyView) -> Iterator[Address]:
    """Give the addresses of external nodes on other machines, to which ours connect."""
    for each in index.addresses:
        parsed = each.parsed if index.nodes[each.end.node].external else None
        if parsed is not None and parsed.host != "*" and not parsed.loopback:
            yield each


def consents(index: TopologyView, edge: str, place: tuple[str, str]) -> bool:
    """Tell whether ``security`` is written on an edge, or on one that shares its bound socket."""
    edges = {edge, *index.binding.get(place, ())}
    return any(index.written("edges", each, "security") is not None for each in edges) or (
        index.written("defaults", "edge", "security") is not None
    )
