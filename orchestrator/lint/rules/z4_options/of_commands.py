"""Options of programs that do not have our library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.shortlist import listed

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView

SHOWN = 4
"""So many options are named in a message."""


@rule("Z416", "info")
def options_of_a_command(index: TopologyView) -> Iterator[RuleHit]:
    """Options are written for a socket of a ``command:``, which makes its sockets by itself.

    A program with our library, which ``ready: library`` says, gets its sockets with all options set.

    Why it matters: nothing sets them for it: rules believe what is written, and the program must do so.

    Bad:
        nodes:
          client: {command: "sleep 10", sockets: {ask: {type: REQ, rcvtimeo: 1s}}}  # Z416
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Good:
        nodes:
          client: {command: "sleep 10", ready: library, sockets: {ask: {type: REQ, rcvtimeo: 1s}}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Source: docs/how-to/write-a-node.md.
    """
    for name, node in index.nodes.items():
        if node.command is None or index.ours(name):
            continue
        written = [
            (socket, option)
            for socket, declared in node.sockets.items()
            for option in declared.options
            if index.writes((name, socket), option)
        ]
        if written:
            first, option = written[0]
            options = list(dict.fromkeys(option for _, option in written))
            message = f"the program of {name} must set {listed(options, SHOWN)} itself"
            hint = "it makes its own sockets; with the library in it, `ready: library`, they are set for it"
            yield RuleHit(at((name, first), option), message, "", hint, key=True)
