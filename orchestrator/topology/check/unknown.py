"""What depends on values that are not known, since a variable is missing: the variable is named alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.parse.position import Path

_WHAT_IT_IS = ("external", "device")
"""Keys of a node on which depends what else may be said of it."""

_HOW_MANY = ("replicas", "each")
"""Keys of a node on which depends what its edges must say."""


def hide(shaped: Mapping[str, Any], findings: Diagnostics) -> None:
    """Say nothing of what is right or wrong according to a value that is not known."""
    unknown = findings.document.unknown
    for path in [*_by_default(shaped, unknown), *_by_node(shaped, unknown)] if unknown else ():
        findings.hide(path)


def _by_default(shaped: Mapping[str, Any], unknown: Collection[Path]) -> Iterator[Path]:
    if ("nodes",) in unknown or _depends(("defaults", "edge", "pairing"), unknown):
        yield ("edges",)
    if _depends(("defaults", "node", "kind"), unknown):
        yield from (("nodes", name, "depends_on") for name in _bodies(shaped, "nodes"))


def _by_node(shaped: Mapping[str, Any], unknown: Collection[Path]) -> Iterator[Path]:
    own = [path for path in unknown if path[0] == "nodes" and len(path) > 1]
    unclear = {str(path[1]) for path in own if len(path) == 2 or path[2] in _WHAT_IT_IS}
    several = {str(path[1]) for path in own if len(path) > 2 and path[2] in _HOW_MANY}
    yield from (("nodes", name) for name in unclear)
    if not unclear | several:
        return
    for name, body in _bodies(shaped, "nodes").items():
        needed = body.get("depends_on")
        if isinstance(needed, dict | list) and any(str(other) in unclear for other in needed):
            yield ("nodes", name, "depends_on")
    for name, body in _bodies(shaped, "edges").items():
        ends = [end for side in ("bind", "connect") if isinstance(body.get(side), tuple) for end in body[side]]
        if any(_is_of(str(end).partition(".")[0], unclear | several) for end in ends):
            yield ("edges", name)


def _depends(path: Path, unknown: Collection[Path]) -> bool:
    """Return whether a value, what holds it, or a part of it is not known."""
    return any(each[: len(path)] == path[: len(each)] for each in unknown)


def _bodies(shaped: Mapping[str, Any], part: str) -> dict[str, dict[str, Any]]:
    bodies = shaped.get(part)
    return {name: each for name, each in bodies.items() if isinstance(each, dict)} if isinstance(bodies, dict) else {}


def _is_of(process: str, nodes: Collection[str]) -> bool:
    """Return whether a name is that of a node, or may be that of a process of it."""
    return process in nodes or any(process.startswith(f"{name}-") for name in nodes)
