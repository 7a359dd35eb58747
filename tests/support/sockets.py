"""What the tests of facts share: waiting for conditions, and reading monitors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import zmq
from zmq.utils.monitor import recv_monitor_message

from tests.support.waiting import until

Socket = zmq.Socket[bytes]
Context = zmq.Context[Socket]

QUIET = 200
"""Milliseconds without a message that count as: none will come."""

ENOUGH = 5000
"""Milliseconds after which something that must come has not."""

TOPICS_COUNT = 116
"""ZMQ_TOPICS_COUNT, a draft of 4.3.5 that works everywhere."""

_names = count()


def bind(socket: Socket, address: str) -> None:
    """Bind where another socket may still be closing."""

    def bound() -> bool:
        try:
            socket.bind(address)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE:
                raise
            return False
        return True

    until(bound)


def endpoint(socket: Socket) -> str:
    """Give the address that a socket was bound to last."""
    return bytes(socket.getsockopt(zmq.LAST_ENDPOINT)).rstrip(b"\0").decode()


def topics(pub: Socket) -> int:
    """Count the distinct prefixes that a PUB or XPUB has heard of."""
    enter(pub)
    return int(pub.getsockopt(TOPICS_COUNT))


def receive(socket: Socket) -> bytes:
    """Receive a message that must come."""
    assert socket.poll(ENOUGH), "no message came"
    return socket.recv()


def drain(socket: Socket, quiet: int = QUIET) -> list[bytes]:
    """Receive until nothing comes any more."""
    received = []
    while socket.poll(quiet):
        received.append(socket.recv())
    return received


def enter(socket: Socket) -> None:
    """Let a socket's thread enter libzmq, so that it carries out what waits for it."""
    socket.getsockopt(zmq.EVENTS)


@contextmanager
def monitored(socket: Socket, events: int = zmq.EVENT_ALL) -> Iterator[Socket]:
    """Give a reader of a socket's events that never holds up the I/O thread."""
    address = f"inproc://monitor-{next(_names)}"
    socket.monitor(address, events)
    reader: Socket = socket.context.socket(zmq.PAIR)
    reader.rcvhwm = 0
    reader.connect(address)
    try:
        yield reader
    finally:
        socket.disable_monitor()
        reader.close()


def event(reader: Socket) -> zmq.Event:
    """Read one event that must come."""
    assert reader.poll(ENOUGH), "no event came"
    return zmq.Event(recv_monitor_message(reader)["event"])


def events_until(reader: Socket, last: zmq.Event) -> list[zmq.Event]:
    """Read events up to a certain one."""
    seen = [event(reader)]
    while seen[-1] != last:
        seen.append(event(reader))
    return seen
