"""Z3: how messages flow, and where they stop or get lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import Index, Place
from orchestrator.lint.core.registry import Finding, Path, rule
from orchestrator.lint.rules.z2_endpoints.endpoints import far_connects
from orchestrator.lint.rules.z6_processes import programs as code
from orchestrator.plan.order import components
from orchestrator.plan.variables import varies
from orchestrator.topology.problems import Severity
from orchestrator.zeromq.sockets import TYPES

DEFAULT_HWM = 1000
"""libzmq's sndhwm and rcvhwm, in messages."""

SHORT_TIMEOUT = 5000
"""Milliseconds that a busy reader can well be away."""

SUBSCRIBERS = ("SUB", "DISH")
PUBLISHERS = ("PUB", "XPUB")
SPLITTERS = ("PUSH", "DEALER")


def at(place: Place, *more: str) -> Path:
    """Give the key path of a socket, or of a key of it."""
    return ("nodes", place[0], "sockets", place[1], *more)


def like_it(place: Place, others: int) -> str:
    """Name a socket, and how many more of its kind there are."""
    return ".".join(place) + (f" (and {others} more)" if others else "")


@rule("Z301")
def sub_without_subscription(index: Index, facts: Facts) -> Iterator[Finding]:
    """A SUB subscribes to nothing, so it receives nothing.

    ``subscribe: ""`` is everything; ``subscribe: []`` says that the program subscribes by itself.

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
    for group in index.typed(*SUBSCRIBERS):
        if group.socket.subscribe is not None:
            continue
        for place in group.places:
            if index.nodes[place[0]].callable is not None:
                hint = '`subscribe: ""` is everything, `subscribe: []` says that the program subscribes'
                yield Finding(at(place), f"{'.'.join(place)} subscribes to nothing", "subscribe", hint, key=True)


@rule("Z302", "info")
def late_subscriber_loses(index: Index, facts: Facts) -> Iterator[Finding]:
    """A SUB starts later than its PUB by construction.

    It waits for the publisher by ``depends_on``, or is started by hand, so what was published before is not for it.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", depends_on: feed, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # Z302

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 1, "slow joiner"; RFC 29.
    """
    for pair, pub, sub in index.joined(PUBLISHERS, ("SUB", "XSUB")):
        node = index.nodes[sub.node]
        if pub.node in node.depends_on or (node.start == "manual" and index.nodes[pub.node].start == "auto"):
            message = f"{sub.node} starts after {pub.node}, and misses what it publishes before"
            yield Finding(("edges", pair.edge), message, key=True)


@rule("Z303", "warning")
def request_cycle(index: Index, facts: Facts) -> Iterator[Finding]:
    """Nodes ask one another in a circle by REQ and REP.

    Each waits for the answer of the next before it can answer itself: when all ask at once, all wait for ever. It is
    information where one of them has a timeout, written or in the program.

    Bad:
        nodes:
          a: {python: "a:main", sockets: {ask: REQ, answer: REP}}
          b: {python: "b:main", sockets: {ask: REQ, answer: REP}}
        edges:
          forth: {bind: b.answer, connect: a.ask}  # Z303
          back: {bind: a.answer, connect: b.ask}

    Good:
        nodes:
          a: {python: "a:main", sockets: {ask: REQ}}
          b: {python: "b:main", sockets: {answer: REP}}
        edges:
          forth: {bind: b.answer, connect: a.ask}

    Source: zmq_socket(3), request-reply pattern; measured: both wait.
    """
    for edge, nodes in _cycles(index, ("REQ",), ("REP",)):
        asking = [(name, socket) for name in nodes if name in index.nodes for socket in index.nodes[name].sockets]
        timed = any(index.socket(place).type == "REQ" and _timed(index, place, facts) for place in asking)
        severity: Severity | None = "info" if timed else None
        message = f"a circle of requests, all of them can wait at once: {' -> '.join(nodes)}"
        yield Finding(("edges", edge), message, "", "DEALER and ROUTER do not wait in turn", severity, key=True)


def _timed(index: Index, place: Place, facts: Facts) -> bool:
    """Tell whether a REQ does not wait for ever: by its options or its edge, or since its program polls."""
    if place in index.delivering["retry"]:
        return True
    options = index.socket(place).options
    return options.get("rcvtimeo", -1) != -1 or bool(options.get("req_relaxed")) or code.polls(place[0], facts)


@rule("Z304", "info")
def push_pull_cycle(index: Index, facts: Facts) -> Iterator[Finding]:
    """Messages go round a circle of PUSH and PULL.

    When more comes in than goes out, all queues of the circle fill, and then everybody blocks in send. It is sound as
    long as something bounds what is under way.

    Bad:
        nodes:
          a: {python: "a:main", sockets: {out: PUSH, into: PULL}}
          b: {python: "b:main", sockets: {out: PUSH, into: PULL}}
        edges:
          forth: {bind: b.into, connect: a.out}  # Z304
          back: {bind: a.into, connect: b.out}

    Good:
        nodes:
          a: {python: "a:main", sockets: {out: PUSH}}
          b: {python: "b:main", sockets: {into: PULL}}
        edges:
          forth: {bind: b.into, connect: a.out}

    Source: zmq_socket(3): PUSH blocks at its high-water mark.
    """
    # In a tree each process has one above it: no circle, though node and node are the same.
    for edge, nodes in _cycles(index, ("PUSH",), ("PULL",), without=index.trees):
        message = f"a circle of queues, all of them can be full at once: {' -> '.join(nodes)}"
        yield Finding(("edges", edge), message, key=True)


def _cycles(
    index: Index, types: Iterable[str], others: Iterable[str], without: Collection[str] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Give each circle of nodes whose sockets of these types feed those: its first edge, and its nodes.

    An edge in ``without`` alone joins no node with itself.
    """
    # What the drain order could sort has no circle.
    circles = {name for group in index.plan.drain if len(group.nodes) > 1 for name in group.nodes}
    graph: dict[str, dict[str, str]] = {}
    for pair, one, other in index.joined(types, others):
        if one.node == other.node:
            in_circle = pair.edge not in without
        else:
            in_circle = one.node in circles and other.node in circles
        if in_circle:
            graph.setdefault(one.node, {}).setdefault(other.node, pair.edge)
            graph.setdefault(other.node, {})
    if not graph:
        return
    place = {edge: number for number, edge in enumerate(index.edges)}
    for group in components(graph):
        inside = set(group)
        edges = [graph[node][after] for node in group for after in graph[node] if after in inside]
        if edges:
            nodes = group if len(group) <= 6 else [*group[:5], "..."]
            yield min(edges, key=place.__getitem__), [*nodes, group[0]]


