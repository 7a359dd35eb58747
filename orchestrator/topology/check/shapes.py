"""What checks make of shaped data, which may be anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

UNKNOWN: Any = object()
"""What has no type: a socket that there is not."""

Bodies = dict[str, dict[str, Any]]


def bodies(part: Any) -> Bodies:
    """Return the nodes or edges that are mappings, by name."""
    return {name: body for name, body in part.items() if body.__class__ is dict} if isinstance(part, dict) else {}


def items_of(node: Mapping[str, Any]) -> Collection[str]:
    """Return the items that a node has under ``each``."""
    items = node.get("each")
    return items if isinstance(items, dict) else ()
