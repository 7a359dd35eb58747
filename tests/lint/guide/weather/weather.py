from __future__ import annotations

from itertools import islice
from random import randrange

from orchestrator.node import Node


def server(node: Node) -> None:
    updates = node.socket("updates")
    while not node.stopping:
        updates.send_string(f"{randrange(10000, 10100)} {randrange(-80, 135)} {randrange(10, 60)}")


def client(node: Node, *, updates: int) -> None:
    total = sum(int(update.split()[1]) for update in islice(node.messages("updates"), updates))
    print(f"on average {total / updates:.0f} F")
