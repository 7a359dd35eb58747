"""Names that differ only in - and _: as variables they would be the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from orchestrator.topology.check.shapes import Bodies
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.parse.position import Path


def named(shaped: Mapping[str, Any], nodes: Bodies) -> Iterator[tuple[Path, Collection[str]]]:
    """Yield the names that must differ from one another, with where they stand: nodes, edges, sockets of a node."""
    for part in ("nodes", "edges"):
        if isinstance(names := shaped.get(part), dict):
            yield (part,), names
    seen: set[tuple[Any, ...]] = set()  # in large meshes most nodes have the same
    for name, body in nodes.items():
        sockets = body.get("sockets")
        if sockets.__class__ is dict and len(sockets) > 1 and (key := tuple(sockets)) not in seen:
            if not _differ(sockets):
                yield ("nodes", name, "sockets"), sockets
            else:
                seen.add(key)


def _differ(names: Collection[str]) -> bool:
    return len({name.replace("-", "_") for name in names}) == len(names)


def twins(path: Path, names: Collection[str], findings: Diagnostics) -> None:
    """Note names that differ only in - and _."""
    if _differ(names):
        return
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.replace("-", "_"), name)
        if first != name:
            message = f"{name} and {first} differ only in - and _"
            findings.add("S014", (*path, name), message, "", "rename one of them", key=True)
