"""The sockets of a node whose edges retry; imported only where the wiring has some."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from orchestrator.delivery.retry.attempts import Patience
from orchestrator.delivery.retry.sockets import ReplySocket, RequestSocket
from orchestrator.node.sockets import Wired

READING = 0.1
"""Seconds that a client has for reading a reply before its server leaves."""


def equip(wired: Wired, process: str, told: Callable[[], bool]) -> None:
    """Return a REQ or a REP what stands in its place."""
    name, patience = _name(wired, process), _patience(wired)
    if wired.wiring.type == "REQ":
        wired.stead = RequestSocket(wired.raw, patience, name, lambda: wired.ended, told)
    else:
        wired.stead = ReplySocket(wired.raw, patience, name)


def equip_asynchronous(wired: Wired, process: str, told: Callable[[], bool]) -> None:
    """Return a REQ or a REP what stands in its place under asyncio."""
    from orchestrator.delivery.retry.aio import AsyncReplySocket, AsyncRequestSocket

    name, patience, socket = _name(wired, process), _patience(wired), wired.asynchronous.socket
    if wired.wiring.type == "REQ":
        wired.async_stead = AsyncRequestSocket(socket, patience, name, lambda: wired.ended, told)
    else:
        wired.async_stead = AsyncReplySocket(socket, patience, name)


def finish(wired: Iterable[Wired], seconds: float) -> None:
    """Let clients read the last replies before their connections go, at most so many seconds.

    Whoever connects with ZMQ_IMMEDIATE drops what it has received and not read when its peer has gone.
    """
    servers = [each for wired_ in wired for each in (wired_.stead, wired_.async_stead) if hasattr(each, "replied")]
    last = max((each.replied for each in servers), default=0.0)
    time.sleep(max(0.0, min(seconds, last + READING - time.monotonic())))


def _patience(wired: Wired) -> Patience:
    return Patience.of(wired.wiring.retry or {})


def _name(wired: Wired, process: str) -> str:
    edges = ", ".join(wired.wiring.edges)
    return f"{process}.{wired.name}" + (f" (edge {edges})" if edges else "")
