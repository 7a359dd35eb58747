"""The side channel of a publisher: a thread with a socket of its own, which the live stream never waits for."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress

import zmq

from orchestrator.delivery.replay import wire
from orchestrator.delivery.replay.history import History

PRESENT = 3.0
"""Seconds after which a subscriber that has said nothing is taken to be gone; it asks each second while it listens."""

_TURN = 50
"""Milliseconds between two looks at whether to end."""


class Serving:
    """Answers subscribers from the history until it is ended."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], address: str, name: str, history: History) -> None:
        """Bind the side channel. Raise zmq.ZMQError."""
        self._name, self._history = name, history
        self._socket = context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.ROUTING_ID, name.encode())
        self._socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._socket.bind(address)
        self._readers: dict[bytes, float] = {}
        self._content: set[bytes] = set()
        self._ending = False
        self._deadline = float("inf")
        self._thread = threading.Thread(target=self._run, name=f"replay {name}", daemon=True)
        self._thread.start()

    def end(self, seconds: float) -> int:
        """Stay, at most so many seconds, until all subscribers that are there have all; give how many have not."""
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
        present = (reader for reader, heard in self._readers.items() if now - heard < PRESENT)
        return [reader for reader in present if reader not in self._content]

    def _answer(self, reader: bytes, asked: bytes = b"", *more: bytes) -> None:
        self._readers[reader] = time.monotonic()
        try:
            match asked[:1]:
                case wire.CATALOG:
                    held = self._history.held(wire.read_catalog_request(asked))
                    self._say(reader, wire.catalog(self._history.stream, held))
                case wire.FETCH:
                    number, wanted = wire.read_fetch(asked)
                    again, gaps, records = self._history.behind(wanted)
                    self._say(reader, wire.answer(number, more=again, gaps=gaps, records=records))
                case wire.OKAY if self._ending:
                    self._content.add(reader)
        except wire.BadFrame as error:
            print(f"{self._name}: from {reader.decode(errors='replace')}: {error}", file=sys.stderr)

    def _say(self, reader: bytes, said: bytes) -> None:
        try:
            self._socket.send_multipart([reader, said], zmq.DONTWAIT)
        except zmq.Again:
            return  # it asks again
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._readers.pop(reader, None)
