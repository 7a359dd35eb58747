"""A receiver that speaks ``durable/1`` without our library, by what docs/reference/protocols.md says: a line a message.

``foreign_durable.py OUTPUT``. It remembers nothing when it dies, as a program may that does not mind a repetition.
"""

import json
import os
import signal
import struct
import sys
from collections import defaultdict
from contextlib import suppress
from hashlib import blake2s

import zmq

CREDIT = 4


def messages(batch: bytes) -> list[bytes]:
    """Read ``batch/1``."""
    (count,) = struct.unpack_from("<I", batch)
    if count >> 31:
        count, sizes, at = count ^ 1 << 31, [struct.unpack_from("<I", batch, 4)[0]], 8
        sizes *= count
    else:
        sizes, at = list(struct.unpack_from(f"<{count}I", batch, 4)), 4 + 4 * count
    found = []
    for size in sizes:
        found.append(batch[at : at + size])
        at += size
    return found


def token(secret: bytes, *parts: bytes) -> bytes:
    """Prove that we know the secret: what stands in a hello and in a state."""
    return blake2s(b"".join(struct.pack("<I", len(part)) + part for part in parts), key=secret, digest_size=16).digest()


class Receiver:
    """Where each sender stands: its session, its stream, and how many batches of the session are taken.

    ``names`` are those whose hello was right: name and generation by connection, and connection by name.
    """

    def __init__(self, socket: zmq.Socket[bytes], output: int, own: bytes, secret: bytes) -> None:
        self.socket, self.output, self.own, self.secret = socket, output, own, secret
        self.names: dict[bytes, tuple[int, bytes, bytes]] = {}
        self.sessions: dict[bytes, tuple[int, bytes]] = {}
        self.taken: dict[bytes, int] = {}
        self.known: dict[bytes, set[tuple[int, int]]] = defaultdict(set)

    def say(self, peer: bytes, form: str, *values: object, rest: bytes = b"") -> None:
        try:
            self.socket.send_multipart([peer, struct.pack(f"<{form}", *values) + rest], zmq.DONTWAIT)
        except zmq.ZMQError as error:
            if error.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH):
                raise

    def admits(self, peer: bytes, said: bytes) -> bool:
        """Tell whether a hello is that of a sender: its token is right, and no other one has the name."""
        session, stream, given = said[1:9], said[9:25], said[41:57]
        name, generation, _ = peer.split(b" ")
        if given != token(self.secret, b"H", peer, self.own, session, stream):
            return False
        known = self.names.get(name)
        if known and (int(generation), stream) != known[:2] and int(generation) <= known[0]:
            return False
        if known and known[2] != peer:
            self.sessions.pop(known[2], None)
        self.names[name] = (int(generation), stream, peer)
        return True

    def hear(self, peer: bytes, said: bytes) -> None:
        kind, session = struct.unpack_from("<cQ", said)
        fits = peer in self.sessions and self.sessions[peer][0] == session
        match kind:
            case b"H" if self.admits(peer, said):
                stream, low = struct.unpack_from("<16sQ", said, 9)
                if not fits:
                    self.sessions[peer], self.taken[peer] = (session, stream), 0
                if self.taken[peer]:
                    self.say(peer, "cQI", b"A", session, self.taken[peer])
                    return
                known = sorted(each for each in self.known[stream] if each[1] > low)
                packed = b"".join(struct.pack("<QQ", *each) for each in known)
                proof = token(self.secret, b"S", peer, self.own, said[1:9], stream)
                self.say(peer, "cQII16s", b"S", session, CREDIT, len(known), proof, rest=packed)
            case b"D" if fits and struct.unpack_from("<I", said, 9)[0] == self.taken[peer]:
                _, skip, first, _ = struct.unpack_from("<IIQQ", said, 9)
                found = messages(said[33:])
                os.write(self.output, b"".join(body + b"\n" for body in found[skip:]))
                self.known[self.sessions[peer][1]].add((first, first + len(found)))
                self.taken[peer] += 1
                self.say(peer, "cQI", b"A", session, self.taken[peer])
            case b"P" if fits and struct.unpack_from("<I", said, 9)[0] == self.taken[peer]:
                self.say(peer, "cQI", b"A", session, self.taken[peer])
            case b"D" | b"P":
                self.say(peer, "cQ", b"R", session)


def main() -> None:
    with open(os.environ["ORCHESTRATOR_WIRING"]) as file:
        wiring = json.load(file)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    (name, given) = next(iter(wiring["sockets"].items()))
    socket = context.socket(zmq.ROUTER)
    own = f"{wiring['process']}.{name} {wiring['generation']} {os.urandom(8).hex()}".encode()
    socket.setsockopt(zmq.ROUTING_ID, own)
    for option in (zmq.IMMEDIATE, zmq.ROUTER_MANDATORY, zmq.ROUTER_HANDOVER, zmq.PROBE_ROUTER):
        socket.setsockopt(option, 1)
    for address in given["bind"]:
        socket.bind(address)
    for address in given["connect"]:
        socket.connect(address)
    output = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    receiver = Receiver(socket, output, own, bytes.fromhex(given["durable"]["secret"]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        peer, *parts = socket.recv_multipart()
        with suppress(ValueError, struct.error):  # what is no word of a sender
            (said,) = parts
            receiver.hear(peer, said)


if __name__ == "__main__":
    main()
