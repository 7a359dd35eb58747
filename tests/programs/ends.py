"""The two ends of a mesh whose middle is a program in another language."""

from __future__ import annotations

from itertools import islice

from orchestrator.node import Node


def source(node: Node, *, amount: int) -> None:
    numbers = node.socket("numbers")
    for number in range(amount):
        numbers.send(b"%d" % number)


def sink(node: Node, *, amount: int) -> None:
    received = sorted(int(number) for number in islice(node.messages("doubled"), amount))
    print("all doubled" if received == [2 * number for number in range(amount)] else f"wrong: {received}")
