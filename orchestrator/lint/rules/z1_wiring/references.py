"""What edges and nodes name, and what nothing names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import REPORTED_ELSEWHERE, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity


@rule("Z102")
def unknown_reference() -> Iterable[RuleHit]:
    """An edge or ``depends_on`` names a node or socket that does not exist, or an ``extends`` no template.

    Why it matters: a reference that nothing answers leaves its edge out, so the mesh cannot be planned.

    How the fix is safe: it respells a name that can be a slip of one declared name alone: a letter more, less or other,
    two swapped, or ``-`` for ``_``.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.tick, connect: bot.ticks}  # Z102

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: the topology language.
    """
    return REPORTED_ELSEWHERE


@rule("Z103", "warning")
def unwired_socket(index: TopologyView) -> Iterator[RuleHit]:
    """A declared socket is on no edge.

    Of a ``command:`` this is information, since it may make its own connections.

    Why it matters: it is made, but neither binds nor connects: sends block or are dropped, and nothing arrives.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB, status: PUB}}  # Z103
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_send(3): without a peer PUSH, REQ and DEALER block, PUB and ROUTER drop.
    """
    wired = index.wired
    for group in index.alike if len(wired) < sum(len(group.places) for group in index.alike) else ():
        for place in group.places:
            node, name = place
            if place in wired or index.nodes[node].external:
                continue
            severity: Severity | None = None if index.nodes[node].callable is not None else "info"
            path = ("nodes", node, "sockets", name)
            yield RuleHit(path, f"{node}.{name} is on no edge", "", "wire it, or remove it", severity, key=True)


@rule("Z104", "info")
def isolated_node(index: TopologyView) -> Iterator[RuleHit]:
    """A node has sockets, and is on no edge.

    A node without sockets is a program that only has to run beside the others, and no finding.

    Why it matters: nothing reaches it and nothing comes from it.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
          clock: {command: sleep 10, sockets: {time: PUB}}  # Z104
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
          clock: {command: sleep 10}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: the topology language.
    """
    wired = {node for node, _ in index.wired}
    for name, node in index.nodes.items():
        if node.sockets and name not in wired:
            yield RuleHit(("nodes", name), f"{name} is on no edge", key=True)


@rule("Z115")
def process_name_clash() -> Iterable[RuleHit]:
    """A process is named like another node or process.

    Why it matters: commands, logs and references know processes by their names.

    Bad:
        nodes:
          bot: {python: "bot:main", replicas: 2}  # Z115
          bot-1: {python: "bot:other"}

    Good:
        nodes:
          bot: {python: "bot:main", replicas: 2}
          other-bot: {python: "bot:other"}

    Source: the topology language.
    """
    return REPORTED_ELSEWHERE


@rule("Z116")
def external_without_endpoint() -> Iterable[RuleHit]:
    """An edge with an external node does not say where it is.

    Why it matters: the launcher chooses addresses for programs that it starts; of others it cannot know them.

    Bad:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills}  # Z116

    Good:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://127.0.0.1:9000"}

    Source: the topology language.
    """
    return REPORTED_ELSEWHERE
