"""The batched sockets of a node and the timer that sends their tails; imported only where the wiring has some."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from orchestrator.contract.node_messages import Unread
from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.batch.sockets import Arm, class_for
from orchestrator.node.sockets import SocketRecord

if TYPE_CHECKING:
    from orchestrator.delivery.batch.timer import Timer


class BatchEdges:
    """Makes the batched sockets of one process."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._sockets: list[Any] = []
        self._timer = self._make_timer()
        self._deadline = float("inf")

    def attach(self, wired: SocketRecord) -> None:
        """Give the socket its batches."""
        kind = wired.wiring.type
        wired.delivery_socket = class_for(kind)(wired.raw, kind, _limits(wired), self._name(wired), self.arm)
        self.add(wired)

    @property
    def arm(self) -> Arm | None:
        """What has the timer call; None where there is none."""
        return self._arm if self._timer is not None else None

    def add(self, wired: SocketRecord) -> None:
        """Have the timer send what waits at a socket of ours, if anything can."""
        if hasattr(wired.delivery_socket, "due"):
            self._sockets.append(wired.delivery_socket)

    def attach_asynchronous(self, wired: SocketRecord) -> None:
        """Give the socket its batches under asyncio."""
        from orchestrator.delivery.batch.aio import async_class_for

        kind = wired.wiring.type
        wired.async_delivery_socket = async_class_for(kind)(
            wired.asynchronous.socket, kind, _limits(wired), self._name(wired)
        )

    def finish(self, wired: Iterable[SocketRecord], seconds: float) -> list[Unread]:
        """Send what waits, within so many seconds in all; say on standard error what nobody took, and return it."""
        found = []
        deadline = time.monotonic() + seconds
        if self._timer is not None:
            self._timer.close()
        for each in wired:
            if each.wiring.batch is None or each.raw.closed:
                continue
            left = each.delivery_socket.finish(_time(each, deadline))
            if each.async_delivery_socket is not None:
                left += each.async_delivery_socket.finish(each.raw, _time(each, deadline))
            if left:
                print(f"{self._name(each)}: {left} messages were not sent: nobody took them in time", file=sys.stderr)
                found.append(Unread(each.name, "sent", "dropped" if each.deserted else "lost", left))
        return found

    def _make_timer(self) -> Timer | None:
        if not hasattr(signal, "SIGRTMAX"):
            return None
        from orchestrator.delivery.batch.timer import Timer

        try:
            return Timer(self._due)
        except ValueError:  # a node without a mesh, in another thread
            return None

    def _arm(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        if deadline < self._deadline and self._timer is not None:
            self._deadline = deadline
            self._timer.arm(seconds)

    def _due(self) -> None:
        # First, since each socket that cannot send now asks for another time.
        self._deadline = float("inf")
        for each in self._sockets:
            each.due()

    def _name(self, wired: SocketRecord) -> str:
        edges = ", ".join(wired.wiring.edges)
        return f"{self._process}.{wired.name}" + (f" (edge {edges})" if edges else "")


def _time(wired: SocketRecord, deadline: float) -> float:
    return 0.0 if wired.deserted else deadline - time.monotonic()


def _limits(wired: SocketRecord) -> Limits:
    return Limits.of(wired.wiring.batch or {})
