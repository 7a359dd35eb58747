"""The start barrier: wire all sockets, then wait until all are wired to their peers.

Handshakes are counted by socket monitors (zmq_socket_monitor(3)); of subscriptions ``markers`` knows.
"""

from __future__ import annotations

import itertools
import select
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import zmq

from orchestrator.contract.node_messages import SocketsReady
from orchestrator.node.control import Control
from orchestrator.node.markers import Probe
from orchestrator.node.sockets import DONTWAIT, EVENTS, FD, POLLIN, SocketRecord, enter

_SUCCEEDED, _DISCONNECTED = int(zmq.EVENT_HANDSHAKE_SUCCEEDED), int(zmq.EVENT_DISCONNECTED)
_FAILED = int(
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
_EVENTS = _SUCCEEDED | _FAILED | _DISCONNECTED
_EVENT = struct.Struct("=HI")

_NUMBERS = itertools.count(1)  # of the monitors of this process

_LONGEST_WAIT = 500
"""Milliseconds after which all sockets are looked at, whatever the descriptors say."""


class Expected(NamedTuple):
    """What one socket must have seen: how many handshakes, and which markers."""

    handshakes: int = 0
    markers: Sequence[str] = ()


_NOTHING = Expected()


class Gate:
    """What the sockets have seen, and what they must have seen before the program runs."""

    def __init__(self) -> None:
        self.phase: Literal["starting", "gate", "running"] = "starting"
        self._links: list[Link] = []
        self._expected: dict[str, Expected] = {}
        self._request: int | None = None
        self._told = False
        self._opened = False

    def watch(self, sockets: Iterable[SocketRecord]) -> None:
        """Count the handshakes of these sockets; they are neither bound nor connected yet."""
        self._links = [Link(wired) for wired in sockets]

    def expect(self, request: int, expected: dict[str, Expected]) -> None:
        """Wait for this from now on, and say so with the request's id."""
        self._request, self._expected, self._told = request, expected, False
        for link in self._links:
            link.look(self._of(link))

    def open(self) -> None:
        """Let the program run."""
        self._opened = True

    def waiting(self) -> dict[str, str]:
        """Say for each socket what is still missing: ``handshakes 3/4`` or ``subscriptions 3/4``."""
        found = {link.wired.name: link.missing(self._of(link)) for link in self._links}
        return {name: missing for name, missing in found.items() if missing}

    def wait(self, control: Control) -> None:
        """Wait until the supervisor opens the gate; it may go and come back meanwhile."""
        self.phase = "gate"
        control.polled = True
        control.greet()
        ready: set[int] = set()
        while not self._opened:
            for link in self._links:
                if not ready or ready & link.descriptors:
                    link.look(self._of(link))
            self._tell(control)
            calls = control.descriptors()
            ready = _wait({*calls, *(descriptor for link in self._links for descriptor in link.descriptors)})
            if not ready or ready & {*calls}:
                control.serve()
        self.end()
        control.polled = False
        # A signal that came while the loop was reading has nobody else to answer it.
        control.serve()

    def end(self) -> None:
        """Be past the gate: monitors must not outlive it."""
        for link in self._links:
            link.close()
        self._links.clear()
        self.phase = "running"

    def _of(self, link: Link) -> Expected:
        return self._expected.get(link.wired.name, _NOTHING)

    def _tell(self, control: Control) -> None:
        if self._request is None or self._told:
            return
        if all(link.satisfied(self._of(link)) for link in self._links):
            self._told = True
            control.say(SocketsReady(self._request))


class Link:
    """One socket and its monitor."""

    def __init__(self, wired: SocketRecord) -> None:
        self.wired = wired
        address = f"inproc://orchestrator.monitor.{next(_NUMBERS)}"
        _monitor(wired.raw, address)
        # A full or unread monitor would stop the I/O thread of the whole process.
        self._reader: zmq.Socket[bytes] = wired.raw.context.socket(zmq.PAIR)
        self._reader.setsockopt(zmq.RCVHWM, 0)
        self._reader.connect(address)
        # They become readable when ``look`` has something to see.
        self.descriptors = {int(wired.raw.getsockopt(FD)), int(self._reader.getsockopt(FD))}
        self._up: Counter[bytes] = Counter()
        self._failed: set[bytes] = set()
        self._probe: Probe | None = None
        self._arrived = True

    def look(self, expected: Expected) -> None:
        """Take in all that has happened."""
        enter(self.wired)
        while self._reader.getsockopt(EVENTS) & POLLIN:  # type: ignore[operator]
            event, endpoint = self._reader.recv_multipart(DONTWAIT)
            self._count(_EVENT.unpack(event)[0], endpoint)
        markers = expected.markers if self.wired.beside else ()
        if markers and self._probe is None:
            self._probe = Probe(self.wired.raw, self.wired.beside)
        # Subscriptions travel behind the handshakes, and asking for many is dear.
        self._arrived = self._probe is None or (self._shaken(expected) and self._probe.arrived(markers))

    def satisfied(self, expected: Expected) -> bool:
        """Return whether the last look has seen all that is expected."""
        return self._shaken(expected) and self._arrived

    def missing(self, expected: Expected) -> str:
        """Say what is missing, empty when nothing is."""
        if self.satisfied(expected):
            return ""
        if not self._shaken(expected):
            return f"handshakes {sum(self._up.values())}/{expected.handshakes}"
        markers = expected.markers
        seen = len(markers) - (self._probe.absent(markers) if self._probe is not None else 0)
        return f"subscriptions {seen}/{len(markers)}"

    def _shaken(self, expected: Expected) -> bool:
        return sum(self._up.values()) >= expected.handshakes

    def close(self) -> None:
        """Stop the monitor, then let its reader go, and the probe."""
        if self._probe is not None:
            self._probe.close()
        self.wired.raw.disable_monitor()
        self._reader.close(linger=0)

    def _count(self, event: int, endpoint: bytes) -> None:
        if event == _SUCCEEDED:
            self._up[endpoint] += 1
        elif event & _FAILED:
            self._failed.add(endpoint)
        elif endpoint in self._failed:
            # It had never been up.
            self._failed.remove(endpoint)
        elif self._up[endpoint]:
            self._up[endpoint] -= 1


def _wait(descriptors: set[int]) -> set[int]:
    """Return those that can be read; none when the longest wait is over."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return {descriptor for descriptor, _ in poll.poll(_LONGEST_WAIT)}


def _monitor(raw: zmq.Socket[bytes], address: str) -> None:
    """Monitor a socket; pyzmq does not repeat what a signal has interrupted here, as it does elsewhere."""
    while True:
        try:
            raw.monitor(address, _EVENTS)
        except zmq.error.InterruptedSystemCall:
            continue
        return