@rule("Z305", "warning")
def lockstep_fan_out(index: Index, facts: Facts) -> Iterator[Finding]:
    """A REQ has several peers, and waits for each of them without limit.

    It asks them in turn and in lockstep. When one is gone or slow, everything stands until it answers, though the
    others are free. With a timeout, written or in the program, it is information.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}  # Z305
          server: {python: "server:main", replicas: 3, sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: DEALER}}
          server: {python: "server:main", replicas: 3, sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Source: zmq_socket(3), ZMQ_REQ; ZeroMQ guide, chapter 4, "Brokerless Reliability"; measured: it stands.
    """
    for group in index.typed("REQ"):
        for place in group.places:
            if (count := index.most_peers.get(place, 0)) < 2:
                continue
            severity: Severity | None = "info" if _timed(index, place, facts) else None
            message = f"{'.'.join(place)} asks {count} peers in lockstep"
            hint = "a DEALER, or rcvtimeo with req_relaxed and req_correlate"
            yield Finding(at(place), message, "", hint, severity, key=True)


@rule("Z306", "info")
def request_without_net(index: Index, facts: Facts) -> Iterator[Finding]:
    """A REQ waits without limit, and has no way to ask again.

    When the request or the answer is lost with a peer, it waits for ever. A timeout ends the wait; to ask again on the
    same socket it needs ``req_relaxed`` and ``req_correlate``. Nothing is said of a program that polls.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}  # Z306
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask}

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: server.answer, connect: client.ask, delivery: retry}

    Source: ZeroMQ guide, chapter 4, "Client-Side Reliability (Lazy Pirate Pattern)".
    """
    for group in index.typed("REQ"):
        options = group.socket.options
        safe = options.get("rcvtimeo", -1) != -1 or (options.get("req_relaxed") and options.get("req_correlate"))
        open_ended = [] if safe else [place for place in group.places if place not in index.delivering["retry"]]
        wired = [place for place in open_ended if index.on(place) and not code.polls(place[0], facts)]
        if wired:
            message = f"{like_it(wired[0], len(wired) - 1)} waits for an answer without limit"
            yield Finding(
                at(wired[0]),
                message,
                "",
                "delivery: retry on its edge, or rcvtimeo with req_relaxed and req_correlate",
                key=True,
            )


