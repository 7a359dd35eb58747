"""What a durable PUSH says to its receivers, and hears from them, on the ROUTER beneath; never waits."""

from __future__ import annotations

import time

import zmq

from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.durable import wire
from orchestrator.delivery.durable.peers import Receivers
from orchestrator.delivery.durable.sender import Outcome, SenderState
from orchestrator.delivery.journal.journal import Journal

_DONTWAIT, _SNDMORE = int(zmq.DONTWAIT), int(zmq.SNDMORE)
_EVENTS, _POLLIN = int(zmq.EVENTS), int(zmq.POLLIN)
_UNREACHABLE = int(zmq.EHOSTUNREACH)


class Exchange:
    """Carries words between receivers and ``sending``. Whoever calls it holds the lock of the socket."""

    def __init__(
        self, raw: zmq.Socket[bytes], receivers: Receivers, sending: SenderState, journal: Journal, dropped: Dropped
    ) -> None:
        self._raw, self._receivers, self._sending = raw, receivers, sending
        self._journal, self._dropped = journal, dropped

    def turn(self) -> float | None:
        """Hear and send all that can be; return when to do so again, None for never."""
        while True:
            while self._raw.getsockopt(_EVENTS) & _POLLIN:  # type: ignore[operator]
                self.hear(self._raw.recv_multipart(_DONTWAIT))
            when = self._sending.turn(time.monotonic(), self._send)
            # What has come while it was sending is told by no descriptor.
            if not self._raw.getsockopt(_EVENTS) & _POLLIN:  # type: ignore[operator]
                return when

    def hear(self, parts: list[bytes]) -> None:
        """Take a message of a peer, whatever it is: receivers are heard, others counted."""
        peer, now = parts[0], time.monotonic()
        if parts[1:] == [b""]:
            name = self._receivers.arrived(peer)
            if name is None:
                self._dropped("it is no receiver of this edge", peer)
            else:
                self._sending.arrived(name, now)
            return
        try:
            said = wire.read(parts[1] if len(parts) == 2 else b"")
        except wire.BadFrame as error:
            self._dropped(str(error), peer)
            return
        name = self._receivers.speaks(peer, said if isinstance(said, wire.State) else None)
        if name is None and self._receivers.was(peer):
            self._dropped.count += 1  # nothing to speak of
            return
        if name is None:
            self._dropped("it has not proved to be a receiver of this edge", peer)
            return
        segments = self._journal.segments
        self._sending.hear(name, said, now, self._send)
        if len(segments) > 1 and not segments[0].unacknowledged:
            self._journal.prune()

    def _send(self, name: str, said: wire.Said) -> Outcome:
        if isinstance(said, wire.Hello):
            return self._greet(name, said)
        peer = self._receivers.of(name)
        return Outcome.GONE if peer is None else self._send_to(name, peer, said)

    def _greet(self, name: str, hello: wire.Hello) -> Outcome:
        """Say hello to all that call themselves a receiver; who is it answers with a token."""
        found = {
            self._send_to(name, peer, self._receivers.hello(peer, hello)) for peer in self._receivers.to_greet(name)
        }
        return next((each for each in (Outcome.SENT, Outcome.FULL) if each in found), Outcome.GONE)

    def _send_to(self, name: str, peer: bytes, said: wire.Said) -> Outcome:
        try:
            self._raw.send(peer, _DONTWAIT | _SNDMORE)
        except zmq.Again:
            return Outcome.FULL
        except zmq.ZMQError as error:
            if error.errno == _UNREACHABLE:
                self._receivers.gone(name, peer)
                return Outcome.GONE
            raise
        self._raw.send(wire.frame(said), _DONTWAIT)
        return Outcome.SENT
