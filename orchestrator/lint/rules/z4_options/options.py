"""Z4: options of sockets. What comes from ``defaults`` is filtered by type, and never reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestrator.lint.core.facts import Facts
from orchestrator.lint.core.index import Index, Place
from orchestrator.lint.core.registry import ELSEWHERE, Finding, rule
from orchestrator.lint.rules.z2_endpoints.endpoints import far_connects, public_binds
from orchestrator.lint.rules.z3_flow.flow import at
from orchestrator.lint.rules.z6_processes import programs as code
from orchestrator.topology.problems import Edit, Severity
from orchestrator.zeromq.sockets import TYPES

DEFAULT_BACKLOG = 100
"""libzmq's backlog, in connections."""

DESCRIPTORS = 16
"""What a process has open beside its connections: standard streams, epoll, eventfds, listeners."""

OUR_RECONNECT_IVL = 10
"""Milliseconds that sockets of ours wait before they connect again, unless the user says otherwise."""

MULTICAST = ("rate", "recovery_ivl", "multicast_hops", "multicast_maxtpdu", "multicast_loop")
TCP = ("tcp_keepalive", "tcp_keepalive_cnt", "tcp_keepalive_idle", "tcp_keepalive_intvl", "tcp_maxrt", "tos")
RECONNECT = ("immediate", "reconnect_ivl", "reconnect_ivl_max", "reconnect_stop", "connect_timeout", "socks_proxy")
CONFLATING = frozenset({"PUB", "SUB", "PUSH", "PULL", "DEALER", "SCATTER", "GATHER", "RADIO", "DISH"})
WITHOUT_EFFECT = {
    "sndhwm": frozenset({"PULL"}),
    "rcvhwm": frozenset({"PUSH"}),
    "sndtimeo": frozenset({"PULL", "SUB"}),
    "rcvtimeo": frozenset({"PUSH", "PUB"}),
    "conflate": frozenset(TYPES) - CONFLATING,
    "router_mandatory": frozenset({"REP"}),
    "router_handover": frozenset({"REP"}),
    "probe_router": frozenset({"REP"}),
    "invert_matching": frozenset(TYPES) - {"PUB", "XPUB", "SUB", "XSUB"},
}
"""Types that accept an option and ignore it."""


@rule("Z401")
def unknown_option(index: Index, facts: Facts) -> Iterable[Finding]:
    """libzmq has no such socket option.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhmw: 100}}}  # Z401
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 100}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3).
    """
    return ELSEWHERE


@rule("Z402")
def option_not_for_type(index: Index, facts: Facts) -> Iterator[Finding]:
    """An option is set on a type of socket that does not have it.

    libzmq refuses it: ``subscribe`` off SUB, ``router_*`` off ROUTER and REP, ``req_*`` off REQ, ``xpub_*`` off XPUB
    and PUB, ``probe_router`` off REQ, REP, DEALER and ROUTER, ``stream_notify`` off STREAM. ``xpub_manual`` on a PUB is
    worse: it is taken, and the PUB delivers nothing, since it never reads what its subscribers ask for. An option that
    is taken and ignored is information.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, xpub_manual: true}}}  # Z402
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: XPUB, xpub_manual: true}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: zmq_setsockopt(3); measured: every option on every type, and a PUB with ZMQ_XPUB_MANUAL.
    """
    for option in ("xpub_manual", "xpub_manual_last_value"):
        for group, _ in index.writing(option):
            for place in group.places if group.socket.type == "PUB" else ():
                message = f"a PUB with {option} delivers nothing"
                yield Finding(at(place, option), message, "XPUB, which reads what subscribers ask for", key=True)
    for option, place, why in _ignored(index):
        yield Finding(at(place, option), f"{option} has no effect {why}", severity="info", key=True)


