"""Pauses between two attempts to connect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView

OUR_RECONNECT_IVL = 10
"""Milliseconds that sockets of ours wait before they connect again, unless the user says otherwise."""


@rule("Z409", "warning")
def reconnect_storm(index: TopologyView) -> Iterator[RuleHit]:
    """``reconnect_ivl_max`` is below ``reconnect_ivl``.

    Why it matters: it is meant as the longest pause, when pauses double. Below the shortest it makes no sense: libzmq
    ignores it or takes it for the pause, as the version goes.

    Bad:
        nodes:
          bot:
            python: bot:main
            sockets: {orders: {type: PUSH, reconnect_ivl: 1s, reconnect_ivl_max: 100ms}}  # Z409
          book: {python: "book:main", sockets: {orders: PULL}}
        edges:
          orders: {bind: book.orders, connect: bot.orders}

    Good:
        nodes:
          bot: {python: "bot:main", sockets: {orders: {type: PUSH, reconnect_ivl: 100ms, reconnect_ivl_max: 1s}}}
          book: {python: "book:main", sockets: {orders: PULL}}
        edges:
          orders: {bind: book.orders, connect: bot.orders}

    Source: zmq_setsockopt(3), ZMQ_RECONNECT_IVL_MAX.
    """
    for group, longest in index.declaring("reconnect_ivl_max"):
        shortest = group.socket.options.get("reconnect_ivl", OUR_RECONNECT_IVL)
        if isinstance(longest, int) and isinstance(shortest, int) and 0 < longest < shortest:
            for place in group.places:
                message = f"the longest pause, {longest} ms, is below the shortest, {shortest} ms"
                yield RuleHit(at(place, "reconnect_ivl_max"), message, key=True)
