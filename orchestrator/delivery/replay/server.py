"""The side channel of a publisher: a thread with a socket of its own, which the live stream never waits for."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import zmq

from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.replay import wire
from orchestrator.delivery.replay.history import History
from orchestrator.delivery.replay.peers import Readers
from orchestrator.delivery.routing import send

_TURN = 50
"""Milliseconds between two looks at whether to end."""


class HistoryServer:
    """Answers subscribers from the history until it is ended."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        address: str,
        name: str,
        history: History,
        generation: int = 0,
        secret: bytes = b"",
    ) -> None:
        """Bind the side channel. Raise zmq.ZMQError."""
        self._history = history
        self.dropped = Dropped(name)
        self._socket = context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.ROUTING_ID, name.encode())
        self._socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._socket.bind(address)
        self._readers = Readers(name, generation, secret, history.stream)
        self._content: set[bytes] = set()
        self._ending = False
        self._deadline = float("inf")
        self._thread = threading.Thread(target=self._run, name=f"replay {name}", daemon=True)
        self._thread.start()

    def end(self, seconds: float) -> int:
        """Stay, at most so many seconds, until all subscribers that are there have all; return how many have not."""
        self._deadline = time.monotonic() + seconds
        self._ending = True
        self._thread.join()
        self._socket.close()
        return len(self._waiting(time.monotonic()))

    def _run(self) -> None:
        told = 0.0
        with suppress(zmq.ContextTerminated):
            while not (self._ending and (not self._waiting(time.monotonic()) or time.monotonic() > self._deadline)):
                if self._ending and time.monotonic() >= told:
                    told = time.monotonic() + 0.1
                    for reader in self._waiting(time.monotonic()):
                        self._say(reader, wire.END)
                if self._socket.poll(_TURN):
                    self._answer(*self._socket.recv_multipart())

    def _waiting(self, now: float) -> list[bytes]:
        return [reader for reader in self._readers.present(now) if reader not in self._content]

    def _answer(self, reader: bytes, asked: bytes = b"", *more: bytes) -> None:
        now = time.monotonic()
        try:
            if asked[:1] == wire.CATALOG:
                token, prefixes = wire.read_catalog_request(asked)
                why = self._readers.admit(reader, token, now)
            else:
                why = "" if self._readers.hears(reader, now) else "it has not proved who it is"
            if why:
                self.dropped(why, reader)
                return
            match asked[:1]:
                case wire.CATALOG:
                    generation, proof = self._readers.answer(reader)
                    self._say(
                        reader, wire.catalog(self._history.stream, self._history.held(prefixes), generation, proof)
                    )
                case wire.FETCH:
                    number, wanted = wire.read_fetch(asked)
                    again, gaps, records = self._history.behind(wanted)
                    self._say(reader, wire.answer(number, more=again, gaps=gaps, records=records))
                case wire.OKAY:
                    if self._ending:
                        self._content.add(reader)
                case _:
                    self.dropped("not replay/1", reader)
        except wire.BadFrame as error:
            self.dropped(str(error), reader)

    def _say(self, reader: bytes, said: bytes) -> None:
        if not send(self._socket, reader, said):
            self._readers.gone(reader)
