"""What is started again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import Path, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z605", "warning")
def restart_hides_failure(index: TopologyView) -> Iterator[RuleHit]:
    """A process is started again whatever happens, without limit.

    With ``max_attempts`` it is given up after so many within ``window``.

    Why it matters: a program that cannot run, for want of a file or a module, is started for ever, and the mesh never
    fails.

    Bad:
        nodes:
          feed: {python: "feed:main", restart: {policy: always, max_attempts: unlimited}}  # Z605

    Good:
        nodes:
          feed: {python: "feed:main", restart: {policy: always, max_attempts: 5}}

    Source: systemd.service(5), StartLimitBurst, for the same reason.
    """
    for name, node in index.nodes.items():
        if node.restart.max_attempts is None and node.restart.policy == "always" and not node.external:
            path: Path = ("nodes", name, "restart", "max_attempts")
            message = f"{name} is started for ever, also when it cannot run"
            yield RuleHit(path, message, "a number of attempts", key=True)


@rule("Z612", "warning")
def main_never_ends(index: TopologyView) -> Iterator[RuleHit]:
    """A ``kind: main`` with ``restart: always``.

    Why it matters: the mesh lives until its main nodes are done, and one that is always started again never is.

    Bad:
        nodes:
          report: {python: "report:main", kind: main, restart: always}  # Z612

    Good:
        nodes:
          report: {python: "report:main", kind: main, restart: on-failure}

    Source: the topology language.
    """
    for name, node in index.nodes.items():
        if node.kind == "main" and node.restart.policy == "always":
            message = f"the mesh lives until {name} is done, and it is always started again"
            yield RuleHit(("nodes", name, "restart"), message, "on-failure or never", key=True)
