"""The sockets of a node whose edges replay; imported only where the wiring has some."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import zmq

from orchestrator.contract import wiring as contract
from orchestrator.contract.node_messages import Unread
from orchestrator.contract.wiring import Wiring
from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.batch.sockets import Arm
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.delivery.replay.history import History
from orchestrator.delivery.replay.publisher import ReplayPubSocket
from orchestrator.delivery.replay.subscriber import ReplaySubSocket
from orchestrator.errors import WiringError
from orchestrator.node.sockets import SocketRecord

DEFAULT = Limits(256, 64 * 1024, 0.001)
"""How full a frame is where the edge says nothing of batches."""


def attach(wired: SocketRecord, wiring: Wiring, arm: Arm | None) -> None:
    """Return a PUB or a SUB what stands in its place. Raise WiringError where its journal cannot be had."""
    name, said = f"{wiring.process}.{wired.name}", wired.wiring.replay or {}
    try:
        wired.delivery_socket = (
            _publisher(wired, wiring, name, said, arm) if "side" in said else _subscriber(wired, wiring, name, said)
        )
    except (JournalError, zmq.ZMQError) as error:
        raise WiringError(f"{name}: {error}") from None


def attach_asynchronous(wired: SocketRecord) -> None:
    """Return a PUB or a SUB what stands in its place under asyncio."""
    from orchestrator.delivery.replay.aio import AsyncReplayPubSocket, AsyncReplaySubSocket

    if wired.wiring.type == "PUB":
        wired.async_delivery_socket = AsyncReplayPubSocket(wired.delivery_socket)
    else:
        wired.async_delivery_socket = AsyncReplaySubSocket(wired.delivery_socket, wired.asynchronous.socket)


def finish(wired: Iterable[SocketRecord], seconds: float, process: str) -> list[Unread]:
    """Stay until subscribers have all; say on standard error how many have not, and return it.

    What they lack stays in the journal for as long as the edge keeps it.
    """
    found = []
    deadline = time.monotonic() + seconds
    for each in wired:
        if each.delivery_socket is not None and not each.raw.closed:
            left = each.delivery_socket.finish(max(0.0, deadline - time.monotonic()))
            if left:
                print(f"{process}.{each.name}: {left} subscribers have not had all yet", file=sys.stderr)
                found.append(Unread(each.name, "sent", "kept"))
    return found


def _publisher(
    wired: SocketRecord, wiring: Wiring, name: str, said: dict[str, Any], arm: Arm | None
) -> ReplayPubSocket:
    if not wiring.journals:
        raise JournalError("an edge that replays needs a folder for its journal")
    keep = said.get("keep", 1 << 30)
    size, seconds = (None, keep) if isinstance(keep, float) else (keep, None)
    history = History(Path(wiring.journals, name), size=size, seconds=seconds)
    limits = DEFAULT if wired.wiring.batch is None else Limits.of(wired.wiring.batch)
    secret = bytes.fromhex(said.get("secret", ""))
    return ReplayPubSocket(wired.raw, name, limits, history, said["side"], arm, wiring.generation, secret)


def _subscriber(wired: SocketRecord, wiring: Wiring, name: str, said: dict[str, Any]) -> ReplaySubSocket:
    prefixes = [contract.to_bytes(each) for each in wired.wiring.options.get("subscribe", ())]
    begin = said.get("from", "latest")
    return ReplaySubSocket(
        wired.raw,
        name,
        prefixes,
        said.get("publishers", {}),
        begin,
        lambda: wired.ended,
        generation=wiring.generation,
        secret=bytes.fromhex(said.get("secret", "")),
        bound=bool(wired.wiring.bind),
    )
