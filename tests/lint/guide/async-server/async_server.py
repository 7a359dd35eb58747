from __future__ import annotations

import time
from random import random, randrange

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    server = node.socket("server")
    number = 0
    while not node.stopping:
        while server.poll(10):
            print(server.recv())
        number += 1
        server.send(b"request #%d" % number)


def server(node: Node) -> None:
    frontend, backend = node.socket("frontend"), node.socket("backend")
    poller = zmq.Poller()
    for source in (frontend, backend, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll())
        if frontend in ready:
            backend.send_multipart(frontend.recv_multipart())
        if backend in ready:
            frontend.send_multipart(backend.recv_multipart())


def worker(node: Node) -> None:
    work = node.socket("work")
    for message in node.multipart("work"):
        for _ in range(randrange(5)):
            time.sleep(random() / 10)
            work.send_multipart(message)
