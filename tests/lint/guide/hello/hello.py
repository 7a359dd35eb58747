from __future__ import annotations

from orchestrator.node import Node


def server(node: Node) -> None:
    answers = node.socket("answers")
    for _ in node.messages("answers"):
        answers.send(b"World")


def client(node: Node, *, questions: int) -> None:
    asking = node.socket("questions")
    for number in range(questions):
        asking.send(b"Hello")
        print(number, asking.recv().decode())
