"""Keys that exclude one another: of two mappings, one laid over the other, what the upper one says ends its rivals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RUNS = ("python", "command", "device", "external")
"""What says what a node runs."""

READY_KINDS = ("library", "listening", "notify", "command", "http", "log")
"""What can make a process ready."""

PROBES = ("command", "http")
"""What can show that a process lives."""

OF_EXTERNAL = frozenset({"external", "sockets", "public_key", "profiles", "resources"})
"""What can be said of an external node."""

_RIVALS: dict[str, tuple[tuple[str, ...], ...]] = {
    "node": (RUNS, ("replicas", "each")),
    "edge": (("transport", "endpoint"),),
    "ready": (READY_KINDS,),
    "live": (PROBES,),
}


def ended(lower: Mapping[str, Any], upper: Mapping[str, Any], part: str) -> set[str]:
    """Return the keys of ``lower`` that say nothing any more under ``upper``: of a part named as its key, node or edge.

    Of two kinds of pairing or delivery the upper one stands alone. A node that becomes external keeps of what was
    below what can be said of an external one.
    """
    if part in ("pairing", "delivery"):
        other = upper.get("kind") is not None and upper["kind"] != lower.get("kind")
        return set(lower) if other else set()
    gone: set[str] = set()
    for group in _RIVALS.get(part, ()):
        if any(is_set(upper.get(key)) for key in group):
            gone.update(key for key in group if key in lower)
    if part == "node":
        if is_set(upper.get("external")):
            gone.update(key for key in lower if key not in OF_EXTERNAL and not key.startswith("x-"))
        elif gone & set(RUNS) and "public_key" in lower:
            gone.add("public_key")
    return gone - set(upper)


def is_set(value: Any) -> bool:
    """Return whether a value says anything: null and false do not."""
    return value is not None and value is not False
