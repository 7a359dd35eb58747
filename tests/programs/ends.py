"""The two ends of a mesh whose middle is a program in another language."""

from __future__ import annotations

from itertools import islice

from orchestrator.node import Node


def source(node: Node, *, count: int) -> None:
    numbers = node.socket("numbers")
    for number in range(count):
        numbers.send(b"%d" % number)


def sink(node: Node, *, count: int) -> None:
    received = sorted(int(number) for number in islice(node.messages("doubled"), count))
    print("all doubled" if received == [2 * number for number in range(count)] else f"wrong: {received}")