def _ignored(index: Index) -> Iterator[tuple[str, Place, str]]:
    for option, types in WITHOUT_EFFECT.items():
        for group in index.having(option):
            if group.socket.type in types:
                for place in group.places:
                    if index.writes(place, option):
                        yield option, place, f"on {group.socket.type}"
    for options, side, why in (
        (RECONNECT, index.connecting, "on a socket that only binds"),
        (("backlog",), index.binding, "on a socket that only connects"),
    ):
        for option in options:
            for group, _ in index.writing(option, _any):
                for place in group.places:
                    if place not in side and index.on(place):
                        yield option, place, why
    for option in (*MULTICAST, *TCP):
        for group, _ in index.writing(option, _any):
            for place in group.places:
                edges = index.on(place)
                if edges and not any(_may_use(index, edge, option) for edge in edges):
                    yield option, place, "on ipc" if option in TCP else "without multicast"


def _may_use(index: Index, edge: str, option: str) -> bool:
    declared = index.edges[edge]
    transport = (declared.endpoint or declared.transport).partition("://")[0]
    return transport in (("tcp", "ws", "wss", "auto") if option in TCP else ("pgm", "epgm", "udp", "norm"))


@rule("Z403")
def option_out_of_range(index: Index, facts: Facts) -> Iterator[Finding]:
    """An option has a value that libzmq refuses.

    A value that it takes, but that means nothing, is a warning: ``maxmsgsize`` below -1, a ``tos`` over 255.

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
        for group, value in index.writing(option):
            if isinstance(value, int) and (value < low or (high is not None and value > high)):
                for place in group.places:
                    yield Finding(at(place, option), f"{option} {value} means nothing", expected, severity="warning")


def _any(value: object) -> bool:
    return True


@rule("Z404", "info")
def unbounded_memory(index: Index, facts: Facts) -> Iterator[Finding]:
    """A high-water mark of 0: the queue has no limit.

    A peer that is slow or gone makes the process grow until the machine is out of memory. With peers on other machines
    or not ours, which may be slow on purpose, it is a warning.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 0}}}  # Z404
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: {type: PUB, sndhwm: 100000}}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: ZeroMQ guide, chapter 2, "High-Water Marks".
    """
    open_to_others: set[str] | None = None
    for option in ("sndhwm", "rcvhwm"):
        for group in index.having(option):
            if group.socket.options[option] != 0:
                continue
            if open_to_others is None:
                open_to_others = _open_to_others(index)
            for place in group.places:
                if index.writes(place, option):
                    outside = any(edge in open_to_others for edge in index.on(place))
                    severity: Severity | None = "warning" if outside else None
                    message = f"{option} 0: the queue has no limit"
                    yield Finding(at(place, option), message, "a number of messages", severity=severity, key=True)


def _open_to_others(index: Index) -> set[str]:
    """Give the edges with peers that are not ours, or on other machines."""
    public = {each.edge for each in (*public_binds(index), *far_connects(index))}
    for edge, (binding, connecting) in index.ends.items():
        if not connecting or any(index.nodes[end.node].external for end in (*binding, *connecting)):
            public.add(edge)
    return public


@rule("Z405", "warning")
def linger_forever(index: Index, facts: Facts) -> Iterator[Finding]:
    """``linger: -1`` on a service.

    Its close waits for ever for a peer that does not come, until the stop's grace is over and it is killed. Where
    nothing is written, linger is what is left of the grace.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: -1}}}  # Z405
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: 5s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_LINGER; ZeroMQ guide, chapter 1, "Making a Clean Exit".
    """
    for group, _ in index.writing("linger", lambda linger: bool(linger == -1)):
        for place in group.places:
            node = index.nodes[place[0]]
            if node.kind == "service" and not node.external:
                path = at(place, "linger")
                written = index.written(*path)
                grace = f"{node.stop.grace:g}s"
                edits = (Edit(*index.topology.where_value(*path), "-1", grace),) if written == -1 else ()
                message = "close waits for ever for a peer that does not come"
                yield Finding(path, message, f"the stop's grace, {grace}, or leave it out", edits=edits)


@rule("Z406", "info")
def linger_zero_loses(index: Index, facts: Facts) -> Iterator[Finding]:
    """``linger: 0`` on a socket that sends.

    Its close throws away what is not yet sent. On a REQ that is wanted: an answer could not be received any more.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: 0}}}  # Z406
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {work: {type: PUSH, linger: 5s}}}
          worker: {python: "worker:main", sockets: {work: PULL}}
        edges:
          work: {bind: worker.work, connect: feed.work}

    Source: zmq_setsockopt(3), ZMQ_LINGER.
    """
    for group, _ in index.writing("linger", lambda linger: bool(linger == 0)):
        if TYPES[group.socket.type].sends and group.socket.type not in ("REQ", "XSUB"):
            for place in group.places:
                if not index.nodes[place[0]].external:
                    yield Finding(at(place, "linger"), "close throws away what is not yet sent", key=True)


@rule("Z407")
def conflate_multipart(index: Index, facts: Facts) -> Iterator[Finding]:
    """``conflate`` where messages have several parts.

    It keeps the last *part*: of a topic and its body in frames of their own, a body without its topic. A REP gets a
    question without its envelope, and drops it. That messages have several parts is known where the program
    sends a list of them, or takes a message apart, and of a DEALER that talks to a REP.

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
    for group in index.having("conflate"):
        if not group.socket.options["conflate"] or group.socket.type not in CONFLATING:
            continue
        for place in group.places:
            peers = index.peers(place)
            other = next((each for each in (place, *peers) if code.is_multipart(index, each, facts)), None)
            envelope = group.socket.type == "DEALER" and any(index.socket(each).type == "REP" for each in peers)
            if other is not None or envelope:
                why = f"{'.'.join(other)} uses several" if other else "to a REP they have several"
                message = f"conflate keeps one part of a message, and {why}"
                yield Finding(at(place, "conflate"), message, "messages of one part, or no conflate", key=True)


