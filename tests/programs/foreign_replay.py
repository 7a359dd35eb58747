"""A subscriber that speaks ``replay/1`` from the beginning on, by what docs/reference/protocols.md says.

``foreign_replay.py OUTPUT``: one line for each message, topic and body; it asks for what lacks.
"""

import json
import os
import signal
import struct
import sys
import time

import zmq
from foreign_durable import messages, token


class Subscriber:
    """The last number of each topic of the one publisher, and what lacks."""

    def __init__(self, side: zmq.Socket[bytes], own: bytes, publisher: bytes, secret: bytes, output: int) -> None:
        self.side, self.own, self.publisher, self.secret, self.output = side, own, publisher, secret, output
        self.last: dict[bytes, int] = {}
        self.lacking: set[bytes] = set()
        self.asked = 0.0
        self.heard = self.ending = False

    def say(self, said: bytes) -> None:
        try:
            self.side.send_multipart([self.publisher, said], zmq.DONTWAIT)
        except zmq.ZMQError as error:
            if error.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH):
                raise

    def ask(self) -> None:
        """Ask what there is, and for what lacks, now and then."""
        if time.monotonic() - self.asked < (0.1 if self.heard else 0.01):
            return
        self.asked = time.monotonic()
        proof = token(self.secret, b"F", self.own, self.publisher)
        self.say(struct.pack("<c16sHH", b"C", proof, 1, 0))  # one prefix, the empty one
        if self.lacking:
            wants = [
                struct.pack("<QBH", self.last[topic], self.last[topic] == 0, len(topic)) + topic
                for topic in self.lacking
            ]
            self.say(struct.pack("<cIH", b"F", 1, len(wants)) + b"".join(wants))

    def take(self, topic: bytes, before: int, first: int, batch: bytes) -> None:
        """Write what is new of a batch, if nothing lacks before it."""
        last, found = self.last.setdefault(topic, 0), messages(batch)
        if first + len(found) - 1 <= last:
            return
        if before > last:
            self.lacking.add(topic)
            return
        os.write(self.output, b"".join(topic + b" " + body + b"\n" for body in found[max(0, last - first + 1) :]))
        self.last[topic] = first + len(found) - 1

    def hear(self, said: bytes) -> None:
        match said[:1]:
            case b"C" if said[1:17] == token(self.secret, b"C", self.own, self.publisher, said[17:25], said[25:41]):
                self.heard = True
                (count,), at = struct.unpack_from("<I", said, 41), 45
                for _ in range(count):
                    _, last, length = struct.unpack_from("<QQH", said, at)
                    topic = said[at + 18 : at + 18 + length]
                    at += 18 + length
                    if last > self.last.setdefault(topic, 0):
                        self.lacking.add(topic)
                    else:
                        self.lacking.discard(topic)
                if self.ending and not self.lacking:
                    self.say(b"O")
            case b"D" if self.heard:
                (gaps,), at = struct.unpack_from("<H", said, 6), 8
                for _ in range(gaps):
                    before, length = struct.unpack_from("<QH", said, at)
                    topic = said[at + 10 : at + 10 + length]
                    at += 10 + length
                    self.last[topic] = max(self.last.get(topic, 0), before)
                while at < len(said):
                    (size,) = struct.unpack_from("<I", said, at)
                    record = said[at + 4 : at + 4 + size]
                    at += 4 + size
                    (length,) = struct.unpack_from("<H", record)
                    before, first, _ = struct.unpack_from("<QQd", record, 2 + length)
                    self.take(record[2 : 2 + length], before, first, record[26 + length :])
            case b"E" if self.heard:
                self.ending, self.asked = True, 0.0


def main() -> None:
    with open(os.environ["ORCHESTRATOR_WIRING"]) as file:
        wiring = json.load(file)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    (name, given) = next(iter(wiring["sockets"].items()))
    live, side = context.socket(zmq.SUB), context.socket(zmq.ROUTER)
    own = f"{wiring['process']}.{name} {wiring['generation']} {os.urandom(8).hex()}".encode()
    side.setsockopt(zmq.ROUTING_ID, own)
    side.setsockopt(zmq.ROUTER_HANDOVER, 1)
    live.setsockopt(zmq.SUBSCRIBE, b"")
    live.setsockopt(zmq.RCVHWM, int(given["options"]["rcvhwm"]))
    for address in given["connect"]:
        live.connect(address)
    (publisher, address) = next(iter(given["replay"]["publishers"].items()))
    side.connect(address)
    output = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    subscriber = Subscriber(side, own, publisher.encode(), bytes.fromhex(given["replay"]["secret"]), output)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    poller = zmq.Poller()
    poller.register(live, zmq.POLLIN)
    poller.register(side, zmq.POLLIN)
    while True:
        subscriber.ask()
        ready = dict(poller.poll(100))
        if live in ready:
            topic, framed = live.recv_multipart()
            _, before, first = struct.unpack_from("<16sQQ", framed)
            subscriber.take(topic, before, first, framed[32:])
        if side in ready:
            subscriber.hear(side.recv_multipart()[1])


if __name__ == "__main__":
    main()
