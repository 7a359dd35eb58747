"""What the edges of a process add to its sockets. What none of them adds is not imported."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from orchestrator.contract.node_messages import Unread
from orchestrator.contract.wiring import Wiring
from orchestrator.errors import WiringError
from orchestrator.node.sockets import SocketRecord

if TYPE_CHECKING:
    from orchestrator.node.edges.batch import BatchEdges

SENDING = 0.8
"""Part of the grace in which what waits is sent; the rest is for saying what nobody took, and for closing."""


class Deliveries:
    """Puts in the place of each socket what its edges ask for, and sees to it in the end."""

    def __init__(self, wiring: Wiring, told: Callable[[], bool]) -> None:
        """``told`` tells whether the node is to stop."""
        self._wiring, self._told = wiring, told
        self._batched: BatchEdges | None = None

    def attach(self, wired: SocketRecord) -> None:
        """Give a socket what the program gets in its place, if anything. Raise WiringError."""
        try:
            self._attach(wired)
        except KeyError as missing:
            raise WiringError(f"socket {wired.name!r}: what its edge adds lacks {missing}") from None

    def _attach(self, wired: SocketRecord) -> None:
        if wired.wiring.durable is not None:
            from orchestrator.node.edges import durable

            durable.attach(wired, self._wiring)
        elif wired.wiring.replay is not None:
            from orchestrator.node.edges import replay

            replay.attach(wired, self._wiring, self._batches().arm)
            self._batches().add(wired)
        elif wired.wiring.batch is not None:
            self._batches().attach(wired)
        elif wired.wiring.retry is not None:
            from orchestrator.node.edges import retry

            retry.attach(wired, self._wiring.process, self._told)

    def attach_asynchronous(self, wired: SocketRecord) -> None:
        """Give a socket what the program gets in its place under asyncio."""
        if wired.wiring.durable is not None:
            from orchestrator.node.edges import durable

            durable.attach_asynchronous(wired)
        elif wired.wiring.replay is not None:
            from orchestrator.node.edges import replay

            replay.attach_asynchronous(wired)
        elif wired.wiring.batch is not None and self._batched is not None:
            self._batched.attach_asynchronous(wired)
        elif wired.wiring.retry is not None:
            from orchestrator.node.edges import retry

            retry.attach_asynchronous(wired, self._wiring.process, self._told)

    def start(self, wired: Collection[SocketRecord]) -> None:
        """Begin, once all are wired."""
        for each in wired:
            if each.wiring.durable is not None:
                from orchestrator.node.edges import durable

                durable.start(each)

    def finish(self, wired: Collection[SocketRecord], deadline: float) -> list[Unread]:
        """Send what is to be sent, and have it taken, in most of the time until ``deadline`` (time.monotonic).

        Return what was not taken then.
        """
        left: list[Unread] = []
        wired = [each for each in wired if each.delivery_socket is not None]  # else it failed before it began
        lasting_ = [each for each in wired if each.wiring.durable is not None]
        replays = [each for each in wired if each.wiring.replay is not None]
        if self._batched is not None:
            batched = [each for each in wired if each not in lasting_ and each not in replays]
            left += self._batched.finish(batched, _most(deadline))
        if replays:
            from orchestrator.node.edges import replay

            left += replay.finish(replays, _most(deadline), self._wiring.process)
        if any(each.wiring.retry is not None for each in wired):
            from orchestrator.node.edges import retry

            retry.finish(wired, _most(deadline))
        if lasting_:
            from orchestrator.node.edges import durable

            left += durable.finish(lasting_, _most(deadline), self._wiring.process)
        return left

    def _batches(self) -> BatchEdges:
        if self._batched is None:
            from orchestrator.node.edges.batch import BatchEdges

            self._batched = BatchEdges(self._wiring.process)
        return self._batched


def _most(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic()) * SENDING
