"""Publishes ticks of three symbols, and a task for each hundredth of them; then it stays for those who come late."""

from __future__ import annotations

from orchestrator.node import Node

SYMBOLS = (b"AAPL", b"IBM", b"MSFT")


def main(node: Node, *, ticks: int) -> None:
    publish, tasks = node.socket("ticks"), node.socket("tasks")
    for number in range(ticks):
        publish.send(b"%b %d" % (SYMBOLS[number % 3], number))
        if number % 100 == 0:
            tasks.send(b"%d" % number)
    node.stopping.wait(2)
    print(f"{ticks} ticks are out")
