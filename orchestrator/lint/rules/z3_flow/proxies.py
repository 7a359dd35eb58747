"""Proxies that pass subscriptions on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView


@rule("Z320", "info")
def late_through_a_proxy(index: TopologyView) -> Iterator[RuleHit]:
    """A PUB sends through an XSUB and an XPUB, and its first messages may find no subscriber.

    Such a proxy passes subscriptions on when it gets them. The start gate sees the PUB's connection to the proxy, and
    not whether the subscribers behind it have been heard of. What a PUB sends at once is then for nobody. A forwarder
    of SUB and PUB, which a ``device: forwarder`` is by itself, has a gate at each side.

    Why it matters: a job that publishes and ends can lose every message, with status 0.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          proxy: {device: forwarder, sockets: {frontend: XSUB, backend: XPUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          into: {bind: proxy.frontend, connect: feed.ticks}  # Z320
          out: {bind: proxy.backend, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          proxy: {device: forwarder}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          into: {bind: proxy.frontend, connect: feed.ticks}
          out: {bind: proxy.backend, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 2, "The Dynamic Discovery Problem"; RFC 29.
    """
    passing = {end.node for _, end, _ in index.joined(("XPUB",), ("SUB", "XSUB"))}
    told: set[str] = set()
    for pair, pub, proxy in index.joined(("PUB",), ("XSUB",)):
        if proxy.node in passing and pair.edge not in told:
            told.add(pair.edge)
            message = f"what {pub} sends at once may find no subscriber behind {proxy.node}"
            device = index.nodes[proxy.node].device == "forwarder"
            hint = f"SUB and PUB in {proxy.node}" + (", as a forwarder has by itself" if device else "")
            yield RuleHit(("edges", pair.edge), message, "", hint, key=True)
