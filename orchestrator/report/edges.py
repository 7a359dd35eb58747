"""The table of edges of ``top``: links, and what flows where the kernel counts it."""

from __future__ import annotations

from orchestrator.control.messages import Edges, EdgeStatus
from orchestrator.report.text import RED, paint, size, table


def rates(before: Edges | None, now: Edges) -> dict[str, float | None]:
    """Return the bytes a second of each edge between two looks; None where nobody counts, or had counted before."""
    if before is None or now["time"] <= before["time"]:
        return dict.fromkeys(now["edges"])
    return {
        name: _rate(before["edges"].get(name), edge, now["time"] - before["time"])
        for name, edge in now["edges"].items()
    }


def edges(document: Edges, rate: dict[str, float | None], *, color: bool = False) -> list[str]:
    """Return a table of edges; one that lacks links is red."""
    if not document["edges"]:
        return []
    head, *rows = table(
        [
            ("EDGE", "LINKS", "TRANSPORT", "BYTES/S", "WAITING"),
            *(_row(n, e, rate[n]) for n, e in document["edges"].items()),
        ]
    )
    lacking = (edge["links"]["up"] < edge["links"]["declared"] for edge in document["edges"].values())
    return [head, *(paint(row, RED, color and lacks) for row, lacks in zip(rows, lacking, strict=True))]


def _rate(before: EdgeStatus | None, now: EdgeStatus, seconds: float) -> float | None:
    if before is None or before["bytes"] is None or now["bytes"] is None:
        return None
    return max(0.0, now["bytes"] - before["bytes"]) / seconds  # connections that are gone take their count along


def _row(name: str, edge: EdgeStatus, rate: float | None) -> tuple[str, ...]:
    links = f"{edge['links']['up']}/{edge['links']['declared']}"
    return name, links, edge["transport"], "-" if rate is None else size(round(rate)), size(edge["waiting"])
