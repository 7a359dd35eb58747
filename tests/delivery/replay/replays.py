"""The programs of meshes whose edges replay."""

from __future__ import annotations

import os
import time

import zmq

from orchestrator.node import Node


def feed(node: Node, *, rate: int, seconds: float, topics: int, record: str, plain: bool = False) -> None:
    """Publish numbers at a rate, on topics in turn; go on where an incarnation before has stopped, a journal knows."""
    socket, began = node.socket("ticks"), time.monotonic()
    numbers = [0] * topics
    log = os.open(f"{record}/{node.process}.published", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    sent = 0
    while (now := time.monotonic()) < began + seconds and not node.stopping:
        due = int((now - began) * rate) - sent
        if due < topics:
            time.sleep(0.001)
            continue
        for topic in range(topics):
            count = due // topics
            block = [b"%d.%d" % (began * 1e6, numbers[topic] + number) for number in range(count)]
            numbers[topic] += count
            if plain:
                for body in block:
                    socket.send(b"t%d " % topic + body)
            else:
                socket.send_many(block, b"t%d" % topic)  # type: ignore[attr-defined]
            sent += count
    os.write(log, b"%d %s\n" % (began * 1e6, " ".join(map(str, numbers)).encode()))


def follow(node: Node, *, record: str, pause: float = 0.0) -> None:
    """Write down what has come together: when this incarnation began, the topic, the feed's begin, and two numbers."""
    socket, began = node.socket("ticks"), time.monotonic_ns()
    log = os.open(f"{record}/{node.process}.seen", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    while True:
        try:
            found = socket.recv_many()  # type: ignore[attr-defined]
        except zmq.Again:
            break
        lines = []
        for topic, body in found:
            feed, number = body.split(b".")
            last = lines[-1] if lines else None
            if last is not None and last[:2] == [topic, feed] and last[3] == int(number) - 1:
                last[3] = int(number)
            else:
                lines.append([topic, feed, int(number), int(number)])
        os.write(log, b"".join(b"%d %b %b %d %d\n" % (began, *line) for line in lines))
        if pause:
            node.stopping.wait(pause)
    os.write(log, b"%d end\n" % began)


def follow_plainly(node: Node, *, record: str) -> None:
    """As ``follow``, on a plain edge."""
    began = time.monotonic_ns()
    log = os.open(f"{record}/{node.process}.seen", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for message in node.messages("ticks"):
        topic, _, body = message.partition(b" ")
        feed, number = body.split(b".")
        os.write(log, b"%d %b %b %d %d\n" % (began, topic, feed, int(number), int(number)))
    os.write(log, b"%d end\n" % began)