@rule("Z307", "info")
def round_robin_to_slow(index: Index, facts: Facts) -> Iterator[Finding]:
    """A PUSH or DEALER deals out to several peers in turn.

    Each gets the same number, fast or slow, up to its high-water mark: behind a slow peer messages wait while others
    are idle. A low ``sndhwm``, or workers that ask for work, even it out.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}  # Z307
          worker: {python: "worker:main", replicas: 4, sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: ROUTER}}
          worker: {python: "worker:main", replicas: 4, sockets: {work: REQ}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Source: ZeroMQ guide, chapter 3, "The Load Balancing Pattern".
    """
    for group in index.typed(*SPLITTERS):
        dealing = [place for place in group.places if index.most_peers.get(place, 0) > 1]
        dealing = [place for place in dealing if place not in index.delivering["durable"]]  # credit decides there
        if dealing:
            message = f"{like_it(dealing[0], len(dealing) - 1)} deals out in turn, to fast and slow alike"
            yield Finding(at(dealing[0]), message, key=True)


@rule("Z308", "info")
def router_silent_drop(index: Index, facts: Facts) -> Iterator[Finding]:
    """A ROUTER drops what it cannot deliver, without a word.

    A reply to a peer that has gone, or whose queue is full, vanishes. ``router_mandatory`` makes an error of it. A
    node with a DEALER beside the ROUTER is taken for a queue, where that would be wrong.

    Bad:
        nodes:
          server: {python: "server:main", sockets: {clients: ROUTER}}  # Z308
          client: {python: "client:main", sockets: {server: DEALER}}
        edges:
          clients: {bind: server.clients, connect: client.server}

    Good:
        nodes:
          server: {python: "server:main", sockets: {clients: {type: ROUTER, router_mandatory: true}}}
          client: {python: "client:main", sockets: {server: DEALER}}
        edges:
          clients: {bind: server.clients, connect: client.server}

    Source: zmq_setsockopt(3), ZMQ_ROUTER_MANDATORY.
    """
    for group in index.typed("ROUTER"):
        if group.socket.options.get("router_mandatory"):
            continue
        found = [place for place in group.places if index.on(place) and not _is_queue(index, place[0])]
        if found:
            message = f"{like_it(found[0], len(found) - 1)} drops in silence what it cannot deliver"
            yield Finding(at(found[0]), message, "", "router_mandatory: true makes an error of it", key=True)


def _is_queue(index: Index, node: str) -> bool:
    declared = index.nodes[node]
    return declared.external or any(socket.type == "DEALER" for socket in declared.sockets.values())


