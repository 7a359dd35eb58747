"""Values of options that mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z403")
def option_out_of_range(index: TopologyView) -> Iterator[RuleHit]:
    """An option has a value that libzmq refuses.

    A value that it takes, but that means nothing, is a warning: ``maxmsgsize`` below -1, a ``tos`` over 255.

    Why it matters: the socket cannot be made: setting the option ends the program when it starts.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, maxmsgsize: -2}}}  # Z403
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, maxmsgsize: 1MiB}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3); measured: the least and the greatest value of every option.
    """
    for option, low, high, expected in (
        ("maxmsgsize", -1, None, "a size, or -1 for any"),
        ("tos", 0, 255, "0 to 255"),
        ("heartbeat_ttl", 0, None, "a duration, or 0"),
    ):
        for group, value in index.declaring(option):
            if isinstance(value, int) and (value < low or (high is not None and value > high)):
                for place in group.places:
                    yield RuleHit(at(place, option), f"{option} {value} means nothing", expected, severity="warning")


@rule("Z408", "warning")
def heartbeat_ttl(index: TopologyView) -> Iterator[RuleHit]:
    """A ``heartbeat_ttl`` that runs out before the next heartbeat.

    Why it matters: it tells the peer how long to wait for our heartbeat before it cuts us off. Shorter than
    ``heartbeat_ivl`` it always does; and it travels in tenths of a second, so less than 100 ms is none.

    Bad:
        nodes:
          client:
            python: client:main
            sockets:
              ask: {type: DEALER, heartbeat_ivl: 30s, heartbeat_timeout: 60s, heartbeat_ttl: 10s}  # Z408
          server: {python: "server:main", sockets: {answer: ROUTER}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Good:
        nodes:
          client:
            python: client:main
            sockets:
              ask: {type: DEALER, heartbeat_ivl: 10s, heartbeat_timeout: 60s, heartbeat_ttl: 30s}
          server: {python: "server:main", sockets: {answer: ROUTER}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Source: zmq_setsockopt(3), ZMQ_HEARTBEAT_TTL.
    """
    for group, ttl in index.declaring("heartbeat_ttl"):
        interval = group.socket.options.get("heartbeat_ivl", 0)
        if not isinstance(ttl, int) or not isinstance(interval, int) or ttl <= 0:
            continue
        if ttl < 100 or ttl < interval:
            why = (
                "is less than the 100 ms in which it is counted" if ttl < 100 else "runs out before the next heartbeat"
            )
            for place in group.places:
                expected = f"more than heartbeat_ivl ({interval} ms)" if interval else "100ms or more"
                yield RuleHit(at(place, "heartbeat_ttl"), f"{ttl} ms {why}", expected, key=True)
