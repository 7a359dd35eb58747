"""Sockets as findings name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.registry import Path


def at(place: SocketRef, *more: str) -> Path:
    """Return the key path of a socket, or of a key of it."""
    return ("nodes", place[0], "sockets", place[1], *more)


def like_it(place: SocketRef, others: int) -> str:
    """Name a socket, and how many more of its kind there are."""
    return ".".join(place) + (f" (and {others} more)" if others else "")
