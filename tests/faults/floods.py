"""Publishers and a receiver that are flooded."""

from __future__ import annotations

import time

import zmq

from orchestrator.node import Node


def sends(node: Node) -> None:
    """Publish all the time."""
    socket = node.socket("out")
    while not node.stopping:
        socket.send(b"x")


def idles(node: Node) -> None:
    """Publish once, and never enter libzmq again."""
    node.socket("out").send(b"x")
    while not node.stopping:
        time.sleep(0.1)


def blocks(node: Node) -> None:
    """Publish once, and wait in C for what never comes."""
    node.socket("out").send(b"x")
    node.socket("never").recv()


def waits(node: Node) -> None:
    """Do nothing."""
    node.stopping.wait()


def hears(node: Node) -> None:
    """Subscribe to all of them, as a reason for their gates to look at subscriptions."""
    for _ in node.messages("in"):
        pass


def takes(node: Node) -> None:
    """Take numbers between waits, and print the last one again and again."""
    socket, number = node.socket("in"), b"0"
    while not node.stopping.wait(0.01):
        while socket.poll(0):
            number = socket.recv(zmq.DONTWAIT)
        print(number.decode(), flush=True)
