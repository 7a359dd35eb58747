"""The thread that hears what flows: whatever else happens here, publishers find it reading."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import zmq
from zmq.utils.monitor import recv_monitor_message

from orchestrator.delivery.journal.follower import Follower
from orchestrator.tap.buffer import Buffer, TappedMessage
from orchestrator.tap.losses import LossReport
from orchestrator.tap.reader import Reader
from orchestrator.tap.sources import Source

HIGH_WATER = 20_000
"""Messages that wait in libzmq for this thread, for each publisher."""

ROUND = 1_000
"""Messages of one publisher before the others have their turn."""

LOOK_EVERY = 20
"""Milliseconds between two looks at journals."""

QUIET = 0.2
"""Seconds without a message after which nothing is on its way any more from publishers that have ended."""

_DONTWAIT = int(zmq.DONTWAIT)


@dataclass(slots=True)
class _Station:
    """One publisher: its socket, and how many messages in a row were there at once."""

    reader: Reader
    socket: zmq.Socket[bytes]
    monitor: zmq.Socket[bytes]
    row: int = 0
    meetings: int = 0


class Listener:
    """Listens to sources, given with the addresses of their endpoints or the folders of their journals.

    What it hears goes to ``buffer``. ``met`` are those it has reached; ``problem`` says why it ended, if it had to.
    """

    def __init__(
        self,
        sources: Sequence[tuple[Source, str]],
        prefixes: Sequence[bytes],
        buffer: Buffer,
        high_water: int = HIGH_WATER,
    ) -> None:
        """Begin to listen. Raise zmq.ZMQError, JournalError."""
        self.losses = LossReport()
        self.met: set[str] = set()
        self.problem = ""
        self._buffer, self._high_water = buffer, high_water
        self._count = 0
        self._stop, self._finish = threading.Event(), threading.Event()
        context = zmq.Context()
        stations = [self._station(context, each, where, prefixes) for each, where in sources if each.endpoint]
        tails = [(each, Follower(Path(where))) for each, where in sources if not each.endpoint]
        self.met.update(source.socket for source, _ in tails)
        threading.Thread(target=self._run, args=(context, stations, tails), name="listener", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()

    def finish(self) -> None:
        """Take what is on its way from publishers that have ended, then listen no more."""
        self._finish.set()

    def _station(
        self, context: zmq.Context[zmq.Socket[bytes]], source: Source, address: str, prefixes: Sequence[bytes]
    ) -> _Station:
        socket = context.socket(zmq.SUB)
        socket.setsockopt(zmq.RCVHWM, self._high_water)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RECONNECT_IVL, 10)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        for prefix in prefixes:
            socket.setsockopt(zmq.SUBSCRIBE, prefix)
        monitor = socket.get_monitor_socket(int(zmq.EVENT_HANDSHAKE_SUCCEEDED))
        socket.connect(address)
        return _Station(Reader(source), socket, monitor)

    def _run(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        stations: Sequence[_Station],
        tails: Sequence[tuple[Source, Follower]],
    ) -> None:
        try:
            self._listen(stations, tails)
        except Exception as error:  # the main thread says it
            self.problem = str(error) or repr(error)
        finally:
            self.losses.dropped = self._buffer.dropped
            self.losses.missing = sum(each.reader.missing for each in stations) + sum(tail.missing for _, tail in tails)
            self._buffer.end()
            for _, tail in tails:
                tail.close()
            for station in stations:
                station.socket.disable_monitor()
            context.destroy(0)

    def _listen(self, stations: Sequence[_Station], tails: Sequence[tuple[Source, Follower]]) -> None:
        poller = zmq.Poller()
        for station in stations:
            poller.register(station.socket, zmq.POLLIN)
            poller.register(station.monitor, zmq.POLLIN)
        heard = time.monotonic()
        while not self._stop.is_set():
            ready = dict(poller.poll(LOOK_EVERY))
            before = self._count
            for station in stations:
                if station.monitor in ready:
                    self._meet(station)
                if station.socket in ready:
                    self._hear(station)
            for source, tail in tails:
                bodies = tail.new()
                self._give(source, [[body] for body in bodies])
            now = time.monotonic()
            if self._count != before or not self._finish.is_set():
                heard = now
            elif now - heard > QUIET:
                return

    def _hear(self, station: _Station) -> None:
        source, reader, found = station.reader.source, station.reader, []
        for _ in range(ROUND):
            try:
                parts = station.socket.recv_multipart(_DONTWAIT)
            except zmq.Again:
                station.row = 0
                break
            station.row += 1
            try:
                found += reader.read(parts)
            except ValueError as error:
                raise ValueError(f"{source.socket} does not speak {source.kind}, as the edge says: {error}") from None
        # What waits is counted in steps of half of its limit (libzmq, pipe_t): from there on it may be full.
        if station.row >= self._high_water // 2 and source.kind != "replay":
            self.losses.behind.add(source.socket)
        self._give(source, found)

    def _give(self, source: Source, found: Sequence[list[bytes]]) -> None:
        if found:
            self._count += len(found)
            now = time.time()
            self._buffer.put([TappedMessage(now, source.edge, source.socket, parts) for parts in found])

    def _meet(self, station: _Station) -> None:
        source = station.reader.source
        while station.monitor.poll(0):
            recv_monitor_message(station.monitor)
            station.meetings += 1
            self.met.add(source.socket)
            if station.meetings > 1 and source.kind != "replay":
                self.losses.returned.add(source.socket)
