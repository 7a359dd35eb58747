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

from orchestrator.node import connections
from orchestrator.node.sockets import Wired

_RECEIVERS = frozenset({"SUB", "XSUB", "PULL", "DISH", "GATHER"})
"""Types that send subscriptions at most: nothing that anybody waits for once they close."""

_PAUSE = 0.01
"""Seconds between two looks at the connections."""


def leave(context: zmq.Context[zmq.Socket[bytes]], wired: Collection[Wired], grace: float, *, end: bool) -> None:
    """Close all sockets and, if ``end``, the context, within ``grace`` seconds.

    A linger that the topology writes is kept; all others get what is left of the time. Sockets of other threads that
    still live are theirs to close.
    """
    deadline = time.monotonic() + grace
    held = Held([each for each in wired if not _done(each)]) if _holding() else None
    if held is not None:
        held.look()
    for each in wired:
        _close(each, deadline)
    if end:
        _terminate(context, deadline, held, [each for each in wired if not _done(each)])
    if held is not None:
        held.wait(deadline)


class Held:
    """Copies of the descriptors of ipc connections, by inode: descriptors are used again, inodes name the socket."""

    def __init__(self, wired: Collection[Wired]) -> None:
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

    def wait(self, deadline: float) -> None:
        """Hold each copy until its peer has read all, or is gone, or the time is over."""
        import select

        poll = select.poll()
        for copy in self._copies.values():
            # Two that leave at once would wait for each other; so each says that it reads no more.
            with suppress(OSError), socket.socket(fileno=os.dup(copy)) as sock:
                sock.shutdown(socket.SHUT_RD)
            poll.register(copy, 0)
        left = set(self._copies.values())
        while left and time.monotonic() < deadline:
            gone = {descriptor for descriptor, _ in poll.poll(0)}
            for copy in [copy for copy in left if copy in gone or not _unread(copy)]:
                poll.unregister(copy)
                os.close(copy)
                left.remove(copy)
            if left:
                time.sleep(_PAUSE)
        for copy in left:
            os.close(copy)
        self._copies.clear()


def _done(wired: Wired) -> bool:
    """Whether nobody waits for anything of a socket once it closes; what is durable is in the journal."""
    return wired.wiring.type in _RECEIVERS or wired.wiring.durable is not None


def _close(wired: Wired, deadline: float) -> None:
    if wired.owner is not None and wired.away and wired.owner.is_alive():
        return
    if wired.asynchronous is not None:
        wired.asynchronous.release()
    if wired.raw.closed:
        return
    if wired.lost:
        _give_up(wired)
    if "linger" not in wired.wiring.options:
        left = 0.0 if _done(wired) or wired.deserted else max(0.0, deadline - time.monotonic())
        wired.raw.setsockopt(zmq.LINGER, int(left * 1000))
    wired.raw.close()


def _give_up(wired: Wired) -> None:
    """Drop what waits for those who will not come: a socket that lingers would wait for them until its time is over."""
    linger = wired.raw.getsockopt(zmq.LINGER)
    wired.raw.setsockopt(zmq.LINGER, 0)
    for address in wired.lost:
        with suppress(zmq.ZMQError):
            wired.raw.disconnect(address)
    wired.raw.setsockopt(zmq.LINGER, linger)


def _terminate(
    context: zmq.Context[zmq.Socket[bytes]], deadline: float, held: Held | None, senders: Collection[Wired]
) -> None:
    # In a thread, since it waits for sockets that the program has forgotten to close.
    thread = threading.Thread(target=_end, args=(context,), daemon=True)
    thread.start()
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(_PAUSE)
        if senders and all(each.deserted for each in senders):
            break  # all that lingers is for nobody
        if held is not None:
            held.look()
    thread.join(_PAUSE)


def _end(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    with suppress(zmq.ZMQError):
        context.term()


def _holding() -> bool:
    return sys.platform == "linux" and os.environ.get("ORCHESTRATOR_HOLD") != "0"


def _ipc(addresses: object) -> list[str]:
    return [address for address in addresses if address.startswith("ipc://")]  # type: ignore[attr-defined]


def _unread(descriptor: int) -> int:
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, b"\0\0\0\0"), sys.byteorder)
