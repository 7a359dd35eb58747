"""Options that libzmq does not have, or ignores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from orchestrator.lint.core.places import at
from orchestrator.lint.core.registry import REPORTED_ELSEWHERE, RuleHit, rule
from orchestrator.zeromq.sockets import TYPES

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.index import TopologyView

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
def unknown_option() -> Iterable[RuleHit]:
    """libzmq has no such socket option.

    Why it matters: a misspelled option is one that is not set: the default stays, and nobody is told.

    How the fix is safe: it respells an option that can be a slip of one option alone, where that does not stand there
    already.

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
    return REPORTED_ELSEWHERE


@rule("Z402")
def option_not_for_type(index: TopologyView) -> Iterator[RuleHit]:
    """An option is set on a type of socket that does not have it.

    libzmq refuses it: ``subscribe`` off SUB, ``router_*`` off ROUTER and REP, ``req_*`` off REQ, ``xpub_*`` off XPUB
    and PUB, ``probe_router`` off REQ, REP, DEALER and ROUTER, ``stream_notify`` off STREAM. ``xpub_manual`` on a PUB is
    worse: it is taken, and the PUB delivers nothing, since it never reads what its subscribers ask for. An option that
    is taken and ignored is information.

    Why it matters: the socket cannot be made, or does otherwise than the file says.

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
        for group, _ in index.declaring(option):
            for place in group.places if group.socket.type == "PUB" else ():
                message = f"a PUB with {option} delivers nothing"
                yield RuleHit(at(place, option), message, "XPUB, which reads what subscribers ask for", key=True)
    for option, place, why in _ignored(index):
        yield RuleHit(at(place, option), f"{option} has no effect {why}", severity="info", key=True)


def _ignored(index: TopologyView) -> Iterator[tuple[str, SocketRef, str]]:
    for option, types in WITHOUT_EFFECT.items():
        for group in index.with_option(option):
            if group.socket.type in types:
                for place in group.places:
                    if index.writes(place, option):
                        yield option, place, f"on {group.socket.type}"
    for options, side, why in (
        (RECONNECT, index.connecting, "on a socket that only binds"),
        (("backlog",), index.binding, "on a socket that only connects"),
    ):
        for option in options:
            for group, _ in index.declaring(option, _any):
                for place in group.places:
                    if place not in side and index.on(place):
                        yield option, place, why
    for option in (*MULTICAST, *TCP):
        for group, _ in index.declaring(option, _any):
            for place in group.places:
                edges = index.on(place)
                if edges and not any(_may_use(index, edge, option) for edge in edges):
                    yield option, place, "on ipc" if option in TCP else "without multicast"


def _may_use(index: TopologyView, edge: str, option: str) -> bool:
    declared = index.edges[edge]
    transport = (declared.endpoint or declared.transport).partition("://")[0]
    return transport in (("tcp", "ws", "wss", "auto") if option in TCP else ("pgm", "epgm", "udp", "norm"))


def _any(value: object) -> bool:
    return True
