"""The library inside each process of a mesh: wired ZeroMQ sockets, the gate, the drain.

It loads pyzmq and the standard library, and nothing else. What only some edges need is loaded when it is first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from orchestrator.errors import (
    NotInMeshError,
    OrchestratorError,
    UnknownSocketError,
    WiringError,
    WrongThreadError,
)
from orchestrator.node.node import Node

if TYPE_CHECKING:
    from orchestrator.delivery.batch.aio import AsyncBatchPubSocket, AsyncBatchSocket, AsyncBatchSubSocket
    from orchestrator.delivery.batch.sockets import BatchPubSocket, BatchSocket, BatchSubSocket
    from orchestrator.delivery.drained import DrainedError
    from orchestrator.delivery.durable.aio import AsyncDurablePullSocket, AsyncDurablePushSocket
    from orchestrator.delivery.durable.pull_socket import DurablePullSocket
    from orchestrator.delivery.durable.push_socket import DurablePushSocket
    from orchestrator.delivery.journal.errors import JournalError, JournalFullError
    from orchestrator.delivery.replay.aio import AsyncReplayPubSocket, AsyncReplaySubSocket
    from orchestrator.delivery.replay.publisher import ReplayPubSocket
    from orchestrator.delivery.replay.subscriber import ReplayGapError, ReplaySubSocket
    from orchestrator.delivery.retry.aio import AsyncReplySocket, AsyncRequestSocket
    from orchestrator.delivery.retry.errors import NoReplyError
    from orchestrator.delivery.retry.sockets import ReplySocket, RequestSocket
    from orchestrator.node.receiving import Messages
    from orchestrator.node.stopping import Stopping

_MODULES = {
    "node.receiving": ("Messages",),
    "node.stopping": ("Stopping",),
    "delivery.batch.aio": ("AsyncBatchPubSocket", "AsyncBatchSocket", "AsyncBatchSubSocket"),
    "delivery.batch.sockets": ("BatchPubSocket", "BatchSocket", "BatchSubSocket"),
    "delivery.drained": ("DrainedError",),
    "delivery.durable.aio": ("AsyncDurablePullSocket", "AsyncDurablePushSocket"),
    "delivery.durable.pull_socket": ("DurablePullSocket",),
    "delivery.durable.push_socket": ("DurablePushSocket",),
    "delivery.journal.errors": ("JournalError", "JournalFullError"),
    "delivery.replay.aio": ("AsyncReplayPubSocket", "AsyncReplaySubSocket"),
    "delivery.replay.publisher": ("ReplayPubSocket",),
    "delivery.replay.subscriber": ("ReplayGapError", "ReplaySubSocket"),
    "delivery.retry.aio": ("AsyncReplySocket", "AsyncRequestSocket"),
    "delivery.retry.errors": ("NoReplyError",),
    "delivery.retry.sockets": ("ReplySocket", "RequestSocket"),
}

__all__ = [
    "AsyncBatchPubSocket",
    "AsyncBatchSocket",
    "AsyncBatchSubSocket",
    "AsyncDurablePullSocket",
    "AsyncDurablePushSocket",
    "AsyncReplayPubSocket",
    "AsyncReplaySubSocket",
    "AsyncReplySocket",
    "AsyncRequestSocket",
    "BatchPubSocket",
    "BatchSocket",
    "BatchSubSocket",
    "DrainedError",
    "DurablePullSocket",
    "DurablePushSocket",
    "JournalError",
    "JournalFullError",
    "Messages",
    "NoReplyError",
    "Node",
    "NotInMeshError",
    "OrchestratorError",
    "ReplayGapError",
    "ReplayPubSocket",
    "ReplaySubSocket",
    "ReplySocket",
    "RequestSocket",
    "Stopping",
    "UnknownSocketError",
    "WiringError",
    "WrongThreadError",
]


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"orchestrator.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
