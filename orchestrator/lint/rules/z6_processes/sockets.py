"""Sockets that programs ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.programs import module as program
from orchestrator.lint.programs.nodes import by_callable, callable_of, file_of
from orchestrator.topology.diagnostics.hints import like

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts, Program
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z611")
def undeclared_socket(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """A program asks its node for a socket that the file does not declare.

    It is information where the program asks under a condition, or where it has the socket in another node. So is a
    declared socket that a program never asks for.

    Why it matters: the program ends where it asks, which can be long after the start.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}  # Z611
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        def main(node):
            node.socket("prices").send(b"1")

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

        # feed.py
        def main(node):
            node.socket("ticks").send(b"1")

    Source: the topology language.
    """
    for found, names in by_callable(index, facts):
        use = program.use(found.text, callable_of(index, names[0])) if found.text is not None else None
        if use is None:
            continue
        asked = use.sockets.keys()
        for name in names:
            declared = index.nodes[name].sockets
            if not asked <= declared.keys():
                elsewhere = {socket for other in names for socket in index.nodes[other].sockets}
                yield from _undeclared(name, found, use, declared, use.certain - elsewhere)
            for socket in declared.keys() - asked if use.whole and len(asked) < len(declared) else ():
                message = f"{file_of(found)} never asks for socket {socket}"
                yield RuleHit(("nodes", name, "sockets", socket), message, severity="info", key=True)


def _undeclared(
    name: str, found: Program, use: program.Use, declared: Mapping[str, object], certain: Collection[str]
) -> Iterator[RuleHit]:
    for socket, line in use.sockets.items():
        if socket not in declared:
            near = like(socket, declared)
            hint = f"did you mean {near}?" if near else f"declared: {', '.join(declared) or 'none'}"
            message = f"{file_of(found)}:{line} asks for socket {socket[:70]!r}, which {name} does not declare"
            severity: Severity | None = None if socket in certain else "info"
            yield RuleHit(("nodes", name, "python"), message, "", hint, severity)
