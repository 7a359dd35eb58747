"""The sockets of a node whose edges retry; imported only where the wiring has some."""

from __future__ import annotations

from orchestrator.delivery.attempts import Patience
from orchestrator.delivery.retry import ReplySocket, RequestSocket
from orchestrator.node.sockets import Wired


def equip(wired: Wired, process: str) -> None:
    """Give a REQ or a REP what stands in its place."""
    name, patience = _name(wired, process), _patience(wired)
    if wired.wiring.type == "REQ":
        wired.stead = RequestSocket(wired.raw, patience, name, lambda: wired.ended)
    else:
        wired.stead = ReplySocket(wired.raw, patience, name)


def equip_asynchronous(wired: Wired, process: str) -> None:
    """Give a REQ or a REP what stands in its place under asyncio."""
    from orchestrator.delivery.retry_asynchronous import AsyncReplySocket, AsyncRequestSocket

    name, patience, socket = _name(wired, process), _patience(wired), wired.asynchronous.socket
    if wired.wiring.type == "REQ":
        wired.async_stead = AsyncRequestSocket(socket, patience, name, lambda: wired.ended)
    else:
        wired.async_stead = AsyncReplySocket(socket, patience, name)


def _patience(wired: Wired) -> Patience:
    return Patience.of(wired.wiring.retry or {})


def _name(wired: Wired, process: str) -> str:
    edges = ", ".join(wired.wiring.edges)
    return f"{process}.{wired.name}" + (f" (edge {edges})" if edges else "")
