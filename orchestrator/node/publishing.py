"""An XPUB in the place of a PUB: a program that would receive from it is told what a PUB tells it."""

from __future__ import annotations

from typing import Any, NoReturn

import zmq

POLLIN, POLLERR = int(zmq.POLLIN), int(zmq.POLLERR)


def disguise(raw: zmq.Socket[bytes]) -> None:
    """Let a socket refuse to receive, and never be readable. It stays a plain ``zmq.Socket``, its sends untouched."""

    def poll(timeout: int | None = None, flags: int = POLLIN) -> int:
        return zmq.Socket.poll(raw, timeout, masked(flags))

    vars(raw).update(recv=refuse, recv_multipart=refuse, recv_into=refuse, poll=poll)


def refuse(*_: Any, **__: Any) -> NoReturn:
    """Raise what libzmq says of a receive on a PUB (zmq_msg_recv(3), ENOTSUP)."""
    raise zmq.ZMQError(int(zmq.ENOTSUP))


def masked(flags: int) -> int:
    """Give what to poll for in the place of ``flags``: a PUB is never readable, and no socket ever has an error."""
    return int(flags) & ~POLLIN | POLLERR


def receive(raw: zmq.Socket[bytes]) -> bytes:
    """Read what a subscriber has said to a disguised socket. Raise zmq.Again where nothing has come."""
    frame: bytes = zmq.Socket.recv(raw, int(zmq.DONTWAIT))
    return frame
