"""The sockets of a node whose edges are durable; imported only where the wiring has some."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from orchestrator.contract.node_messages import Unread
from orchestrator.contract.wiring import Wiring
from orchestrator.delivery.durable.pull_socket import DurablePullSocket
from orchestrator.delivery.durable.push_socket import DurablePushSocket
from orchestrator.delivery.durable.settings import Settings
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.errors import WiringError
from orchestrator.node.sockets import SocketRecord


def attach(wired: SocketRecord, wiring: Wiring) -> None:
    """Return a PUSH or a PULL what stands in its place. Raise WiringError where its journal cannot be had."""
    try:
        if wired.wiring.type == "PUSH":
            wired.delivery_socket = DurablePushSocket(wired.raw, _settings(wired, wiring), lambda: wired.deserted)
        else:
            wired.delivery_socket = DurablePullSocket(wired.raw, _settings(wired, wiring), lambda: wired.ended)
    except JournalError as error:
        raise WiringError(f"{wiring.process}.{wired.name}: {error}") from None


def start(wired: SocketRecord) -> None:
    """Begin to send, once all are wired: from now on the socket is its thread's too."""
    if wired.wiring.type == "PUSH":
        wired.has_worker_thread = True
        wired.delivery_socket.start()


def attach_asynchronous(wired: SocketRecord) -> None:
    """Return a PUSH or a PULL what stands in its place under asyncio."""
    from orchestrator.delivery.durable.aio import AsyncDurablePullSocket, AsyncDurablePushSocket

    if wired.wiring.type == "PUSH":
        wired.async_delivery_socket = AsyncDurablePushSocket(wired.delivery_socket)
    else:
        wired.async_delivery_socket = AsyncDurablePullSocket(wired.delivery_socket, wired.asynchronous.socket)


def finish(wired: Iterable[SocketRecord], seconds: float, process: str) -> list[Unread]:
    """Have receivers' senders know what is acknowledged, then wait for what our own receivers have to take.

    Say on standard error what stays in the journal, and return it.
    """
    found = []
    deadline = time.monotonic() + seconds
    for each in sorted(wired, key=lambda each: each.wiring.type):  # PULL is before PUSH
        if each.raw.closed or each.delivery_socket is None:
            continue
        if each.asynchronous is not None:
            each.asynchronous.release()
        left = each.delivery_socket.finish(max(0.0, deadline - time.monotonic()))
        each.has_worker_thread = False
        if left:
            print(
                f"{process}.{each.name}: {left} messages stay in the journal: no receiver has acknowledged them yet",
                file=sys.stderr,
            )
            found.append(Unread(each.name, "sent", "kept", left))
    return found


def _settings(wired: SocketRecord, wiring: Wiring) -> Settings:
    name = f"{wiring.process}.{wired.name}"
    if not wiring.journals:
        raise JournalError("a durable edge needs a folder for its journal")
    return Settings.of(name, Path(wiring.journals, name), wired.wiring.durable or {}, wired.wiring.batch)