@rule("Z309", "info")
def sub_drop_at_hwm(index: Index, facts: Facts) -> Iterator[Finding]:
    """A PUB with libzmq's high-water mark has several subscribers.

    It drops what it cannot queue for a slow one: 1,000 messages by default, for each of them. ``sndhwm`` and the
    subscriber's ``rcvhwm`` say how far behind it may be.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}  # Z309
          bot: {python: "bot:main", replicas: 24, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 100000}}}
          bot: {python: "bot:main", replicas: 24, sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_socket(3), ZMQ_PUB; ZeroMQ guide, chapter 2, "High-Water Marks".
    """
    for group in index.typed(*PUBLISHERS):
        if "sndhwm" in group.socket.options:
            continue
        found = [place for place in group.places if index.most_peers.get(place, 0) >= 3]
        found = [place for place in found if place not in index.delivering["replay"]]  # who misses something gets it
        if found:
            message = f"{like_it(found[0], len(found) - 1)} drops for a subscriber that is 1,000 messages behind"
            yield Finding(at(found[0]), message, "", "sndhwm says how many", key=True)


@rule("Z310", "warning")
def half_open_peer(index: Index, facts: Facts) -> Iterator[Finding]:
    """A receiver of another host's messages cannot see that the connection is gone.

    It sends nothing, so when the other host, or a firewall between, vanishes without a goodbye, it waits on a dead
    connection for ever. ``tcp_keepalive`` or ``heartbeat_ivl`` finds out and connects anew.

    Bad:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: ""}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://10.0.0.1:9000", security: none}  # Z310

    Good:
        nodes:
          exchange: {external: true, sockets: {fills: PUB}}
          book: {python: "book:main", sockets: {fills: {type: SUB, subscribe: "", tcp_keepalive: true}}}
        edges:
          fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://10.0.0.1:9000", security: none}

    Source: tcp(7), zmq_setsockopt(3), ZMQ_TCP_KEEPALIVE and ZMQ_HEARTBEAT_IVL.
    """
    told: set[str] = set()
    for each in far_connects(index):
        for end in index.ends[each.edge][1] if each.edge not in told else ():
            socket = index.socket((end.node, end.socket))
            if index.nodes[end.node].external or (TYPES[socket.type].sends and socket.type != "XSUB"):
                continue
            if socket.options.get("tcp_keepalive", 0) != 1 and not socket.options.get("heartbeat_ivl"):
                told.add(each.edge)
                message = f"{end} would wait for ever on a connection that died without a goodbye"
                yield Finding(("edges", each.edge), message, "", "tcp_keepalive or heartbeat_ivl on it", key=True)
                break


@rule("Z311", "warning")
def heartbeat_under_backpressure(index: Index, facts: Facts) -> Iterator[Finding]:
    """A heartbeat with a short timeout cuts peers that are only busy.

    A reader at its high-water mark reads no answers to heartbeats either. After the timeout it counts as dead, the
    connection is cut, and messages are lost.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, heartbeat_ivl: 500ms}}}  # Z311
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, heartbeat_ivl: 5s, heartbeat_timeout: 60s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_HEARTBEAT_TIMEOUT; measured: timeout 500 ms, reader busy for 2 s, up to 641 of 5,000
    messages lost.
    """
    for group, interval in index.writing("heartbeat_ivl"):
        if group.socket.type not in ("PUSH", "PULL", "DEALER") or not isinstance(interval, int):
            continue
        timeout = group.socket.options.get("heartbeat_timeout", interval)
        if isinstance(timeout, int) and timeout <= SHORT_TIMEOUT:
            for place in group.places:
                message = f"a peer that is busy for {timeout} ms is cut, and messages are lost"
                hint = f"heartbeat_timeout well above {SHORT_TIMEOUT} ms"
                yield Finding(at(place, "heartbeat_ivl"), message, hint, key=True)


