"""The messages between supervisor, keeper and nodes: one JSON object in one packet of a SEQPACKET socket.

Requests carry an ``id`` and what to ``do``. The other side gives ``answer`` with that id, and ``error`` where it
failed; of its own accord it has something to ``say``. Requests are idempotent, so whoever asks may repeat until
answered. They stand in ``node_messages`` and ``keeper_messages``.
"""

from __future__ import annotations

import json
import os
import socket
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from orchestrator.contract.codec import BadMessage, Part, Request

LIMIT = 128 * 1024
"""Largest message in bytes."""

FDS_LIMIT = 100
"""Most descriptors in one message; the kernel's own limit is 253 (unix(7), SCM_MAX_FD)."""

STARTS_LIMIT = 25
"""Most launch orders in one message."""

Message = dict[str, Any]

_to_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=vars).encode


def encode(message: Message) -> bytes:
    """Turn a message into a packet. Raise BadMessage where it is too long."""
    packet = _to_text(message).encode()
    if len(packet) > LIMIT:
        raise BadMessage(f"a message of {len(packet)} bytes, {LIMIT} is the limit")
    return packet


def decode(packet: bytes) -> Message:
    """Turn a packet into a message. Raise BadMessage where it is none."""
    try:
        message = json.loads(packet.decode())
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise BadMessage("not a JSON object")
    return message


def asking(request: Request[Any], number: int) -> Message:
    """Return what is sent of a request; one with an ``id`` of its own keeps it."""
    return {"do": request.KIND, "id": number, **vars(request)}


def saying(said: Part) -> Message:
    """Return what is sent of what is said without a question."""
    return {"say": said.KIND, **vars(said)}


def answering(number: object, answer: Part) -> Message:
    """Return what is sent of an answer to the request with this number."""
    return {"answer": number, **vars(answer)}


def send(sock: socket.socket, message: Message, fds: tuple[int, ...] = (), flags: int = 0) -> None:
    """Send a message, with descriptors if any. Raise OSError as sendmsg does."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", fds))] if fds else []
    sock.sendmsg([encode(message)], rights, flags)


def receive(sock: socket.socket) -> tuple[Message, list[int]] | None:
    """Receive one message and its descriptors; None when the other side has closed. Raise OSError, BadMessage."""
    room = socket.CMSG_SPACE(FDS_LIMIT * 4)
    packet, ancillary, flags, _ = sock.recvmsg(LIMIT, room, socket.MSG_CMSG_CLOEXEC)
    fds = array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    if not packet:
        return None
    try:
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise BadMessage("a message that is too long")
        return decode(packet), list(fds)
    except BadMessage:
        for fd in fds:
            os.close(fd)
        raise


def arrived(current: Callable[[], socket.socket | None]) -> Iterator[tuple[Message, list[int]] | None]:
    """Yield what has come at a socket that does not block, as long as it is the ``current`` one.

    At last None, where the other side has gone or speaks no messages.
    """
    while (sock := current()) is not None:
        try:
            received = receive(sock)
        except BlockingIOError:
            return
        except (OSError, BadMessage):
            received = None
        yield received
        if received is None:
            return


def set_send_buffer(sock: socket.socket) -> None:
    """Return a socket buffers that hold the longest message."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LIMIT)


def listen_seqpacket(path: str) -> socket.socket:
    """Make a socket that takes connections for messages, in the place of a dead one's. Raise OSError."""
    if os.path.lexists(path):
        os.unlink(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.bind(path)
    made.listen(8)
    return made