@rule("Z408", "warning")
def heartbeat_ttl(index: Index, facts: Facts) -> Iterator[Finding]:
    """A ``heartbeat_ttl`` that runs out before the next heartbeat.

    It tells the peer how long to wait for our heartbeat before it cuts us off. Shorter than ``heartbeat_ivl`` it always
    does; and it travels in tenths of a second, so less than 100 ms is none.

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
    for group, ttl in index.writing("heartbeat_ttl"):
        interval = group.socket.options.get("heartbeat_ivl", 0)
        if not isinstance(ttl, int) or not isinstance(interval, int) or ttl <= 0:
            continue
        if ttl < 100 or ttl < interval:
            why = (
                "is less than the 100 ms in which it is counted" if ttl < 100 else "runs out before the next heartbeat"
            )
            for place in group.places:
                expected = f"more than heartbeat_ivl ({interval} ms)" if interval else "100ms or more"
                yield Finding(at(place, "heartbeat_ttl"), f"{ttl} ms {why}", expected, key=True)


@rule("Z409", "warning")
def reconnect_storm(index: Index, facts: Facts) -> Iterator[Finding]:
    """``reconnect_ivl_max`` is below ``reconnect_ivl``.

    It is meant as the longest pause, when pauses double. Below the shortest it makes no sense: libzmq ignores it or
    takes it for the pause, as the version goes.

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
    for group, longest in index.writing("reconnect_ivl_max"):
        shortest = group.socket.options.get("reconnect_ivl", OUR_RECONNECT_IVL)
        if isinstance(longest, int) and isinstance(shortest, int) and 0 < longest < shortest:
            for place in group.places:
                message = f"the longest pause, {longest} ms, is below the shortest, {shortest} ms"
                yield Finding(at(place, "reconnect_ivl_max"), message, key=True)


@rule("Z410")
def routing_id_clash(index: Index, facts: Facts) -> Iterator[Finding]:
    """Several peers of one ROUTER have the same ``routing_id``.

    The ROUTER talks to the first and ignores the others, which wait for ever (with ``router_handover`` each one takes
    the name from the one before).

    Bad:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", replicas: 3, sockets: {work: {type: DEALER, routing_id: worker}}}  # Z410
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Good:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", replicas: 3, sockets: {work: {type: DEALER, routing_id: "${process}"}}}
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_ROUTING_ID; measured: the second peer gets no answer.
    """
    named = {place for group in index.having("routing_id") for place in group.places}
    told: set[Place] = set()
    seen: dict[tuple[str, str, str], str] = {}
    for router, peer, place, identity in _named_peers(index, named) if named else ():
        first = seen.setdefault((*router, identity), peer)
        if first != peer and place not in told:
            told.add(place)
            message = f"{first} and {peer} would both be {identity} to {'.'.join(router)}"
            yield Finding(at(place, "routing_id"), message, "", 'routing_id: "${process}", or none')


