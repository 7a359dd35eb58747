"""What is on its way when a process leaves: what its peers have not read of it, and what it has not read itself.

A stream's rest is lost where its reader was told to stop and left all the same: a PULL or a SUB. Of a conversation
nobody waits for the rest, so it is only said; a reader that ends of its own accord wants no more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import zmq

from orchestrator.contract.node_messages import Unread
from orchestrator.node.sockets import SocketRecord
from orchestrator.zeromq.sockets import TAKERS

CONVERSATIONS = frozenset({"REP", "ROUTER"})

TOLD = 200
"""How many are told of at most."""

_COUNTING = 0.2
"""Seconds in which a socket's rest is counted; what then is still there comes on top."""

_DONTWAIT, _RCVMORE = int(zmq.DONTWAIT), int(zmq.RCVMORE)


def told(found: list[Unread]) -> tuple[Unread, ...]:
    """Return the largest of them as they are told to the supervisor; a message holds so many."""
    return tuple(sorted(found, key=lambda each: -each.bytes)[:TOLD])


def received(wired: Iterable[SocketRecord], *, stopping: bool) -> list[Unread]:
    """Read what has arrived at sockets whose program reads no more, and return how much that was."""
    found = []
    for each in wired:
        if _is_counted(each):
            if each.asynchronous is not None:
                each.asynchronous.release()
            messages, size = _rest(each)
            lost = stopping and each.wiring.type in TAKERS and not each.cut
            if messages:
                found.append(Unread(each.name, "received", "lost" if lost else "dropped", messages, size))
    return found


def _is_counted(wired: SocketRecord) -> bool:
    """Return whether what is unread at a socket is gone with it, and may be counted here."""
    wiring = wired.wiring
    elsewhere = wiring.durable is not None or wiring.replay is not None or wiring.retry is not None
    owned = wired.owned_elsewhere and wired.owner is not None and wired.owner.is_alive()
    one = bool(wiring.options.get("conflate"))
    return wiring.type in TAKERS | CONVERSATIONS and not (elsewhere or owned or one or wired.raw.closed)


def _rest(wired: SocketRecord) -> tuple[int, int]:
    """Return the messages and the bytes that a socket still has."""
    messages = size = 0
    until = time.monotonic() + _COUNTING
    with suppress(zmq.ZMQError):  # Again once it is empty, EFSM of a REP that owes a reply
        wired.raw.setsockopt(zmq.RCVTIMEO, 0)
        while time.monotonic() < until:
            for frame in _next(wired):
                messages += 1
                size += len(frame)
    return messages, size


def _next(wired: SocketRecord) -> list[Any]:
    """Return the next messages, each as its bytes; several of a batch. Raise zmq.Again."""
    if wired.wiring.batch is not None and wired.delivery_socket is not None:
        many = wired.delivery_socket.recv_many()
        return [each[1] if isinstance(each, tuple) else each for each in many]
    parts = [wired.raw.recv(_DONTWAIT)]
    while wired.raw.getsockopt(_RCVMORE):
        parts.append(wired.raw.recv(_DONTWAIT))
    return [b"".join(parts)]
