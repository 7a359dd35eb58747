"""The messages between supervisor, keeper and nodes: one JSON object in one packet of a SEQPACKET socket.

Requests carry an ``id`` and what to ``do``; the other side gives ``answer`` with that id, and says of its own accord
with ``say``. Requests are idempotent, so whoever asks may repeat until answered.

Supervisor to node
    gate   expect {SOCKET: {handshakes, markers}}: what the sockets must have seen before the gate opens; replaces an
           earlier one. ``handshakes`` counts living connections, ``markers`` are those that must have arrived at a
           PUB (for other types they are not looked at), as ``wiring.pack_markers`` puts them together. Answered {},
           and by ``say: wired`` with ``gate`` = this id once it holds.
    go     the gate is open: run the program. Answered {}.
    touch  sockets [NAME]: let each enter libzmq; seen {SOCKET: [MARKER]}. Answered {seen: {SOCKET: [MARKER]},
           away: [NAME]}: which of these have arrived, and which sockets belong to another thread and were left alone.
    stop   grace (seconds left), dry [NAME]: sockets whose feeders have all left, quiet [NAME]: sockets of those
           that stop together, which end when they are empty, cut [NAME]: sockets that others feed without end;
           answered {dry: [NAME]}: those of all three that have nothing left to give, and busy: true where a socket
           was in the middle of a message and has to be asked again.
    listeners  answered {endpoints: [ADDRESS]} with their listening descriptors (SCM_RIGHTS), in order.
    ping   answered {phase, waiting: {SOCKET: "handshakes 3/4" or "subscriptions 3/4"}}: what the gate waits for.
    A request that fails is answered {error: TEXT}.
Node to supervisor
    hello {pid, generation, phase: starting|gate|running|stopping}, wired {gate}, ready {}, leaving {}
    left {unread: [{socket, way: sent|received, then: lost|dropped|kept, messages, bytes, connect, pid}]}: all sockets
           are closed, and this nobody has read: so many messages, or bytes at least, of the peer at the address with
           number ``connect``, or that has this ``pid``
    ``hello`` is said again when the program is loaded and waits in the gate.
    After ``hello`` on a new connection ``ready`` and ``leaving`` are said again where they were said before.
MARKER is the text of a SUB's marker without its first byte and newline: PROCESS.SOCKET.GENERATION.

Supervisor to keeper
    hello      answered {pid, children: [{process, generation, pid, ticks}], listeners: [NAME]}; their descriptors
               follow as ``say: listeners {names}`` messages, FDS_LIMIT at most in each.
    listen     endpoints [{name, address, backlog, reserve}], FDS_LIMIT at most; answered {addresses: {NAME: ADDRESS},
               errors: {NAME: TEXT}} with the descriptors (SCM_RIGHTS) in the order of ``addresses``.
    adopt      names [NAME] with their descriptors: hold them.  unlisten  names [NAME]: close and unlink them.
    start      launches [PATH], STARTS_LIMIT at most: answered {started: [{pid, ticks} or {error}]}, in order.
    quit       end: no child is started any more, the run folder is removed.
Keeper to supervisor
    exited {process, generation, pid, ticks, status, time}

``ticks`` is the start time of a process as /proc/PID/stat gives it (field 22), ``status`` as waitpid gives it.
"""

from __future__ import annotations

import json
import os
import socket
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from orchestrator.contract.codec import BadMessage

LIMIT = 128 * 1024
"""Largest message in bytes."""

FDS_LIMIT = 100
"""Most descriptors in one message; the kernel's own limit is 253 (unix(7), SCM_MAX_FD)."""

STARTS_LIMIT = 25
"""Most launch orders in one message."""

Message = dict[str, Any]

_to_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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


def widen(sock: socket.socket) -> None:
    """Give a socket buffers that hold the longest message."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LIMIT)


def door(path: str) -> socket.socket:
    """Make a socket that takes connections for messages, in the place of a dead one's. Raise OSError."""
    if os.path.lexists(path):
        os.unlink(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.bind(path)
    made.listen(8)
    return made
