"""Hands out numbers; ZeroMQ gives them to the workers in turn."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node, *, tasks: int) -> None:
    socket = node.socket("tasks")
    for number in range(1, tasks + 1):
        if node.stopping:
            return
        socket.send(b"%d" % number)
    print(f"{tasks} tasks are out")
