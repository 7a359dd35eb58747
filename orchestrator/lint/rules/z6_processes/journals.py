"""Where journals are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z607", "warning")
def no_room_for_journals(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """An edge keeps its messages, and the folder for that is on a tmpfs.

    The folder is that of the user's state (``XDG_STATE_HOME``, else ``~/.local/state``).

    Why it matters: what is there is in memory: it is gone when the machine is started anew, and it takes the room of
    the programs.

    Bad:
        name: in-memory
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work, delivery: durable}  # Z607

    Good:
        name: in-memory
        nodes:
          source: {python: "source:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: source.work}

    Source: tmpfs(5).
    """
    for name, edge in index.topology.edges.items():
        if edge.delivery is not None and edge.delivery.kind in ("durable", "replay") and facts.journals == "tmpfs":
            message = "the journals of this edge would be on a tmpfs, in memory"
            yield RuleHit(("edges", name, "delivery"), message, "", "set XDG_STATE_HOME to a folder on a disk")