def _named_peers(index: Index, named: set[Place]) -> Iterator[tuple[tuple[str, str], str, Place, str]]:
    """Give each socket of a process with a routing id, and the ROUTER sockets of processes that it is wired to."""
    endpoint = index.plan.endpoint
    bound: dict[str, tuple[str, Place, str]] = {}
    for process in index.plan.processes:
        for socket in process.sockets:
            if (place := (process.node, socket.name)) in named:
                identity = str(socket.options.get("routing_id"))
                for name in socket.binds:
                    bound[name] = (f"{process.name}.{socket.name}", place, identity)
                for link in socket.connects:
                    owner = endpoint[link.endpoint]
                    if owner.process and index.socket((owner.node, owner.socket)).type == "ROUTER":
                        router = (owner.process, owner.socket)
                        yield router, f"{process.name}.{socket.name}", place, identity
    for process in index.plan.processes if bound else ():
        for socket in process.sockets:
            for link in socket.connects if socket.type == "ROUTER" else ():
                if link.endpoint in bound:
                    yield (process.name, socket.name), *bound[link.endpoint]


@rule("Z411")
def routing_id_reserved(index: Index, facts: Facts) -> Iterator[Finding]:
    """A ``routing_id`` that libzmq refuses: empty, or of more than 255 bytes.

    One that begins with a zero byte is a warning: such names are libzmq's own, for peers that have none, and one of
    them can be given to another peer.

    Bad:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: {hex: "0001"}}}}  # Z411
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Good:
        nodes:
          broker: {python: "broker:main", sockets: {workers: ROUTER}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: {hex: "0101"}}}}
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_ROUTING_ID.
    """
    for group, identity in index.writing("routing_id"):
        if isinstance(identity, bytes) and identity.startswith(b"\0"):
            for place in group.places:
                message = "names that begin with a zero byte are libzmq's own"
                yield Finding(at(place, "routing_id"), message, severity="warning", key=True)


@rule("Z412", "info")
def maxmsgsize_missing(index: Index, facts: Facts) -> Iterator[Finding]:
    """A socket that other machines can reach takes messages of any size.

    One message of a stranger can take all memory; ``maxmsgsize`` cuts off who sends more.

    Bad:
        nodes:
          sink: {python: "sink:main", sockets: {results: PULL}}
          worker: {python: "worker:main", sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results, endpoint: "tcp://*:5558", security: none}  # Z412

    Good:
        nodes:
          sink: {python: "sink:main", sockets: {results: {type: PULL, maxmsgsize: 1MiB}}}
          worker: {python: "worker:main", sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results, endpoint: "tcp://*:5558", security: none}

    Source: zmq_setsockopt(3), ZMQ_MAXMSGSIZE.
    """
    told: set[str] = set()
    for each in public_binds(index):
        if each.edge not in told and "maxmsgsize" not in index.socket((each.end.node, each.end.socket)).options:
            told.add(each.edge)
            message = f"{each.end} takes messages of any size from other machines"
            yield Finding(each.path, message, "", "maxmsgsize on it")


