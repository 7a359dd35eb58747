"""What subscribers get: prefixes, when they come, and how many fit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.plan.expand.process_variables import varies
from orchestrator.zeromq.sockets import FILTERING

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.diagnostics.diagnostic import Severity

DEFAULT_HWM = 1000
"""libzmq's sndhwm and rcvhwm, in messages."""


@rule("Z301")
def sub_without_subscription(index: TopologyView) -> Iterator[RuleHit]:
    """A SUB subscribes to nothing, so it receives nothing.

    ``subscribe: ""`` is everything; ``subscribe: []`` says that the program subscribes by itself.

    Why it matters: whatever is published, the program waits for ever, and no error says why.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: SUB}}  # Z301
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3), ZMQ_SUBSCRIBE; ZeroMQ guide, chapter 1, "Getting the Message Out".
    """
    for group in index.of_type(*FILTERING):
        if group.socket.subscribe is not None:
            continue
        for place in group.places:
            if index.nodes[place[0]].callable is not None:
                hint = '`subscribe: ""` is everything, `subscribe: []` says that the program subscribes'
                yield RuleHit(at(place), f"{'.'.join(place)} subscribes to nothing", "subscribe", hint, key=True)


@rule("Z312")
def subscriptions_over_hwm(index: TopologyView) -> Iterator[RuleHit]:
    """A SUB has more subscriptions than it can send.

    Why it matters: subscriptions go through the SUB's own send queue. What exceeds its ``sndhwm`` (1,000 by default) is
    dropped without a word: the rest of the prefixes is never heard of, and neither is the marker by which the start
    gate knows that all have arrived.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: [a, b, c], sndhwm: 3}}}  # Z312
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: [a, b, c], sndhwm: 100}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3), ZMQ_SUBSCRIBE; measured: 1,000 of 3,000 arrive.
    """
    for group in index.of_type("SUB"):
        room = group.socket.options.get("sndhwm", DEFAULT_HWM)
        prefixes = len(set(group.socket.subscribe or ()))
        if not isinstance(room, int) or room == 0 or not prefixes or group.socket.options.get("conflate"):
            continue
        for place in group.places:
            needed = prefixes + index.ours(place[0])
            if needed > room:
                marker = ", the start gate's included," if index.ours(place[0]) else ""
                message = f"{needed} subscriptions{marker} are more than the sndhwm of {room}; the rest is dropped"
                yield RuleHit(at(place, "subscribe"), message, f"sndhwm: {needed} or more", key=True)


@rule("Z318", "warning")
def numbered_prefix(index: TopologyView) -> Iterator[RuleHit]:
    """A prefix that ends with a number also matches longer numbers.

    A mark behind the number, such as a space, ends it. Where no two processes collide yet it is information.

    Why it matters: SUB compares the beginning of a message: ``bot-1`` also gets what is meant for ``bot-10``.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {orders: PUB}}
          bot: {python: "bot:main", replicas: 24, sockets: {orders: {type: SUB, subscribe: "${process}"}}}  # Z318
        edges:
          orders: {bind: feed.orders, connect: bot.orders}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {orders: PUB}}
          bot: {python: "bot:main", replicas: 24, sockets: {orders: {type: SUB, subscribe: "${process} "}}}
        edges:
          orders: {bind: feed.orders, connect: bot.orders}

    Source: zmq_setsockopt(3), ZMQ_SUBSCRIBE; RFC 29.
    """
    for group in index.of_type("SUB"):
        varying = [each for each in group.socket.subscribe or () if isinstance(each, str) and varies(each)]
        for prefix in varying:
            for place in group.places:
                severity = _collides(index, prefix, place)
                if severity:
                    message = f"the prefix of one process of {place[0]} begins that of another"
                    hint = "a mark behind it, such as a space"
                    yield RuleHit(at(place, "subscribe"), message, hint, severity=severity, key=True)


def _collides(index: TopologyView, prefix: str, place: SocketRef) -> Severity | None:
    """Tell how bad it is: some prefix begins another, or could once there are more processes."""
    if not prefix.endswith(("${process}", "${index}", "${key}", "${each}")):
        return None
    node = index.plan.node.get(place[0])
    made = sorted(index.fill(prefix, each) for each in (node.processes if node else ()))
    if any(after.startswith(before) for before, after in pairwise(made) if before != after):
        return "warning"
    return "info" if index.nodes[place[0]].replicas is not None else None
