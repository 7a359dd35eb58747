from __future__ import annotations

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    questions = node.socket("questions")
    questions.send(b"HELLO")
    print(questions.recv())


def broker(node: Node) -> None:
    frontend, backend = node.socket("frontend"), node.socket("backend")
    free: list[bytes] = []
    poller = zmq.Poller()
    poller.register(backend, zmq.POLLIN)
    poller.register(node.stopping, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll())
        if backend in ready:
            worker, _, client, *answer = backend.recv_multipart()
            if not free:
                poller.register(frontend, zmq.POLLIN)
            free.append(worker)
            if client != b"READY":
                frontend.send_multipart([client, *answer])
        if frontend in ready:
            backend.send_multipart([free.pop(0), b"", *frontend.recv_multipart()])
            if not free:
                poller.unregister(frontend)


def worker(node: Node) -> None:
    work = node.socket("work")
    work.send(b"READY")
    while not node.stopping:
        if work.poll(100):
            client, _, _ = work.recv_multipart()
            work.send_multipart([client, b"", b"OK"])
