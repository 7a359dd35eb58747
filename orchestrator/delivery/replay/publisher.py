"""What a program has in the place of a PUB whose edge replays: what it sends is kept, then sent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, cast

import zmq

from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.batch.sockets import Arm, Outgoing
from orchestrator.delivery.replay.history import History
from orchestrator.delivery.replay.server import HistoryServer
from orchestrator.delivery.replay.wire import HEAD


class RecordingOutgoing:
    """Stands where ``Outgoing`` has a socket: it keeps each frame, numbers it, and sends it."""

    def __init__(self, raw: zmq.Socket[bytes], history: History) -> None:
        self._raw, self._history = raw, history
        self._busy = False

    def send_multipart(self, parts: Sequence[bytes], flags: int = 0) -> None:
        """Keep and send a topic and a batch. Raise JournalFullError."""
        if self._busy:
            raise zmq.Again  # a signal handler, in the middle of it: later
        self._busy = True
        try:
            topic, batch = parts
            before, first = self._history.write(topic, batch)
            self._raw.send_multipart((topic, HEAD.pack(self._history.stream, before, first) + batch), flags)
        finally:
            self._busy = False

    def setsockopt(self, option: int, value: Any) -> None:
        """Set an option of the socket."""
        self._raw.setsockopt(option, value)


class ReplayPubSocket:
    """Takes messages with a topic: ``send(body, topic)``. ``raw`` is the socket beneath: do not send there."""

    def __init__(
        self,
        raw: zmq.Socket[bytes],
        name: str,
        limits: Limits,
        history: History,
        side: str,
        arm: Arm | None,
        generation: int = 0,
        secret: bytes = b"",
    ) -> None:
        """Begin to answer at the side channel. Raise zmq.ZMQError."""
        self.raw, self._history = raw, history
        if history.lost:
            print(f"{name}: {history.lost} frames were not on disk when the machine went down", file=sys.stderr)
        self._out = Outgoing(cast("zmq.Socket[bytes]", RecordingOutgoing(raw, history)), limits, arm, topical=True)
        self.send, self.send_many = self._out.send, self._out.send_many
        self._serving = HistoryServer(raw.context, side, name, history, generation, secret)

    @property
    def dropped(self) -> int:
        """How much has arrived at the side channel that was no word of a subscriber."""
        return self._serving.dropped.count

    def flush(self) -> None:
        """Send what waits for company."""
        self._out.flush()

    def due(self) -> None:
        """Send what waits. For the timer: it never raises and never waits."""
        self._out.due()

    def finish(self, seconds: float) -> int:
        """Send the rest and stay, at most so many seconds, until all subscribers have all; return how many have not."""
        self._out.finish(seconds)
        left = self._serving.end(seconds)
        self._history.close()
        return left
