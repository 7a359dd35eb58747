from __future__ import annotations

import sys

import zmq

from orchestrator.node import Node

READY = b"\x01"


def client(node: Node) -> None:
    questions = node.socket("questions")
    for number in range(100):
        questions.send(b"%d" % number)
        if not questions.poll(2500):
            sys.exit("no answer")
        questions.recv()


def balance(node: Node) -> None:
    frontend, backend = node.socket("frontend"), node.socket("backend")
    free: list[bytes] = []
    poller = zmq.Poller()
    poller.register(backend, zmq.POLLIN)
    poller.register(node.stopping, zmq.POLLIN)
    while not node.stopping:
        if backend in dict(poller.poll(100)):
            worker, _, *rest = backend.recv_multipart()
            free.append(worker)
            if rest[0] != READY:
                frontend.send_multipart(rest)
        while free and frontend.poll(0):
            backend.send_multipart([free.pop(0), b"", *frontend.recv_multipart()])


def worker(node: Node) -> None:
    work = node.socket("work")
    work.send(READY)
    while not node.stopping:
        if work.poll(100):
            work.send_multipart(work.recv_multipart())
