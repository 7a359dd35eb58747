from __future__ import annotations

from random import randrange

import zmq

from orchestrator.node import Node


def publisher(node: Node) -> None:
    topics = node.socket("topics")
    for topic in range(1000):
        topics.send_string(f"{topic:03d} Save Roger")
    while not node.stopping.wait(1):
        topics.send_string(f"{randrange(1000):03d} Off with his head!")


def cache(node: Node) -> None:
    frontend, backend = node.socket("frontend"), node.socket("backend")
    last: dict[bytes, bytes] = {}
    poller = zmq.Poller()
    for source in (frontend, backend, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll(1000))
        if frontend in ready:
            message = frontend.recv()
            last[message[:4]] = message
            backend.send(message)
        if backend in ready:
            event = backend.recv()
            if event[:1] == b"\x01" and event[1:] in last:
                backend.send(last[event[1:]])


def subscriber(node: Node) -> None:
    print(node.socket("topics").recv())
