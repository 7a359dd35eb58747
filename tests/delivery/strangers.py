"""What another user of the machine says at the tcp port of an edge: as its sender, as its receiver, and garbage."""

from __future__ import annotations

import os
import random
import struct
import time
from contextlib import suppress

import zmq

from orchestrator.delivery.batch.frame import pack

WORDS = (b"H", b"S", b"D", b"A", b"P", b"R", b"L", b"B", b"C", b"F", b"O", b"E", b"?", b"")


def speak(port: int, routing_id: bytes) -> zmq.Socket[bytes]:
    socket = zmq.Context().socket(zmq.DEALER)
    socket.linger = 0
    socket.sndtimeo = 1000
    if routing_id:
        socket.setsockopt(zmq.ROUTING_ID, routing_id)
    socket.connect(f"tcp://127.0.0.1:{port}")
    return socket


def names(name: str) -> list[bytes]:
    """Give routing ids by which a process could be meant: as it was once, as it is, of another generation."""
    return [
        name.encode(),
        f"{name} 1 0123456789abcdef".encode(),
        f"{name} 99 0123456789abcdef".encode(),
        f"{name} 18446744073709551616 x".encode(),
    ]


def forge(port: int, name: str) -> None:
    """Say hello in a sender's name, and send messages of one's own."""
    for own in names(name):
        socket = speak(port, own)
        for token in (b"", bytes(16), os.urandom(16)):
            session = int.from_bytes(os.urandom(8), "little")
            hello = struct.pack("<cQ16sQQ", b"H", session, os.urandom(16), 0, 0) + token
            socket.send(hello)
            if socket.poll(200):
                print("answered", socket.recv()[:1])
            for number in range(3):
                head = struct.pack("<cQIIQQ", b"D", session, number, 0, 100 * number, 0)
                socket.send(head + pack([b"FORGED 0 %d" % each for each in range(100)]))
        time.sleep(0.3)
        socket.context.destroy(0)


def take(port: int, name: str, seconds: float = 1.0) -> None:
    """Answer to a sender in a receiver's name: all is taken, it goes, begin anew."""
    sockets = [speak(port, own) for own in names(name)]
    until = time.monotonic() + seconds
    for socket in sockets:
        socket.send(b"")
    while time.monotonic() < until:
        for socket in sockets:
            for session in _sessions(socket):
                every = struct.pack("<QQ", 0, 2**64 - 1)
                socket.send(struct.pack("<cQII", b"S", session, 16, 1) + os.urandom(16) + every)
                socket.send(struct.pack("<cQII", b"S", session, 16, 1) + every)
                for taken in (1, 16, 2**32 - 1):
                    socket.send(struct.pack("<cQI", b"A", session, taken))
                socket.send(struct.pack("<cQII", b"L", session, 2**32 - 1, 2**32 - 1))
                socket.send(struct.pack("<cQ", b"R", session))
        time.sleep(0.01)
    for socket in sockets:
        socket.context.destroy(0)


def _sessions(socket: zmq.Socket[bytes]) -> list[int]:
    found = [1]
    with suppress(zmq.Again):
        while len(said := socket.recv(zmq.DONTWAIT)) >= 9:
            print("heard", said[:1])
            found.append(int.from_bytes(said[1:9], "little"))
    return found


def garble(port: int, name: str, count: int = 3000) -> None:
    """Send what is no word of an edge, in a name of the mesh and in others."""
    for own in (*names(name), b"nobody", b"\xff\xfe 1 \0", b""):
        socket = speak(port, own)
        _garble(socket, b"", count)


def garble_as(port: int, kind: int, count: int = 3000) -> None:
    """Send what is no word of an edge, on a socket of a type; topics begin with t."""
    socket: zmq.Socket[bytes] = zmq.Context().socket(kind)
    socket.linger = 0
    socket.sndtimeo = 1000
    socket.connect(f"tcp://127.0.0.1:{port}")
    if kind == zmq.XPUB:
        assert socket.poll(5000), "nobody subscribes"
    _garble(socket, b"t" if kind == zmq.XPUB else b"", count)


def _garble(socket: zmq.Socket[bytes], prefix: bytes, count: int) -> None:
    for said in (
        *(word + bytes(size) for word in WORDS for size in (0, 8, 40, 56)),
        b"\xff" * 50,
        b"D" + os.urandom(40),
        b"H" + struct.pack("<Q16sQQ", 1, b"x" * 16, 1 << 63, (1 << 64) - 1) + bytes(16),
        b"D" + struct.pack("<QIIQQ", 1, 0, 0, (1 << 64) - 1, 0) + pack([b"FORGED 0 0"]),
        b"\0\0\0\x80" * 8,
        struct.pack("<II", 1 << 31 | 0x7FFFFFFF, 0),
        b"X" * 100_000,
    ):
        socket.send(prefix + said)
    for many in ([b"a", b"b"], [b"", b"", b""], [b""] * 9, [b"", b"x"], [b"", os.urandom(24), b"z"]):
        socket.send_multipart([prefix + many[0], *many[1:]])
    socket.send_multipart([prefix, os.urandom(16) + struct.pack("<QQ", 0, 1) + pack([b"FORGED"])])
    chance = random.Random(1)
    for _ in range(count):
        said = chance.choice(WORDS) + chance.randbytes(chance.randint(0, 60))
        socket.send_multipart([prefix, said] if chance.random() < 0.3 else [prefix + said])
    time.sleep(0.3)
    socket.context.destroy(0)
