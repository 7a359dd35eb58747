"""What is sent before the others are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import Pair, TopologyView

SENDERS = ("PUB", "PUSH")


@rule("Z319", "info")
def command_without_gate(index: TopologyView) -> Iterator[RuleHit]:
    """A ``command:`` binds a PUB or a PUSH for processes of this mesh, and nothing holds its first messages.

    A node with our library waits at the start until its peers are connected, and have subscribed. A program without it
    sends as soon as it runs: what a PUB sends before a subscriber is there is for nobody, and a PUSH deals all to the
    first peer that comes.

    Why it matters: what a PUB sends before a subscriber is there is for nobody, and a PUSH deals all to the first peer
    that comes.

    Bad:
        nodes:
          feed: {command: "sleep 10", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z319

    Good:
        nodes:
          feed: {command: "sleep 10", ready: library, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 1, "slow joiner"; docs/how-to/write-a-node.md.
    """
    for edge, pair in ungated(index).items():
        kind = index.socket((pair.bind.node, pair.bind.socket)).type
        what = "is for nobody" if kind == "PUB" else "goes to the first that comes"
        message = f"no gate holds {pair.bind}: what the {kind} sends before {pair.connect.node} is there {what}"
        other = f", or let {pair.connect.node} bind" if kind == "PUSH" else ", or an XPUB that waits for subscriptions"
        hint = f"use the library in {pair.bind.node} and write `ready: library`{other}"
        yield RuleHit(("edges", edge), message, "", hint, key=True)


def ungated(index: TopologyView) -> dict[str, Pair]:
    """Return the edges on which a program without our library binds and sends to processes of the mesh, with a pair."""
    found: dict[str, Pair] = {}
    for (bound, _), pairs in index.pairs.items():
        for pair in pairs if bound in SENDERS else ():
            node = index.nodes[pair.bind.node]
            if node.command is not None and not index.ours(pair.bind.node) and index.counts.get(pair.connect.node):
                found.setdefault(pair.edge, pair)
    return found
