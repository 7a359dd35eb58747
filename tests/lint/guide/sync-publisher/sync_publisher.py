from __future__ import annotations

from orchestrator.node import Node


def publisher(node: Node, *, subscribers: int) -> None:
    hello, updates = node.socket("hello"), node.socket("updates")
    for _ in range(subscribers):
        hello.recv()
        hello.send(b"")
    for _ in range(100_000):
        updates.send(b"Rhubarb")
    updates.send(b"END")


def subscriber(node: Node) -> None:
    hello = node.socket("hello")
    hello.send(b"")
    hello.recv()
    count = 0
    for update in node.messages("updates"):
        if update == b"END":
            break
        count += 1
    print(f"received {count} updates")
