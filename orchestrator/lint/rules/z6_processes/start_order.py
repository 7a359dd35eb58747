"""Who waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import REPORTED_ELSEWHERE, Path, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z604")
def start_order_cycle() -> Iterable[RuleHit]:
    """Nodes wait for one another by ``depends_on``, so none of them could ever start.

    Why it matters: the mesh cannot start.

    Bad:
        nodes:
          a: {python: "a:main", depends_on: b}
          b: {python: "b:main", depends_on: a}  # Z604

    Good:
        nodes:
          a: {python: "a:main", depends_on: b}
          b: {python: "b:main"}

    Source: the topology language.
    """
    return REPORTED_ELSEWHERE


@rule("Z614", "warning")
def waits_for_manual(index: TopologyView) -> Iterator[RuleHit]:
    """A node waits by ``depends_on`` for one that is only started by hand.

    Why it matters: ``up`` does not start it, nor what waits for it: both come with ``orchestrator start``.

    Bad:
        nodes:
          trial: {python: "trial:main", kind: job, start: manual}
          test: {python: "test:main", depends_on: {trial: done}}  # Z614

    Good:
        nodes:
          trial: {python: "trial:main", kind: job, start: manual}
          test: {python: "test:main", start: manual, depends_on: {trial: done}}

    Source: the topology language.
    """
    active = {name: node for name, node in index.nodes.items() if index.counts.get(name)}
    for name, node in active.items():
        for number, other in enumerate(node.depends_on if node.start != "manual" else ()):
            if other in active and active[other].start == "manual":
                message = f"{name} cannot start before {other} is started by hand"
                hint = f"`start: manual` in {name} too, or none in {other}"
                yield RuleHit(_waiting(index, name, other, number), message, "", hint)


def _waiting(index: TopologyView, name: str, other: str, number: int) -> Path:
    """Give where a node says that it waits for another one."""
    path: Path = ("nodes", name, "depends_on")
    written = index.written(*path)
    return (*path, number) if isinstance(written, list) else (*path, other) if isinstance(written, dict) else path
