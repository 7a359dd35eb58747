"""What a file laid over another takes away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.shortlist import listed

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.parse.position import Position

SHOWN = 5
"""So many sockets are named in a message."""


@rule("Z124")
def overlay_unwires(index: TopologyView) -> Iterator[RuleHit]:
    """A file laid over another replaces a list of an edge, and sockets that were in it are on no edge any more.

    A node whose place another takes goes with ``NODE: null``.

    Why it matters: lists are replaced, not joined: what is to add a subscriber takes the others away, which then run
    and never hear anything.

    Bad:
        include: live.yaml
        nodes:
          watchdog: {python: "watchdog:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {connect: watchdog.ticks}  # Z124

        # live.yaml
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: [bot.ticks]}

    Good:
        include: live.yaml
        nodes:
          watchdog: {python: "watchdog:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          watched: {bind: feed.ticks, connect: watchdog.ticks}

        # live.yaml
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: [bot.ticks]}

    Source: docs/reference/language.md, "Several files".
    """
    gone: dict[tuple[str, str, Position], list[str]] = {}
    for (edge, side, reference), place in index.topology.replaced.items():
        end = index.end(reference)
        if edge in index.edges and end is not None and (end.node, end.socket) not in index.wired:
            gone.setdefault((edge, side, place), []).append(reference)
    for (edge, side, place), references in gone.items():
        message = f"this replaces what {place} says, and leaves {listed(references, SHOWN)} on no edge"
        declared = index.edges[edge]
        ends = ", ".join(
            f"{key}: {_flow(each)}" for key, each in (("bind", declared.bind), ("connect", declared.connect))
        )
        node = references[0].partition(".")[0]
        hint = f"to add, write an edge of its own, `NAME: {{{ends}}}`; to take away, `{node}: null` in nodes"
        yield RuleHit(("edges", edge, side), message, "", hint, key=True)


def _flow(references: tuple[str, ...]) -> str:
    return references[0] if len(references) == 1 else f"[{', '.join(references)}]"
