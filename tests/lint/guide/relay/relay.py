from __future__ import annotations

from orchestrator.node import Node


def first(node: Node) -> None:
    node.socket("onward").send(b"READY")


def second(node: Node) -> None:
    node.socket("onward").send(node.socket("before").recv())


def third(node: Node) -> None:
    print(node.socket("before").recv())
