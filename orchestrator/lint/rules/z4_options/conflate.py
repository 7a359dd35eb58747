"""``conflate`` and messages of several parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import RuleHit, rule
from orchestrator.lint.programs.nodes import is_multipart
from orchestrator.lint.rules.z4_options.known import CONFLATING

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView


@rule("Z407")
def conflate_multipart(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """``conflate`` where messages have several parts.

    That messages have several parts is known where the program sends a list of them, or takes a message apart, and of a
    DEALER that talks to a REP.

    Why it matters: it keeps the last *part*: of a topic and its body in frames of their own, a body without its topic.
    A REP gets a question without its envelope, and drops it.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {state: {type: DEALER, conflate: true}}}  # Z407
          view: {python: "view:main", sockets: {state: REP}}
        edges:
          state: {bind: view.state, connect: feed.state}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {state: {type: PUSH, conflate: true}}}
          view: {python: "view:main", sockets: {state: PULL}}
        edges:
          state: {bind: view.state, connect: feed.state}

    Source: zmq_setsockopt(3), ZMQ_CONFLATE: "does not support multi-part messages"; measured: the last part
    arrives.
    """
    for group in index.with_option("conflate"):
        if not group.socket.options["conflate"] or group.socket.type not in CONFLATING:
            continue
        for place in group.places:
            peers = index.peers(place)
            other = next((each for each in (place, *peers) if is_multipart(index, each, facts)), None)
            envelope = group.socket.type == "DEALER" and any(index.socket(each).type == "REP" for each in peers)
            if other is not None or envelope:
                why = f"{'.'.join(other)} uses several" if other else "to a REP they have several"
                message = f"conflate keeps one part of a message, and {why}"
                yield RuleHit(at(place, "conflate"), message, "messages of one part, or no conflate", key=True)
