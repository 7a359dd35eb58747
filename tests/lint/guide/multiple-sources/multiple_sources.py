from __future__ import annotations

import zmq

from orchestrator.node import Node


def ventilator(node: Node) -> None:
    tasks = node.socket("tasks")
    while not node.stopping.wait(0.1):
        tasks.send(b"10")


def weather(node: Node) -> None:
    updates = node.socket("updates")
    while not node.stopping.wait(0.01):
        updates.send(b"10001 72 40")


def reader(node: Node) -> None:
    sources = [node.socket("tasks"), node.socket("updates")]
    poller = zmq.Poller()
    for source in (*sources, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll())
        for source in sources:
            if source in ready:
                print(source.recv())
