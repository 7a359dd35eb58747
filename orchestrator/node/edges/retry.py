"""The sockets of a node whose edges retry; imported only where the wiring has some."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from orchestrator.delivery.retry.attempts import RetryPolicy
from orchestrator.delivery.retry.sockets import ReplySocket, RequestSocket
from orchestrator.node.sockets import SocketRecord

READING = 0.1
"""Seconds that a client has for reading a reply before its server leaves."""


def attach(wired: SocketRecord, process: str, told: Callable[[], bool]) -> None:
    """Return a REQ or a REP what stands in its place."""
    name, policy = _name(wired, process), _policy(wired)
    if wired.wiring.type == "REQ":
        wired.delivery_socket = RequestSocket(wired.raw, policy, name, lambda: wired.ended, told)
    else:
        wired.delivery_socket = ReplySocket(wired.raw, policy, name)


def attach_asynchronous(wired: SocketRecord, process: str, told: Callable[[], bool]) -> None:
    """Return a REQ or a REP what stands in its place under asyncio."""
    from orchestrator.delivery.retry.aio import AsyncReplySocket, AsyncRequestSocket

    name, policy, socket = _name(wired, process), _policy(wired), wired.asynchronous.socket
    if wired.wiring.type == "REQ":
        wired.async_delivery_socket = AsyncRequestSocket(socket, policy, name, lambda: wired.ended, told)
    else:
        wired.async_delivery_socket = AsyncReplySocket(socket, policy, name)


def finish(wired: Iterable[SocketRecord], seconds: float) -> None:
    """Let clients read the last replies before their connections go, at most so many seconds.

    Whoever connects with ZMQ_IMMEDIATE drops what it has received and not read when its peer has gone.
    """
    servers = [
        each
        for wired_ in wired
        for each in (wired_.delivery_socket, wired_.async_delivery_socket)
        if hasattr(each, "replied")
    ]
    last = max((each.replied for each in servers), default=0.0)
    time.sleep(max(0.0, min(seconds, last + READING - time.monotonic())))


def _policy(wired: SocketRecord) -> RetryPolicy:
    return RetryPolicy.of(wired.wiring.retry or {})


def _name(wired: SocketRecord, process: str) -> str:
    edges = ", ".join(wired.wiring.edges)
    return f"{process}.{wired.name}" + (f" (edge {edges})" if edges else "")