@rule("Z413", "warning")
def routing_id_restart(index: Index, facts: Facts) -> Iterator[Finding]:
    """A named peer restarts, and its ROUTER may still know the old one.

    A ROUTER that was busy while its peer died ignores the new peer of that name for ever. ``router_handover`` lets the
    new one take over. Where the ROUTER is a ``python:`` node, whose library can let it see the death first, it is
    information.

    Bad:
        nodes:
          broker: {command: ./broker, sockets: {workers: ROUTER}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: w1}}}  # Z413
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Good:
        nodes:
          broker: {command: ./broker, sockets: {workers: {type: ROUTER, router_handover: true}}}
          worker: {python: "worker:main", sockets: {work: {type: DEALER, routing_id: w1}}}
        edges:
          work: {bind: broker.workers, connect: worker.work}

    Source: zmq_setsockopt(3), ZMQ_ROUTER_HANDOVER; measured: deaf for good without it.
    """
    for group, _ in index.writing("routing_id"):
        for place in group.places:
            node = index.nodes[place[0]]
            if node.external or node.restart.policy == "never":
                continue
            routers = [
                peer
                for peer in index.peers(place)
                if index.socket(peer).type == "ROUTER" and not index.socket(peer).options.get("router_handover")
            ]
            if routers:
                foreign = next((peer for peer in routers if not index.ours(peer[0])), None)
                severity: Severity | None = None if foreign else "info"
                message = f"{'.'.join(foreign or routers[0])} may ignore {place[0]} after a restart"
                hint = "router_handover: true on the ROUTER"
                yield Finding(at(place, "routing_id"), message, "", hint, severity, key=True)


@rule("Z414", "warning")
def backlog_below_peers(index: Index, facts: Facts) -> Iterator[Finding]:
    """More peers than the listening socket's backlog.

    When all connect at once, those that do not fit wait for the next try, and starting takes long. Sockets of ours get
    the room they need; looked at are a ``backlog`` that is written, and ``command:`` nodes with libzmq's 100.

    Bad:
        nodes:
          sink: {command: ./sink, sockets: {results: PULL}}
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}  # Z414

    Good:
        nodes:
          sink: {command: ./sink, sockets: {results: {type: PULL, backlog: 300}}}
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}

    Source: listen(2), zmq_setsockopt(3), ZMQ_BACKLOG.
    """
    told: set[Place] = set()
    for endpoint in index.plan.endpoints:
        place = (endpoint.node, endpoint.socket)
        if endpoint.peers < 2 or place in told or not endpoint.process:
            continue
        backlog = index.socket(place).options.get("backlog", DEFAULT_BACKLOG)
        if not isinstance(backlog, int) or endpoint.peers <= backlog:
            continue
        written = index.writes(place, "backlog")
        if written or not index.ours(endpoint.node):
            told.add(place)
            path = at(place, "backlog") if written else ("edges", index.binding[place][0])
            message = f"{endpoint.peers} peers connect to {'.'.join(place)}, whose backlog is {backlog}"
            yield Finding(path, message, f"backlog: {endpoint.peers}", key=True)


@rule("Z415", "warning")
def descriptors_below_peers(index: Index, facts: Facts) -> Iterator[Finding]:
    """More peers than a process may have descriptors open.

    Each connection takes one. When they are used up new peers are not accepted, in silence. Looked at are
    ``limits.nofile`` where it is written, and the limit of this session for ``command:`` nodes.

    Bad:
        nodes:
          sink: {python: "sink:main", limits: {nofile: 256}, sockets: {results: PULL}}  # Z415
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}

    Good:
        nodes:
          sink: {python: "sink:main", limits: {nofile: 1024}, sockets: {results: PULL}}
          worker: {python: "worker:main", replicas: 300, sockets: {results: PUSH}}
        edges:
          results: {bind: sink.results, connect: worker.results}

    Source: getrlimit(2); ZeroMQ guide, chapter 2, "Handling Errors and ETERM".
    """
    limits = {name: node.limits.nofile for name, node in index.nodes.items() if node.limits.nofile is not None}
    commands = {name for name, node in index.nodes.items() if node.command is not None and facts.open_files is not None}
    needed: dict[str, int] = {}
    for (name, _), count in index.most_peers.items() if limits or commands else ():
        if name in limits or name in commands:
            needed[name] = needed.get(name, DESCRIPTORS) + count
    for name, count in needed.items():
        limit = limits.get(name, facts.open_files)
        if limit is not None and count > limit:
            path = ("nodes", name, "limits", "nofile") if name in limits else ("nodes", name)
            message = f"{name} needs some {count} descriptors, and may have {limit}"
            yield Finding(path, message, f"limits: {{nofile: {2 * count}}}", key=True)
