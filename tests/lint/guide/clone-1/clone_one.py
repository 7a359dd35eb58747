from __future__ import annotations

from random import randrange

from orchestrator.node import Node


def server(node: Node) -> None:
    updates = node.socket("updates")
    sequence = 0
    while not node.stopping.wait(0.001):
        sequence += 1
        updates.send_string(f"{randrange(10_000)} {sequence} {randrange(1_000_000)}")


def client(node: Node) -> None:
    values: dict[str, str] = {}
    for update in node.messages("updates"):
        key, _, value = update.decode().split()
        values[key] = value
    print(f"{len(values)} keys")
