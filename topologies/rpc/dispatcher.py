"""Passes each question to the next free place among the workers, and each answer back to who asked.

A ROUTER puts the asker's identity before a question and takes it off the answer, so any number of clients and
workers meet here, and none needs to know another.
"""

from __future__ import annotations

import zmq

from orchestrator.node import Node


def main(node: Node) -> None:
    clients, workers = node.socket("clients"), node.socket("workers")
    poller = zmq.Poller()
    for source in (clients, workers, node.stopping):
        poller.register(source, zmq.POLLIN)

    while not node.stopping:
        ready = dict(poller.poll())
        if clients in ready:
            workers.send_multipart(clients.recv_multipart())
        if workers in ready:
            clients.send_multipart(workers.recv_multipart())
