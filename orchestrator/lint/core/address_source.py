"""Where the address of an edge is set: on the edge, or once for several, by a variable or in ``defaults``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.shortlist import listed

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.lint.core.registry import Path, RuleHit

_HOST = r"\w+://\$\{([a-z][\w-]*)\}"

SHOWN = 5
"""So many other edges are named in a message."""


def merged(index: TopologyView, findings: Iterable[RuleHit]) -> Iterator[RuleHit]:
    """Yield the findings, those of edges that have host or transport from one place as one, at that place."""
    groups: dict[tuple[Path, object], list[RuleHit]] = defaultdict(list)
    for finding in findings:
        groups[_source(index, finding.path), finding.severity].append(finding)
    for (source, _), found in groups.items():
        first, *others = found
        if others:
            edges = [str(each.path[1]) for each in others]
            message = f"edge {first.path[1]}: {first.message}; so it is on {listed(edges, SHOWN)}"
            yield first._replace(path=source, message=message, key=False)
        else:
            yield first


def _source(index: TopologyView, path: Path) -> Path:
    """Return where the host of an address, or the transport of an edge, is written."""
    written = index.written(*path)
    if path[-1] == "transport" and written is None:
        return ("defaults", "edge", "transport")
    host = re.match(_HOST, written) if path[-1] == "endpoint" and isinstance(written, str) else None
    return ("vars", host[1]) if host and index.written("vars", host[1]) is not None else path
