from __future__ import annotations

import sys
import time

import zmq

from orchestrator.node import Node

READY, HEARTBEAT = b"\x01", b"\x02"
INTERVAL, LIVENESS = 1.0, 3


def client(node: Node) -> None:
    questions = node.socket("questions")
    for number in range(100):
        questions.send(b"%d" % number)
        if not questions.poll(2500):
            sys.exit("no answer")
        questions.recv()


def balance(node: Node) -> None:
    frontend, backend = node.socket("frontend"), node.socket("backend")
    expiry: dict[bytes, float] = {}
    beat = time.monotonic() + INTERVAL
    poller = zmq.Poller()
    poller.register(backend, zmq.POLLIN)
    poller.register(node.stopping, zmq.POLLIN)
    while not node.stopping:
        if backend in dict(poller.poll(100)):
            worker, *message = backend.recv_multipart()
            expiry[worker] = time.monotonic() + INTERVAL * LIVENESS
            if message not in ([READY], [HEARTBEAT]):
                frontend.send_multipart(message)
        for worker in [each for each, end in expiry.items() if end < time.monotonic()]:
            del expiry[worker]
        if time.monotonic() >= beat:
            beat += INTERVAL
            for worker in expiry:
                backend.send_multipart([worker, HEARTBEAT])
        while expiry and frontend.poll(0):
            worker, _ = expiry.popitem()
            backend.send_multipart([worker, *frontend.recv_multipart()])


def worker(node: Node) -> None:
    work = node.socket("work")
    work.send(READY)
    liveness = LIVENESS
    while not node.stopping:
        if not work.poll(INTERVAL * 1000):
            liveness -= 1
            if not liveness:
                sys.exit("the queue is gone")
            continue
        liveness = LIVENESS
        message = work.recv_multipart()
        work.send_multipart(message if message != [HEARTBEAT] else [HEARTBEAT])
