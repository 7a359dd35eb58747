"""The programs of the meshes that are harmed."""

from __future__ import annotations

import itertools
import time

from orchestrator.node import Node


def source(node: Node, *, rate: float) -> None:
    """Send numbers, and print each."""
    socket = node.socket("numbers")
    for number in itertools.count():
        if node.stopping.wait(1 / rate):
            return
        socket.send(b"%d" % number)
        print("sent", number, flush=True)


def sink(node: Node, *, record: str) -> None:
    """Write down how many have come, in a file of its own."""
    with open(record, "r+b", buffering=0) as file:
        for count, _ in enumerate(node.messages("numbers"), 1):
            file.seek(0)
            file.write(b"%12d" % count)


def idle(node: Node) -> None:
    while not node.stopping:
        time.sleep(0)
        node.stopping.wait(10)
