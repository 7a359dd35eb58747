"""Addresses as edges write them."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.lint.core.index import Address, Index


def once(index: Index) -> Iterator[Address]:
    """Give one address of each edge: what is wrong with one is wrong with all."""
    told = None
    for each in index.addresses:
        if each.edge != told:
            told = each.edge
            yield each


def bound_ports(index: Index) -> Iterator[tuple[Address, int, int]]:
    """Give what ours bind, with the first and the last port, once an edge."""
    for each in once(index):
        parsed = None if index.nodes[each.end.node].external else each.parsed
        if parsed is not None and parsed.ports:
            yield each, *parsed.ports
