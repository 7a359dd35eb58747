"""Programs that never ask whether they are to stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.programs import loops
from orchestrator.lint.programs.nodes import by_callable, callable_of, file_of

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z615", "warning")
def never_asks_to_stop(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A program loops without end, and never asks its node whether it is to stop.

    It is to look at ``node.stopping``, best by waiting with it in the place of sleeping.

    Why it matters: a drain wakes what receives: ``node.messages`` and ``node.multipart`` end, ``recv`` raises
    ``zmq.Again``. A loop that only sends is not woken: it is waited for until ``stop.grace`` is over, and then killed.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}  # Z615
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        import time

        def main(node):
            ticks = node.socket("ticks")
            while True:
                ticks.send(b"AAPL 130.31")
                time.sleep(0.5)

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        def main(node):
            ticks = node.socket("ticks")
            while not node.stopping.wait(0.5):
                ticks.send(b"AAPL 130.31")

    Source: docs/how-to/write-a-node.md, "Receiving, and the end".
    """
    for found, names in by_callable(index, facts):
        line = loops.endless(found.text, callable_of(index, names[0])) if found.text is not None else None
        for name in names if line is not None else ():
            stop = index.nodes[name].stop
            if stop.drain:
                message = f"{file_of(found)}:{line} loops without end and never looks at node.stopping"
                hint = f"`while not node.stopping.wait(0.5):`; as it is a drain waits {stop.grace:g} s, then kills it"
                yield RuleHit(("nodes", name, "python"), message, "", hint)