@rule("Z312")
def subscriptions_over_hwm(index: Index, facts: Facts) -> Iterator[Finding]:
    """A SUB has more subscriptions than it can send.

    Subscriptions go through the SUB's own send queue. What exceeds its ``sndhwm`` (1,000 by default) is dropped without
    a word: the rest of the prefixes is never heard of, and neither is the marker by which the start gate knows that all
    have arrived.

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
    for group in index.typed("SUB"):
        room = group.socket.options.get("sndhwm", DEFAULT_HWM)
        prefixes = len(set(group.socket.subscribe or ()))
        if not isinstance(room, int) or room == 0 or not prefixes or group.socket.options.get("conflate"):
            continue
        for place in group.places:
            needed = prefixes + index.ours(place[0])
            if needed > room:
                marker = ", the start gate's included," if index.ours(place[0]) else ""
                message = f"{needed} subscriptions{marker} are more than the sndhwm of {room}; the rest is dropped"
                yield Finding(at(place, "subscribe"), message, f"sndhwm: {needed} or more", key=True)


@rule("Z313")
def conflate_many_subscriptions(index: Index, facts: Facts) -> Iterator[Finding]:
    """``conflate`` on a SUB with several prefixes, or on a PUB whose subscriber has several.

    conflate keeps the last message in each direction, and subscriptions are messages: of several one survives.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: [a, b], conflate: true}}}  # Z313
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: a, conflate: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3), ZMQ_CONFLATE; measured: one of two subscriptions, 40 of 40 times.
    """
    for group in index.having("conflate"):
        if not group.socket.options["conflate"]:
            continue
        for place in group.places:
            several = group.socket.type == "SUB" and len(set(group.socket.subscribe or ())) > 1
            other = place if several else None
            if group.socket.type == "PUB":
                other = next((peer for peer in index.peers(place) if _prefixes(index, peer) > 1), None)
            if other is not None:
                message = f"of the {_prefixes(index, other)} subscriptions of {'.'.join(other)} one survives"
                yield Finding(at(place, "conflate"), message, "one prefix, or no conflate", key=True)


def _prefixes(index: Index, place: Place) -> int:
    return len(set(index.socket(place).subscribe or ()))


@rule("Z314", "info")
def queue_dies_with_peer(index: Index, facts: Facts) -> Iterator[Finding]:
    """A PUSH or DEALER binds: what it has queued for a peer is lost with that peer.

    One that connects keeps its queue, and delivers it when the peer comes again.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: feed.work, connect: worker.work}  # Z314

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: measured: of 5,000 queued messages 4,921 arrive after the peer's restart where the sender connects, and none
    where it binds.
    """
    told: dict[int, tuple[str, Place, int]] = {}
    for (bound, _), pairs in index.pairs.items():
        for pair in pairs if bound in SPLITTERS else ():
            place = (pair.bind.node, pair.bind.socket)
            key = id(index.socket(place))
            edge, first, count = told.get(key, (pair.edge, place, 0))
            told[key] = (edge, first, count + (place != first))
    for edge, place, count in told.values():
        message = f"what {like_it(place, count)} has queued for a peer is lost with that peer: it binds"
        yield Finding(("edges", edge), message, key=True)


@rule("Z315", "warning")
def immediate_loses_on_reconnect(index: Index, facts: Facts) -> Iterator[Finding]:
    """``immediate`` on a PUSH or DEALER that connects, to a peer that can come again.

    Without it the queue outlives the connection. With it the queue is thrown away when the connection breaks: all that
    was sent and not yet delivered is lost. What has arrived and was not read is lost too, and where that happens in the
    middle of a message of several parts, another peer's parts are taken for the rest, or libzmq ends the process.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, immediate: true}}}  # Z315
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: PUSH}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_IMMEDIATE; measured: none of 20,000 messages arrives after the peer's
    restart, 4,921 of 5,000 without it. In the middle of a message: "Assertion failed: !_more", libzmq 4.3.5, fq.cpp.
    """
    for group, _ in index.writing("immediate"):
        if group.socket.type not in SPLITTERS:
            continue
        for place in group.places:
            edges = index.connecting.get(place, ())
            again = next((end.node for edge in edges for end in index.ends[edge][0] if index.restarts(end.node)), None)
            if again is not None:
                message = f"what waits for {again} is lost when its connection breaks"
                yield Finding(at(place, "immediate"), message, "", "leave immediate out", key=True)


@rule("Z316")
def mandatory_in_a_queue(index: Index, facts: Facts) -> Iterator[Finding]:
    """``router_mandatory`` on the ROUTER of a proxy.

    The first reply to a client that has gone is an error then, and the proxy ends with it: one vanished client stops
    the service for all.

    Bad:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          queue:
            python: queue_program:main
            sockets: {front: {type: ROUTER, router_mandatory: true}, back: DEALER}  # Z316
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: queue.front, connect: client.ask}
          work: {bind: queue.back, connect: server.answer}

        # queue_program.py
        import threading
        import zmq

        def main(node):
            threading.Thread(target=relay, args=(node,), daemon=True).start()
            node.stopping.wait()

        def relay(node):
            with node.thread_socket("front") as front, node.thread_socket("back") as back:
                zmq.proxy(front, back)

    Good:
        nodes:
          client: {python: "client:main", sockets: {ask: REQ}}
          queue: {python: "queue_program:main", sockets: {front: ROUTER, back: DEALER}}
          server: {python: "server:main", sockets: {answer: REP}}
        edges:
          questions: {bind: queue.front, connect: client.ask}
          work: {bind: queue.back, connect: server.answer}

    Source: zmq_proxy(3), zmq_setsockopt(3), ZMQ_ROUTER_MANDATORY; measured: the proxy ends with EHOSTUNREACH.
    """
    for group, _ in index.writing("router_mandatory"):
        for place in group.places if group.socket.type == "ROUTER" else ():
            if code.proxies(place[0], facts):
                message = "a reply to a client that has gone ends the proxy, for all"
                yield Finding(at(place, "router_mandatory"), message, "", "leave router_mandatory out", key=True)


@rule("Z317", "info")
def conflate_many_publishers(index: Index, facts: Facts) -> Iterator[Finding]:
    """A conflating receiver has several senders.

    It keeps the last message of each of them, not one in all: a reader that wants the newest must look at the others
    too.

    Bad:
        nodes:
          feed: {python: "feed:main", replicas: 3, sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", conflate: true}}}  # Z317
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: "", conflate: true}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3), ZMQ_CONFLATE; measured with PUB and SUB, PUSH and PULL, whoever binds.
    """
    for group, _ in index.writing("conflate"):
        for place in group.places if group.socket.type in ("SUB", "PULL") else ():
            if (count := index.most_peers.get(place, 0)) > 1:
                message = f"{'.'.join(place)} keeps a message of each of its {count} senders, not one in all"
                yield Finding(at(place, "conflate"), message, key=True)


@rule("Z318", "warning")
def numbered_prefix(index: Index, facts: Facts) -> Iterator[Finding]:
    """A prefix that ends with a number also matches longer numbers.

    SUB compares the beginning of a message: ``bot-1`` also gets what is meant for ``bot-10``. A mark behind the number,
    such as a space, ends it. Where no two processes collide yet it is information.

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
    for group in index.typed("SUB"):
        varying = [each for each in group.socket.subscribe or () if isinstance(each, str) and varies(each)]
        for prefix in varying:
            for place in group.places:
                severity = _collides(index, prefix, place)
                if severity:
                    message = f"the prefix of one process of {place[0]} begins that of another"
                    hint = "a mark behind it, such as a space"
                    yield Finding(at(place, "subscribe"), message, hint, severity=severity, key=True)


def _collides(index: Index, prefix: str, place: Place) -> Severity | None:
    """Tell how bad it is: some prefix begins another, or could once there are more processes."""
    if not prefix.endswith(("${process}", "${index}", "${key}", "${each}")):
        return None
    node = index.plan.node.get(place[0])
    made = sorted(index.fill(prefix, each) for each in (node.processes if node else ()))
    if any(after.startswith(before) for before, after in pairwise(made) if before != after):
        return "warning"
    return "info" if index.nodes[place[0]].replicas is not None else None
