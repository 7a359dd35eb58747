"""Close the sockets so that what was sent arrives.

libzmq throws the kernel's unread bytes away when an ipc peer closes while the receiver stands at its high-water mark
(https://github.com/zeromq/libzmq/issues/4660). So copies of the connections' descriptors are held until the peers
have read all: SIOCOUTQ, which is TIOCOUTQ for Unix sockets too (unix(7), tty_ioctl(4)).

``ORCHESTRATOR_HOLD=0`` switches the holding off. It is for tests of this promise, and for nothing else.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress

import zmq

from orchestrator.contract.node_messages import Unread
from orchestrator.node import connections
from orchestrator.node.sockets import SocketRecord
from orchestrator.zeromq.sockets import TAKERS

_KEEPERS = frozenset({"PUSH", "DEALER", "SCATTER", "CLIENT"})
"""Types that wait with what they send until somebody takes it, and feed others (``zeromq.sockets.feeds``)."""

_PAUSE = 0.01
"""Seconds between two looks at the connections."""

_GLANCE = 0.05
"""Seconds after which what still lingers are messages, and not only threads of libzmq that have yet to end."""

_SLACK = 0.5
"""Seconds that sockets linger beyond the time: what they still have when it is over is seen, and not thrown away."""


def leave(
    context: zmq.Context[zmq.Socket[bytes]], wired: Collection[SocketRecord], grace: float, *, end: bool
) -> list[Unread]:
    """Close all sockets and, if ``end``, the context, within ``grace`` seconds; return what nobody has read then.

    A linger that the topology writes is kept; all others get what is left of the time. Sockets of other threads that
    still live are theirs to close.
    """
    deadline = time.monotonic() + grace
    senders = [each for each in wired if not _done(each) and not each.raw.closed]
    held = HeldConnections(senders) if _holding() else None
    if held is not None:
        held.look()
    for each in wired:
        _close(each, deadline + _SLACK)
    taken = not end or _terminate(context, deadline, held, senders)
    found = [] if taken else _queued(senders)
    if held is not None:
        found += held.wait(deadline)
    if not found and not taken:
        found = _waiting(senders)
    if taken and senders and _deserted(senders):
        return found  # nothing has lingered, so there was nothing
    return found + [Unread(each.name, "sent", "dropped") for each in senders if _may_have_for_nobody(each)]


class HeldConnections:
    """Copies of the descriptors of ipc connections, by inode: descriptors are used again, inodes name the socket."""

    def __init__(self, wired: Collection[SocketRecord]) -> None:
        self._wired = wired
        self._binds = _ipc(address for each in wired for address in each.wiring.bind)
        self._connects = _ipc(address for each in wired for address in each.wiring.connect)
        self._copies: dict[int, int] = {}

    def look(self) -> None:
        """Copy what is new."""
        for descriptor in connections.live(self._binds, self._connects):
            with suppress(OSError):
                if connections.inode(descriptor) in self._copies:
                    continue
                copy = os.dup(descriptor)
                self._copies.setdefault(connections.inode(copy), copy)

    def wait(self, deadline: float) -> list[Unread]:
        """Hold each copy until its peer has read all, or is gone, or the time is over; return what is unread then."""
        import select

        poll = select.poll()
        for copy in self._copies.values():
            # Two that leave at once would wait for each other; so each says that it reads no more.
            with suppress(OSError), socket.socket(fileno=os.dup(copy)) as sock:
                sock.shutdown(socket.SHUT_RD)
            poll.register(copy, 0)
        left = set(self._copies.values())
        while left and time.monotonic() < deadline and not _deserted(self._wired):
            gone = {descriptor for descriptor, _ in poll.poll(0)}
            for copy in [copy for copy in left if copy in gone or not connections.unread(copy)]:
                poll.unregister(copy)
                os.close(copy)
                left.remove(copy)
            if left:
                time.sleep(_PAUSE)
        # What is left for nobody is said of the whole socket.
        found = [] if _deserted(self._wired) else [_sent(copy, self._wired) for copy in left]
        for copy in left:
            os.close(copy)
        self._copies.clear()
        return found


def _deserted(wired: Collection[SocketRecord]) -> bool:
    """Whether all that lingers is for nobody."""
    return all(each.deserted for each in wired)


def _done(wired: SocketRecord) -> bool:
    """Whether nobody waits for anything of a socket once it closes; what is durable is in the journal."""
    return wired.wiring.type in TAKERS or wired.wiring.durable is not None


def _may_have_for_nobody(wired: SocketRecord) -> bool:
    """Return whether a socket may have had something for those who are over; others keep nothing for who is gone."""
    return bool(wired.lost) or (wired.deserted and wired.wiring.type in _KEEPERS)


def _close(wired: SocketRecord, deadline: float) -> None:
    if wired.owner is not None and wired.owned_elsewhere and wired.owner.is_alive():
        return
    if wired.asynchronous is not None:
        wired.asynchronous.release()
    if wired.raw.closed:
        return
    if wired.lost and not wired.deserted:
        _give_up(wired)
    if "linger" not in wired.wiring.options:
        left = 0.0 if _done(wired) else max(0.0, deadline - time.monotonic())
        wired.raw.setsockopt(zmq.LINGER, int(left * 1000))
    wired.raw.close()


def _give_up(wired: SocketRecord) -> None:
    """Drop what waits for those who will not come: a socket that lingers would wait for them until its time is over."""
    linger = wired.raw.getsockopt(zmq.LINGER)
    wired.raw.setsockopt(zmq.LINGER, 0)
    for address in wired.lost:
        with suppress(zmq.ZMQError):
            wired.raw.disconnect(address)
    wired.raw.setsockopt(zmq.LINGER, linger)


def _terminate(
    context: zmq.Context[zmq.Socket[bytes]],
    deadline: float,
    held: HeldConnections | None,
    senders: Collection[SocketRecord],
) -> bool:
    """End the context; return whether the kernel has taken in time all that was sent."""
    # In a thread, since it waits for sockets that the program has forgotten to close.
    thread = threading.Thread(target=_end, args=(context,), daemon=True)
    thread.start()
    glance = time.monotonic() + _GLANCE
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(_PAUSE)
        if senders and _deserted(senders) and time.monotonic() > glance:
            break
        if held is not None:
            held.look()
    thread.join(_PAUSE)
    return not thread.is_alive()


def _end(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    with suppress(zmq.ZMQError):
        context.term()


def _holding() -> bool:
    return sys.platform == "linux" and os.environ.get("ORCHESTRATOR_HOLD") != "0"


def _ipc(addresses: object) -> list[str]:
    return [address for address in addresses if address.startswith("ipc://")]  # type: ignore[attr-defined]


def _queued(wired: Collection[SocketRecord]) -> list[Unread]:
    """Return what waits in the kernel's tcp connections of sockets that cannot get rid of more."""
    binds = [address for each in wired for address in each.wiring.bind if not address.startswith("ipc://")]
    connects = [address for each in wired for address in each.wiring.connect if not address.startswith("ipc://")]
    with suppress(OSError):
        return [_sent(each, wired) for each in connections.live(binds, connects) if connections.unread(each)]
    return []


def _sent(descriptor: int, wired: Collection[SocketRecord]) -> Unread:
    """Say what a connection's peer has not read."""
    size = connections.unread(descriptor)
    for each in wired:
        for number, address in enumerate(each.wiring.connect):
            if connections.leads(descriptor, (), (address,)):
                return Unread(each.name, "sent", "lost", bytes=size, connect=number)
        if connections.leads(descriptor, each.wiring.bind, ()):
            return Unread(each.name, "sent", "lost", bytes=size, pid=connections.peer(descriptor))
    return Unread("", "sent", "lost", bytes=size)


def _waiting(wired: Collection[SocketRecord]) -> list[Unread]:
    """Say that something was not taken in time, and of which socket where only one can be meant."""
    waited = [each.name for each in wired if not each.deserted]
    return [Unread(waited[0] if len(waited) == 1 else "", "sent", "lost")] if waited else []
