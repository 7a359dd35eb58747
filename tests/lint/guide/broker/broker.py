from __future__ import annotations

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    questions = node.socket("questions")
    for number in range(10):
        questions.send(b"Hello")
        print(number, questions.recv())


def broker(node: Node) -> None:
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
    answers = node.socket("answers")
    for _ in node.messages("answers"):
        answers.send(b"World")
