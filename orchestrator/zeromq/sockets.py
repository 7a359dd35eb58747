"""Socket types: which may be connected, and in which direction messages flow.

Sources: rfc.zeromq.org 28 (REQREP), 29 (PUBSUB), 30 (PIPELINE), 31 (EXPAIR), its drafts, and zmq.h.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class SocketType(NamedTuple):
    """One type of socket. ``peers`` are the types it can talk to; ``draft`` ones need a libzmq built with drafts."""

    name: str
    number: int
    peers: frozenset[str]
    sends: bool = True
    receives: bool = True
    draft: bool = False


def _type(
    name: str, number: int, peers: str, *, sends: bool = True, receives: bool = True, draft: bool = False
) -> SocketType:
    return SocketType(name, number, frozenset(peers.split()), sends, receives, draft)


TYPES: Mapping[str, SocketType] = MappingProxyType(
    {
        each.name: each
        for each in (
            _type("PAIR", 0, "PAIR"),
            _type("PUB", 1, "SUB XSUB", receives=False),
            _type("SUB", 2, "PUB XPUB", sends=False),
            _type("REQ", 3, "REP ROUTER"),
            _type("REP", 4, "REQ DEALER"),
            _type("DEALER", 5, "REP DEALER ROUTER"),
            _type("ROUTER", 6, "REQ DEALER ROUTER"),
            _type("PULL", 7, "PUSH", sends=False),
            _type("PUSH", 8, "PULL", receives=False),
            _type("XPUB", 9, "SUB XSUB"),
            _type("XSUB", 10, "PUB XPUB"),
            _type("STREAM", 11, ""),  # speaks raw TCP, so its peers are never sockets of a mesh
            _type("SERVER", 12, "CLIENT", draft=True),
            _type("CLIENT", 13, "SERVER", draft=True),
            _type("RADIO", 14, "DISH", receives=False, draft=True),
            _type("DISH", 15, "RADIO", sends=False, draft=True),
            _type("GATHER", 16, "SCATTER", sends=False, draft=True),
            _type("SCATTER", 17, "GATHER", receives=False, draft=True),
            _type("DGRAM", 18, "DGRAM", draft=True),
            _type("PEER", 19, "PEER", draft=True),
            _type("CHANNEL", 20, "CHANNEL", draft=True),
        )
    }
)
"""Every socket type of libzmq 4.3.5 by its name, upper case."""

PUBLISHERS = frozenset({"PUB", "XPUB"})
SUBSCRIBERS = frozenset({"SUB", "XSUB"})
"""Those that send subscriptions to publishers (RFC 29)."""

FILTERING = frozenset({"SUB", "DISH"})
"""Those that receive only what a ``subscribe`` asks for, prefixes of SUB or groups of DISH."""

SPLITTERS = frozenset({"PUSH", "DEALER", "SCATTER"})
"""Those that deal their messages out in turn, to one peer each."""

TAKERS = frozenset({"SUB", "XSUB", "PULL", "DISH", "GATHER"})
"""Those that send subscriptions at most: nothing that anybody waits for once they close."""

_SOURCES = frozenset({"PUB", "XPUB", "PUSH", "REQ", "DEALER", "RADIO", "SCATTER", "CLIENT"})


def compatible(a: str, b: str) -> bool:
    """Return whether sockets of types ``a`` and ``b`` can talk. Raise KeyError where there is no type ``a``."""
    return b in TYPES[a].peers


def feeds(a: str, b: str) -> bool:
    """Return whether, of two connected sockets, work flows from ``a`` to ``b``: ``a`` stops first.

    Pairs without a direction (PAIR and PAIR, ROUTER and ROUTER, DEALER and DEALER) feed neither way.
    Raise KeyError where there is no type ``a``.
    """
    return compatible(a, b) and a in _SOURCES and b not in _SOURCES
