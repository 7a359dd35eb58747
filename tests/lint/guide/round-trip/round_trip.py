from __future__ import annotations

import time

import zmq

from orchestrator.node import Node


def client(node: Node, *, requests: int) -> None:
    broker = node.socket("broker")
    began = time.perf_counter()
    for _ in range(requests):
        broker.send(b"hello")
        broker.recv()
    print(f"synchronous: {requests / (time.perf_counter() - began):.0f} calls a second")
    began = time.perf_counter()
    for _ in range(requests):
        broker.send(b"hello")
    for _ in range(requests):
        broker.recv()
    print(f"asynchronous: {requests / (time.perf_counter() - began):.0f} calls a second")


def broker(node: Node) -> None:
    frontend, backend = node.socket("frontend"), node.socket("backend")
    poller = zmq.Poller()
    for source in (frontend, backend, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll())
        if frontend in ready:
            backend.send_multipart([b"W", frontend.recv_multipart()[1]])
        if backend in ready:
            frontend.send_multipart([b"C", backend.recv_multipart()[1]])


def worker(node: Node) -> None:
    broker = node.socket("broker")
    for message in node.messages("broker"):
        broker.send(message)
