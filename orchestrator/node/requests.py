"""What the supervisor asks of a running node, carried out in the signal handler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from types import FrameType
from typing import Any

import zmq

from orchestrator.contract import codec
from orchestrator.contract.codec import Done
from orchestrator.contract.messages import FDS_LIMIT, Message
from orchestrator.contract.node_messages import (
    REQUESTS,
    Desert,
    Ending,
    Gate,
    Go,
    Listeners,
    Listening,
    Phase,
    Ping,
    Pong,
    Stop,
    Touch,
    Touched,
)
from orchestrator.contract.wiring import Wiring, unpack_markers
from orchestrator.node import gate, sockets
from orchestrator.node.control import Answer
from orchestrator.node.gate import Expected
from orchestrator.node.markers import Probe
from orchestrator.node.sockets import SocketRecord
from orchestrator.node.stopping import Stopping

_POLLOUT = int(zmq.POLLOUT)
_FILLING = frozenset({"PUSH", "DEALER", "PAIR", "SCATTER", "CLIENT", "CHANNEL"})
"""Types whose send waits for room. REQ and REP wait for their turn, the others drop."""


class Requests:
    """The state that requests look at and change."""

    def __init__(self, wiring: Wiring, wired: dict[str, SocketRecord], barrier: gate.Gate, stopping: Stopping) -> None:
        self._wiring = wiring
        self._wired = wired
        self._gate = barrier
        self._stopping = stopping

    @property
    def phase(self) -> Phase:
        """Where the node is."""
        return "stopping" if self._stopping.told else self._gate.phase

    def answer(self, message: Message, frame: FrameType | None) -> Answer:
        """Carry a request out; ``frame`` is the interrupted code. Raise BadMessage for a malformed one."""
        match codec.decode_one(REQUESTS, "do", "request", message):
            case Gate(number, expected):
                needed = {
                    name: Expected(each.handshakes, unpack_markers(each.markers)) for name, each in expected.items()
                }
                self._gate.expect(number, needed)
            case Go():
                self._gate.open()
            case Ping():
                return Pong(self.phase, self._gate.waiting()), ()
            case Touch(names, seen):
                return self._touch(names, seen), ()
            case Stop() as stop:
                return self._stop(stop, frame), ()
            case Desert(names):
                self._desert(names)
            case Listeners():
                return self._listeners()
        return Done(), ()

    def _touch(self, names: Iterable[str], asked: Mapping[str, tuple[str, ...]]) -> Touched:
        owned_elsewhere, seen = [], {}
        for wired in self._named(names):
            if wired.owned_elsewhere:
                owned_elsewhere.append(wired.name)
                continue
            sockets.enter(wired)
            if wired.name in asked:
                seen[wired.name] = _seen(wired, asked[wired.name])
            _wake(wired)
        return Touched(seen, tuple(owned_elsewhere))

    def _stop(self, request: Stop, frame: FrameType | None) -> Ending:
        if not self._stopping.told:
            self._hurry()
        self._stopping.set(request.grace)
        for name, numbers in request.lost.items():
            for wired in self._named([name]):
                wired.lost = tuple(wired.wiring.connect[number] for number in numbers)
        busy = False
        orders = {"dry": request.dry, "quiet": request.quiet, "cut": request.cut}
        for order, names in orders.items():
            for wired in self._named(names):
                wired.order = order
                if not wired.owned_elsewhere and not wired.ended:
                    busy |= not self._end(wired, frame)
        dry = tuple(name for names in orders.values() for name in names if self._has_ended(name))
        # What may keep the program from leaving: it does not look whether to, or nobody takes what it sends.
        reads = any(wired.reader() is not None for wired in self._wired.values())
        full = tuple(wired.name for wired in self._wired.values() if _is_full(wired))
        return Ending(dry, busy, self._stopping.looked or reads, full)

    def _hurry(self) -> None:
        """Have requests that retry wait by themselves: pyzmq waits anew after a signal, for the whole timeout."""
        for wired in self._wired.values():
            asks = wired.wiring.retry is not None and wired.wiring.type == "REQ" and wired.asynchronous is None
            if asks and not (wired.owned_elsewhere or wired.raw.closed):
                wired.raw.setsockopt(zmq.RCVTIMEO, 0)

    def _desert(self, names: Iterable[str]) -> None:
        for wired in (self._wired[name] for name in names if name in self._wired):
            if not wired.deserted:
                sockets.desert(wired)  # also where it is closed and lingers: for nobody
                if not wired.raw.closed:
                    _wake(wired)

    def _end(self, wired: SocketRecord, frame: FrameType | None) -> bool:
        """End a socket if it may be ended; False when it is in the middle of a message and has to be asked again."""
        if wired.order == "dry":
            if sockets.exhausted(wired):
                sockets.end(wired)
        elif wired.order == "quiet":
            if not sockets.enter(wired) & sockets.POLLIN:
                sockets.end(wired)
        elif _in_multipart(wired.raw, frame):
            return False
        else:
            sockets.detach(wired)
        _wake(wired)  # also where more is to be read
        return True

    def _has_ended(self, name: str) -> bool:
        wired = self._wired.get(name)
        if wired is None:
            return name not in self._wiring.sockets
        return wired.ended or wired.raw.closed

    def _listeners(self) -> Answer:
        held = [
            (address, descriptor)
            for given in self._wiring.sockets.values()
            for address, descriptor in zip(given.bind, given.fd, strict=False)
            if descriptor is not None
        ][:FDS_LIMIT]
        return Listening(tuple(address for address, _ in held)), tuple(descriptor for _, descriptor in held)

    def _named(self, names: Iterable[str]) -> list[SocketRecord]:
        return [self._wired[name] for name in names if name in self._wired and not self._wired[name].raw.closed]


def _is_full(wired: SocketRecord) -> bool:
    """Whether send would wait for somebody who takes more."""
    if wired.wiring.type not in _FILLING or wired.deserted or wired.owned_elsewhere or wired.raw.closed:
        return False
    full = not sockets.enter(wired) & _POLLOUT
    _wake(wired)
    return full


def _in_multipart(raw: zmq.Socket[bytes], frame: FrameType | None) -> bool:
    """Whether a message is on its way through a socket in parts: RCVMORE tells it of one that is received."""
    while frame is not None:
        if frame.f_code.co_name == "send_multipart":
            sender = frame.f_locals.get("self")
            if isinstance(sender, zmq.Socket) and sender.underlying == raw.underlying:
                return True
        frame = frame.f_back
    return bool(raw.getsockopt(zmq.RCVMORE))


def _seen(wired: SocketRecord, markers: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of these markers that have arrived at a PUB; all where nobody can tell."""
    if not wired.beside:
        return markers
    with closing(Probe(wired.raw, wired.beside)) as probe:
        return tuple(marker for marker in markers if probe.arrived([marker]))


def _wake(wired: SocketRecord) -> None:
    """Let an event loop look at a socket again: whoever looks at a socket takes the edge of its descriptor."""
    future: Any = wired.asynchronous
    if future is not None:
        future.wake(ended=wired.ended, deserted=wired.deserted)
