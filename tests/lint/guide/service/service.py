from __future__ import annotations

import time

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    questions = node.socket("questions")
    for _ in range(10):
        questions.send(b"Hello")
        questions.recv()


def server(node: Node) -> None:
    poller = zmq.Poller()
    clients, workers = node.socket("clients"), node.socket("workers")
    for source in (clients, workers, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        for source, _ in poller.poll():
            if source is clients:
                workers.send_multipart(clients.recv_multipart())
            elif source is workers:
                clients.send_multipart(workers.recv_multipart())


def worker(node: Node) -> None:
    questions = node.socket("questions")
    for _ in node.messages("questions"):
        time.sleep(0.01)
        questions.send(b"World")
